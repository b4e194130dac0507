//! What pipelines rest on besides exit codes: documents with a number, annotations in order, warnings that can be denied,
//! a sign of life, and line endings that are named as what they are. An independent validator looks at every document in
//! `tests/tools/documents.py`.

use dvpack::archive;
use dvpack::sandbox::Options;

use crate::support::Test;
use crate::world::World;

/// Every verb with a document.
pub const VERBS: [&str; 16] = [
    "init", "check", "build", "pack", "unpack", "inspect", "diff", "verify", "sign", "plan", "apply", "status",
    "remove", "doctor", "consent", "sandbox",
];

const MANIFEST: &str = "dvpack: 1
publisher: { name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: A, displayName: A, version: 1.0.0.0 }
application: { clientId: 6f2b1c34-5d0e-4c1a-9c55-0a8e3f7b2d10, secretExpires: 2020-01-01 }
";

#[test]
fn every_document_has_a_number_and_says_whether_it_ended_well() {
    for (line, code) in [
        ("check .", 0),
        ("check nowhere", 3),
        ("inspect .", 0),
        ("plan . --sandbox", 10),
        ("status . --sandbox", 9),
        ("apply . --sandbox --scenario missing-dependency", 7),
        ("remove . --sandbox --yes", 0),
        ("diff . .", 0),
    ] {
        let example = Test::new().copy("examples/contoso-widgets").env("DVPACK_TEST_PACE", "10000");
        let document = example.args(&format!("{line} --format json")).code(code).json();
        assert_eq!(document["format"], 1, "{line}: {document:#}");
        assert_eq!(document["ok"], matches!(code, 0 | 10), "{line}: {document:#}");
        let compares = ["plan", "status", "apply", "diff"].iter().any(|verb| line.starts_with(verb));
        assert_eq!(document["differences"].is_array(), compares, "{line}: {document:#}");
    }
}

#[test]
fn every_difference_of_two_releases_is_in_one_list() {
    let example = Test::new().copy("examples/contoso-widgets");
    let text = std::fs::read_to_string(example.path().join("dvpack.yaml")).expect("a manifest");
    let more = text.replacen("account: { read: organization", "account: { write: organization, read: organization", 1);
    assert_ne!(text, more);
    let document = example.file("more.yaml", more).args("diff dvpack.yaml more.yaml --format json").code(10).json();
    let expected = serde_json::json!([{
        "code": "privilege-gained", "where": "security role `Contoso Widgets Service`", "what": "prvWriteAccount",
        "wanted": "Global", "found": null,
    }]);
    assert_eq!(document["differences"], expected, "{document:#}");
}

#[test]
fn warnings_can_be_denied() {
    let ran = |line: &str| Test::new().file("dvpack.yaml", MANIFEST).args(line).run();
    for verb in ["check", "build"] {
        assert_eq!(ran(verb).code, 0, "{verb}");
        let denied = ran(&format!("{verb} --deny-warnings"));
        assert_eq!(denied.code, 3, "{verb}: {}", denied.stderr);
        assert!(denied.stderr.contains("1 warning, and `--deny-warnings` was given"), "{verb}: {}", denied.stderr);
        assert!(denied.stderr.contains("warning[secret-expiry]: the client secret expired"), "{}", denied.stderr);
        assert!(!denied.folder.path().join("dist").exists(), "{verb}");
        let document = ran(&format!("{verb} --deny-warnings --format json")).json();
        assert_eq!((&document["ok"], &document["diagnostics"][0]["code"]), (&false.into(), &"secret-expiry".into()));
    }
    // A note is none.
    let soon = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date() + jiff::Span::new().days(20);
    let ran = Test::new().file("dvpack.yaml", MANIFEST.replace("2020-01-01", &soon.to_string()));
    let ran = ran.args("check --deny-warnings").success();
    assert!(ran.stderr.contains("note[secret-expiry]: the client secret expires in "), "{}", ran.stderr);
}

/// A service shows only so many annotations: the gravest must be among them.
#[test]
fn annotations_come_worst_first_and_notes_are_notices() {
    let soon = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date() + jiff::Span::new().days(20);
    let manifest = MANIFEST.replace("2020-01-01", &soon.to_string()) + "settings: { contoso_A: x }\nsolutoin: 1\n";
    let levels = |place: &str, mark: &str| -> Vec<String> {
        let ran = Test::new().file("dvpack.yaml", &manifest).env(place, "true").args("check").code(3);
        ran.stderr
            .lines()
            .filter_map(|line| line.strip_prefix(mark)?.split([' ', ';']).next().map(str::to_owned))
            .collect()
    };
    let found = levels("GITHUB_ACTIONS", "::");
    let mut sorted = found.clone();
    sorted.sort_by_key(|level| ["error", "warning", "notice"].iter().position(|it| it == level));
    assert!(
        found.first().is_some_and(|it| it == "error") && found.last().is_some_and(|it| it == "notice"),
        "{found:?}"
    );
    assert_eq!(found, sorted);
    // Azure Pipelines has errors and warnings only.
    assert!(levels("TF_BUILD", "##vso[task.logissue type=").iter().all(|it| it == "error" || it == "warning"));
}

