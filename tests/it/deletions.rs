//! What an upgrade deletes is said before it is done, and is done only where somebody has agreed to it.

use std::fs;

use dvpack::sandbox::Options;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Test, dvpack};
use crate::world::World;

/// A release with two tables, and the next one, which has less.
fn release(version: &str, less: bool) -> String {
    let (table, columns, resource, variable) = if less {
        ("", "", "", "")
    } else {
        (
            "    - { name: contoso_Gadget, displayName: Gadget }\n",
            "        - { name: contoso_Size, type: wholeNumber }\n        - { name: contoso_PartnerId, type: lookup, to: account }\n",
            "    - { path: old.js, name: contoso_/old.js }\n",
            "    - { name: contoso_Old, displayName: Old, type: string, default: a }\n",
        )
    };
    format!(
        "dvpack: 1\npublisher: {{ name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }}\n\
         solution: {{ name: ContosoWidgets, displayName: Contoso Widgets, version: {version} }}\n\
         application: {{ clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40, name: Contoso Service }}\n\
         roles:\n  - name: Contoso Service\n    grants: {{ account: {{ read: user }} }}\n\
         applicationUser: {{ roles: [Contoso Service] }}\n\
         components:\n  tables:\n    - name: contoso_Widget\n      displayName: Widget\n      columns:\n\
         \x20       - {{ name: contoso_Color, type: text }}\n{columns}{table}\
         \x20 webResources:\n    - {{ path: new.js, name: contoso_/new.js }}\n{resource}\
         \x20 environmentVariables:\n    - {{ name: contoso_Api, displayName: Api, type: string, default: a }}\n{variable}"
    )
}

fn releases() -> Test {
    Test::new()
        .file("old/dvpack.yaml", release("1.4.0.0", false))
        .file("old/old.js", "// old\n")
        .file("old/new.js", "// new\n")
        .file("new/dvpack.yaml", release("1.5.0.0", true))
        .file("new/new.js", "// new\n")
        .file("same/dvpack.yaml", release("1.5.0.0", false))
        .file("same/old.js", "// old\n")
        .file("same/new.js", "// newer\n")
}

/// An environment with the old release and three gadgets.
fn applied(test: &Test) -> World {
    let world = World::new(Options { job_polls: 0, ..Options::default() });
    let (code, stdout, stderr) = world.run(test.path(), "apply old --yes");
    assert_eq!(code, 0, "{stdout}{stderr}");
    for number in 0..3 {
        let body = json!({ "contoso_name": format!("Gadget {number}") });
        let (status, answer) = world.send(Method::POST, "contoso_gadgets", &body);
        assert!(status < 300, "{status} {answer}");
    }
    let (status, answer) =
        world.send(Method::POST, "contoso_widgets", &json!({"contoso_color": "red", "contoso_size": 7}));
    assert!(status < 300, "{status} {answer}");
    world.writes();
    world
}

/// What goes, in the order in which it is said.
const GONE: [&str; 5] = [
    "table `contoso_gadget` with 3 rows",
    "column `contoso_widget.contoso_partnerid`",
    "column `contoso_widget.contoso_size`",
    "environment variable `contoso_Old`",
    "web resource `contoso_/old.js`",
];
const WORDS: &str = "deletes 1 table and 4 other components";

fn kinds(list: &Value) -> Vec<(String, String)> {
    let list = list.as_array().cloned().unwrap_or_default();
    let text = |it: &Value, key: &str| it[key].as_str().unwrap_or_default().to_owned();
    list.iter().map(|it| (text(it, "type"), text(it, "name"))).collect()
}

