//! What a solution brings for an environment variable is shown in every view as what the import sets, and a
//! definition says what Dataverse would take it for, or is refused.

use dvpack::archive::{self, Limits};
use serde_json::Value;

use crate::merged_zip::{built, definition, page, project, text, zip};
use crate::one_truth::{put_into, solution};
use crate::support::Test;
use crate::tampered::packed;

const VAULT: &str = "/subscriptions/0/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/contoso-key";

fn values(value: &str) -> String {
    format!("{{\"environmentvariablevalues\":{{\"environmentvariablevalue\":{{\"iscustomizable\":\"1\"{value}}}}}}}")
}

const STRING: &str = "<isrequired>1</isrequired><type>100000000</type>";
const SECRET: &str = "<isrequired>0</isrequired><secretstore>0</secretstore><type>100000005</type>";

/// A solution with a variable, and with this file of values.
fn with(inside: &str, values: &str) -> Vec<u8> {
    let (part, definition) = definition("contoso_Api", inside);
    let file = "environmentvariabledefinitions/contoso_Api/environmentvariablevalues.json";
    zip("", "", &[(&part, definition.as_bytes()), (file, values.as_bytes())])
}

#[test]
fn every_view_shows_the_value_that_the_solution_sets() {
    let shipped = "https://shipped.example";
    let (bundle, ran) = built(&with(STRING, &values(&format!(",\"value\":\"{shipped}\""))), "");
    let json: Value = serde_json::from_str(&text(&bundle, "bundle.json")).expect("JSON");
    let setting = &json["settings"][0];
    assert_eq!(setting["shipped"], shipped, "{setting}");
    assert_eq!(setting["required"], false, "the solution sets it: nobody has to: {setting}");
    let page = page(&bundle);
    assert!(page.contains("set by the solution: <code>https://shipped.example</code>"), "{page}");
    assert!(!page.contains("the default"), "{page}");
    assert!(text(&bundle, "deploymentSettings.json").contains(shipped));

    let test = || Test::new().file("it.dvpack", ran.read("made/ContosoFlows_1_0_0_0.dvpack"));
    let inspect = test().args("inspect it.dvpack").success().stdout;
    assert!(inspect.contains("contoso_Api = (the solution sets it: https://shipped.example)"), "{inspect}");
    let plan = test().args("plan it.dvpack --sandbox").run();
    assert!(plan.stdout.contains("contoso_Api ← value of the solution `https://shipped.example`"), "{}", plan.stdout);
    let note = "the import sets environment variable `contoso_Api` to `https://shipped.example`";
    assert!((plan.stdout + &plan.stderr).contains(note), "{}", plan.stderr);
    let plan: Value =
        serde_json::from_str(&test().args("--format json plan it.dvpack --sandbox").run().stdout).expect("JSON");
    let of_plan = plan.pointer("/plan/settings/0").or_else(|| plan.pointer("/settings/0")).expect("settings");
    assert_eq!((&of_plan["from"], &of_plan["value"]), (&"solution".into(), &shipped.into()), "{plan}");

    let other = built(&with(STRING, &values(",\"value\":\"https://other.example\"")), "").1;
    let none = built(&with(STRING, &values("")), "").1;
    for (what, new, shown) in [
        ("another value", &other, "(the solution sets it: https://other.example)"),
        ("no value", &none, "(the subscriber gives it)"),
    ] {
        let new = new.read("made/ContosoFlows_1_0_0_0.dvpack");
        let diff = test().file("new.dvpack", new).args("diff it.dvpack new.dvpack").run().stdout;
        let line = format!("contoso_Api: (the solution sets it: https://shipped.example) → {shown}");
        assert!(diff.contains(&line), "{what}: {diff}");
        assert!(diff.contains("ContosoFlows: value of contoso_Api: https://shipped.example → "), "{what}: {diff}");
    }
    let applied = test().args("apply it.dvpack --sandbox --yes").run();
    assert_eq!(applied.code, 0, "{}", applied.stderr);
}

#[test]
fn a_value_of_the_bundle_stands_beside_the_one_that_the_solution_sets() {
    let more = "settings: { contoso_Api: https://given.example }\n";
    let (bundle, ran) = built(&with(STRING, &values(",\"value\":\"https://shipped.example\"")), more);
    let page = page(&bundle);
    let said =
        "https://given.example (the solution itself sets <code>https://shipped.example</code> when it is imported)";
    assert!(page.contains(said), "{page}");
    let bytes = ran.read("made/ContosoFlows_1_0_0_0.dvpack");
    let plan = Test::new().file("it.dvpack", bytes).args("plan it.dvpack --sandbox").run();
    let note = "to `https://shipped.example`; after that it gets the value of the bundle";
    assert!((plan.stdout + &plan.stderr).contains(note), "{}", plan.stderr);
}

