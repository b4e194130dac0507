//! Files that git may check out with other line endings on another machine, though they are packed byte for byte: the
//! solution zip then has other bytes there.
//!
//! Only `.gitattributes` holds for everyone; `core.autocrlf` is each person's own (on Windows the installer of git turns
//! it on). Source: git's manual, `gitattributes(5)`: the last line that matches decides, a deeper file goes before a
//! higher one, `binary` stands for `-text`, and `crlf` is the older name of `text`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

use crate::diagnostic::Diagnostic;
use crate::files::{self, FoundKind};
use crate::manifest::package::Package;

/// More files than this are not looked at.
const MAXIMUM_FILES: usize = 20_000;
/// What git looks at to tell text from other files.
const HEAD: u64 = 8_000;
/// The largest `.gitattributes` that is read.
const ATTRIBUTES_LIMIT: u64 = 1 << 20;
/// How many files are named.
const NAMED: usize = 3;

/// A warning that names the first of these files; nothing outside a git repository.
#[must_use]
pub fn line_endings(package: &Package) -> Option<Diagnostic> {
    let folder = if package.folder.as_os_str().is_empty() { Path::new(".") } else { &package.folder };
    let folder = files::canonicalize(folder).ok()?;
    let root = folder.ancestors().find(|folder| files::exists(&folder.join(".git")))?.to_owned();
    let mut attributes = Attributes { root, read: BTreeMap::new() };
    let mut found: Vec<String> = Vec::new();
    for path in packed_as_they_are(package) {
        let Ok(path) = files::canonicalize(&path) else { continue };
        if attributes.may_convert(&path) && has_lines(&path) {
            let shown = path.strip_prefix(&folder).unwrap_or(&path);
            found.push(shown.to_string_lossy().replace('\\', "/"));
        }
    }
    let first = found.first()?;
    let named: Vec<String> = found.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    let more = if found.len() > NAMED { format!(" and {} more", found.len() - NAMED) } else { String::new() };
    let message = format!("git may check out {}{more} with other line endings on another machine", named.join(", "));
    let pattern =
        Path::new(first).extension().map_or_else(|| first.clone(), |ending| format!("*.{}", ending.display()));
    Some(
        Diagnostic::warning("line-endings", message)
            .in_file(package.folder.join(first).display().to_string(), None)
            .help("the solution zip has these files byte for byte, so it would differ there")
            .help(format!("add a rule to `.gitattributes`, for example `{pattern} text eol=lf`, or `* -text`")),
    )
}

/// Files whose bytes are those of a part of the zip. XML of components is parsed, and so has no line endings of its own.
fn packed_as_they_are(package: &Package) -> Vec<PathBuf> {
    let components = &package.components;
    let mut paths: Vec<PathBuf> = components.web_resources.iter().map(|it| it.path.clone()).collect();
    paths.extend(components.reports.iter().map(|it| it.path.clone()));
    let code = components.code_components.iter().map(|it| &it.folder);
    let sources = components.sources.iter().map(|it| &it.path);
    for folder in code.chain(sources).filter(|path| files::is_dir(path)) {
        let found = files::walk(folder, |_| true).filter(|found| found.kind == FoundKind::File);
        paths.extend(found.map(|found| found.path).filter(|path| !is_parsed(path)).take(MAXIMUM_FILES));
    }
    paths.sort();
    paths.dedup();
    paths.truncate(MAXIMUM_FILES);
    paths
}

fn is_parsed(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let web_resource = path.components().any(|part| part.as_os_str().eq_ignore_ascii_case("WebResources"));
    let is_xml = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xml"));
    name.ends_with(".data.xml") || !web_resource && is_xml
}

/// Whether a file is text, by what git looks at, and has lines.
fn has_lines(path: &Path) -> bool {
    files::head(path, HEAD).is_ok_and(|head| !head.contains(&0) && head.contains(&b'\n'))
}

