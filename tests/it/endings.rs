//! How a run says that it ended: in every form, once, and without what nobody needs to be told any more.

use dvpack::sandbox::{Options, Scenario};
use serde_json::Value;

use crate::support::{Ran, Test};
use crate::world::World;

fn example() -> Test {
    Test::new().copy("examples/contoso-widgets").env("DVPACK_TEST_PACE", "10000")
}

fn text(ran: &Ran, file: &str) -> String {
    String::from_utf8(ran.read(file)).expect("UTF-8")
}

#[test]
fn a_command_line_that_cannot_be_understood_is_a_document_too() {
    for (line, message) in [
        ("build . --format json --nope", "unexpected argument '--nope' found"),
        ("apply . --format=json --timeout x", "invalid value 'x' for '--timeout <TIME>': write a time"),
        ("--format json frob", "unrecognized subcommand 'frob'"),
        ("--format json", "which verb?"),
        ("apply --format json", "the following required arguments were not provided"),
        ("apply . --sandbox --url http://localhost --format json", "the argument '--sandbox' cannot be used with"),
        ("plan . --sandbox --report x.sarif --format json", "SARIF is for findings in files"),
    ] {
        let ran = Test::new().args(line).code(2);
        let document = ran.json();
        assert_eq!((&document["format"], &document["ok"]), (&1.into(), &false.into()), "{line}: {document:#}");
        assert_eq!(document["exitCode"], 2, "{line}: {document:#}");
        assert!(document["message"].as_str().is_some_and(|text| text.starts_with(message)), "{line}: {document:#}");
        assert!(document["help"].as_array().is_some_and(|lines| !lines.is_empty()), "{line}: {document:#}");
        assert!(ran.stderr.contains(message), "{line}: {}", ran.stderr);
    }
    let document = Test::new().args("apply --format json").code(2).json();
    assert_eq!(document["details"], serde_json::json!(["<BUNDLE|DIR>"]), "{document:#}");
    // Who does not ask for JSON gets none, and help is none.
    for (line, code) in [("build . --nope", 2), ("apply . -- --format json", 2), ("plan --help --format json", 0)] {
        let ran = Test::new().args(line).code(code);
        assert!(!ran.stdout.contains("exitCode"), "{line}: {}", ran.stdout);
    }
}

#[test]
fn every_document_has_its_exit_code_and_each_that_did_not_end_well_says_what_is_wrong_and_what_to_do() {
    for (line, code, message, help) in [
        ("check .", 0, "", ""),
        ("check bad.yaml", 3, "4 errors; the first: ", "-"),
        ("check . --deny-warnings", 0, "", ""),
        ("plan . --sandbox", 10, "", ""),
        ("apply . --sandbox", 0, "", ""),
        ("apply . --sandbox --dry-run", 10, "", ""),
        ("diff dvpack.yaml more.yaml", 10, "", ""),
        ("diff . .", 0, "", ""),
        ("status . --sandbox", 9, "differs from the bundle: ", "application user, user: `dvpack apply` mends it: "),
        (
            "status . --sandbox --scenario higher-version-installed",
            9,
            "differs from the bundle",
            "apply a bundle of version 9999.0.0.0 or higher",
        ),
        (
            "apply . --sandbox --scenario administrator-added",
            9,
            "applied, but what was read back differs",
            "run `dvpack apply --only-declared-roles`",
        ),
        ("apply . --sandbox --scenario import-fails", 1, "the import of solution `ContosoWidgets` failed", ""),
        ("apply bad.yaml --sandbox", 3, "4 errors; the first: ", "-"),
        ("doctor . --sandbox --scenario missing-dependency", 7, "1 thing prevents an apply", "install or update "),
        ("doctor . --sandbox", 0, "", ""),
        ("build . --check old/ContosoWidgets_1_4_0_0.dvpack", 9, "", "-"),
    ] {
        let bad = "dvpack: 1\nsolutoin: {}\nsolution: {}\n";
        let test = example().file("bad.yaml", bad);
        let manifest = std::fs::read_to_string(test.path().join("dvpack.yaml")).expect("a manifest");
        let more = manifest.replacen("account: { read: organization", "account: { write: user, read: organization", 1);
        let test = test.file("more.yaml", more).args("build more.yaml -o old").success();
        let test = Test::within(test.folder).env("DVPACK_TEST_PACE", "10000");
        let document = test.args(&format!("{line} --format json")).code(code).json();
        let well = matches!(code, 0 | 10);
        assert_eq!(document["exitCode"], code, "{line}: {document:#}");
        assert_eq!(document["ok"], well, "{line}: {document:#}");
        assert_eq!(document["message"].is_string(), !well, "{line}: {document:#}");
        assert_eq!(document["help"].is_array(), !well, "{line}: {document:#}");
        if !well {
            let said = document["message"].as_str().unwrap_or_default();
            assert!(said.starts_with(message) && !said.is_empty(), "{line}: {document:#}");
            // Findings have their help with them.
            let found =
                document["help"].as_array().expect("help").iter().filter_map(Value::as_str).any(|it| it.contains(help));
            assert!(found || help == "-", "{line}: {document:#}");
        }
    }
}