#[test]
fn a_secret_is_shown_by_its_reference_and_nothing_else_may_stand_there() {
    let (bundle, _) = built(&with(SECRET, &values(&format!(",\"value\":\"{VAULT}\""))), "");
    let page = page(&bundle);
    assert!(page.contains(&format!("set by the solution: a secret, from <code>{VAULT}</code>")), "{page}");
    for secret in ["Tr0ub4dor-and-3", "https://v.vault.azure.net/secrets/Tr0ub4dor-and-3"] {
        let zip = with(SECRET, &values(&format!(",\"value\":\"{secret}\"")));
        for arguments in ["build . -o made", "check .", "inspect it.zip", "diff it.zip it.zip", "inspect ."] {
            let ran = project(&zip, "").args(arguments).run();
            let all = ran.stdout + &ran.stderr;
            assert!(!all.contains("Tr0ub4dor"), "{arguments}: {all}");
            if arguments.ends_with('.') || arguments.starts_with("build") {
                assert_eq!(ran.code, 3, "{arguments}: {all}");
                assert!(all.contains("environmentvariablevalues.json"), "{all}");
                assert!(all.contains("is not a reference to Azure Key Vault"), "{all}");
            }
        }
    }
    let default = SECRET.replace("<isrequired>", "<defaultvalue>Tr0ub4dor-and-3</defaultvalue><isrequired>");
    for arguments in ["build . -o made", "inspect it.zip"] {
        let ran = project(&with(&default, &values("")), "").args(arguments).run();
        let all = ran.stdout + &ran.stderr;
        assert!(!all.contains("Tr0ub4dor") && all.contains("its default is not a reference"), "{arguments}: {all}");
    }
}

#[test]
fn values_of_other_variables_and_of_older_solutions_are_shown_too() {
    let file = "environmentvariabledefinitions/contoso_Base/environmentvariablevalues.json";
    let older = "environment_variable_values.json";
    let one = values(",\"value\":\"https://base.example\"");
    let list = "{\"version\":\"1.0\",\"values\":[{\"name\":\"contoso_Base\",\"value\":\"https://base.example\"}]}";
    for (part, content) in [(file, one.as_str()), (older, list)] {
        let (bundle, _) = built(&zip("", "", &[(part, content.as_bytes())]), "");
        let json: Value = serde_json::from_str(&text(&bundle, "bundle.json")).expect("JSON");
        assert_eq!(json["settings"][0]["name"], "contoso_Base", "{part}");
        assert_eq!(json["settings"][0]["shipped"], "https://base.example", "{part}");
    }
    let twice = zip("", "", &[(file, one.as_bytes()), (older, list.as_bytes())]);
    let ran = project(&twice, "").args("build . -o made").code(3);
    assert!(ran.stderr.contains("a second value for `contoso_Base`"), "{}", ran.stderr);
    let foreign = zip("", "", &[(&file.replace("contoso", "fabrikam"), one.as_bytes())]);
    let ran = project(&foreign, "").args("build . -o made").code(3);
    assert!(ran.stderr.contains("another publisher's variable"), "{}", ran.stderr);
}

#[test]
fn bundle_json_cannot_say_another_value_than_the_solution() {
    let (bundle, _) = built(&with(STRING, &values(",\"value\":\"https://shipped.example\"")), "");
    let line = ",\n      \"shipped\": \"https://shipped.example\"";
    for to in ["", ",\n      \"shipped\": \"https://other.example\""] {
        let mut entries = bundle.clone();
        let json = entries.iter_mut().find(|entry| entry.name == "bundle.json").expect("there");
        let said = String::from_utf8(json.bytes.clone()).expect("UTF-8");
        assert!(said.contains(line), "{said}");
        json.bytes = said.replace(line, to).into_bytes();
        let ran = Test::new().file("it.dvpack", packed(&entries)).args("verify it.dvpack").code(3);
        assert!(ran.stderr.contains("settings[0].shipped"), "{}", ran.stderr);
    }
}

