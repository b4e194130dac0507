//! JSON parts of a solution say one thing to every reader: in a bundle they are refused where two readers could see
//! different things; in a source they are written in normal form where they mean one thing only.

use dvpack::archive::{self, Entry, Limits};

use crate::merged_zip::{FLOW, FLOW_PART, built, definition, project, zip};
use crate::one_truth::{put_into, solution};
use crate::support::Test;

const VALUES_PART: &str = "environmentvariabledefinitions/contoso_Api/environmentvariablevalues.json";
const VALUES: &str = r#"{"environmentvariablevalues":{"environmentvariablevalue":{"value":"https://one.example"}}}"#;
const CONNECTOR_PART: &str = "Connector/contoso_api_openapidefinition.json";
const CONNECTOR: &str = r#"{"swagger":"2.0","host":"one.example","paths":{}}"#;

fn utf16(text: &str, mark: bool, big: bool) -> Vec<u8> {
    let mark: &[u8] = match (mark, big) {
        (false, _) => &[],
        (true, false) => &[0xff, 0xfe],
        (true, true) => &[0xfe, 0xff],
    };
    let units = text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
    mark.iter().copied().chain(units).collect()
}

fn with(part: &str, bytes: &[u8]) -> Vec<u8> {
    let (name, text) = definition("contoso_Api", "<isrequired>0</isrequired><type>100000000</type>");
    let mut parts: Vec<(&str, &[u8])> = vec![(&name, text.as_bytes())];
    parts.extend([(VALUES_PART, VALUES.as_bytes()), (CONNECTOR_PART, CONNECTOR.as_bytes())]);
    parts.retain(|(name, _)| *name != part);
    parts.push((part, bytes));
    zip("", "", &parts)
}

/// Spellings of a document: what it is called, its bytes, and whether a source may have it.
fn spellings(text: &str, key: &str) -> Vec<(String, Vec<u8>, bool)> {
    let twice = |other: &str| text.replacen(key, &format!("{other}{key}"), 1).into_bytes();
    let said = |what: &str, bytes: Vec<u8>, in_source: bool| (what.to_owned(), bytes, in_source);
    vec![
        said("a byte order mark", format!("\u{feff}{text}").into_bytes(), true),
        said("UTF-16", utf16(text, true, false), true),
        said("UTF-16, big", utf16(text, true, true), true),
        said("UTF-16 without a mark", utf16(text, false, false), false),
        said("two byte order marks", format!("\u{feff}\u{feff}{text}").into_bytes(), false),
        said("text behind", format!("{text} {{}}").into_bytes(), false),
        said("a comment", format!("/* c */{text}").into_bytes(), false),
        said("a comma too many", format!("{},}}", &text[..text.len() - 1]).into_bytes(), false),
        said("a name twice", twice(&format!("{key}null,")), false),
        said("a name twice, escaped", twice(&format!("\"\\u{:04x}{}null,", key.as_bytes()[1], &key[2..])), false),
        said("a lone surrogate", text.replacen('{', "{\"x\":\"\\udc00\",", 1).into_bytes(), false),
        said("Latin-1", [&text.as_bytes()[..1], b"\"\xe4\":1,", &text.as_bytes()[1..]].concat(), false),
        said("nothing", Vec::new(), false),
    ]
}

#[test]
fn two_readings_of_a_json_part_are_refused_in_a_bundle() {
    let (bundle, _) = built(&with(FLOW_PART, FLOW.as_bytes()), "");
    let good = solution(&bundle);
    for (part, text, key) in [
        (FLOW_PART, FLOW, "\"connectionReferences\":"),
        (VALUES_PART, VALUES, "\"value\":"),
        (CONNECTOR_PART, CONNECTOR, "\"host\":"),
    ] {
        for (what, bytes, in_source) in spellings(text, key) {
            let mut entries = archive::read(&good, &Limits::default()).expect("read");
            entries.iter_mut().find(|entry| entry.name == part).expect(part).bytes.clone_from(&bytes);
            let changed = put_into(bundle.clone(), &archive::write(&entries).expect("written"));
            let ran = Test::new().file("it.dvpack", changed).args("verify it.dvpack").code(3);
            assert!(ran.stderr.contains(part), "{what}: {}", ran.stderr);

            let ran = project(&with(part, &bytes), "").args("build . -o made").run();
            assert_eq!(ran.code, if in_source { 0 } else { 3 }, "{part}, {what}: {}", ran.stderr);
            assert!(ran.stderr.contains(&format!("it.zip: {part}")), "{part}, {what}: {}", ran.stderr);
            if in_source {
                assert!(ran.stderr.contains("without a byte order mark"), "{what}: {}", ran.stderr);
                let made = archive::read(&ran.read("made/ContosoFlows_1_0_0_0_managed.zip"), &Limits::default());
                let made: Vec<Entry> = made.expect("read");
                let entry = made.iter().find(|entry| entry.name == part).expect(part);
                assert_eq!(String::from_utf8_lossy(&entry.bytes), text, "{what}");
            } else {
                assert!(ran.stderr.contains("help:"), "{what}: {}", ran.stderr);
            }
        }
    }
}

#[test]
fn names_that_readers_know_have_one_spelling_and_others_may_differ_in_case() {
    for (part, text, from, to) in [
        (FLOW_PART, FLOW, "\"properties\"", "\"Properties\""),
        (FLOW_PART, FLOW, "\"connectionReferences\":", "\"ConnectionReferences\":{},\"connectionReferences\":"),
        (FLOW_PART, FLOW, "\"api\":", "\"Api\":{\"name\":\"shared_other\"},\"api\":"),
        (FLOW_PART, FLOW, "\"shared_sql\":{", "\"Shared_sql\":{},\"shared_sql\":{"),
        (FLOW_PART, FLOW, "\"apiId\"", "\"ApiId\":\"x\",\"apiId\""),
        (FLOW_PART, FLOW, "\"connectionName\"", "\"ConnectionName\""),
        (CONNECTOR_PART, CONNECTOR, "\"host\":", "\"Host\":\"two.example\",\"host\":"),
        (CONNECTOR_PART, CONNECTOR, "\"swagger\"", "\"Swagger\""),
        (VALUES_PART, VALUES, "\"value\":", "\"Value\":\"https://two.example\",\"value\":"),
        (VALUES_PART, VALUES, "\"value\":", "\"VALUE\":"),
        (VALUES_PART, VALUES, "{\"environmentvariablevalue\"", "{\"EnvironmentVariableValue\""),
        (VALUES_PART, VALUES, "\"https://one.example\"", "5"),
        (VALUES_PART, VALUES, "\"https://one.example\"", "[\"https://one.example\"]"),
    ] {
        assert!(text.contains(from), "{from}");
        let zip = with(part, text.replacen(from, to, 1).as_bytes());
        let ran = project(&zip, "").args("build . -o made").code(3);
        assert!(ran.stderr.contains(part), "{to}: {}", ran.stderr);
        let ran = project(&zip, "").args("inspect it.zip").success();
        assert!(ran.stderr.contains(part), "a solution by itself is shown with a warning: {to}: {}", ran.stderr);
    }
    let schema = r#""inputs":{"schema":{"properties":{"ID":{},"Id":{},"Host":{},"host":{}}},"host""#;
    let data = FLOW.replacen("\"inputs\":{\"host\"", schema, 1);
    assert_ne!(data, FLOW);
    built(&with(FLOW_PART, data.as_bytes()), "");
    built(&with("Other/settings.json", b"// not for Dataverse\n{'a':1}"), "");
}