/// For test reports, each deletion is a case: not done yet, and after the apply.
#[test]
fn each_deletion_is_a_case_of_test_reports() {
    let test = releases();
    for (line, done) in [
        ("plan new", "skipped"),
        ("doctor new", "skipped"),
        ("apply new", "skipped"),
        ("apply new --allow-delete", "passed"),
    ] {
        let world = applied(&test);
        world.run(test.path(), &format!("{line} --report report.xml"));
        let xml = std::fs::read_to_string(test.path().join("report.xml")).expect("a report");
        let document = roxmltree::Document::parse(&xml).expect("XML");
        for gone in GONE {
            let name = format!("deletion: {gone}");
            let case = document.descendants().find(|node| node.attribute("name") == Some(&name)).expect(gone);
            assert_eq!(case.first_element_child().map_or("passed", |it| it.tag_name().name()), done, "{line}: {gone}");
        }
    }
}

#[test]
fn a_plan_and_the_doctor_list_what_goes_tables_with_their_rows_first() {
    let test = releases();
    let world = applied(&test);
    let (code, stdout, stderr) = world.run(test.path(), "plan new");
    assert_eq!(code, 10, "{stdout}{stderr}");
    let lines: Vec<&str> = stdout.lines().filter_map(|line| line.strip_prefix("       - ")).collect();
    assert_eq!(lines, GONE, "{stdout}");
    assert!(stdout.contains(&format!("     {WORDS}:\n")) && stdout.contains("`--mode update` keeps"), "{stdout}");
    let (_, stdout, _) = world.run(test.path(), "plan new --format json");
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    let list = &document["plan"]["deletions"];
    assert_eq!(list[0]["type"], "Table", "{document:#}");
    assert_eq!((&list[0]["name"], &list[0]["rows"]), (&json!("contoso_gadget"), &json!(3)), "{document:#}");
    assert!(list[0]["id"].is_string() && list[0]["fate"] == "deleted", "{document:#}");
    assert_eq!(kinds(list)[2], ("Column".to_owned(), "contoso_widget.contoso_size".to_owned()));

    let (code, stdout, stderr) = world.run(test.path(), "doctor new");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(
        stdout
            .contains(&format!("asks     what the upgrade deletes: the upgrade of solution `ContosoWidgets` {WORDS}")),
        "{stdout}"
    );
    assert!(stdout.contains("--allow-delete") && stdout.contains("once its consents are given"), "{stdout}");
    let (_, json, _) = world.run(test.path(), "doctor new --format json");
    let document: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(kinds(&document["deletions"]), kinds(list));
    // One comparison: `diff` says the same of the environment, and of two releases as far as these can know.
    let (_, stdout, stderr) = world.run(test.path(), "diff new");
    assert!(stdout.contains(&format!("An upgrade of ContosoWidgets {WORDS}\n")), "{stdout}{stderr}");
    assert!(GONE.iter().all(|line| stdout.contains(&format!("  - {line}\n"))), "{stdout}");
    assert_eq!(world.writes(), ["POST StageSolution", "POST StageSolution"]);
    // Nothing goes, nothing is said.
    for (line, words) in
        [("plan same", "deletes"), ("plan new --mode update", "deletes"), ("diff same", "An upgrade of")]
    {
        let (_, stdout, stderr) = world.run(test.path(), line);
        assert!(!stdout.contains(words) && stdout.contains("1.5.0.0"), "{line}: {stdout}{stderr}");
    }
    let (_, stdout, _) = world.run(test.path(), "doctor same");
    assert!(
        stdout.contains("what the upgrade deletes: nothing") && stdout.contains("an apply should succeed\n"),
        "{stdout}"
    );
}

#[test]
fn two_releases_say_what_an_upgrade_deletes() {
    let test = releases();
    let output = dvpack(test.path()).args(["diff", "old", "new"]).output().expect("run");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(stdout.contains(&format!("An upgrade of ContosoWidgets {WORDS}\n")), "{stdout}");
    assert!(stdout.contains("  - table `contoso_Gadget` with all its rows\n"), "{stdout}");
    assert!(GONE[1..].iter().all(|line| stdout.contains(&format!("  - {line}\n"))), "{stdout}");
    for line in [["diff", "new", "old"], ["diff", "old", "same"]] {
        let output = dvpack(test.path()).args(line).output().expect("run");
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!stdout.contains("An upgrade of"), "{stdout}");
    }
    let output = dvpack(test.path()).args(["diff", "old", "new", "--markdown"]).output().expect("run");
    assert!(String::from_utf8_lossy(&output.stdout).contains(&format!("### An upgrade of ContosoWidgets {WORDS}\n")));
}

