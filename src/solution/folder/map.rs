//! Map files: where files of a folder are read from instead, such as assemblies from a build's output.
//! Facts: the documentation of SolutionPackager's `/map`. Unlike that program, `\` works on every
//! system and a file that is matched but nowhere found is an error, as documented.
//! Assumption: a `.data.xml` that only a wildcard matches may stay in the folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::files::{self, FoundKind};
use crate::solution::xml;

const MAX_MAP: u64 = 1 << 20;
/// How many files are looked through below one `**`.
const MAX_SEARCH: usize = 200_000;

/// The rules of a map file, in its order; the first that matches counts.
#[derive(Debug, Default)]
pub struct FileMap {
    file: String,
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    kind: Kind,
    /// As written, with `/`.
    shown: String,
    /// The same in lower case.
    map: String,
    to: PathBuf,
    line: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Folder,
    FileToFile,
    FileToPath,
}

impl FileMap {
    /// Reads a map file for `folder`, from which its relative paths start; `variable` gives the value of
    /// an environment variable.
    pub fn read(
        path: &Path,
        folder: &Path,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let file = path.display().to_string();
        let bytes =
            files::read(path, MAX_MAP).map_err(|error| vec![Diagnostic::error("unreadable-map", error.to_string())])?;
        let root = xml::parse(&bytes, &file).map_err(|finding| vec![*finding])?;
        let mut findings = Vec::new();
        let mut refuse = |line: usize, message: String| {
            findings.push(Diagnostic::error("invalid-map", message).in_file(file.as_str(), Some((line, 1))));
        };
        if root.name != "Mapping" {
            refuse(root.line, format!("it starts with `<{}>`, not with `<Mapping>`", root.name));
        }
        let mut rules = Vec::new();
        for element in root.elements() {
            let kind = match element.name.as_str() {
                "Folder" => Kind::Folder,
                "FileToFile" => Kind::FileToFile,
                "FileToPath" => Kind::FileToPath,
                other => {
                    refuse(element.line, format!("`<{other}>` is none of Folder, FileToFile, FileToPath"));
                    continue;
                }
            };
            let (Some(map), Some(to)) = (element.attribute("map"), element.attribute("to")) else {
                refuse(element.line, format!("`<{}>` needs `map` and `to`", element.name));
                continue;
            };
            let shown = map.replace('\\', "/").trim_matches('/').to_owned();
            let map = shown.to_ascii_lowercase();
            let to = match expand(to, variable) {
                Ok(to) => folder.join(to.replace('\\', "/")),
                Err(name) => {
                    refuse(element.line, format!("the environment variable `{name}` is not set"));
                    continue;
                }
            };
            rules.push(Rule { kind, shown, map, to, line: element.line });
        }
        if findings.is_empty() { Ok(Self { file, rules }) } else { Err(findings) }
    }

    /// Where the file of this name (with `/`) is read from; `None` where no rule matches.
    pub fn find(&self, name: &str) -> Result<Option<PathBuf>, Box<Diagnostic>> {
        let lower = name.to_ascii_lowercase();
        let Some((rule, inner)) = self.rules.iter().find_map(|rule| Some((rule, rule.matches(&lower)?))) else {
            return Ok(None);
        };
        let inner = &name[name.len() - inner..];
        let found = rule.target(inner);
        if found.is_none() && lower.ends_with(".data.xml") && rule.map.contains('*') {
            return Ok(None);
        }
        found.map(Some).ok_or_else(|| {
            let message = format!("`{name}` is mapped to `{}`, where it is not", rule.to.display());
            Diagnostic::error("missing-mapped-file", message)
                .in_file(self.file.as_str(), Some((rule.line, 1)))
                .help("build the file first, or correct the map")
                .into()
        })
    }

