//! Text where a variable is of type `secret`: Dataverse keeps a reference to Azure Key Vault there, and no verb takes or
//! shows anything else.

use dvpack::archive::{self, Limits};

use crate::merged_zip::{project, zip};
use crate::support::{Test, dvpack};
use crate::tampered::{VERBS, packed};

/// What somebody meant to keep.
const TEXT: &str = "Tr0ub4dor-and-3";
const VAULT: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/contoso-key";

fn manifest(settings: &str) -> String {
    format!(
        "dvpack: 1
publisher: {{ name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }}
solution: {{ name: ContosoWidgets, displayName: Contoso Widgets, version: 1.0.0.0 }}
components: {{ environmentVariables: [ {{ name: contoso_Key, displayName: Key, type: secret }} ] }}
{settings}"
    )
}

/// Ways to write a text there, and the line it is found at.
const WAYS: [(&str, &str, &str, usize); 11] = [
    ("plain", "settings: { contoso_Key: Tr0ub4dor-and-3 }\n", "", 5),
    ("in quotes", "settings:\n  contoso_Key: \"Tr0ub4dor-and-3\"\n", "", 6),
    ("of several lines", "settings:\n  contoso_Key: |\n    Tr0ub4dor-and-3\n", "", 7),
    ("a number", "settings: { contoso_Key: 12345678 }\n", "", 5),
    ("true", "settings: { contoso_Key: true }\n", "", 5),
    ("empty", "settings: { contoso_Key: '' }\n", "", 5),
    ("a blank", "settings: { contoso_Key: ' ' }\n", "", 5),
    (
        "of an environment",
        "environments: { test: { settings: { contoso_Key: Tr0ub4dor-and-3 } } }\n",
        "--environment test",
        5,
    ),
    ("of an expression", "settings: { contoso_Key: \"${{ env.CONTOSO_TEXT }}\" }\n", "", 5),
    ("of the command line", "settings: { contoso_Key: \"${{ set.text }}\" }\n", "--set text=Tr0ub4dor-and-3", 5),
    (
        "a reference as text",
        "settings: { contoso_Key: /subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/Tr0ub4dor-and-3 }\n",
        "",
        5,
    ),
];

#[test]
fn text_for_a_secret_is_refused_at_its_line_by_every_verb_and_not_shown() {
    for (what, settings, flags, line) in WAYS {
        let test = Test::new().file("dvpack.yaml", manifest(settings));
        for verb in
            ["check .", "check . --format json", "build . -o made", "plan . --sandbox", "apply . --sandbox --yes"]
        {
            let mut command = dvpack(test.path());
            command.args(verb.split(' ')).args(flags.split_whitespace()).env("CONTOSO_TEXT", TEXT);
            let output = command.output().expect("run");
            let all = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(3), "{what}, {verb}: {all}");
            assert!(all.contains("secret-in-plain-text"), "{what}, {verb}: {all}");
            assert!(all.contains("`contoso_Key` is a secret and cannot be written as text"), "{what}, {verb}: {all}");
            let place =
                if verb.ends_with("json") { format!("\"line\": {line}") } else { format!("dvpack.yaml:{line}:") };
            assert!(all.contains(&place), "{what}, {verb}: {place}: {all}");
            assert!(!all.contains(TEXT) && !all.contains("12345678"), "{what}, {verb}: {all}");
        }
        assert!(!test.path().join("made").exists(), "{what}");
    }
}

/// What the manifest does not declare, the solution of a source does.
#[test]
fn text_for_a_secret_of_a_source_is_refused_at_its_line_and_not_shown() {
    let declared = Test::new().file("dvpack.yaml", manifest("")).args("build . -o made").success();
    let zip = declared.read("made/ContosoWidgets_1_0_0_0_managed.zip");
    let own = "components: { environmentVariables: [ { name: contoso_Key, displayName: Key, type: secret } ] }";
    for (settings, words) in [
        ("settings: { contoso_Key: Tr0ub4dor-and-3 }\n", "a variable of type `secret` takes a reference"),
        ("settings: { contoso_Key: 12345678 }\n", "a variable of type `secret` takes a reference"),
        (
            "settings: { contoso_Key: { secret: { env: CONTOSO_TEXT } } }\n",
            "a variable of type `secret` takes a reference",
        ),
        ("settings: { contoso_Key: { secret: { file: key.txt } } }\n", "a variable of type `secret` takes a reference"),
        ("settings: { contoso_Key: '' }\n", "has an empty value"),
    ] {
        let text = manifest(settings).replace(own, "components: { source: [src.zip] }");
        let test = Test::new().file("dvpack.yaml", text).file("src.zip", &zip).file("key.txt", TEXT);
        for verb in ["build . -o made", "plan . --sandbox", "apply . --sandbox --yes"] {
            let output = dvpack(test.path()).args(verb.split(' ')).env("CONTOSO_TEXT", TEXT).output().expect("run");
            let all = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(3), "{settings}, {verb}: {all}");
            assert!(all.contains(words) && all.contains("dvpack.yaml:5:"), "{settings}, {verb}: {all}");
            assert!(!all.contains(TEXT) && !all.contains("12345678"), "{settings}, {verb}: {all}");
        }
        assert!(!test.path().join("made").exists(), "{settings}");
    }
}