/// What is left of the environment's tables and rows.
fn left(world: &World) -> (Vec<String>, bool, Option<Value>) {
    let tables = "EntityDefinitions?$select=LogicalName&$filter=LogicalName eq 'contoso_gadget' or LogicalName eq 'contoso_widget'";
    let (_, answer) = world.send(Method::GET, tables, &Value::Null);
    let list = answer["value"].as_array().cloned().unwrap_or_default();
    let names = list.iter().map(|it| it["LogicalName"].as_str().unwrap_or_default().to_owned()).collect();
    let (_, widgets) = world.send(Method::GET, "contoso_widgets", &Value::Null);
    let widget = widgets["value"][0].clone();
    (names, widget["contoso_color"] == "red", widget.get("contoso_size").cloned())
}

#[test]
fn nothing_is_deleted_that_nobody_has_agreed_to() {
    let test = releases();
    let world = applied(&test);
    let all = (vec!["contoso_gadget".to_owned(), "contoso_widget".to_owned()], true, Some(json!(7)));
    let sorted = |world: &World| {
        let mut left = left(world);
        left.0.sort();
        left
    };
    let (code, _, stderr) = world.run(test.path(), "apply new --yes");
    assert_eq!(code, 6, "{stderr}");
    let message = format!("error: the upgrade of solution `ContosoWidgets` {WORDS}; nobody has allowed it\n");
    assert!(stderr.contains(&message) && GONE.iter().all(|line| stderr.contains(line)), "{stderr}");
    assert!(stderr.contains("--allow-delete") && stderr.contains("`--mode update` keeps"), "{stderr}");
    assert_eq!(world.writes(), Vec::<String>::new());
    assert_eq!(sorted(&world), all);
    // An update is the way around: it keeps everything.
    let (code, stdout, stderr) = world.run(test.path(), "apply new --yes --mode update");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert_eq!(sorted(&world), all);
    for verb in ["plan", "status", "apply --yes"] {
        assert_eq!(world.run(test.path(), &format!("{verb} new")).0, 0, "{verb}");
    }
    // With the flag it goes, with its rows and values.
    let world = applied(&test);
    let (code, stdout, stderr) = world.run(test.path(), "apply new --yes --allow-delete --report report.md");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert_eq!(sorted(&world), (vec!["contoso_widget".to_owned()], true, None));
    assert_eq!(world.send(Method::GET, "contoso_gadgets", &Value::Null).0, 404);
    let report = fs::read_to_string(test.path().join("report.md")).expect("a report");
    assert!(report.contains(&format!("**The upgrade of solution ContosoWidgets {WORDS}**")), "{report}");
    assert!(report.contains("- table `contoso_gadget` with 3 rows\n"), "{report}");
}

