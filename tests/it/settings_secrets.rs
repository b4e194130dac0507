//! A secret of a known form under `settings` is found by every verb that reads the manifest, at its place, and shown by none.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::support::Test;

/// A manifest with a text as the value of a setting, in one of the places where one can stand.
fn manifest(place: &str, text: &str) -> String {
    let at = |here: &str| if place == here { text } else { "harmless" };
    format!(
        "dvpack: 1
publisher: {{ name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }}
solution: {{ name: ContosoWidgets, displayName: Contoso Widgets, version: 1.4.0.0 }}
components:
  environmentVariables:
    - {{ name: contoso_Text, type: string, default: '{}' }}
settings:
  contoso_Text: '{}'
environments:
  uat: {{ settings: {{ contoso_Text: '{}' }} }}
",
        at("default"),
        at("settings"),
        at("environment")
    )
}

/// Secrets of each kind, which nobody issued: what it is called, its text, and the piece that must not be shown.
fn secrets() -> [(&'static str, String, String); 3] {
    let piece = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let token =
        [piece(r#"{"alg":"HS256","typ":"JWT"}"#), piece(r#"{"sub":"1","iat":1516239022}"#), piece(&"s".repeat(32))]
            .join(".");
    let key = STANDARD.encode((7..71).collect::<Vec<u8>>());
    let storage =
        format!("DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey={key};EndpointSuffix=core.windows.net");
    let client = format!("abc8Q{}dEfGhIjKlMnOpQrStUvWxYz01234567", '~');
    [
        ("a signed token", token.clone(), token),
        ("a storage account key", storage, key),
        ("a client secret of Entra ID", client.clone(), client),
    ]
}

#[test]
fn a_secret_under_settings_is_found_at_its_place_and_not_shown() {
    for (what, text, piece) in secrets() {
        for (place, line, arguments) in
            [("settings", 8, ""), ("default", 6, ""), ("environment", 10, "--environment uat")]
        {
            let test = || Test::new().file("dvpack.yaml", manifest(place, &text));
            let ran = test().args("check .").args(arguments).success();
            let said = format!("contains what looks like {what}");
            assert!(ran.stderr.contains(&said), "{place}: `{said}` is not in\n{}", ran.stderr);
            assert!(ran.stderr.contains(&format!("dvpack.yaml:{line}:")), "{place}: {}", ran.stderr);
            let json = test().args("check . --format json").args(arguments).success().json();
            let found =
                json["diagnostics"].as_array().expect("a list").iter().find(|it| it["code"] == "secret-in-manifest");
            assert_eq!(found.expect("a finding")["line"], line, "{what}, {place}");
            test().args("check . --deny-warnings").args(arguments).code(3);
            for verb in ["check .", "check . --format json", "inspect .", "build . -o made"] {
                let ran = test().args(verb).args(arguments).success();
                let shown = format!("{}{}", ran.stdout, ran.stderr);
                assert!(!shown.contains(&piece), "{what}, {place}, {verb}: {shown}");
            }
        }
    }
}

#[test]
fn an_empty_setting_is_refused_at_its_line() {
    for verb in ["check .", "build . -o made"] {
        let ran = Test::new().file("dvpack.yaml", manifest("settings", "")).args(verb).code(3);
        let said = "`contoso_Text` has an empty value, which Dataverse does not have";
        assert!(ran.stderr.contains(said) && ran.stderr.contains("dvpack.yaml:8:"), "{verb}: {}", ran.stderr);
    }
}