/// The `.gitattributes` of a repository, each read once.
struct Attributes {
    root: PathBuf,
    read: BTreeMap<PathBuf, Vec<Line>>,
}

/// A line that has to do with line endings.
struct Line {
    pattern: GlobMatcher,
    /// Whether the pattern is of a path, not of a name.
    of_path: bool,
    text: Option<bool>,
    eol: Option<bool>,
}

impl Attributes {
    /// Whether git could give this file other line endings on some machine.
    fn may_convert(&mut self, path: &Path) -> bool {
        let folders: Vec<PathBuf> =
            path.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.root)).map(Path::to_owned).collect();
        if folders.is_empty() {
            return false;
        }
        // `text` unset, or an end that is the same everywhere.
        let (mut text, mut eol) = (None, None);
        for folder in folders.iter().rev() {
            for line in self.read.entry(folder.clone()).or_insert_with(|| lines(&folder.join(".gitattributes"))) {
                let relative = path.strip_prefix(folder).unwrap_or(path);
                let matched = if line.of_path { relative } else { Path::new(path.file_name().unwrap_or_default()) };
                if line.pattern.is_match(matched) {
                    text = line.text.or(text);
                    eol = line.eol.or(eol);
                }
            }
        }
        text != Some(false) && eol != Some(true)
    }
}

fn lines(path: &Path) -> Vec<Line> {
    let text = files::read_text(path, ATTRIBUTES_LIMIT).unwrap_or_default();
    text.lines().filter_map(line).collect()
}

fn line(text: &str) -> Option<Line> {
    let text = text.trim();
    if text.starts_with('#') || text.starts_with('[') {
        return None;
    }
    let (pattern, attributes) = match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => text.split_once(char::is_whitespace)?,
    };
    let (mut text, mut eol) = (None, None);
    for attribute in attributes.split_whitespace() {
        match attribute {
            "-text" | "binary" | "-crlf" => text = Some(false),
            "text" | "text=auto" | "crlf" => text = Some(true),
            "eol=lf" | "eol=crlf" | "crlf=input" => eol = Some(true),
            "-eol" | "!eol" => eol = Some(false),
            "!text" | "!crlf" => text = Some(true),
            _ => {}
        }
    }
    if text.is_none() && eol.is_none() {
        return None;
    }
    let of_path = pattern.contains('/');
    let glob = GlobBuilder::new(pattern.trim_start_matches('/')).literal_separator(true).build().ok()?;
    Some(Line { pattern: glob.compile_matcher(), of_path, text, eol })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_the_deepest_file_decides() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        std::fs::create_dir_all(root.join("web/lib")).expect("folders");
        let may = |rules: &str, deeper: &str, path: &str| {
            std::fs::write(root.join(".gitattributes"), rules).expect("written");
            std::fs::write(root.join("web/.gitattributes"), deeper).expect("written");
            Attributes { root: root.to_owned(), read: BTreeMap::new() }.may_convert(&root.join(path))
        };
        for (rules, deeper, path, expected) in [
            ("", "", "web/a.js", true),
            ("* text=auto\n", "", "web/a.js", true),
            ("* text=auto eol=lf\n", "", "web/a.js", false),
            ("* -text\n", "", "web/a.js", false),
            ("*.js binary\n", "", "web/lib/a.js", false),
            ("*.js -text\n", "*.js text !eol\n", "web/a.js", true),
            ("* text=auto\n", "lib/** -text\n", "web/lib/a.js", false),
            ("/web/*.js eol=lf\n", "", "web/a.js", false),
            ("/web/*.js eol=lf\n", "", "web/lib/a.js", true),
            ("# * -text\n\"web/a.js\" -text\n", "", "web/a.js", false),
            ("*.css -text\n", "", "web/a.js", true),
        ] {
            assert_eq!(may(rules, deeper, path), expected, "{rules:?} {deeper:?} {path}");
        }
    }
}
