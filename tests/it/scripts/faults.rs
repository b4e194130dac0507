//! Spoiled answers, each met by both scripts: the exit code, and that a further run finishes the work.

use std::collections::BTreeSet;

use dvpack::sandbox::{Application, Options, Rule, Spelling};
use serde_json::{Value, json};

use super::{Bundle, FIRST, Script, imported, options};
use crate::secrets::Watch;
use crate::world::World;

fn rule(world: &World, rule: Value) {
    world.fault(&serde_json::from_value::<Rule>(rule).expect("a rule"));
}

#[test]
fn a_spoiled_answer_has_its_exit_code_and_a_further_run_finishes_the_work() {
    let answer = |status: u16, headers: Value, after: bool| json!({"kind": "answer", "status": status, "headers": headers, "after": after});
    let soon = json!([["Retry-After", "0"]]);
    let cases = [
        (0, "POST", "/systemusers", answer(429, soon.clone(), false)),
        (0, "GET", "/systemusers", answer(503, soon.clone(), false)),
        (0, "PATCH", "/connectionreferences", answer(503, soon.clone(), false)),
        (0, "POST", "/token", answer(503, soon.clone(), false)),
        (8, "POST", "/environmentvariablevalues", answer(503, soon, true)),
        (8, "POST", "/systemusers", answer(503, json!([]), true)),
        (8, "GET", "/solutions", answer(429, json!([["Retry-After", "9999"]]), false)),
        (8, "POST", "/systemusers", json!({"kind": "drop-after"})),
        (8, "POST", "systemuserroles_association", json!({"kind": "drop-after"})),
        (
            8,
            "POST",
            "/environmentvariablevalues",
            json!({"kind": "answer", "status": 200, "body": "<html>", "after": true}),
        ),
        (4, "POST", "/systemusers", answer(401, json!([]), false)),
        (1, "POST", "/systemusers", answer(403, json!([]), false)),
        (1, "GET", "/roles", json!({"kind": "redirect", "status": 302, "location": "http://127.0.0.1:9/"})),
        (4, "POST", "/token", json!({"kind": "answer", "status": 200, "body": "<html>"})),
        (1, "POST", "/token", json!({"kind": "drop-before"})),
        (8, "POST", "/systemusers", answer(408, json!([]), true)),
        (8, "POST", "/systemusers", answer(499, json!([]), true)),
        (0, "GET", "/roles", answer(408, json!([]), false)),
        (
            8,
            "POST",
            "/systemusers",
            json!({"kind": "answer", "status": 412, "code": "0x80060892", "message": "m", "after": true}),
        ),
    ];
    for (index, (code, method, path, effect)) in cases.into_iter().enumerate() {
        // One that is sent again, one whose answer is lost, one that is no answer.
        for script in Script::of([0, 2, 3, 4, 7, 13, 15, 17, 18].contains(&index)) {
            let bundle = Bundle::new();
            let world = imported(&bundle, options());
            rule(&world, json!({"method": method, "path": path, "effect": effect.clone()}));
            let ran = bundle.code(code, script, &world, &[]);
            assert!(code != 8 || ran.all().contains("run again"), "{script:?} {effect}\n{}", ran.all());
            if code == 8 {
                world.sandbox.clear_faults();
                bundle.code(0, script, &world, &[]);
            }
            let (_, rows) = world.send(reqwest::Method::GET, "environmentvariablevalues", &Value::Null);
            let rows = rows["value"].as_array().expect("rows");
            let names: BTreeSet<&str> = rows.iter().filter_map(|row| row["schemaname"].as_str()).collect();
            assert_eq!(names.len(), rows.len(), "{script:?} {path}: {rows:#?}");
            // A second creation is refused: the row has the definition's id.
            let has_id =
                |row: &Value| row["environmentvariablevalueid"] == row["_environmentvariabledefinitionid_value"];
            assert!(rows.iter().all(has_id), "{script:?} {path}: {rows:#?}");
        }
    }
}

