//! From a manifest to a solution: what is declared and what a source brings, in one zip.

use std::path::Path;

use dvpack::manifest::{Request, load};
use dvpack::solution::{Assembled, assemble, components, read_zip};

use crate::support::{Test, repository};

fn assembled(path: &Path) -> Result<Assembled, Vec<dvpack::diagnostic::Diagnostic>> {
    let request = Request { path: path.to_owned(), ..Request::default() };
    assemble(&load(&request).unwrap_or_else(|findings| panic!("{findings:?}")).package)
}

#[test]
fn the_example_holds_everything_that_it_declares() {
    let built = assembled(&repository().join("examples/contoso-widgets")).unwrap_or_else(|f| panic!("{f:?}"));
    let package = read_zip(&built.zip, "example.zip").expect("read again");
    assert_eq!(package.unique_name(), "ContosoWidgets");
    assert_eq!(package.version_text(), "1.4.0.0");
    assert!(package.managed());
    assert_eq!(package.publisher().prefix, "contoso");
    assert_eq!(package.environment_variables().len(), 2);
    assert_eq!(package.connection_references().len(), 1);
    let roles = package.roles().expect("roles");
    assert_eq!(roles.len(), 1);
    assert!(roles[0].level("prvReadcontoso_Widget").is_some(), "{:?}", roles[0].rows);
    let kinds: Vec<_> = components::list(&package).into_iter().map(|component| component.kind).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "Web resource").count(), 3);
    assert!(kinds.contains(&"Table"));
    let roots: Vec<_> = package.root_components().filter_map(|root| root.attribute("type")).collect();
    assert_eq!(roots, ["1", "20", "61", "61", "61"]);
}

#[test]
fn the_same_manifest_gives_the_same_bytes_in_any_folder() {
    let bytes = || {
        let test = Test::new().copy("examples/contoso-widgets");
        assembled(test.path()).unwrap_or_else(|f| panic!("{f:?}")).zip
    };
    assert!(bytes() == bytes());
}