    /// Changes where the files of a folder are read from, and adds those that are only there: files below
    /// mapped folders, and payloads whose metadata the folder has. Tells what is nowhere.
    pub fn apply(&self, files: &mut Vec<(String, PathBuf)>) -> Vec<Box<Diagnostic>> {
        let mut findings = Vec::new();
        let mut known: BTreeSet<String> = files.iter().map(|(name, _)| name.to_lowercase()).collect();
        let payloads = files.iter().filter_map(|(name, _)| {
            let data = name.strip_suffix(".data.xml").map(str::to_owned);
            data.or_else(|| name.strip_suffix(".meta.xml").map(|name| format!("{name}_DocumentUri.msapp")))
        });
        let expected: Vec<String> = payloads.collect();
        for (name, path) in files.iter_mut() {
            match self.find(name) {
                Ok(found) => found.into_iter().for_each(|found| *path = found),
                Err(finding) => findings.push(finding),
            }
        }
        for name in expected {
            if known.insert(name.to_lowercase()) {
                match self.find(&name) {
                    Ok(found) => files.extend(found.map(|path| (name, path))),
                    Err(finding) => findings.push(finding),
                }
            }
        }
        files.extend(self.added().filter(|(name, _)| known.insert(name.to_lowercase())));
        findings
    }

    /// Files below the targets of folder rules: the name in the folder, and where the file is.
    fn added(&self) -> impl Iterator<Item = (String, PathBuf)> {
        self.rules.iter().filter(|rule| rule.kind == Kind::Folder).flat_map(|rule| {
            let below = |path: &Path| path.strip_prefix(&rule.to).ok()?.to_str().map(|name| name.replace('\\', "/"));
            let found = files::walk(&rule.to, |_| true).take(MAX_SEARCH);
            found
                .filter(|found| found.kind == FoundKind::File)
                .filter_map(move |found| Some((format!("{}/{}", rule.shown, below(&found.path)?), found.path)))
        })
    }
}

impl Rule {
    /// How many bytes at the end of a name are the part below the mapped folder, if the rule matches it.
    fn matches(&self, name: &str) -> Option<usize> {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        if self.kind == Kind::Folder {
            return Some(name.strip_prefix(&self.map)?.strip_prefix('/')?.len());
        }
        let (in_folder, pattern) = self.map.rsplit_once('/').map_or((None, self.map.as_str()), |(a, b)| (Some(a), b));
        let same = match pattern.strip_prefix("*.") {
            Some("*") => true,
            Some(extension) => file.rsplit_once('.').is_some_and(|(_, other)| other == extension),
            None => file == pattern,
        };
        let base = match in_folder {
            // Without a folder, files of any are meant.
            None => return same.then_some(file.len()),
            Some("**") => "",
            Some(base) => match base.strip_suffix("/**") {
                Some(base) => base,
                None => return (same && folder == base).then_some(file.len()),
            },
        };
        let below = base.is_empty() || folder == base || folder.strip_prefix(base).is_some_and(|f| f.starts_with('/'));
        let start = if base.is_empty() { 0 } else { base.len() + 1 };
        (same && below).then(|| name.len() - start)
    }

    /// The file, if it is there; `inner` is its path below the mapped folder.
    fn target(&self, inner: &str) -> Option<PathBuf> {
        let file = inner.rsplit('/').next().unwrap_or(inner);
        let there = |path: PathBuf| files::is_file(&path).then_some(path);
        match self.kind {
            Kind::Folder => there(self.to.join(inner)),
            Kind::FileToFile => {
                let parent = self.to.parent()?;
                match any_below(parent) {
                    Some(base) => search(base, self.to.file_name()?.to_str()?),
                    None => there(self.to.clone()),
                }
            }
            Kind::FileToPath => match any_below(&self.to) {
                Some(base) => there(base.join(inner)).or_else(|| search(base, file)),
                None => there(self.to.join(file)),
            },
        }
    }
}

/// The folder before a final `**`.
fn any_below(path: &Path) -> Option<&Path> {
    (path.file_name()? == "**").then(|| path.parent())?
}

/// The first file of that name below a folder, in the order of paths, without case.
fn search(base: &Path, name: &str) -> Option<PathBuf> {
    let mut files = files::walk(base, |_| true).take(MAX_SEARCH).filter(|found| found.kind == FoundKind::File);
    files.find(|found| found.name().eq_ignore_ascii_case(name)).map(|found| found.path)
}