/// The words of a refusal may have lines, and a code behind them.
#[test]
fn a_message_of_several_lines_has_the_exit_code_of_its_code() {
    for script in Script::here() {
        for (code, id) in [(5, "0x8004F510"), (8, "0x80040237")] {
            let bundle = Bundle::new();
            let world = imported(&bundle, options());
            let effect = json!({"kind": "answer", "status": 400, "code": id, "message": "one\ntwo\r\nthree"});
            rule(&world, json!({"method": "POST", "path": "/systemusers", "effect": effect}));
            bundle.code(code, script, &world, &[]);
        }
    }
}

#[test]
fn several_values_of_one_variable_are_left_to_a_person() {
    for (script, inactive) in Script::here().into_iter().flat_map(|script| [(script, false), (script, true)]) {
        let bundle = Bundle::new();
        let world = imported(&bundle, options());
        bundle.code(0, script, &world, &[]);
        let (_, rows) = world.send(reqwest::Method::GET, "environmentvariablevalues", &Value::Null);
        let row = &rows["value"][0];
        let definition = row["_environmentvariabledefinitionid_value"].as_str().expect("an id");
        let body = json!({"schemaname": row["schemaname"], "value": "https://evil.example",
            "EnvironmentVariableDefinitionId@odata.bind": format!("/environmentvariabledefinitions({definition})")});
        assert!(world.send(reqwest::Method::POST, "environmentvariablevalues", &body).0 < 300);
        if inactive {
            let (_, rows) = world.send(reqwest::Method::GET, "environmentvariablevalues", &Value::Null);
            let mut rows = rows["value"].as_array().expect("rows").iter();
            let evil = rows.find(|row| row["value"] == "https://evil.example").expect("the row");
            let path =
                format!("environmentvariablevalues({})", evil["environmentvariablevalueid"].as_str().expect("an id"));
            world.patch(&path, &json!({"statecode": 1, "statuscode": 2}));
        }
        let _so_far = world.writes();
        let ran = bundle.code(9, script, &world, &[]);
        assert!(ran.all().contains("cannot set `"), "{}", ran.all());
        assert_eq!(world.writes(), Vec::<String>::new());
    }
}

#[test]
fn a_write_that_is_taken_and_not_done_ends_with_9_and_is_sent_once() {
    for script in Script::here() {
        let bundle = Bundle::new();
        let world = imported(&bundle, options());
        let done = json!({"kind": "answer", "status": 204});
        rule(&world, json!({"method": "POST", "path": "systemuserroles_association", "times": 0, "effect": done}));
        let ran = bundle.code(9, script, &world, &[]);
        assert!(ran.all().contains("written, and reads back different"), "{}", ran.all());
        assert_eq!(world.writes(), FIRST);
    }
}

#[test]
fn words_of_a_server_cannot_command_a_pipeline_or_a_terminal() {
    let message = "::error::x\r\n::set-output a=b\n##vso[task.setvariable variable=a]b ##[error] ###[x] \u{1b}[31m\u{202e}\u{9b}m\u{2028}::y \
        #\u{640}#vso[task.complete]c #\u{301}#[group]d #\u{e000}#[e]";
    for script in Script::here() {
        let bundle = Bundle::new();
        bundle.edit("Contoso Widgets Service", "x ##vso[task.complete result=Failed] ::warning::y");
        let world = imported(&bundle, options());
        let effect = json!({"kind": "answer", "status": 403, "code": "0x80040220\n##vso[b]", "message": message});
        rule(&world, json!({"method": "POST", "path": "/systemusers", "effect": effect}));
        let plan = bundle.code(10, script, &world, &["--plan"]);
        let all = plan.all() + &bundle.process(1, script, &world, &[]).all();
        // Runners pass over some of what is not ASCII when they look for a command.
        let seen: String = all.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).collect();
        assert!(!seen.contains("##"), "{script:?}\n{all}");
        assert!(!all.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\u{2028}', '\r']), "{script:?}\n{all:?}");
        assert!(!all.lines().any(|line| line.trim_start().starts_with("::")), "{script:?}\n{all}");
        assert!(all.contains("# #vso[task.setvariable"), "{script:?}\n{all}");
    }
}

/// With characters that every encoding changes.
const SECRET: &str = "S~8Q/+=&\"<s3cr3t é>%";

