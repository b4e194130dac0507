//! A value of the machine between approval and apply, and one that is not there: what is said is what happened.

use dvpack::sandbox::Options;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Test, dvpack};
use crate::world::World;

const BUNDLE: &str = "out/Values_1_0_0_0.dvpack";

fn built() -> Test {
    const MANIFEST: &str = "dvpack: 1
publisher: { name: contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: Values, version: 1.0.0.0 }
components: { environmentVariables: [{ name: contoso_Env, type: string }, { name: contoso_File, type: string }, { name: contoso_Plain, type: string }] }
settings:
  contoso_Env: { secret: { env: CONTOSO_KEY } }
  contoso_File: { secret: { file: value.txt } }
  contoso_Plain: plain
";
    let ran = Test::new().file("dvpack.yaml", MANIFEST).file("value.txt", "one\n").args("build . -o out").success();
    Test::within(ran.folder)
}

fn run(world: &World, test: &Test, line: &str, key: Option<&str>) -> (i32, String) {
    let mut command = world.dvpack(test.path(), line);
    command.envs(key.map(|key| ("CONTOSO_KEY", key)));
    let output = command.output().expect("run");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout) + &text(&output.stderr))
}

const ALLOW: &str = "--allow-value env:CONTOSO_KEY --allow-value file:value.txt";

#[test]
fn an_approved_plan_blames_the_environment_only_where_it_has_changed() {
    const VALUE: &str = "a value of this machine has changed, or the environment's value for it";
    const ENVIRONMENT: &str = "the environment has changed since the plan was approved";
    let world = World::new(Options::default());
    let test = built();
    let (code, text) = run(&world, &test, &format!("apply {BUNDLE} {ALLOW}"), Some("one"));
    assert_eq!(code, 0, "{text}");
    let (code, text) = run(&world, &test, &format!("plan {BUNDLE} {ALLOW} -o approved.json"), Some("one"));
    assert_eq!(code, 0, "{text}");
    let apply = format!("apply {BUNDLE} --plan approved.json");
    assert_eq!(run(&world, &test, &apply, Some("one")).0, 0);
    // A variable, then a file.
    let (code, text) = run(&world, &test, &apply, Some("two"));
    assert_eq!(code, 6, "{text}");
    assert!(text.contains(VALUE) && !text.contains(ENVIRONMENT), "{text}");
    assert!(text.contains("needed, but not approved: set environment variable `contoso_Env`"), "{text}");
    assert!(text.contains("make a new plan with `dvpack plan -o FILE`"), "{text}");
    std::fs::write(test.path().join("value.txt"), "two").expect("written");
    let (code, text) = run(&world, &test, &apply, Some("one"));
    assert_eq!(code, 6, "{text}");
    assert!(text.contains(VALUE) && !text.contains(ENVIRONMENT), "{text}");
    // Something else has changed as well: that is the environment.
    let query = "environmentvariablevalues?$select=value,environmentvariablevalueid";
    let (_, rows) = world.send(Method::GET, query, &Value::Null);
    let rows = rows["value"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["value"] == "plain").expect("the row");
    let id = row["environmentvariablevalueid"].as_str().expect("an id");
    world.patch(&format!("environmentvariablevalues({id})"), &json!({"value": "other"}));
    let (code, text) = run(&world, &test, &apply, Some("one"));
    assert_eq!(code, 6, "{text}");
    assert!(text.contains(ENVIRONMENT) && !text.contains(VALUE), "{text}");
}

#[test]
fn a_value_that_is_empty_is_not_said_to_be_not_set() {
    for (key, file, why) in [
        (None, "one", "the environment variable `CONTOSO_KEY`, which is not set"),
        (Some(""), "one", "the environment variable `CONTOSO_KEY`, which is empty, or not Unicode text"),
        (Some("one"), "", "the file `value.txt` is empty"),
        (Some("one"), "\r\n", "the file `value.txt` is empty"),
    ] {
        let test = built().file("value.txt", file);
        let ran = |line: &str| {
            let mut command = dvpack(test.path());
            command.args(line.split(' ')).env("DVPACK_TEST_PACE", "10000").envs(key.map(|key| ("CONTOSO_KEY", key)));
            let output = command.output().expect("run");
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (output.status.code(), text(&output.stdout) + &text(&output.stderr))
        };
        let (code, text) = ran(&format!("apply {BUNDLE} --sandbox --yes {ALLOW}"));
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(why), "{why}: {text}");
        if file == "one" {
            let (_, text) = ran(&format!("doctor {BUNDLE} --sandbox"));
            let state = why.rsplit_once("which is ").map_or("", |(_, state)| state);
            let line = format!("environment variable `CONTOSO_KEY`, which is {state} here");
            assert!(text.contains(&line), "{line}: {text}");
        }
    }
}
