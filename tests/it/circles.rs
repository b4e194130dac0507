//! No two files need each other. Which file a path leads to is read from the text: through modules and re-exports, to the
//! file that defines what is named.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::support::repository;

#[test]
fn no_two_files_need_each_other() {
    let sources = Sources::read(&repository().join("src"));
    let needs: BTreeMap<&str, BTreeSet<String>> =
        sources.files.keys().map(|file| (file.as_str(), sources.needed_by(file))).collect();
    assert_eq!(circles(&needs), Vec::<Vec<String>>::new(), "these files need each other");
}

#[test]
fn no_two_files_of_the_other_crates_need_each_other() {
    for folder in ["crates/sandbox/src", "crates/page/src"] {
        let sources = Sources::read(&repository().join(folder));
        assert!(sources.files.len() > 2, "{folder}: nothing was read");
        let needs = sources.files.keys().map(|file| (file.as_str(), sources.needed_by(file))).collect();
        assert_eq!(circles(&needs), Vec::<Vec<String>>::new(), "{folder}: these files need each other");
    }
}

#[test]
fn paths_lead_through_modules_and_re_exports_to_the_file_that_defines() {
    let file = |code: &str| Source::of(code);
    let files = BTreeMap::from([
        (String::new(), file("pub mod a;\n")),
        ("a".into(), file("pub mod b;\nmod c;\npub use b::Thing;\npub use c::*;\nfn own() {}\n")),
        ("a::b".into(), file("use super::own;\npub struct Thing;\nfn f() { own() }\n")),
        ("a::c".into(), file("use crate::a::{self, Thing as Other};\n\npub(crate) fn loose() { a::own(); Other }\n")),
    ]);
    let sources = Sources { files };
    assert_eq!(sources.resolve("a::Thing").as_deref(), Some("a::b"));
    assert_eq!(sources.resolve("a::loose::more").as_deref(), Some("a::c"));
    assert_eq!(sources.resolve("a::own").as_deref(), Some("a"));
    assert_eq!(sources.needed_by("a::c"), BTreeSet::from(["a".to_owned(), "a::b".to_owned()]));
    assert_eq!(sources.needed_by("a::b"), BTreeSet::from(["a".to_owned()]));
    // A module that only gives others' things on needs none of them.
    assert_eq!(sources.needed_by("a"), BTreeSet::new());
    let needs = BTreeMap::from([
        ("x", BTreeSet::from(["y".to_owned()])),
        ("y", BTreeSet::from(["z".to_owned()])),
        ("z", BTreeSet::from(["y".to_owned()])),
    ]);
    assert_eq!(circles(&needs), [["y", "z"]]);
}

/// One file: its code, what it defines, and what it imports (path, name, whether it gives it on).
struct Source {
    code: String,
    items: BTreeSet<String>,
    uses: Vec<(String, String, bool)>,
}

struct Sources {
    /// By module path, `a::b`.
    files: BTreeMap<String, Source>,
}

static USE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)^[ \t]*(pub(?:\([^)]*\))?\s+)?use\s+([^;]+);").expect("a pattern"));
static ITEM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?m)^(?:pub(?:\([^)]*\))?\s+)?(?:async |const |unsafe )*(?:struct|enum|trait|fn|type|const|static|union|macro_rules!)\s+(\w+)|^    pub(?:\([^)]*\))? (?:struct|enum) (\w+)|^    (\w+)(?:\(.*\))?, ""#,
    )
    .expect("a pattern")
});
static PATH: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:^|[^\w:])\$?((?:crate|super|self|[a-z_]\w*)(?:::\w+)+)").expect("a pattern"));

impl Source {
    fn of(text: &str) -> Self {
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let code = code.join("\n");
        let name = |found: regex::Captures<'_>| (1..=3).find_map(|at| found.get(at)).map(|it| it.as_str().to_owned());
        let items = ITEM.captures_iter(&code).filter_map(name).collect();
        let mut uses = Vec::new();
        for found in USE.captures_iter(&code) {
            expand("", &found[2], &mut |path, name| uses.push((path, name, found.get(1).is_some())));
        }
        Self { code, items, uses }
    }
}

/// The paths of a `use`, and the name that each has here.
fn expand(before: &str, tree: &str, add: &mut impl FnMut(String, String)) {
    let tree = tree.trim();
    if let Some((path, group)) = tree.split_once('{') {
        let group = group.trim_end().strip_suffix('}').unwrap_or(group);
        let (mut depth, mut start) = (0, 0);
        for (at, character) in group.char_indices().chain([(group.len(), ',')]) {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    if !group[start..at].trim().is_empty() {
                        expand(&format!("{before}{}", path.trim()), &group[start..at], add);
                    }
                    start = at + 1;
                }
                _ => {}
            }
        }
        return;
    }
    let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias.trim())));
    let whole = format!("{before}{}", path.trim());
    let whole = whole.strip_suffix("::self").unwrap_or(&whole).to_owned();
    let name = alias.unwrap_or_else(|| whole.rsplit("::").next().unwrap_or_default()).to_owned();
    add(whole, name);
}