/// An environment whose administration application has that secret, and what would give it or a token away.
pub(super) fn with_a_secret(bundle: &Bundle) -> (World, Watch, &'static str) {
    let id = World::new(options()).sandbox.admin_client_id();
    let (certificates, federated) = (Vec::new(), Vec::new());
    let application = Application { id, secret: Some(SECRET.into()), certificates, federated };
    let world = World::new(Options { applications: vec![application], ..options() });
    let _ = bundle;
    let token = r#"{"typ":"JWT","alg":"ES256","kid":"sandbox"}"#;
    (world, Watch::default().add("client secret", SECRET).add("access token", token), SECRET)
}

#[test]
fn a_server_that_repeats_what_it_was_sent_does_not_make_a_script_print_it() {
    for script in Script::here() {
        let bundle = Bundle::new();
        let (world, watch, secret) = with_a_secret(&bundle);
        // All of them at night.
        let step = match (super::host::is_long(), script) {
            (true, _) => 1,
            (false, Script::PowerShell) => 2,
            (false, Script::Shell) => 5,
        };
        for spelling in Spelling::ALL.into_iter().step_by(step) {
            for (method, path, skip, code) in [("POST", "/oauth2/v2.0/token", 0, 4), ("GET", "/api/data/", 1, 1)] {
                world.sandbox.clear_faults();
                let effect = json!({"kind": "echo", "status": 400, "spelling": spelling});
                rule(&world, json!({"method": method, "path": path, "skip": skip, "times": 0, "effect": effect}));
                let ran = bundle.run_with(script, &world, &[], secret);
                assert_eq!(ran.code, code, "{script:?} {spelling:?}\n{}", ran.all());
                assert_eq!(watch.find(ran.all().as_bytes()), None, "{script:?} {spelling:?}\n{}", ran.all());
            }
        }
    }
}

/// Nothing listens there, or something does and never says a word: an end, and no wait for ever.
#[cfg(unix)]
#[test]
fn a_signal_ends_a_hanging_request_at_once() {
    use std::time::{Duration, Instant};
    for script in Script::here() {
        let bundle = Bundle::new();
        let world = World::new(options());
        let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", silent.local_addr().expect("an address"));
        for signal in if script == Script::Shell { &["INT", "TERM"][..] } else { &["INT"] } {
            let child = bundle.command(script, &url, &world, &[]).spawn().expect("it runs");
            let (_asked, _) = silent.accept().expect("a connection");
            std::thread::sleep(Duration::from_millis(300));
            let begun = Instant::now();
            let kill = ["-s", signal, &child.id().to_string()].map(str::to_owned);
            assert!(std::process::Command::new("kill").args(kill).status().expect("kill runs").success());
            let output = child.wait_with_output().expect("it ends");
            assert_eq!(output.status.code(), Some(130), "{script:?} {signal}");
            assert!(begun.elapsed() < Duration::from_secs(3), "{script:?} {signal}: {:?}", begun.elapsed());
        }
    }
}

#[test]
fn an_environment_that_is_none_and_a_person_who_signs_in() {
    for script in Script::here() {
        let bundle = Bundle::new();
        let world = imported(&bundle, Options { device_interval: 0, ..options() });
        rule(&world, json!({"method": "GET", "path": "WhoAmI", "effect": {"kind": "answer", "status": 404}}));
        bundle.code(2, script, &world, &[]);
        let authority = json!({"kind": "answer", "status": 401, "headers": [["WWW-Authenticate",
            "Bearer authorization_uri=https://login.microsoftonline.com.evil.example/common/oauth2/authorize"]]});
        rule(&world, json!({"method": "GET", "path": "WhoAmI", "effect": authority}));
        let ran = bundle.code(6, script, &world, &[]);
        assert!(ran.all().contains("is no authority of Microsoft"), "{}", ran.all());
    }
    // A poll is ten seconds apart: nothing sleeps here but a PowerShell of its own.
    for script in Script::here() {
        let bundle = Bundle::new();
        let world = imported(&bundle, options());
        let ran = bundle.code(0, script, &world, &["--device-code"]);
        assert!(ran.all().contains("and enter the code"), "{}", ran.all());
        assert_eq!(world.writes(), FIRST);
    }
}
