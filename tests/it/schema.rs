//! The committed schema and the manifest reference are what the program makes.

use std::fs;

use dvpack::manifest::{reference, schema};

use crate::support::{Test, repository};

fn current(path: &str, text: &str) {
    let path = repository().join(path);
    if std::env::var_os("DVPACK_UPDATE").is_some() {
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(&path, text).expect("written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "{} is not current: run with DVPACK_UPDATE=1", path.display());
}

#[test]
fn the_committed_schema_is_current() {
    current("manifests/schema/dvpack.v1.schema.json", &schema::text());
}

#[test]
fn the_manifest_reference_is_current() {
    current("docs/manifest.md", &reference::reference(&schema::schema()));
}

#[test]
fn every_key_is_explained_and_no_other_is_allowed() {
    fn walk(value: &serde_json::Value, path: &str) {
        if let Some(properties) = value["properties"].as_object() {
            assert_eq!(value["additionalProperties"], false, "{path}");
            for (key, property) in properties {
                assert!(property["description"].as_str().is_some_and(|text| text.len() > 3), "{path}.{key}");
            }
        }
        for (key, inner) in value["$defs"].as_object().into_iter().flatten() {
            walk(inner, &format!("{path}.{key}"));
        }
    }
    walk(&schema::schema(), "");
}

#[test]
fn schema_goes_to_stdout_or_to_a_file() {
    assert_eq!(Test::new().args("schema").success().json(), schema::schema());
    let ran = Test::new().args("schema -o out/dvpack.schema.json").success();
    assert_eq!(ran.read("out/dvpack.schema.json"), schema::text().as_bytes());
    let ran = Test::new().args("schema --output plan -o plan.json").success();
    assert!(ran.read("plan.json").ends_with(b"}\n"));
    let ran = Test::new().args("schema --output complete.json").code(2);
    assert!(ran.stderr.contains("possible values: init, check, build"), "{}", ran.stderr);
}

/// Whoever changes a document sees it here: a field that goes or means something else needs a new number.
#[test]
fn the_committed_schemas_of_all_documents_are_current() {
    for verb in crate::contract::VERBS {
        let printed = Test::new().args(&format!("schema --output {verb}")).success().stdout;
        current(&format!("manifests/schema/output/{verb}.json"), &printed);
    }
}