impl Sources {
    fn read(folder: &Path) -> Self {
        let mut files = BTreeMap::new();
        let mut open = vec![folder.to_owned()];
        while let Some(next) = open.pop() {
            for entry in fs::read_dir(next).expect("listed") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    open.push(path);
                } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("main.rs") {
                    let name = path.strip_prefix(folder).expect("below").with_extension("");
                    let parts: Vec<String> =
                        name.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
                    let mut module = parts.join("::");
                    for last in ["mod", "lib"] {
                        if parts.last().is_some_and(|part| part == last) {
                            module = parts[..parts.len() - 1].join("::");
                        }
                    }
                    if !parts.iter().any(|part| part == "tests") {
                        files.insert(module, Source::of(&fs::read_to_string(&path).expect("read")));
                    }
                }
            }
        }
        Self { files }
    }

    fn has_child(&self, module: &str, name: &str) -> bool {
        self.files.contains_key(&joined(module, name))
    }

    /// A path as it is seen from the root; none for other crates.
    fn absolute(&self, module: &str, path: &str) -> Option<String> {
        let (first, rest) = path.split_once("::").unwrap_or((path, ""));
        match first {
            "crate" => Some(rest.to_owned()),
            "self" => Some(joined(module, rest)),
            "super" => {
                let (mut at, mut rest) = (module, path);
                while let Some(after) = rest.strip_prefix("super") {
                    at = at.rsplit_once("::").map_or("", |(above, _)| above);
                    rest = after.trim_start_matches("::");
                }
                Some(joined(at, rest))
            }
            _ if self.has_child(module, first) => Some(joined(module, path)),
            _ => None,
        }
    }

    /// The module that defines what a path names; none where it names a module.
    fn resolve(&self, path: &str) -> Option<String> {
        self.find(path, &mut BTreeSet::new())
    }

    fn find(&self, path: &str, seen: &mut BTreeSet<String>) -> Option<String> {
        let mut module = String::new();
        let mut rest = path.split("::").peekable();
        while let Some(part) = rest.peek().filter(|part| self.has_child(&module, part)) {
            module = joined(&module, part);
            rest.next();
        }
        let name = rest.next().filter(|name| !name.is_empty())?;
        let source = self.files.get(&module)?;
        if source.items.contains(name) || !seen.insert(joined(&module, name)) {
            return Some(module);
        }
        let more: Vec<&str> = rest.collect();
        let below = |path: &str| more.iter().fold(path.to_owned(), |path, part| joined(&path, part));
        for (used, _, _) in source.uses.iter().filter(|(_, known, _)| known == name) {
            if let Some(found) = self.absolute(&module, used).and_then(|path| self.find(&below(&path), seen)) {
                return Some(found);
            }
        }
        for (used, ..) in source.uses.iter().filter(|(_, known, given)| known == "*" && *given) {
            let path = self.absolute(&module, used).map(|path| path.trim_end_matches('*').to_owned());
            let found = path.and_then(|path| self.find(&below(&format!("{path}{name}")), seen));
            if let Some(found) = found.filter(|found| self.files[found].items.contains(name)) {
                return Some(found);
            }
        }
        Some(module)
    }

    /// The modules whose things a module uses.
    fn needed_by(&self, module: &str) -> BTreeSet<String> {
        let source = &self.files[module];
        let mut needed = BTreeSet::new();
        let mut names = BTreeMap::new();
        for (path, name, given) in &source.uses {
            let Some(path) = self.absolute(module, path) else { continue };
            if !given && name != "*" {
                needed.extend(self.resolve(&path));
            }
            names.insert(name.as_str(), path);
        }
        let body = USE.replace_all(&source.code, "");
        for found in PATH.captures_iter(&body) {
            let path = &found[1];
            let (first, rest) = path.split_once("::").unwrap_or((path, ""));
            let whole = names.get(first).map(|path| joined(path, rest)).or_else(|| self.absolute(module, path));
            needed.extend(whole.and_then(|path| self.resolve(&path)));
        }
        needed.remove(module);
        needed
    }
}

fn joined(before: &str, after: &str) -> String {
    match (before, after) {
        ("", one) | (one, "") => one.to_owned(),
        _ => format!("{before}::{after}"),
    }
}

/// Groups of files each of which needs, directly or through others, all of its group.
fn circles(needs: &BTreeMap<&str, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reached = |from: &str| {
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let mut open = vec![from];
        while let Some(next) = open.pop() {
            for file in needs.get(next).into_iter().flatten() {
                if reached.insert(file) {
                    open.push(file);
                }
            }
        }
        reached
    };
    let all: BTreeMap<&str, BTreeSet<&str>> = needs.keys().map(|file| (*file, reached(file))).collect();
    let mut found: BTreeSet<Vec<String>> = BTreeSet::new();
    for (file, reached) in all.iter().filter(|(file, reached)| reached.contains(*file)) {
        let group = reached.iter().filter(|other| all.get(**other).is_some_and(|it| it.contains(file)));
        found.insert(group.map(|other| (*other).to_owned()).collect());
    }
    found.into_iter().collect()
}
