//! `dvpack check`: every mistake in one run, each with its place and what to write instead.

use crate::support::Test;

const GOOD: &str = "dvpack: 1
publisher: { name: contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: ContosoWidgets, version: 1.10 }
";

/// A good manifest and more.
fn with(more: &str) -> String {
    format!("{GOOD}{more}")
}

/// The codes of all findings, and the exit code.
fn codes(manifest: &str) -> (i32, Vec<String>) {
    codes_of(Test::new().file("dvpack.yaml", manifest).args("check --format json"))
}

fn codes_of(test: Test) -> (i32, Vec<String>) {
    let ran = test.run();
    let report = ran.json();
    assert_eq!(report["ok"], ran.code == 0, "{report}");
    let codes = report["diagnostics"].as_array().expect("a list").iter();
    (ran.code, codes.map(|finding| finding["code"].as_str().expect("a code").to_owned()).collect())
}

/// A bundle does not accept such a name; the manifest says so, and where.
#[test]
fn a_role_name_has_only_characters_that_a_person_sees() {
    let manifest =
        |name: &str| with(&format!("roles:\n  - name: {name}\n    grants: {{ account: {{ read: organization }} }}\n"));
    for name in [
        "\u{1f469}\u{200d}\u{1f4bb} Widgets",
        "\u{645}\u{6cc}\u{200c}",
        "Wid\u{200c}gets",
        "\u{645}\u{6cc}\u{200d}\u{62e}\u{648}",
        "\u{915}\u{200d}\u{937}",
        "Wid\u{ad}gets",
        "Wid\u{34f}gets",
        "\u{2764}\u{fe0f}",
        "Wid\u{a0}gets",
        "u\u{308}ber",
        "Wid\u{fffd}gets",
    ] {
        for args in ["check --format json", "build . -o out --format json"] {
            let ran = Test::new().file("dvpack.yaml", manifest(name)).args(args).run();
            assert_eq!(ran.code, 3, "{name:?} {args}");
            let finding = &ran.json()["diagnostics"][0];
            assert_eq!((finding["code"].as_str(), finding["line"].as_u64()), (Some("role-name"), Some(5)), "{finding}");
        }
    }
    for name in ["Größe – Dienst \u{1f600}", JOINED, "\u{915}\u{94d}\u{200d}\u{937}", "\u{9b0}\u{200d}\u{9cd}\u{9af}"]
    {
        let good = Test::new().file("dvpack.yaml", manifest(name)).args("build . -o out").run();
        assert_eq!(good.code, 0, "{}", good.stderr);
    }
    let shown = Test::new().file("dvpack.yaml", manifest(JOINED)).args("inspect .").success();
    let lines = format!("Role {JOINED} (");
    assert!(shown.stdout.contains(&lines), "{}", shown.stdout);
    assert!(shown.stdout.contains("  the name contains U+200C (zero width non-joiner)\n"), "{}", shown.stdout);
}

/// Persian for “roles”, whose letters a joiner keeps apart.
const JOINED: &str = "نقش\u{200c}ها";

#[test]
fn ten_mistakes_give_ten_errors_each_with_its_line() {
    let manifest = "\
dvpack: 1
publisher:
  name: contoso
  prefix: mscrmfoo
  optionValuePrefix: 999
solution:
  name: Contoso Widgets
  version: 1.4.x
  languges: [1033]
application:
  clientId: 6f2b1c34
roles:
  - name: Contoso Widgets Service
    grants:
      account: { raed: organization, append: everyone }
applicationUser:
  roles: [Contoso Widget Service]
components:
  flow: []
";
    let ran = Test::new().file("dvpack.yaml", manifest).args("check").code(3);
    insta::assert_snapshot!(ran.stderr);
}

#[test]
fn a_required_key_that_is_misspelt_is_told_once() {
    let manifest = GOOD.replace("publisher:", "publsher:");
    assert_eq!(codes(&manifest), (3, vec!["unknown-key".to_owned()]));
    let manifest = GOOD.replace("publisher:", "colour:");
    assert_eq!(codes(&manifest), (3, vec!["missing-key".to_owned(), "unknown-key".to_owned()]));
}

#[test]
fn a_good_manifest_says_so() {
    let ran = Test::new().file("dvpack.yaml", GOOD).args("check").success();
    assert_eq!(ran.stdout, "ContosoWidgets 1.10: no errors\n");
    assert_eq!(ran.stderr, "");
}

