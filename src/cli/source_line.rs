//! Finds where in the sources a line of a built part comes from, by its text.

use std::path::{Path, PathBuf};

use crate::bundle::LineDifference;
use crate::files::{self, FoundKind};

/// Files that are searched, and the bytes of one.
const MAXIMUM_FILES: usize = 2_000;
const MAXIMUM_BYTES: u64 = 2 << 20;
const MAXIMUM_DEPTH: usize = 16;

/// The file below `folder` and the line in it; `None` if the differing text is in no line of the sources, or in
/// several.
pub fn find(folder: &Path, line: &LineDifference) -> Option<(PathBuf, usize)> {
    let mut paths = Vec::new();
    collect(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }, 0, &mut paths);
    let texts: Vec<_> =
        paths.into_iter().filter_map(|path| Some((files::read_text(&path, MAXIMUM_BYTES).ok()?, path))).collect();
    let only = |fits: &dyn Fn(&str) -> bool| {
        let mut found = texts.iter().flat_map(|(text, path)| {
            text.lines().enumerate().filter(|(_, line)| fits(line)).map(move |(number, _)| (path.clone(), number + 1))
        });
        let first = found.next()?;
        found.next().is_none().then_some(first)
    };
    let whole = line.rebuilt.trim();
    let value = differing_value(&line.published, &line.rebuilt);
    (whole.len() > 2).then(|| only(&|candidate| candidate.trim() == whole)).flatten().or_else(|| {
        let value = value.filter(|value| value.len() > 2)?;
        only(&|candidate| candidate.contains(&*value))
    })
}

/// The attribute's value or the text around the first character that differs, without XML's escapes.
fn differing_value(published: &str, rebuilt: &str) -> Option<String> {
    let same: usize =
        rebuilt.chars().zip(published.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (before, behind) = rebuilt.split_at(same);
    let start = before.rfind(['"', '<', '>']).map_or(0, |at| at + 1);
    let end = behind.find(['"', '<', '>']).map_or(rebuilt.len(), |at| same + at);
    let value = rebuilt.get(start..end)?.trim();
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    Some(plain.iter().fold(value.to_owned(), |text, (escaped, letter)| text.replace(escaped, letter)))
}

/// Files in the order of their names; what is hidden, and links, left out.
fn collect(folder: &Path, depth: usize, out: &mut Vec<PathBuf>) {
    let Ok(entries) = files::entries(folder) else { return };
    for entry in entries {
        if entry.name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.kind == FoundKind::Folder && depth < MAXIMUM_DEPTH {
            collect(&entry.path, depth + 1, out);
        } else if entry.kind == FoundKind::File && out.len() < MAXIMUM_FILES {
            out.push(entry.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_by_itself_or_by_the_value_that_differs() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
        write("dvpack.yaml", "solution:\n  name: A\n  description: Widgets & more\n");
        write("a.css", "body {}\n  .red { color: red }\n");
        let at = |published: &str, rebuilt: &str| {
            let line = LineDifference { published: published.to_owned(), rebuilt: rebuilt.to_owned() };
            find(folder.path(), &line).map(|(path, line)| (path.file_name().expect("a name").to_owned(), line))
        };
        assert_eq!(at(".red { color: blue }", ".red { color: red }"), Some(("a.css".into(), 2)));
        let description = |text: &str| format!("  <Description description=\"{text}\" languagecode=\"1033\" />");
        let found = at(&description("Widgets"), &description("Widgets &amp; more"));
        assert_eq!(found, Some(("dvpack.yaml".into(), 3)));
        assert_eq!(at(&description("Widgets"), &description("Elsewhere")), None);
    }
}