#[test]
fn a_manifest_with_mistakes_is_reported_by_apply_with_its_findings() {
    let ran = example().file("bad.yaml", "dvpack: 1\nsolutoin: {}\n");
    let ran = ran.args("apply bad.yaml --sandbox --report r.json --report r.md --report r.xml").code(3);
    let document: Value = serde_json::from_slice(&ran.read("r.json")).expect("JSON");
    let found = document["diagnostics"].as_array().expect("findings");
    assert!(found.iter().any(|finding| finding["code"] == "unknown-key"), "{document:#}");
    for file in ["r.md", "r.xml"] {
        assert!(text(&ran, file).contains("unknown key"), "{}", text(&ran, file));
    }
}

#[test]
fn an_apply_that_nobody_can_agree_to_writes_its_reports() {
    let world = World::new(Options::default());
    let example = Test::new().copy("examples/contoso-widgets");
    let mut command = crate::support::dvpack(example.path());
    command.args("apply . --report r.json --report r.xml --report r.md --url".split(' '));
    let output = command.arg(world.sandbox.url().as_str()).output().expect("run");
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    for file in ["r.json", "r.xml", "r.md"] {
        let text = std::fs::read_to_string(example.path().join(file)).expect(file);
        assert!(text.contains("not applied: nobody can be asked"), "{file}: {text}");
        assert!(text.contains("add `--yes`, or `--plan FILE`"), "{file}: {text}");
    }
}

#[test]
fn no_report_points_to_what_stands_elsewhere_and_each_names_who_can_mend_what_stays() {
    let world = World::with(Scenario::AdministratorAdded);
    let example = Test::new().copy("examples/contoso-widgets");
    // The first run has steps, the second has none.
    for line in ["apply .", "apply .", "status .", "doctor ."] {
        let reports = "--report r.md --report r.xml --report r.json";
        let (code, stdout, stderr) = world.run(example.path(), &format!("{line} {reports}"));
        assert_eq!(code, 9, "{line}: {stdout}{stderr}");
        assert!(stdout.contains("names who can"), "{line}: {stdout}");
        for file in ["r.md", "r.xml", "r.json"] {
            let text = std::fs::read_to_string(example.path().join(file)).expect(file);
            assert!(!text.contains("above"), "{line}: {file}: {text}");
            assert!(text.contains("run `dvpack apply --only-declared-roles`"), "{line}: {file}: {text}");
        }
    }
}

#[test]
fn an_apply_says_each_difference_and_who_can_mend_it_once() {
    let world = World::with(Scenario::AdministratorAdded);
    let example = Test::new().copy("examples/contoso-widgets");
    let count = |text: &str, part: &str| text.matches(part).count();
    for _ in 0..2 {
        let (code, stdout, _) = world.run(example.path(), "apply .");
        assert_eq!(code, 9, "{stdout}");
        assert_eq!(count(&stdout, "security role `System Administrator`: assigned"), 1, "{stdout}");
        assert_eq!(count(&stdout, "run `dvpack apply --only-declared-roles`"), 1, "{stdout}");
    }
    // One difference that a step mends, one that was known before, and stays.
    let user = format!("systemusers?$filter=applicationid eq {}", "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40");
    let (_, found) = world.send(reqwest::Method::GET, &user, &Value::Null);
    let user = found["value"][0]["systemuserid"].as_str().expect("an id").to_owned();
    world.patch(&format!("systemusers({user})"), &serde_json::json!({"isdisabled": true}));
    let (code, stdout, _) = world.run(example.path(), "apply .");
    assert_eq!(code, 9, "{stdout}");
    assert_eq!(count(&stdout, "run `dvpack apply --only-declared-roles`"), 1, "{stdout}");
    assert_eq!(count(&stdout, "(wanted: not assigned), as the plan says\n"), 1, "{stdout}");
    let (_, read_back) = stdout.split_once("Verified in the environment\n").expect("a read-back");
    assert!(read_back.contains("  differs  application user, security role `System Administrator`"), "{stdout}");
}

