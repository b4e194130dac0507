//! The one reader: what it reads piece by piece is what the model of the whole says, for every real solution.

use std::collections::BTreeMap;
use std::fs;

use dvpack::solution::{Contents, components, read_zip};
use rayon::prelude::*;

use crate::support::corpus;

#[test]
fn every_export_says_the_same_in_pieces_and_whole() {
    let Some(corpus) = corpus() else { return };
    let mut files: Vec<_> =
        fs::read_dir(corpus.join("exported")).expect("exports").flatten().map(|it| it.path()).collect();
    files.retain(|path| path.extension().is_some_and(|it| it == "zip"));
    let kinds: Vec<BTreeMap<String, usize>> = files
        .par_iter()
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let bytes = fs::read(path).expect("read");
            let package = read_zip(&bytes, &name).expect("read");
            let contents = Contents::read(&bytes, &name).expect("read");
            assert_eq!(contents.components, package.components(), "{name}");
            assert_eq!(contents.identity.name, package.unique_name(), "{name}");
            assert_eq!(contents.identity.publisher, package.publisher(), "{name}");
            assert_eq!(contents.variables, package.environment_variables(), "{name}");
            let roles: Vec<_> = contents.role_list().cloned().collect();
            assert_eq!(roles, package.roles().expect("roles"), "{name}");
            let mut references = package.connection_references();
            references.sort_by(|a, b| a.name.cmp(&b.name));
            assert_eq!(contents.connections, references, "{name}");
            assert_eq!(contents.not_understood, components::not_understood(&package), "{name}");
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for finding in &contents.deviations {
                let text = finding.message.split('`').step_by(2).collect::<Vec<_>>().join("…");
                *counts.entry(text).or_default() += 1;
                if std::env::var_os("SHOW").is_some() {
                    eprintln!("{finding}");
                }
            }
            for unread in &contents.unread {
                let path = unread
                    .path
                    .split('/')
                    .map(|it| it.split('[').next().unwrap_or_default())
                    .collect::<Vec<_>>()
                    .join("/");
                *counts.entry(format!("unread {path}")).or_default() += 1;
            }
            counts
        })
        .collect();
    let mut all: BTreeMap<String, usize> = BTreeMap::new();
    for (kind, count) in kinds.into_iter().flatten() {
        *all.entry(kind).or_default() += count;
    }
    println!("{all:#?}");
}