/// A bundle that somebody made otherwise, with every digest right.
#[test]
fn a_bundle_with_text_for_a_secret_is_refused_by_every_verb_and_not_shown() {
    let settings = format!("settings: {{ contoso_Key: {{ secret: {{ keyVault: {VAULT} }} }} }}\n");
    let ran = Test::new().file("dvpack.yaml", manifest(&settings)).args("build . -o made").success();
    let entries = archive::read(&ran.read("made/ContosoWidgets_1_0_0_0.dvpack"), &Limits::default()).expect("read");
    let genuine = format!("\"secretFromKeyVault\": \"{VAULT}\"");
    for (what, value) in [
        ("text", format!("\"text\": \"{TEXT}\"")),
        ("a reference as text", format!("\"text\": \"{VAULT}\"")),
        ("a file", "\"secretFromFile\": \"/run/secrets/key\"".to_owned()),
        ("a variable", "\"secretFromEnv\": \"CONTOSO_KEY\"".to_owned()),
        ("no reference", format!("\"secretFromKeyVault\": \"{TEXT}\"")),
        ("an address", format!("\"secretFromKeyVault\": \"https://v.vault.azure.net/secrets/{TEXT}\"")),
    ] {
        let mut entries = entries.clone();
        let json = entries.iter_mut().find(|entry| entry.name == "bundle.json").expect("there");
        let said = String::from_utf8(json.bytes.clone()).expect("UTF-8");
        assert!(said.contains(&genuine), "{said}");
        json.bytes = said.replace(&genuine, &value).into_bytes();
        let test = Test::new().file("it.dvpack", packed(&entries));
        for verb in VERBS {
            let mut command = dvpack(test.path());
            let output = command.arg(verb[0]).arg("it.dvpack").args(&verb[1..]).env("CONTOSO_KEY", TEXT).output();
            let output = output.expect("run");
            let all = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(3), "{what}, {}: {all}", verb[0]);
            assert!(all.contains("settings[0].value") && all.contains("Key Vault"), "{what}, {}: {all}", verb[0]);
            assert!(!all.contains(TEXT), "{what}, {}: {all}", verb[0]);
        }
    }
}

/// A definition in the form of older solutions, and values without the definition that says what they are.
#[test]
fn no_comparison_shows_what_may_be_a_secret() {
    let older = |default: &str| {
        let inside = format!(
            "<SchemaName>contoso_Key</SchemaName><IsRequired>0</IsRequired><Type>100000005</Type><DefaultValue>{default}</DefaultValue>"
        );
        zip(
            &format!(
                "<EnvironmentVariables><Definition IntroducedVersion=\"1.0\">{inside}</Definition></EnvironmentVariables>"
            ),
            "",
            &[],
        )
    };
    let part = "environmentvariabledefinitions/contoso_Key/environmentvariablevalues.json";
    let values = |value: &str| {
        let text =
            format!("{{\"environmentvariablevalues\":{{\"environmentvariablevalue\":{{\"value\":\"{value}\"}}}}}}");
        zip("", "", &[(part, text.as_bytes())])
    };
    let bundled = |value: &str| {
        project(&values(value), "").args("build . -o made").success().read("made/ContosoFlows_1_0_0_0.dvpack")
    };
    let other = TEXT.replace('3', "4");
    for (what, old, new, end) in [
        ("a default", older(TEXT), older(&other), "zip"),
        ("a value", values(TEXT), values(&other), "zip"),
        ("a value in a bundle", bundled(TEXT), bundled(&other), "dvpack"),
    ] {
        for format in ["", "--markdown ", "--format json "] {
            let test = Test::new().file(&format!("old.{end}"), &old).file(&format!("new.{end}"), &new);
            let ran = test.args(&format!("diff {format}old.{end} new.{end}")).run();
            assert!(ran.stdout.contains("another one"), "{what} {format}: {}", ran.stdout);
            assert!(!(ran.stdout + &ran.stderr).contains("Tr0ub4dor"), "{what} {format}");
        }
    }
    // A reference is none, and is shown.
    let test =
        Test::new().file("old.zip", values(TEXT)).file("new.zip", values(VAULT)).args("diff old.zip new.zip").run();
    assert!(test.stdout.contains(VAULT) && !test.stdout.contains(TEXT), "{}", test.stdout);
}
