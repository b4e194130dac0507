//! A plan as the last gate: what is dangerous and why, what is set and from where, what was found.

use std::fs;

use dvpack::sandbox::Options;
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

const MANIFEST: &str = "dvpack: 1
publisher: { name: contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: ContosoWidgets, version: 1.0.0.0 }
application: { clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40, name: Widgets }
roles:
  - name: Widgets
    grants: { account: { read: organization, delete: organization, because: duplicates are removed } }
    privileges: { prvActOnBehalfOfAnotherUser: organization }
applicationUser: { roles: [Widgets] }
components:
  environmentVariables:
    - { name: contoso_Text, displayName: Text, type: string }
    - { name: contoso_Kept, displayName: Kept, type: string, default: \"as it was\\nbuilt\" }
    - { name: contoso_Key, displayName: Key, type: string }
settings: { contoso_Text: plain, contoso_Key: { secret: { env: CONTOSO_KEY } } }
";

fn document(stdout: &str) -> Value {
    serde_json::from_str(stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"))
}

/// `inspect`, `diff` and `plan` mark the same privileges, with the same words.
#[test]
fn a_plan_marks_what_is_dangerous_as_inspect_and_diff_do() {
    let world = World::new(Options::default());
    let test = Test::new().file("dvpack.yaml", MANIFEST);
    let (code, stdout, stderr) = world.run(test.path(), "plan . --format json");
    assert_eq!(code, 10, "{stderr}");
    let plan = document(&stdout);
    let steps = plan["plan"]["steps"].as_array().expect("steps");
    let gained = steps.iter().find(|step| step["action"] == "assignRole").expect("the role")["privileges"].clone();
    let gained = gained.as_array().expect("a list");
    assert!(gained.contains(&json!({"privilege": "prvReadAccount", "level": "Global"})), "{gained:#?}");
    let marked: Vec<(&str, &str)> =
        gained.iter().filter_map(|gain| Some((gain["privilege"].as_str()?, gain["unusual"].as_str()?))).collect();
    assert_eq!(marked.len(), 2, "{gained:#?}");
    let said = |args: &str| {
        let output = crate::support::dvpack(test.path()).args(args.split_whitespace()).output().expect("run");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let looked = document(&said("inspect . --format json"))["roles"][0]["lookTwice"].to_string();
    let (_, compared, _) = world.run(test.path(), "diff . --format json");
    let compared = document(&compared)["difference"]["roles"][0]["gained"].clone();
    let (_, text, _) = world.run(test.path(), "plan .");
    world.run(test.path(), "apply . --dry-run --report plan.md");
    let report = fs::read_to_string(test.path().join("plan.md")).expect("a report");
    for (privilege, why) in marked {
        assert!(looked.contains(why), "{looked}");
        let same = |change: &&Value| change["privilege"] == privilege && change["unusual"] == why;
        assert!(compared.as_array().expect("a list").iter().any(|change| same(&change)), "{compared:#}");
        assert!(text.contains(&format!("       ! {privilege} (Global): {why}\n")), "{text}");
        assert!(report.contains(&format!("| {privilege} | Global | {why} |\n")), "{report}");
    }
    assert!(
        report.contains("<summary>What was found</summary>") && report.contains("Bundle: not signed\n"),
        "{report}"
    );
}

#[test]
fn a_plan_lists_every_setting_with_its_value_and_where_it_is_from() {
    let world = World::new(Options::default());
    let test = Test::new().file("dvpack.yaml", MANIFEST);
    let (code, stdout, stderr) = world.run(test.path(), "plan .");
    assert_eq!(code, 10, "{stderr}");
    for line in [
        "  contoso_Text ← text of the bundle `plain`\n",
        "  contoso_Kept ← the solution's default `as it was\\nbuilt`\n",
        "  contoso_Key  ← environment variable `CONTOSO_KEY` of this machine (`--allow-value env:CONTOSO_KEY`), `***`\n",
        "    the bundle uses environment variable `CONTOSO_KEY` of the machine that applies it (`--allow-value env:CONTOSO_KEY`)\n",
    ] {
        assert!(stdout.contains(line), "{line}{stdout}");
    }
    let (_, stdout, _) = world.run(test.path(), "plan . --format json");
    let plan = document(&stdout)["plan"].clone();
    let settings: Vec<(&str, &str, &str)> = plan["settings"]
        .as_array()
        .expect("settings")
        .iter()
        .map(|it| ["name", "from", "value"].map(|key| it[key].as_str().unwrap_or("nothing")).into())
        .collect();
    assert_eq!(
        settings,
        [
            ("contoso_Kept", "default", "as it was\nbuilt"),
            ("contoso_Key", "env", "***"),
            ("contoso_Text", "text", "plain"),
        ]
    );
    assert!(plan["found"].as_array().is_some_and(|found| found.len() > 2), "{plan:#}");
    assert_eq!(plan["consents"]["values"], json!(["env:CONTOSO_KEY"]));
}

/// Where nothing has to be written, what the bundle needs is a difference like others: for every verb.
#[test]
fn a_requirement_that_is_not_met_is_in_the_way_only_of_writes() {
    let world = World::new(Options::default());
    let manifest = MANIFEST.replace(", contoso_Key: { secret: { env: CONTOSO_KEY } }", "");
    let test = Test::new().file("dvpack.yaml", &manifest);
    assert_eq!(world.run(test.path(), "apply .").0, 0);
    world.writes();
    for requires in ["serverVersion: 99.0.0.0", "solutions: [{ name: FabrikamBase, version: 2.0.0.0 }]"] {
        fs::write(test.path().join("dvpack.yaml"), format!("{manifest}requires: {{ {requires} }}\n")).expect("written");
        for verb in ["plan", "status", "doctor", "apply"] {
            let (code, stdout, stderr) = world.run(test.path(), &format!("{verb} ."));
            assert_eq!(code, 9, "{requires} {verb}: {stdout}{stderr}");
            let who = "an administrator of the environment can: ";
            assert!(stdout.contains("the bundle needs it and does not bring it") && stdout.contains(who), "{stdout}");
        }
        assert_eq!(world.writes(), Vec::<String>::new());
        assert_eq!(world.run(test.path(), "status . --write-accepted accepted.yaml").0, 0);
        for verb in ["plan", "status", "doctor", "apply"] {
            let (code, stdout, stderr) = world.run(test.path(), &format!("{verb} . --accepted accepted.yaml"));
            assert_eq!(code, 0, "{requires} {verb}: {stdout}{stderr}");
        }
        // A new version has to be written.
        let next = format!("{}requires: {{ {requires} }}\n", manifest.replace("1.0.0.0", "1.1.0.0"));
        fs::write(test.path().join("dvpack.yaml"), next).expect("written");
        for (verb, expected) in [("plan", 7), ("status", 9), ("doctor", 7), ("apply", 7)] {
            let (code, stdout, stderr) = world.run(test.path(), &format!("{verb} . --accepted accepted.yaml"));
            assert_eq!(code, expected, "{requires} {verb}: {stdout}{stderr}");
        }
        assert_eq!(world.writes().iter().filter(|write| !write.starts_with("POST StageSolution")).count(), 0);
        fs::remove_file(test.path().join("accepted.yaml")).expect("removed");
    }
}

/// The page that a pipeline shows of a plan has the warnings of the screen.
#[test]
fn warnings_stand_in_every_report_of_a_plan() {
    let world = World::new(Options::default());
    let test = Test::new().file("dvpack.yaml", MANIFEST);
    for verb in ["plan", "apply --dry-run"] {
        let line = format!("{verb} . --allow-value env:CONTOSO_KEY --report r.md --report r.xml");
        let output = world.dvpack(test.path(), &line).env("CONTOSO_KEY", "of the machine").output().expect("run");
        assert_eq!(output.status.code(), Some(10), "{}", String::from_utf8_lossy(&output.stderr));
        for name in ["r.md", "r.xml"] {
            let text = fs::read_to_string(test.path().join(name)).expect("a report");
            let words = "everyone who can read environment variables";
            assert_eq!(text.matches(words).count(), 1, "{verb} {name}: {text}");
        }
    }
}
