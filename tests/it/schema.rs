//! The committed schema and the manifest reference are what the program makes.

use std::fs;

use dvpack::manifest::{reference, schema};
use serde_json::Value;

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
fn every_example_fits_its_key() {
    fn fits(schema: &Value, path: &str, checked: &mut usize) {
        for inner in ["items", "additionalProperties"] {
            if schema[inner].is_object() {
                fits(&schema[inner], path, checked);
            }
        }
        let Some(example) = schema["examples"].get(0) else { return };
        let text = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
        let length = text.chars().count() as u64;
        assert!(length > 0 && length <= schema["maxLength"].as_u64().unwrap_or(u64::MAX), "{path}: {text}");
        if let (Some(number), Some(least)) = (example.as_u64(), schema["minimum"].as_u64()) {
            assert!((least..=schema["maximum"].as_u64().unwrap_or(u64::MAX)).contains(&number), "{path}: {text}");
        }
        // Rust's expressions do not look ahead, which one pattern does.
        let pattern = schema["pattern"].as_str().filter(|_| example.is_string()).map(regex::Regex::new);
        if let Some(Ok(pattern)) = pattern {
            assert!(pattern.is_match(&text), "{path}: {text}");
            *checked += 1;
        }
    }
    let schema = schema::schema();
    let mut checked = 0;
    for (name, definition) in schema["$defs"].as_object().expect("definitions") {
        for (key, property) in definition["properties"].as_object().into_iter().flatten() {
            fits(property, &format!("{name}.{key}"), &mut checked);
        }
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn an_example_belongs_to_its_key_also_in_messages() {
    let manifest = "dvpack: 1
publisher: { name: contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: ContosoWidgets, version: 1.0 }
components: { steps: [{ endpoint: [], message: Update, stage: postOperation }] }
";
    let ran = Test::new().file("dvpack.yaml", manifest).args("check").code(3);
    assert!(ran.stderr.contains("such as `Widget events`"), "{}", ran.stderr);
}

#[test]
fn editors_are_offered_the_tables_that_are_known() {
    let schema = schema::schema();
    let known = schema["$defs"]["TableName"]["anyOf"][1]["enum"].as_array().expect("names");
    assert!(known.len() > 500 && known.contains(&"account".into()));
    assert_eq!(schema["$defs"]["SiteMapItem"]["properties"]["table"]["$ref"], "#/$defs/TableName");
    let grants = &schema["$defs"]["Role"]["properties"]["grants"];
    assert_eq!(grants["properties"]["account"]["$ref"], "#/$defs/Rights");
    assert_eq!(grants["additionalProperties"]["$ref"], "#/$defs/Rights", "other tables are as right");
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