/// A pipeline ends a step that says nothing for long.
#[test]
fn a_run_that_waits_without_a_terminal_says_so_every_now_and_then() {
    let world = World::new(Options { job_polls: 40, ..Options::default() });
    let example = Test::new().copy("examples/contoso-widgets");
    let run = |line: &str, silence: &str| {
        let output = world.dvpack(example.path(), line).env("DVPACK_TEST_SILENCE", silence).output().expect("run");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let stderr = run("apply .", "40");
    let told = stderr
        .lines()
        .filter(|line| line.trim_start().starts_with("waiting install solution `ContosoWidgets`"))
        .count();
    assert!(told > 1 && stderr.contains(" so far\n"), "{stderr}");
    // With `-q` there is none, and nobody is told of a wait that is short.
    assert!(!run("apply . -q", "1").contains("waiting"));
    assert!(!run("apply .", "15000").contains("waiting"));
}

#[test]
fn a_bundle_that_differs_in_line_endings_says_so() {
    let example = || Test::new().copy("examples/contoso-widgets");
    let built = example().args("build -o out").success().read("out/ContosoWidgets_1_4_0_0.dvpack");
    let script = std::fs::read_to_string(example().path().join("web/widgets.js")).expect("a script");
    let crlf = script.replace('\n', "\r\n");
    let check = |script: &str, more: &str| {
        let test = example().file("it.dvpack", &built).file("web/widgets.js", script);
        test.args(&format!("build --check it.dvpack {more}")).code(9)
    };
    let ran = check(&crlf, "");
    assert!(
        ran.stdout.contains("differs in its line endings only: it has LF, and the manifest gives CRLF\n")
            && ran.stdout.contains(" help: git changed them at checkout")
            && ran.stdout.contains(".gitattributes"),
        "{}",
        ran.stdout
    );
    let document = check(&crlf, "--format json").json();
    assert_eq!(document["differences"][0]["code"], "line-endings", "{document:#}");
    // What differs besides is what is shown.
    let ran = check(&crlf.replacen("function", "func", 1), "");
    assert!(!ran.stdout.contains("line endings") && ran.stdout.contains("differs in line"), "{}", ran.stdout);
}

#[test]
fn files_that_git_may_convert_are_named() {
    let check = |attributes: Option<&str>, git: bool| {
        let mut test = Test::new().copy("examples/contoso-widgets").file("solution/src/Other/notes.bin", b"a\0\n");
        if git {
            test = test.file(".git/HEAD", "ref: refs/heads/main\n");
        }
        if let Some(attributes) = attributes {
            test = test.file(".gitattributes", attributes);
        }
        test.args("check").success().stderr
    };
    let stderr = check(None, true);
    assert!(
        stderr.contains(
            "warning[line-endings]: git may check out `web/status.html`, `web/widgets.css`, `web/widgets.js` with other line endings"
        ),
        "{stderr}"
    );
    assert!(stderr.contains("`*.html text eol=lf`"), "{stderr}");
    assert!(check(Some("* text=auto\n"), true).contains("`web/status.html`"));
    let stderr = check(Some("*.html -text\n"), true);
    assert!(stderr.contains("git may check out `web/widgets.css`, `web/widgets.js` with"), "{stderr}");
    for (attributes, git) in [(Some("* text=auto eol=lf\n"), true), (Some("* -text\n"), true), (None, false)] {
        assert!(!check(attributes, git).contains("line-endings"), "{attributes:?}");
    }
}

/// An empty text fails the import; what is not named keeps what the environment has.
#[test]
fn the_settings_file_names_only_what_has_a_value() {
    let manifest = format!(
        "{MANIFEST}components:
  environmentVariables:
    - {{ name: contoso_Set, type: string }}
    - {{ name: contoso_Unset, type: string, required: true }}
    - {{ name: contoso_Secret, type: secret }}
    - {{ name: contoso_Env, type: string }}
  connectionReferences:
    - {{ name: contoso_Db, connector: /providers/Microsoft.PowerApps/apis/shared_sql }}
settings: {{ contoso_Set: x, contoso_Env: {{ secret: {{ env: A }} }} }}
"
    );
    let bundle = Test::new().file("dvpack.yaml", manifest).args("build -o out").success().read("out/A_1_0_0_0.dvpack");
    let entries = archive::read(&bundle, &archive::Limits::default()).expect("read");
    let file = |name: &str| {
        let entry = entries.iter().find(|entry| entry.name == name).expect("there");
        String::from_utf8_lossy(&entry.bytes).into_owned()
    };
    let settings: serde_json::Value = serde_json::from_str(&file("deploymentSettings.json")).expect("JSON");
    let expected = serde_json::json!({
        "EnvironmentVariables": [{ "SchemaName": "contoso_Set", "Value": "x" }], "ConnectionReferences": [],
    });
    assert_eq!(settings, expected);
    let page = file("INSTALL.html");
    assert!(page.contains("an import with an empty value fails") && page.contains("ConnectorId"), "{page}");
}