#[test]
fn each_rule_has_its_code() {
    let variable =
        |more: &str| with(&format!("components: {{ environmentVariables: [{{ name: contoso_A, {more} }}] }}\n"));
    let role = |more: &str| with(&format!("roles: [{{ name: R, {more} }}]\n"));
    let application = "application: { clientId: 6f2b1c34-5d0e-4c1a-9c55-0a8e3f7b2d10 }\n";
    for (manifest, expected) in [
        (GOOD.replace("dvpack: 1", "dvpack: 2"), "language-version"),
        (GOOD.replace("dvpack: 1\n", ""), "missing-key"),
        (GOOD.replace("prefix: contoso", "prefix: c"), "publisher-prefix"),
        (GOOD.replace("prefix: contoso", "prefix: 1con"), "publisher-prefix"),
        (GOOD.replace("prefix: contoso", "prefix: contosoxx"), "publisher-prefix"),
        (GOOD.replace("10000", "9999"), "option-value-prefix"),
        (GOOD.replace("10000", "100000"), "option-value-prefix"),
        (GOOD.replace("10000", "10000, email: nobody"), "email"),
        (GOOD.replace("10000", "10000, website: 'ftp://contoso.com'"), "website"),
        (GOOD.replace("ContosoWidgets", "A_Upgrade"), "solution-name"),
        (GOOD.replace("ContosoWidgets", &"A".repeat(66)), "solution-name"),
        (GOOD.replace("1.10", "1"), "version"),
        (GOOD.replace("1.10", "1.10, languages: [1033, 1033]"), "duplicate-language"),
        (GOOD.replace("1.10", "1.10, languages: [12]"), "language"),
        (GOOD.replace("version: 1.10", "version: [1]"), "wrong-shape"),
        (GOOD.replace("version: 1.10", "version:"), "wrong-shape"),
        (with("application: { clientId: x }\n"), "guid"),
        (with("application: { clientId: 00000000-0000-0000-0000-000000000000 }\n"), "guid"),
        (with(&application.replace(" }", ", audience: everyone }")), "audience"),
        (with(&application.replace(" }", ", secretExpires: soon }")), "date"),
        (
            with("applicationUser: { roles: [R] }\nroles: [{ name: R, grants: { account: { all: user } } }]\n"),
            "application-missing",
        ),
        (with(&format!("{application}applicationUser: {{ roles: [] }}\n")), "no-roles"),
        (with(&format!("{application}applicationUser: {{ roles: [X] }}\n")), "unknown-role"),
        (with(&format!("{application}applicationUser: {{ roles: [Basic User] }}\n")), "built-in-role"),
        (with("roles: [{ name: system administrator, grants: { account: { all: user } } }]\n"), "built-in-role"),
        (
            with(&format!("roles: [{{ name: {}, grants: {{ account: {{ all: user }} }} }}]\n", "r".repeat(101))),
            "role-name",
        ),
        (
            with("roles: [{ name: R, grants: { a: { all: user } } }, { name: r, grants: { a: { all: user } } }]\n"),
            "duplicate-name",
        ),
        (role("grants: { account: { fly: user } }"), "unknown-right"),
        (role("grants: { account: { read: all } }"), "access-level"),
        (role("grants: { account: { because: x } }"), "empty-grant"),
        (role("grants: { a: { all: user }, A: { all: user } }"), "duplicate-name"),
        (role("privileges: { prvX: user }, inheritance: both"), "inheritance"),
        (role("privileges: { prvX: user }, allow: [{ rule: x }]"), "missing-key"),
        (role("grants: { my table: { all: user } }"), "table-name"),
        (role("privileges: { ActOnBehalf: user }"), "privilege-name"),
        (variable("type: text"), "variable-type"),
        (variable("type: number, default: many"), "value-of-other-type"),
        (variable("type: boolean, default: perhaps"), "value-of-other-type"),
        (variable("type: json, default: '{'"), "value-of-other-type"),
        (variable("type: string, required: 'true'"), "flag"),
        (variable("type: secret, default: hunter2"), "secret-in-plain-text"),
        (variable("type: string, connector: /providers/Microsoft.PowerApps/apis/shared_x"), "key-of-other-type"),
        (variable("type: string").replace("contoso_A", "fabrikam_A"), "prefix-missing"),
        (variable("type: string").replace("contoso_A", "A"), "schema-name"),
        (with("components: { connectionReferences: [{ name: contoso_C, connector: shared_x }] }\n"), "connector"),
        (with("components: { webResources: [{ path: no.js, name: contoso_/no.js }] }\n"), "file-missing"),
        (with("components: { webResources: [{ path: ../no.js, name: contoso_/no.js }] }\n"), "path-outside"),
        (with("components: { webResources: [{ path: web/*.js, name: contoso_/no.js }] }\n"), "name-for-many"),
        (with("components: { webResources: [{ path: web/*.js, name: 'contoso_/{path}' }] }\n"), "pattern-empty"),
        (with("components: { webResources: [{ path: dvpack.yaml, name: contoso_/x }] }\n"), "web-resource-type"),
        (with("components: { source: [solution] }\n"), "source-missing"),
        (with("components: { flows: [] }\n"), "unknown-component-kind"),
        (with("settings: { contoso_A: x }\n"), "unknown-setting"),
        (with("environments: { \"a b\": {} }\n"), "environment-name"),
        (with("environments: { uat: { roles: [] } }\n"), "unknown-key"),
        (with("environments: { uat: { settings: { contoso_A: 1 } } }\n"), "unknown-setting"),
        (
            with("settings: { contoso_A: \"${{ set.nothing }}\" }\n").replace("settings", "description"),
            "expression-undefined",
        ),
    ] {
        let (code, found) = codes(&manifest);
        assert!(
            code == 3 && found.iter().any(|code| code == expected),
            "{expected} expected, {found:?} for\n{manifest}"
        );
    }
}