/// Puts in the values of `%NAME%`.
fn expand(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        let Some((name, after)) = after.split_once('%') else { break };
        out.push_str(before);
        out.push_str(&variable(name).ok_or_else(|| name.to_owned())?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(rules: &str, files: &[&str]) -> (tempfile::TempDir, FileMap) {
        let folder = tempfile::tempdir().expect("a folder");
        for file in files {
            files::write(&folder.path().join(file), file.as_bytes()).expect("written");
        }
        let path = folder.path().join("map.xml");
        files::write(&path, format!("<Mapping>{rules}</Mapping>").as_bytes()).expect("written");
        let variable = |name: &str| (name == "BASE").then(|| "build".to_owned());
        let map = FileMap::read(&path, folder.path(), &variable).expect("a map");
        (folder, map)
    }

    fn found(folder: &tempfile::TempDir, map: &FileMap, name: &str) -> Option<String> {
        let path = map.find(name).expect("found or not matched")?;
        Some(path.strip_prefix(folder.path()).expect("below").to_str().expect("Unicode").to_owned())
    }

    #[test]
    fn the_three_directives_do_what_is_documented() {
        let (folder, map) = map(
            "<FileToFile map='one.dll' to='%BASE%\\**\\Other.dll'/>\
             <FileToFile map='PluginAssemblies\\**\\two.dll' to='build/two.dll'/>\
             <FileToPath map='WebResources\\**\\*.js' to='web\\**'/>\
             <FileToPath map='*.png' to='images\\'/>\
             <Folder map='Reports\\1033' to='reports'/>",
            &["build/a/b/Other.dll", "build/two.dll", "web/x/a.js", "web/deep/c.js", "images/i.png", "reports/g/r.rdl"],
        );
        let cases = [
            ("PluginAssemblies/One-1/One.dll", Some("build/a/b/Other.dll")),
            ("PluginAssemblies/Two-2/two.dll", Some("build/two.dll")),
            ("two.dll", None),
            ("WebResources/x/a.js", Some("web/x/a.js")),
            ("WebResources/y/c.js", Some("web/deep/c.js")),
            ("WebResources/y/c.css", None),
            ("Anywhere/i.png", Some("images/i.png")),
            ("Reports/1033/g/r.rdl", Some("reports/g/r.rdl")),
            ("Reports/1034/g/r.rdl", None),
        ];
        for (name, expected) in cases {
            assert_eq!(found(&folder, &map, name).as_deref(), expected, "{name}");
        }
        assert_eq!(map.added().next().expect("a file").0, "Reports/1033/g/r.rdl");
        let finding = map.find("WebResources/missing.js").expect_err("nowhere");
        assert!(finding.to_string().contains("missing.js"), "{finding}");
    }

    #[test]
    fn the_first_rule_counts_and_metadata_may_stay() {
        let (folder, map) = map(
            "<FileToFile map='a.js' to='one/a.js'/><FileToPath map='WebResources\\*.*' to='two\\**'/>",
            &["one/a.js", "two/a.js", "two/b.js"],
        );
        assert_eq!(found(&folder, &map, "WebResources/a.js").as_deref(), Some("one/a.js"));
        assert_eq!(found(&folder, &map, "WebResources/b.js").as_deref(), Some("two/b.js"));
        assert_eq!(found(&folder, &map, "WebResources/b.js.data.xml"), None);
    }

    #[test]
    fn mistakes_of_a_map_are_told_with_their_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("map.xml");
        let text = "<Mapping>\n<File map='a'/>\n<Folder map='a'/>\n<Folder map='a' to='%NOT_THERE%'/>\n</Mapping>";
        files::write(&path, text.as_bytes()).expect("written");
        let findings = FileMap::read(&path, folder.path(), &|_| None).expect_err("refused");
        let places: Vec<_> = findings.iter().filter_map(|f| f.to_record().line).collect();
        assert_eq!(places, [2, 3, 4]);
    }
}
