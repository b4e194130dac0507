//! `inspect` names who is expected to sign a bundle, as `INSTALL.html` does.

use crate::support::Test;

const MANIFEST: &str = "dvpack: 1
publisher: { name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: ContosoWidgets, displayName: Contoso Widgets, version: 1.4.0.0 }
application: { clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40 }
applicationUser: { roles: [Contoso Service] }
roles:
  - name: Contoso Service
    grants: { account: { read: user } }
";

#[test]
fn inspect_names_the_expected_signers() {
    let key = "ab".repeat(32);
    let key_form = format!("{{ key: 'sha256:{key}' }}");
    let identity = "{ identity: release@contoso.com, issuer: https://accounts.google.com }";
    let by_key = format!("signers      expected: the key sha256:{key}\n");
    let by_identity = "expected: release@contoso.com, according to https://accounts.google.com\n";
    for (what, signers, lines) in [
        ("a key", format!("signers: [ {key_form} ]\n"), vec![by_key.clone()]),
        ("an identity", format!("signers: [ {identity} ]\n"), vec![format!("signers      {by_identity}")]),
        (
            "both",
            format!("signers: [ {key_form}, {identity} ]\n"),
            vec![format!("{by_key}               {by_identity}")],
        ),
        ("nobody", String::new(), Vec::new()),
    ] {
        let manifest = format!("{MANIFEST}{signers}");
        let made = Test::new().file("dvpack.yaml", &manifest).args("build . -o made").success();
        let bundle = made.read("made/ContosoWidgets_1_4_0_0.dvpack");
        for test in [Test::new().file("it", &bundle), Test::new().file("it/dvpack.yaml", &manifest)] {
            let ran = test.args("inspect it").success();
            for line in &lines {
                assert!(ran.stdout.contains(line), "{what}: `{line}` is not in\n{}", ran.stdout);
            }
            assert_eq!(
                ran.stdout.matches("expected: ").count(),
                signers.matches(": '").count() + signers.matches("issuer").count(),
                "{what}\n{}",
                ran.stdout
            );
        }
        let json = Test::new().file("it", &bundle).args("inspect it --format json").success().json();
        let found: Vec<_> = json["bundle"]["signers"].as_array().into_iter().flatten().cloned().collect();
        let mut wanted = Vec::new();
        if signers.contains("key:") {
            wanted.push(serde_json::json!({ "key": format!("sha256:{key}") }));
        }
        if signers.contains("identity:") {
            wanted.push(
                serde_json::json!({ "identity": "release@contoso.com", "issuer": "https://accounts.google.com" }),
            );
        }
        assert_eq!(found, wanted, "{what}");
    }
}