#[test]
fn an_approved_plan_allows_what_it_lists_and_no_more() {
    let test = releases();
    let world = applied(&test);
    assert_eq!(world.run(test.path(), "plan new -o approved.json").0, 10);
    let text = fs::read_to_string(test.path().join("approved.json")).expect("a plan");
    // A plan that lists less, and one that lists the table with fewer rows.
    let mut silent: Value = serde_json::from_str(&text).expect("JSON");
    silent["deletions"].as_array_mut().expect("a list").remove(0);
    fs::write(test.path().join("silent.json"), silent.to_string()).expect("written");
    world.writes();
    let (code, _, stderr) = world.run(test.path(), "apply new --plan silent.json");
    assert!(code == 6 && stderr.contains("table `contoso_gadget` with 3 rows: not approved"), "{stderr}");
    assert!(stderr.contains("would delete more than the plan lists"), "{stderr}");
    // No flag beside a plan adds to it, and a consent that was taken out of it is not given.
    let (code, _, stderr) = world.run(test.path(), "apply new --plan silent.json --allow-delete");
    assert!(code == 6 && stderr.contains("table `contoso_gadget` with 3 rows: not approved"), "{stderr}");
    let mut emptied: Value = serde_json::from_str(&text).expect("JSON");
    emptied["consents"]["deletions"] = json!([]);
    fs::write(test.path().join("emptied.json"), emptied.to_string()).expect("written");
    for flag in ["", " --allow-delete"] {
        let (code, _, stderr) = world.run(test.path(), &format!("apply new --plan emptied.json{flag}"));
        assert_eq!(code, 6, "{stderr}");
        assert!(stderr.contains("the plan does not contain every consent that this run needs"), "{stderr}");
        assert!(stderr.contains(&format!("the upgrade of solution `ContosoWidgets` {WORDS}")), "{stderr}");
    }
    assert_eq!(world.writes(), Vec::<String>::new());
    let (status, _) = world.send(Method::POST, "contoso_gadgets", &json!({"contoso_name": "one more"}));
    assert!(status < 300);
    world.ask(Method::DELETE, "log");
    let (code, _, stderr) = world.run(test.path(), "apply new --plan approved.json");
    assert!(
        code == 6 && stderr.contains("table `contoso_gadget` with 4 rows; 3 rows when it was approved"),
        "{stderr}"
    );
    assert_eq!(world.writes(), Vec::<String>::new());
    assert_eq!(world.run(test.path(), "plan new -o approved.json").0, 10);
    let (code, stdout, stderr) = world.run(test.path(), "apply new --plan approved.json");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert_eq!(left(&world).0, ["contoso_widget"]);
    // What is done already is allowed, too.
    assert_eq!(world.run(test.path(), "apply new --plan approved.json").0, 0);
}

#[cfg(unix)]
#[test]
fn a_terminal_asks_for_the_name_of_the_solution() {
    let test = releases();
    for (answer, expected, shown) in [("y", 130, "nothing was changed"), ("contosowidgets", 0, "applied and verified")]
    {
        let world = applied(&test);
        let command = world.dvpack(test.path(), "apply new --yes");
        let Some((code, seen)) = crate::target_guard::typed(command, test.path(), answer) else { return };
        assert_eq!(code, expected, "{seen}");
        let question = format!("The upgrade of solution `ContosoWidgets` {WORDS}. It cannot be undone.");
        assert!(seen.contains(&question) && seen.contains(shown), "{seen}");
    }
}

#[test]
fn what_cannot_be_read_is_unknown_and_never_nothing() {
    let test = releases();
    let world = applied(&test);
    let refuse = |path: &str| {
        let rule = json!({"path": path, "times": 0, "effect": {"kind": "answer", "status": 403}});
        world.fault(&serde_json::from_value(rule).expect("a rule"));
    };
    // Without names, what is known by its id and what can be named otherwise is still compared.
    refuse("msdyn_solutioncomponentsummaries");
    let (code, stdout, _) = world.run(test.path(), "plan new");
    assert_eq!(code, 10, "{stdout}");
    assert!(stdout.contains("- table `contoso_gadget` with 3 rows\n"), "{stdout}");
    assert!(stdout.contains("whether it is deleted could not be found out"), "{stdout}");
    refuse("EntityDefinitions(");
    let (_, stdout, _) = world.run(test.path(), "plan same");
    let words = "- columns of table `contoso_widget`: whether they are deleted could not be found out: ";
    assert!(stdout.contains(words) && stdout.contains("may delete components"), "{stdout}");
    refuse("EntityDefinitions");
    let (_, stdout, _) = world.run(test.path(), "plan new");
    assert!(stdout.contains("- table ") && !stdout.contains("contoso_gadget"), "{stdout}");
    refuse("/solutioncomponents");
    for line in ["plan new", "plan same"] {
        let (code, stdout, _) = world.run(test.path(), line);
        assert_eq!(code, 10, "{stdout}");
        assert!(stdout.contains("may delete components: what could not be found out"), "{stdout}");
        assert!(stdout.contains("- components: whether they are deleted could not be found out: "), "{stdout}");
    }
    let (code, _, stderr) = world.run(test.path(), "apply same --yes");
    assert_eq!(code, 6, "{stderr}");
    let (code, stdout, _) = world.run(test.path(), "doctor same");
    assert!(code == 0 && stdout.contains("asks     what the upgrade deletes"), "{stdout}");
    let (code, _, stderr) = world.run(test.path(), "apply same --yes --allow-delete");
    assert_eq!(code, 0, "{stderr}");
}

