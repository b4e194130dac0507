//! `dvpack apply` and `plan` against the sandbox in the same process.

use dvpack::sandbox::Options;

use crate::support::{EXAMPLES, Test, repository};
use crate::world::World;

fn apply(arguments: &str) -> Test {
    Test::new()
        .copy("examples/contoso-widgets")
        .env("DVPACK_TEST_PACE", "10000")
        .args(&format!("apply . --sandbox --log-file log.jsonl {arguments}"))
}

/// Method and the start of the path of every request to the environment, the polls of a job left out.
fn requests(log: &[u8]) -> Vec<String> {
    let log = String::from_utf8(log.to_vec()).expect("UTF-8");
    let line = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let url = line["url"].as_str().expect("a URL").to_owned();
        let path = url.split_once("/v9.2/")?.1.to_owned();
        let is_poll = path.starts_with("asyncoperations(") || path.starts_with("importjobs(");
        let end = if path.ends_with("/$ref") { "/$ref" } else { "" };
        let path = path.split(['?', '(']).next().unwrap_or_default();
        (!is_poll).then(|| format!("{} {path}{end}", line["method"].as_str().expect("a method")).trim_end().to_owned())
    };
    log.lines().filter_map(line).collect()
}

/// A package with a solution, a role and an application user, and no settings: what the documented numbers are about.
fn plain() -> Test {
    Test::new().file(
        "dvpack.yaml",
        "dvpack: 1\n\
         publisher: { name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }\n\
         solution: { name: Plain, displayName: Plain, version: 1.0.0.0, languages: [1033] }\n\
         application: { clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40, name: Plain, audience: multiTenant }\n\
         roles:\n  - name: Plain Service\n    grants: { account: { read: organization } }\n\
         applicationUser: { roles: [Plain Service], businessUnit: root }\n",
    )
}

/// The list under this heading in the docs.
fn documented(heading: &str) -> Vec<String> {
    let page = std::fs::read_to_string(repository().join("docs/how-apply-works.md")).expect("a page");
    let (_, list) = page.split_once(heading).unwrap_or_else(|| panic!("no `{heading}`"));
    let line = |line: &str| Some(line.split_once(". `")?.1.split_once('`')?.0.to_owned());
    list.lines().skip_while(|l| !l.starts_with("1. ")).take_while(|l| !l.is_empty()).filter_map(line).collect()
}

#[test]
fn the_requests_of_a_first_install_and_of_nothing_to_do_are_those_of_the_documentation() {
    let world = World::new(Options::default());
    let package = plain();
    let run = || {
        let (code, stdout, stderr) = world.run(package.path(), "apply . --log-file log.jsonl");
        assert_eq!(code, 0, "{stdout}{stderr}");
        requests(&std::fs::read(package.path().join("log.jsonl")).expect("a log"))
    };
    let first = run();
    assert_eq!(first, documented("A first install sends"));
    assert!(first.len() <= 21, "{first:#?}");
    let again = run();
    assert_eq!(again, documented("With nothing to do"));
    assert!(again.len() <= 5, "{again:#?}");
    assert!(again.iter().all(|request| request.starts_with("GET")), "{again:#?}");
}

#[test]
fn a_first_install_is_applied_and_verified_with_its_settings() {
    let ran = apply("").success();
    assert!(ran.stdout.contains("install solution `ContosoWidgets`"), "{}", ran.stdout);
    assert!(ran.stdout.contains("applied and verified"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("differs"), "{}", ran.stdout);
}

#[test]
fn json_tells_the_same_in_one_document() {
    let document = apply("--format json").success().json();
    assert_eq!(document["ok"], true);
    assert!(document["verification"].as_array().is_some_and(|checks| checks.iter().all(|check| check["ok"] == true)));
}

#[test]
fn a_dry_run_changes_nothing() {
    let ran = apply("--dry-run").code(10);
    assert!(requests(&ran.read("log.jsonl")).iter().all(|request| request.starts_with("GET")));
}

#[test]
fn each_trouble_has_its_exit_code() {
    for (scenario, code) in [
        ("no-consent", 5),
        ("missing-dependency", 7),
        ("import-fails", 1),
        ("import-result-failed-though-succeeded", 1),
        ("locked", 0),
        ("replication-lag", 5),
        ("replication-lag --wait-for-consent 1m", 0),
        ("no-consent --wait-for-consent 20s", 5),
        ("caller-lacks-privilege", 7),
        ("other-language", 0),
        ("soft-deleted-user", 0),
        ("throttled-requests", 0),
        ("stale-reads", 0),
        ("child-business-unit", 0),
    ] {
        let ran = apply(&format!("--scenario {scenario}")).run();
        assert_eq!(ran.code, code, "{scenario}: {}{}", ran.stdout, ran.stderr);
    }
}

/// What is installed already is seen by every verb, in a sandbox of this process and in one that stands by itself.
#[test]
fn a_solution_that_is_installed_already_is_met_by_every_verb() {
    for (scenario, ends, words) in [
        ("higher-version-installed", [7, 7, 9, 7], "is installed in version 9999.0.0.0, which is higher than 1.4.0.0"),
        ("unmanaged-installed", [7, 7, 9, 7], "is installed unmanaged, and the bundle contains it managed"),
        ("lower-version-installed", [10, 0, 9, 0], "upgrade solution `ContosoWidgets` to 1.4.0.0"),
    ] {
        for (verb, code) in ["plan", "apply", "status", "doctor"].into_iter().zip(ends) {
            let ran = Test::new()
                .copy("examples/contoso-widgets")
                .env("DVPACK_TEST_PACE", "10000")
                .args(&format!("{verb} . --sandbox --scenario {scenario}"))
                .run();
            let text = ran.stdout + &ran.stderr;
            assert_eq!(ran.code, code, "{scenario} {verb}: {text}");
            assert!(
                text.contains(words) || (code != 7 && verb != "plan" && verb != "apply"),
                "{scenario} {verb}: {text}"
            );
        }
        let options = Options { scenarios: vec![scenario.parse().expect("a scenario")], ..Options::default() };
        let world = World::new(options);
        let example = Test::new().copy("examples/contoso-widgets");
        let (code, stdout, stderr) = world.run(example.path(), "apply . --yes");
        assert_eq!(code, ends[1], "{scenario}: {stdout}{stderr}");
        assert!((stdout.clone() + &stderr).contains(words), "{scenario}: {stdout}{stderr}");
        if code == 0 {
            assert_eq!(world.run(example.path(), "status .").0, 0, "{scenario}");
            assert_eq!(world.run(example.path(), "remove . --yes").0, 0, "{scenario}");
            assert_eq!(world.run(example.path(), "remove . --yes").1, "nothing to remove\n", "{scenario}");
        }
    }
}

#[test]
fn every_example_checks_builds_verifies_and_applies() {
    let folders = std::fs::read_dir(repository().join("examples")).expect("listed").count();
    assert_eq!(folders, EXAMPLES.len(), "an example is missing in `EXAMPLES`");
    for (example, bundle, environment) in EXAMPLES {
        Test::new().copy(example).args("check . --deny-warnings").success();
        let built = Test::new().copy(example).args(&format!("build . {environment}")).success();
        let file = built.read(&format!("dist/{bundle}"));
        Test::new().file(bundle, file).args(&format!("verify {bundle}")).success();
        let world = World::new(Options::default());
        for verb in ["apply", "status"] {
            let line = format!("{verb} dist/{bundle} --other-environment");
            let (code, stdout, stderr) = world.run(built.folder.path(), &line);
            assert_eq!(code, 0, "{example}: {line}: {stdout}{stderr}");
        }
    }
}
