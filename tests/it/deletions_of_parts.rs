//! What becomes of the parts of tables: those that stay for another solution, those whose names end like made ones, and
//! those that nobody can list.

use dvpack::sandbox::Options;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Test, dvpack};
use crate::world::World;

/// A manifest of a solution with these components.
fn manifest(name: &str, version: &str, tables: &str) -> String {
    format!(
        "dvpack: 1\npublisher: {{ name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }}\n\
         solution: {{ name: {name}, displayName: {name}, version: {version} }}\n\
         application: {{ clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40, name: Contoso Service }}\n\
         roles:\n  - name: {name} Service\n    grants: {{ account: {{ read: user }} }}\n\
         applicationUser: {{ roles: [{name} Service] }}\n\
         components:\n  environmentVariables:\n    - {{ name: contoso_{name}, displayName: Api, type: string, default: a }}\n{tables}"
    )
}

const BASE: &str = "  tables:\n    - name: contoso_Base\n      displayName: Base\n      columns:\n        - { name: contoso_Color, type: text }\n";
const EXTENDS: &str = "  tables:\n    - name: contoso_Base\n      existing: true\n      columns:\n        - { name: contoso_Extra, type: text }\n";

fn world() -> World {
    World::new(Options { job_polls: 0, ..Options::default() })
}

fn applied(world: &World, test: &Test, name: &str) {
    let (code, stdout, stderr) = world.run(test.path(), &format!("apply {name} --yes"));
    assert!(code == 0 || code == 9, "{name}: {stdout}{stderr}");
}

fn row(world: &World, set: &str, body: &Value) {
    let (status, answer) = world.send(Method::POST, set, body);
    assert!(status < 300, "{status} {answer}");
}

fn first(world: &World, set: &str) -> Value {
    world.send(Method::GET, set, &Value::Null).1["value"][0].clone()
}

/// Every verb names what goes, and none does it without a consent.
fn is_named(world: &World, test: &Test, release: &str, lines: &[&str]) {
    for verb in ["plan", "doctor", "diff"] {
        let (_, stdout, stderr) = world.run(test.path(), &format!("{verb} {release}"));
        for line in lines {
            assert!(stdout.contains(line), "{verb}: {line}: {stdout}{stderr}");
        }
    }
    world.writes();
    let (code, stdout, stderr) = world.run(test.path(), &format!("apply {release} --yes"));
    assert_eq!(code, 6, "{stdout}{stderr}");
    let gone = |line: &&&str| !line.contains(" stays");
    assert!(lines.iter().filter(gone).all(|line| stderr.contains(line)), "{stderr}");
    assert_eq!(world.writes(), Vec::<String>::new());
}

#[test]
fn a_column_that_was_added_to_a_table_of_another_solution_goes_without_the_table() {
    let test = Test::new()
        .file("base/dvpack.yaml", manifest("ContosoBase", "1.0.0.0", BASE))
        .file("one/dvpack.yaml", manifest("ContosoWidgets", "1.0.0.0", EXTENDS))
        .file("two/dvpack.yaml", manifest("ContosoWidgets", "2.0.0.0", ""));
    let world = world();
    applied(&world, &test, "base");
    applied(&world, &test, "one");
    row(&world, "contoso_bases", &json!({"contoso_color": "red", "contoso_extra": "PRECIOUS"}));
    is_named(&world, &test, "two", &["column `contoso_base.contoso_extra`", "table `contoso_base` stays"]);
    assert_eq!(first(&world, "contoso_bases")["contoso_extra"], "PRECIOUS");
    // Two releases: the table is not this solution's, the column is.
    let output = dvpack(test.path()).args(["diff", "one", "two"]).output().expect("run");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(stdout.contains("  - column `contoso_base.contoso_extra`\n"), "{stdout}");
    assert!(!stdout.contains("with all its rows"), "{stdout}");
    applied(&world, &test, "two --allow-delete");
    let left = first(&world, "contoso_bases");
    assert!(left["contoso_color"] == "red" && left.get("contoso_extra").is_none(), "{left}");
}

/// The same where both have the table whole: the columns of the one that leaves it go, those that both have stay.
#[test]
fn a_table_that_two_solutions_have_whole_loses_the_columns_of_the_one_that_leaves_it() {
    let more = BASE.to_owned() + "        - { name: contoso_Extra, type: text }\n";
    let test = Test::new()
        .file("other/dvpack.yaml", manifest("Other", "1.0.0.0", BASE))
        .file("one/dvpack.yaml", manifest("ContosoWidgets", "1.0.0.0", &more))
        .file("two/dvpack.yaml", manifest("ContosoWidgets", "2.0.0.0", ""));
    let world = world();
    applied(&world, &test, "one");
    applied(&world, &test, "other");
    row(&world, "contoso_bases", &json!({"contoso_color": "red", "contoso_extra": "PRECIOUS"}));
    let unknown = "column `contoso_base.contoso_extra`: whether it is deleted could not be found out";
    is_named(&world, &test, "two", &[unknown, "table `contoso_base` stays"]);
    let (_, stdout, _) = world.run(test.path(), "plan two");
    assert!(!stdout.contains("contoso_base.contoso_color"), "{stdout}");
    applied(&world, &test, "two --allow-delete");
    let left = first(&world, "contoso_bases");
    assert!(left["contoso_color"] == "red" && left.get("contoso_extra").is_none(), "{left}");
}

