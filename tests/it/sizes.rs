//! A file is one concept: none is long, and most are short. The keys of a record fit on a screen.

use std::collections::BTreeMap;
use std::fs;

use regex::Regex;

use crate::support::repository;

/// The longest that a file may be, in lines.
const LONGEST: usize = 400;

/// What half of all files stay below.
const MEDIAN: usize = 130;

/// The longest that a `record!` may be: longer ones are formatted by nobody, and editors give up on them.
const LONGEST_RECORD: usize = 60;

/// The files of the library and the program by their path below `src`.
fn files() -> BTreeMap<String, String> {
    let folder = repository().join("src");
    let (mut files, mut open) = (BTreeMap::new(), vec![folder.clone()]);
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let pieces = path.strip_prefix(&folder).expect("below").iter().map(|it| it.to_string_lossy());
                let name = pieces.collect::<Vec<_>>().join("/");
                files.insert(name, fs::read_to_string(&path).expect("read"));
            }
        }
    }
    files
}

#[test]
fn no_file_is_long_and_most_are_short() {
    let files = files();
    let lines: BTreeMap<&str, usize> = files.iter().map(|(name, text)| (name.as_str(), text.lines().count())).collect();
    let long: Vec<_> = lines.iter().filter(|(_, lines)| **lines > LONGEST).collect();
    assert!(long.is_empty(), "more than {LONGEST} lines: {long:?}");
    let mut sizes: Vec<usize> = lines.values().copied().collect();
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    println!("{} files, median {median} lines", sizes.len());
    assert!(median < MEDIAN, "half of the {} files have {median} lines or more", sizes.len());
}

#[test]
fn the_keys_of_a_record_fit_on_a_screen() {
    let call = Regex::new(r"(?m)^record! \{\n(?:.*\n)*?\}$").expect("a pattern");
    let mut found = 0;
    for (name, text) in files() {
        for record in call.find_iter(&text) {
            let lines = record.as_str().lines().count();
            assert!(lines < LONGEST_RECORD, "{name}: a `record!` of {lines} lines");
            found += 1;
        }
    }
    assert!(found > 60, "{found}");
}
