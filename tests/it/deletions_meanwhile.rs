//! What an upgrade deletes is read again right before each start of it, whatever the run was busy with until then.

use std::process::Stdio;
use std::time::{Duration, Instant};

use dvpack::sandbox::{Options, Rule};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

fn release(name: &str, version: &str, gadget: bool) -> String {
    let gadget = if gadget { "    - { name: contoso_Gadget, displayName: Gadget }\n" } else { "" };
    format!(
        "dvpack: 1\npublisher: {{ name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }}\n\
         solution: {{ name: {name}, displayName: {name}, version: {version} }}\n\
         components:\n  tables:\n    - {{ name: contoso_{name}, displayName: {name} }}\n{gadget}"
    )
}

/// An environment with two solutions that have the table; the next version of one of them no longer has it.
fn stage() -> (Test, World) {
    let test = Test::new()
        .file("old/dvpack.yaml", release("Widgets", "1.4.0.0", true))
        .file("new/dvpack.yaml", release("Widgets", "1.5.0.0", false))
        .file("other/dvpack.yaml", release("Extra", "1.0.0.0", true));
    let world = World::new(Options { job_polls: 0, ..Options::default() });
    for folder in ["old", "other"] {
        let (code, stdout, stderr) = world.run(test.path(), &format!("apply {folder} --yes"));
        assert_eq!(code, 0, "{stdout}{stderr}");
    }
    let (code, stdout, _) = world.run(test.path(), "plan new");
    assert!(code == 10 && stdout.contains("table `contoso_gadget` stays"), "{stdout}");
    world.writes();
    (test, world)
}

fn table_is_there(world: &World) -> bool {
    let path = "EntityDefinitions?$select=LogicalName&$filter=LogicalName eq 'contoso_gadget'";
    let (_, answer) = world.send(Method::GET, path, &Value::Null);
    answer["value"].as_array().is_some_and(|list| !list.is_empty())
}

/// The environment refuses `request` until the other solution is gone; how the upgrade then ends.
fn meanwhile(request: &str, code: &str, flags: &str) -> (World, i32, String) {
    let (test, world) = stage();
    let headers = json!([["retry-after", "1"]]);
    let effect = json!({"kind": "answer", "status": 429, "code": code, "message": "wait", "headers": headers});
    let rule: Rule = serde_json::from_value(json!({"path": request, "times": 0, "effect": effect})).expect("a rule");
    world.fault(&rule);
    let mut command = world.dvpack(test.path(), &format!("apply new --yes {flags}"));
    // The lock is waited for long enough on a machine that has much else to do, too.
    command.env("DVPACK_TEST_PACE", "20");
    let apply = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    let begun = Instant::now();
    while !world.sandbox.log().iter().any(|entry| entry["path"].as_str().is_some_and(|path| path.contains(request))) {
        assert!(begun.elapsed() < Duration::from_secs(60), "no `{request}`");
        std::thread::sleep(Duration::from_millis(10));
    }
    let (removed, stdout, stderr) = world.run(test.path(), "remove other --yes");
    assert_eq!(removed, 0, "{stdout}{stderr}");
    // From now on nothing may start: the lock stays, and only the check of the package is let through.
    if request == "/StageSolution" {
        world.sandbox.clear_faults();
    }
    let output = apply.wait_with_output().expect("ended");
    let shown = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (world, output.status.code().unwrap_or(-1), shown.into_owned())
}

#[test]
fn what_goes_is_read_again_right_before_each_start() {
    for (request, code) in [("/StageAndUpgradeAsync", "0x80071151"), ("/StageSolution", "0x80072322")] {
        for flags in ["", "--allow-delete"] {
            let (world, ended, shown) = meanwhile(request, code, flags);
            assert_eq!(ended, 6, "{request} {flags}: {shown}");
            assert!(table_is_there(&world), "{request} {flags}: {shown}");
            assert!(shown.contains("the upgrade would delete more than the plan lists"), "{request} {flags}: {shown}");
            assert!(shown.contains("table `contoso_gadget` with 0 rows: not approved"), "{request} {flags}: {shown}");
        }
    }
}

/// A table that somebody has agreed to lose goes on being used: rows that come meanwhile stop nothing, except the first.
#[test]
fn rows_that_come_meanwhile_stop_an_upgrade_only_where_there_were_none() {
    for (before, code) in [(1, 0), (0, 6)] {
        let test = Test::new()
            .file("old/dvpack.yaml", release("Widgets", "1.4.0.0", true))
            .file("new/dvpack.yaml", release("Widgets", "1.5.0.0", false));
        let world = World::new(Options { job_polls: 0, ..Options::default() });
        assert_eq!(world.run(test.path(), "apply old --yes").0, 0);
        let row = || assert!(world.send(Method::POST, "contoso_gadgets", &json!({"contoso_name": "one"})).0 < 300);
        (0..before).for_each(|_| row());
        let effect = json!({"kind": "answer", "status": 429, "code": "0x80071151", "message": "wait"});
        let rule = json!({"path": "/StageAndUpgradeAsync", "times": 0, "effect": effect});
        world.fault(&serde_json::from_value(rule).expect("a rule"));
        let mut command = world.dvpack(test.path(), "apply new --yes --allow-delete");
        command.env("DVPACK_TEST_PACE", "20");
        let apply = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
        let asked = |entry: &Value| entry["path"].as_str().is_some_and(|path| path.contains("/StageAndUpgradeAsync"));
        while !world.sandbox.log().iter().any(asked) {
            std::thread::sleep(Duration::from_millis(10));
        }
        row();
        if code == 0 {
            world.sandbox.clear_faults();
        }
        let output = apply.wait_with_output().expect("ended");
        let shown = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{before}: {shown}");
    }
}