#[test]
fn settings_must_fit_what_is_declared() {
    let declared = "components:
  environmentVariables: [{ name: contoso_Key, type: secret }, { name: contoso_Limit, type: number }]
  connectionReferences: [{ name: contoso_Db, connector: /providers/Microsoft.PowerApps/apis/shared_sql }]
";
    let vault = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/x";
    for (settings, expected) in [
        ("contoso_Key: hunter2", Some("secret-in-plain-text")),
        ("contoso_Key: { secret: { env: KEY } }", Some("secret-needs-key-vault")),
        ("contoso_Key: { secret: { file: /run/secrets/key } }", Some("secret-needs-key-vault")),
        (&format!("contoso_Key: {{ secret: {{ keyVault: {vault} }} }}"), None),
        ("contoso_Key: { secret: { keyVault: here } }", Some("key-vault")),
        ("contoso_Key: { secret: { env: A, file: b } }", Some("ambiguous-value")),
        ("contoso_Limit: 2.5", None),
        ("contoso_Limit: NO", Some("value-of-other-type")),
        (&format!("contoso_Limit: {{ secret: {{ keyVault: {vault} }} }}"), Some("key-vault-for-plain")),
        ("contoso_Limit: { connection: x }", Some("connection-for-variable")),
        ("contoso_Db: { connection: 5d0e }", None),
        ("contoso_Db: x", Some("connection-as-text")),
        ("contoso_Db: { secret: { env: A } }", Some("secret-for-connection")),
    ] {
        let (code, found) = codes(&with(&format!("{declared}settings: {{ {settings} }}\n")));
        assert_eq!(
            (code, found),
            (if expected.is_some() { 3 } else { 0 }, expected.into_iter().map(str::to_owned).collect()),
            "{settings}"
        );
    }
}

#[test]
fn a_secret_written_as_text_is_not_shown_again() {
    let manifest = with(
        "components: { environmentVariables: [{ name: contoso_Key, type: secret }] }\nsettings:\n  contoso_Key: hunter2\n",
    );
    let ran = Test::new().file("dvpack.yaml", manifest).args("check").code(3);
    assert!(ran.stderr.contains("dvpack.yaml:6:16") && !ran.stderr.contains("hunter2"), "{}", ran.stderr);
}

#[test]
fn expressions_take_values_and_never_show_them() {
    let manifest = GOOD.replace("1.10", "\"${{ env.RELEASE }}\"");
    let ran = Test::new().file("dvpack.yaml", &manifest).env("RELEASE", "2.0.1").args("check").success();
    assert_eq!(ran.stdout, "ContosoWidgets 2.0.1: no errors\n");
    let ran = Test::new().file("dvpack.yaml", &manifest).env("RELEASE", "hunter2").args("check").code(3);
    assert!(
        ran.stderr.contains("`${{ env.RELEASE }}` is not a version") && !ran.stderr.contains("hunter2"),
        "{}",
        ran.stderr
    );
    let manifest = GOOD.replace("1.10", "\"${{ set.v }}\"");
    assert_eq!(codes_of(Test::new().file("dvpack.yaml", &manifest).args("check --format json --set v=3.1")).0, 0);
    assert_eq!(
        codes_of(Test::new().file("dvpack.yaml", &manifest).args("check --format json")).1,
        ["expression-undefined"]
    );
}

#[test]
fn an_environment_must_be_there() {
    let manifest = with("environments: { uat: { url: https://contoso-uat.crm.dynamics.com } }\n");
    let test =
        |name: &str| Test::new().file("dvpack.yaml", &manifest).args("check --format json --environment").arg(name);
    assert_eq!(codes_of(test("uat")).0, 0);
    assert_eq!(codes_of(test("uta")), (3, vec!["unknown-environment".to_owned()]));
}

#[test]
fn unknown_settings_are_only_a_warning_beside_a_source() {
    let manifest = with("components: { source: [solution] }\nsettings: { contoso_Other: x }\n");
    let test = Test::new().file("dvpack.yaml", manifest).file("solution/Other/Solution.xml", "<x/>");
    // The source is not a solution, which is another finding.
    let report = test.args("check --format json").run().json();
    let findings = report["diagnostics"].as_array().expect("a list");
    let setting = findings.iter().find(|finding| finding["code"] == "unknown-setting").expect("the finding");
    assert_eq!(setting["severity"], "warning");
}

#[test]
fn a_secret_that_has_run_out_is_a_warning() {
    let manifest = with("application: { clientId: 6f2b1c34-5d0e-4c1a-9c55-0a8e3f7b2d10, secretExpires: 2020-01-01 }\n");
    assert_eq!(codes(&manifest), (0, vec!["secret-expiry".to_owned()]));
}

#[test]
fn a_missing_manifest_says_what_to_do() {
    let ran = Test::new().args("check").code(3);
    assert!(ran.stderr.contains("dvpack init"), "{}", ran.stderr);
}