/// Another managed solution has the table, too: it stays, with its rows.
#[test]
fn what_another_solution_has_stays_and_that_is_said() {
    let test = releases();
    let world = applied(&test);
    let other = release("1.0.0.0", false).replace("name: ContosoWidgets", "name: Other");
    let other = other.replace("Contoso Service", "Other Service");
    let folder = Test::new().file("o/dvpack.yaml", other).file("o/old.js", "// old\n").file("o/new.js", "// new\n");
    let (code, stdout, stderr) = world.run(folder.path(), "apply o --yes");
    assert!(code == 0 || code == 9, "{stdout}{stderr}");
    let (code, stdout, stderr) = world.run(test.path(), "plan new --format json");
    assert_eq!(code, 10, "{stdout}{stderr}");
    let document: Value = serde_json::from_str(&stdout).expect("JSON");
    let list = document["plan"]["deletions"].as_array().expect("a list").clone();
    let table = list.iter().find(|it| it["type"] == "Table").expect("the table");
    assert_eq!((&table["fate"], &table["by"]), (&json!("kept"), &json!(["Other"])), "{document:#}");
    let (code, stdout, stderr) = world.run(test.path(), "apply new --yes --allow-delete");
    assert!(stdout.contains("table `contoso_gadget` stays: solution `Other` has it, too"), "{stdout}{stderr}");
    assert!(code == 0 || code == 9, "{stdout}{stderr}");
    let (_, rows) = world.send(Method::GET, "contoso_gadgets", &Value::Null);
    assert_eq!(rows["value"].as_array().map(Vec::len), Some(3), "{rows}");
}

#[test]
fn a_staged_upgrade_deletes_when_it_is_finished() {
    let test = releases();
    let world = applied(&test);
    let (code, stdout, stderr) = world.run(test.path(), "apply new --yes --mode stage");
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(!stdout.contains("deletes"), "{stdout}");
    let (code, stdout, _) = world.run(test.path(), "plan new");
    assert!(code == 10 && stdout.contains(WORDS), "{stdout}");
    // `--mode update` finishes it, too: nobody is sent round in a circle.
    for (verb, expected) in [("plan", 10), ("doctor", 0), ("apply --yes", 6)] {
        for mode in ["", " --mode update"] {
            let (code, stdout, stderr) = world.run(test.path(), &format!("{verb} new{mode}"));
            assert_eq!(code, expected, "{verb}{mode}: {stdout}{stderr}");
            let text = stdout + &stderr;
            assert!(!text.contains("`--mode update` keeps"), "{verb}{mode}: {text}");
            assert!(text.contains("delete solution `ContosoWidgets_Upgrade`"), "{verb}{mode}: {text}");
        }
    }
    assert_eq!(world.run(test.path(), "apply new --yes --allow-delete").0, 0);
    assert_eq!(left(&world).0, ["contoso_widget"]);
}