#[test]
fn what_only_stays_is_said_as_well() {
    let two = BASE.to_owned() + "    - { name: contoso_Two, displayName: Two }\n";
    let test = Test::new()
        .file("other/dvpack.yaml", manifest("Other", "1.0.0.0", BASE))
        .file("one/dvpack.yaml", manifest("ContosoWidgets", "1.0.0.0", &two))
        .file(
            "two/dvpack.yaml",
            manifest("ContosoWidgets", "2.0.0.0", "  tables:\n    - { name: contoso_Two, displayName: Two }\n"),
        );
    let world = world();
    applied(&world, &test, "one");
    applied(&world, &test, "other");
    let (code, stdout, stderr) = world.run(test.path(), "plan two");
    assert_eq!(code, 10, "{stdout}{stderr}");
    assert!(stdout.contains("table `contoso_base` stays: solution `Other` has it, too"), "{stdout}");
    assert!(stdout.contains("deletes nothing: other solutions have") && !stdout.contains("--allow-delete"), "{stdout}");
    let (_, stdout, _) = world.run(test.path(), "doctor two");
    assert!(stdout.contains("ok       what the upgrade deletes: the upgrade of solution"), "{stdout}");
    applied(&world, &test, "two");
}

/// `contoso_ShipType` is no part of `contoso_Ship`, a text; `contoso_Price_Base` is one of `contoso_Price`, money.
#[test]
fn a_column_with_the_name_of_another_and_an_ending_goes_by_itself() {
    let columns = |old: &str| {
        format!(
            "  tables:\n    - name: contoso_Load\n      displayName: Load\n      columns:\n\
             \x20       - {{ name: contoso_Ship, type: text }}\n        - {{ name: contoso_Keep, type: text }}\n\
             \x20       - {{ name: contoso_Price, type: money }}\n{old}"
        )
    };
    let names =
        ["contoso_ShipType", "contoso_Ship_Date", "contoso_Ship_State", "contoso_KeepName", "contoso_Keep_Base"];
    let old: String = names.map(|name| format!("        - {{ name: {name}, type: text }}\n")).concat();
    let test = Test::new()
        .file("one/dvpack.yaml", manifest("ContosoWidgets", "1.0.0.0", &columns(&old)))
        .file("two/dvpack.yaml", manifest("ContosoWidgets", "2.0.0.0", &columns("")));
    let world = world();
    applied(&world, &test, "one");
    row(&world, "contoso_loads", &json!({"contoso_ship": "a", "contoso_shiptype": "PRECIOUS"}));
    let lines = names.map(|name| format!("column `contoso_load.{}`", name.to_lowercase()));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    is_named(&world, &test, "two", &lines);
    let (_, stdout, _) = world.run(test.path(), "plan two");
    assert!(stdout.contains("deletes 5 components") && !stdout.contains("price"), "{stdout}");
    let output = dvpack(test.path()).args(["diff", "one", "two"]).output().expect("run");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(lines.iter().all(|line| stdout.contains(line)) && stdout.contains("deletes 5 components"), "{stdout}");
}

/// A view of a table that comes whole has no row of its own: without the environment's summary nobody knows of it.
#[test]
fn parts_of_whole_tables_that_cannot_be_listed_are_unknown() {
    let test = Test::new()
        .file("one/dvpack.yaml", manifest("ContosoWidgets", "1.0.0.0", BASE))
        .file("two/dvpack.yaml", manifest("ContosoWidgets", "2.0.0.0", BASE));
    let world = world();
    applied(&world, &test, "one");
    let rule =
        json!({"path": "msdyn_solutioncomponentsummaries", "times": 0, "effect": {"kind": "answer", "status": 403}});
    world.fault(&serde_json::from_value(rule).expect("a rule"));
    let words = "views, forms, charts and keys: whether they are deleted could not be found out: ";
    is_named(&world, &test, "two", &[words]);
}

/// Somebody else's import of another version runs while this one begins: what it brought was asked of nobody.
#[test]
fn an_import_that_ran_meanwhile_makes_the_plan_a_thing_of_the_past() {
    let more = BASE.to_owned() + "    - { name: contoso_Late, displayName: Late }\n";
    let test = Test::new()
        .file("one/dvpack.yaml", manifest("ContosoWidgets", "1.0.0.0", BASE))
        .file("late/dvpack.yaml", manifest("ContosoWidgets", "1.1.0.0", &more))
        .file("two/dvpack.yaml", manifest("ContosoWidgets", "1.2.0.0", BASE));
    let world = World::new(Options { job_polls: 3, ..Options::default() });
    applied(&world, &test, "one");
    let output = dvpack(test.path()).args(["build", "late", "-o", "built"]).output().expect("run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let zip = std::fs::read(test.path().join("built/ContosoWidgets_1_1_0_0_managed.zip")).expect("a solution");
    let file = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &zip);
    let body = json!({"CustomizationFile": file, "PublishWorkflows": true, "OverwriteUnmanagedCustomizations": false});
    let (status, answer) = world.send(Method::POST, "ImportSolutionAsync", &body);
    assert!(status < 300, "{status} {answer}");
    world.writes();
    let (code, stdout, stderr) = world.run(test.path(), "apply two --yes");
    assert_eq!(code, 6, "{stdout}{stderr}");
    assert!(stderr.contains("the environment has changed since the plan was made"), "{stderr}");
    assert!(stderr.contains("solution `ContosoWidgets`: 1.0.0.0 then, 1.1.0.0 now"), "{stderr}");
    assert_eq!(world.writes(), Vec::<String>::new());
    let (code, _, stderr) = world.run(test.path(), "apply two --yes");
    assert!(code == 6 && stderr.contains("table `contoso_late`"), "{stderr}");
    assert_eq!(world.run(test.path(), "apply two --yes --allow-delete").0, 0);
}
