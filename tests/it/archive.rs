//! The strict zip reader on real exported solutions: none of them may be refused.

use dvpack::archive::{self, Limits};

use crate::support::corpus;

#[test]
fn every_real_exported_solution_is_read() {
    let Some(corpus) = corpus() else { return };
    let mut read = 0;
    for entry in walkdir::WalkDir::new(corpus.join("exported")).into_iter().filter_map(Result::ok) {
        if entry.path().extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("zip")) {
            continue;
        }
        let bytes = std::fs::read(entry.path()).expect("readable");
        let entries = archive::read(&bytes, &Limits::default())
            .unwrap_or_else(|refusal| panic!("{}: {refusal}", entry.path().display()));
        assert!(entries.iter().any(|entry| entry.name.eq_ignore_ascii_case("solution.xml")));
        read += 1;
    }
    assert!(read >= 100, "only {read} archives were found");
}