#[test]
fn a_definition_says_one_thing_or_is_refused() {
    let (bundle, _) = built(&with(STRING, &values("")), "");
    let good = solution(&bundle);
    let part = "environmentvariabledefinitions/contoso_Api/environmentvariabledefinition.xml";
    // What a source may say, and a bundle not; and what neither may.
    for (from, to, in_source) in [
        ("100000000", " 100000000", true),
        ("100000000", "100000000\n", true),
        ("<isrequired>1", "<isrequired>true", true),
        ("<isrequired>1", "<isrequired>False", true),
        ("<isrequired>1", "<isrequired> 1 ", true),
        ("100000000", "100000006", false),
        ("100000000", "1", false),
        ("100000000", "0100000000", false),
        ("100000000", "+100000000", false),
        ("100000000", "string", false),
        ("<type>100000000</type>", "", false),
        ("<isrequired>1", "<isrequired>2", false),
        ("<isrequired>1", "<isrequired>yes", false),
        ("<isrequired>1", "<isrequired>", false),
        ("<isrequired>1", "<secretstore>2</secretstore><isrequired>1", false),
        ("<isrequired>1", "<secretstore>-1</secretstore><isrequired>1", false),
    ] {
        let mut entries = archive::read(&good, &Limits::default()).expect("read");
        let entry = entries.iter_mut().find(|entry| entry.name == part).expect(part);
        let said = String::from_utf8(entry.bytes.clone()).expect("UTF-8");
        assert!(said.contains(from), "{said}");
        entry.bytes = said.replace(from, to).into_bytes();
        let changed = put_into(bundle.clone(), &archive::write(&entries).expect("written"));
        let ran = Test::new().file("it.dvpack", changed).args("verify it.dvpack").code(3);
        assert!(ran.stderr.contains(part), "{to}: {}", ran.stderr);

        let ran = project(&with(&STRING.replace(from, to), &values("")), "").args("build . -o made").run();
        assert!(ran.stderr.contains(part), "{to}: {}", ran.stderr);
        assert_eq!(ran.code, if in_source { 0 } else { 3 }, "{to}: {}", ran.stderr);
        if in_source {
            assert!(ran.stderr.contains("written as Dataverse writes them"), "{to}: {}", ran.stderr);
        } else {
            assert!(ran.stderr.contains("Dataverse has") && ran.stderr.contains("help:"), "{to}: {}", ran.stderr);
        }
    }
}

/// What real exports have in such a file is known to the last member; another one could be what Dataverse goes by.
#[test]
fn a_file_of_values_has_no_other_member() {
    let (bundle, _) = built(&with(STRING, &values(",\"value\":\"https://shipped.example\"")), "");
    let part = "environmentvariabledefinitions/contoso_Api/environmentvariablevalues.json";
    for (from, to, member) in [
        ("\"iscustomizable\"", "\"schemaname\":\"contoso_Other\",\"iscustomizable\"", "schemaname"),
        ("\"iscustomizable\"", "\"@schemaname\":\"contoso_Other\",\"iscustomizable\"", "@schemaname"),
        ("\"iscustomizable\":\"1\"", "\"iscustomizable\":{\"value\":\"x\"}", "iscustomizable.value"),
        (
            "{\"environmentvariablevalue\"",
            "{\"more\":[],\"environmentvariablevalue\"",
            "environmentvariablevalues.more",
        ),
        ("{\"environmentvariablevalues\"", "{\"$schema\":\"x\",\"environmentvariablevalues\"", "`$schema`"),
        (",\"value\":\"https://shipped.example\"", ",\"value\":null,\"currentvalue\":\"x\"", "currentvalue"),
    ] {
        let mut entries = archive::read(&solution(&bundle), &Limits::default()).expect("read");
        let entry = entries.iter_mut().find(|entry| entry.name == part).expect(part);
        let said = String::from_utf8(entry.bytes.clone()).expect("UTF-8");
        assert!(said.contains(from), "{said}");
        entry.bytes = said.replacen(from, to, 1).into_bytes();
        let changed = put_into(bundle.clone(), &archive::write(&entries).expect("written"));
        let ran = Test::new().file("it.dvpack", changed).args("verify it.dvpack").code(3);
        assert!(ran.stderr.contains(part) && ran.stderr.contains(member), "{to}: {}", ran.stderr);
    }
}

#[test]
fn a_file_beside_a_variable_that_no_reader_takes_is_listed() {
    for stray in ["environmentvariablevalue.json", "more/environmentvariablevalues.json", "Values.json"] {
        let (part, definition) = definition("contoso_Api", STRING);
        let file = format!("environmentvariabledefinitions/contoso_Api/{stray}");
        let (_, ran) = built(&zip("", "", &[(&part, definition.as_bytes()), (&file, b"{}")]), "");
        let bundle = ran.read("made/ContosoFlows_1_0_0_0.dvpack");
        let shown = Test::new().file("it.dvpack", bundle).args("inspect it.dvpack").success().stdout;
        assert!(shown.contains(&format!("Files that no component names\n  {file}\n")), "{stray}: {shown}");
        assert!(!shown.contains(&format!("  {part}\n")), "{shown}");
    }
}