#[test]
fn a_consent_that_was_given_is_not_asked_for() {
    const NEEDS: &str = "What an apply needs consent to";
    let world = World::with(Scenario::AdministratorAdded);
    let example = Test::new().copy("examples/contoso-widgets");
    assert_eq!(world.run(example.path(), "apply .").0, 9);
    let line = "security role `System Administrator` is taken from the application user";
    let (code, stdout, stderr) = world.run(example.path(), "plan . --only-declared-roles -o approved.json");
    assert_eq!(code, 10, "{stdout}{stderr}");
    assert!(stdout.contains(NEEDS) && stdout.contains(line), "{stdout}");
    // Who saves a plan is told where it is.
    assert!(stderr.contains("wrote the plan to approved.json\n"), "{stderr}");
    let (_, stdout, _) = world.run(example.path(), "apply . --only-declared-roles --dry-run");
    assert!(stdout.contains(NEEDS), "{stdout}");
    let (code, stdout, stderr) = world.run(example.path(), "apply . --plan approved.json --report r.md");
    assert_eq!(code, 0, "{stdout}{stderr}");
    let report = std::fs::read_to_string(example.path().join("r.md")).expect("a report");
    for text in [&stdout, &report] {
        assert!(!text.contains(NEEDS) && text.contains("What was consented to"), "{text}");
        assert!(text.contains(line) && !text.contains(&format!("{line} (`--only")), "{text}");
    }
}

#[test]
fn what_to_do_next_names_the_environment_that_the_bundle_is_for() {
    let ran = example().args("build . -o out --environment uat").success();
    let line = "dvpack plan out/ContosoWidgets_1_4_0_0_uat.dvpack --url https://contoso-uat.crm.dynamics.com\n";
    assert!(ran.stdout.contains(line), "{}", ran.stdout);
    let ran = example().args("build . -o out").success();
    assert!(ran.stdout.contains("--url https://YOUR-ORG.crm.dynamics.com\n"), "{}", ran.stdout);
}

#[test]
fn help_says_what_a_time_without_a_unit_is() {
    for verb in ["apply", "plan", "status", "doctor", "remove", "diff", "consent"] {
        let ran = Test::new().args(&format!("{verb} --help")).success();
        let help = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains("a number alone is seconds"), "{verb}: {help}");
    }
    let ran = Test::new().args("apply . --timeout 5x").code(2);
    assert!(ran.stderr.contains("a number alone is seconds"), "{}", ran.stderr);
}

/// Verbs that only read take the project in the current folder; what changes an environment must be named, since an
/// empty variable in a pipeline would otherwise turn a release into whatever the folder contains.
#[test]
fn only_verbs_that_change_an_environment_need_the_name_of_a_package() {
    let (world, example) = (World::new(Options::default()), example());
    for verb in ["plan", "status", "doctor"] {
        let [(code, here, stderr), (_, named, _)] =
            [verb.to_owned(), format!("{verb} .")].map(|line| world.run(example.path(), &line));
        assert_eq!(here, named, "{verb}: {code}: {stderr}");
        assert!(here.contains("ContosoWidgets"), "{verb}: {here}");
    }
    for verb in ["apply --yes", "remove --yes"] {
        let (code, _, stderr) = world.run(example.path(), verb);
        assert_eq!(code, 2, "{verb}: {stderr}");
        assert!(stderr.contains("<BUNDLE|DIR>"), "{verb}: {stderr}");
    }
}

#[test]
fn a_time_without_a_unit_is_seconds_in_every_verb() {
    let line = "consent --wait --client-id 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40 --redirect-uri http://localhost";
    for time in ["1", "1s"] {
        Test::new().args(&format!("{line} --timeout {time}")).code(8);
    }
    let ran = Test::new().args(&format!("{line} --timeout 5x")).code(2);
    assert!(ran.stderr.contains("a number alone is seconds"), "{}", ran.stderr);
}
