//! A document that is read a piece at a time is the one that is read as a whole, with its lines, or is refused alike.

use dvpack::archive::{self, Limits};
use dvpack::solution::xml::{node_limit, parse_in_pieces, parse_within};
use rayon::prelude::*;

use crate::support::{by_day, corpus};

#[test]
fn real_documents_are_the_same_in_pieces_and_as_a_whole() {
    let Some(corpus) = corpus() else { return };
    let files = walkdir::WalkDir::new(corpus.join("exported")).into_iter().filter_map(Result::ok);
    let is_zip = |path: &std::path::Path| path.extension().is_some_and(|it| it.eq_ignore_ascii_case("zip"));
    let paths: Vec<_> = files.map(walkdir::DirEntry::into_path).filter(|path| is_zip(path) && by_day(path)).collect();
    let compared = |path: &std::path::PathBuf| {
        let bytes = std::fs::read(path).expect("readable");
        let entries = archive::read(&bytes, &Limits::of_solutions()).expect("an archive");
        let documents = entries.iter().filter(|entry| entry.name.to_lowercase().ends_with(".xml"));
        let compare = |entry: &archive::Entry| {
            let nodes = node_limit(bytes.len());
            let whole = parse_within(&entry.bytes, &entry.name, nodes);
            let same = parse_in_pieces(&entry.bytes, &entry.name, nodes) == whole;
            assert!(same, "{}: {}", path.display(), entry.name);
        };
        documents.map(compare).count()
    };
    let count: usize = paths.par_iter().map(compared).sum();
    assert!(count >= 500, "only {count} documents were found");
}
