//! The one reader: what it reads piece by piece is what the model of the whole says, for every real solution.

use std::fs;

use dvpack::solution::{Contents, components, read_zip};
use rayon::prelude::*;

use crate::support::{by_day, corpus, report};

#[test]
fn every_export_says_the_same_in_pieces_and_whole() {
    let Some(corpus) = corpus() else { return };
    let mut files: Vec<_> =
        fs::read_dir(corpus.join("exported")).expect("exports").flatten().map(|it| it.path()).collect();
    files.retain(|path| path.extension().is_some_and(|it| it == "zip") && by_day(path));
    let read: Vec<(Vec<String>, usize)> = files
        .par_iter()
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let bytes = fs::read(path).expect("read");
            let package = read_zip(&bytes, &name).expect("read");
            let contents = Contents::read(&bytes, &name).expect("read");
            assert_eq!(contents.components, components::list(&package), "{name}");
            assert_eq!(contents.identity.name, package.unique_name(), "{name}");
            assert_eq!(contents.identity.publisher, package.publisher(), "{name}");
            assert_eq!(contents.variables, package.environment_variables(), "{name}");
            let roles: Vec<_> = contents.role_list().cloned().collect();
            assert_eq!(roles, package.roles().expect("roles"), "{name}");
            let mut references = package.connection_references();
            references.sort_by(|a, b| a.name.cmp(&b.name));
            assert_eq!(contents.connections, references, "{name}");
            assert_eq!(contents.not_understood, components::not_understood(&package), "{name}");
            let refused = contents.deviations.iter().map(|it| format!("{name}: {}", it.message));
            let unread = contents.unread.iter().map(|it| format!("{name}: not understood: {}", it.path));
            (refused.chain(unread).collect(), contents.form.len())
        })
        .collect();
    let rewritten = read.iter().filter(|(_, form)| *form > 0).count();
    let found: Vec<&String> = read.iter().flat_map(|(found, _)| found).collect();
    report(
        "profile.txt",
        &format!(
            "{} exports, {rewritten} not in normal form\n{}\n",
            read.len(),
            found.iter().map(|it| it.as_str()).collect::<Vec<_>>().join("\n")
        ),
    );
    // Somebody edited one by hand; in another the publisher is translated. A build leaves the comment out, and writes
    // the base language first. A third has four columns twice, so that nobody can say what they are.
    let known = [
        "a comment or processing instruction in `Definition`",
        "TestEngine_1_0_0_1.zip: the first label of `LocalizedNames` is not in the solution's base language 1033",
    ];
    let is_twice = |it: &str| it.contains("updated-DRA.zip: a second `attribute` is called dra_");
    let is_known = |it: &str| is_twice(it) || known.iter().any(|known| it.ends_with(known));
    let unknown: Vec<_> = found.iter().filter(|it| !is_known(it)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}
