//! Words of a server, wherever it says them: neither a pipeline nor a terminal obeys what a script prints of them.

use dvpack::sandbox::{Options, Rule};
use serde_json::{Value, json};

use super::{APPLICATION, Bundle, ROLE, Script, host, imported, options};
use crate::world::World;

/// Kinds of words that something obeys.
const TEXTS: [(&str, &str); 10] = [
    ("a command of GitHub", "x\n::error file=a::b"),
    ("the same behind blanks", "\r\n \t::set-output name=a::b"),
    ("an older command of GitHub", "x ##[add-mask]y"),
    ("a command of Azure", "##vso[task.setvariable variable=a;isSecret=false]b"),
    ("the same in capitals, after another", "###VSO[task.complete result=Succeeded;]done ##[group]"),
    ("a command of TeamCity", "##teamcity[buildStatus status='SUCCESS']"),
    ("a command with what nobody sees in it", "#\u{200d}#v\u{640}so[task.complete] :\u{200b}:stop-commands::x"),
    ("a colour", "\u{1b}[31mred\u{1b}[0m \u{9b}2J"),
    ("a title and a link", "\u{1b}]0;title\u{7} \u{1b}]8;;https://evil.example\u{1b}\\here\u{1b}]8;;\u{1b}\\"),
    ("other ends of lines and another direction", "x\u{2028}::error::y\u{2029}::z\u{85}::a\u{202e}b\u{b}::c\u{c}::d"),
];

/// What a run printed is obeyed by nobody, and the plain part of the text is there.
fn check(what: &str, script: Script, all: &str) {
    // Runners pass over some of what is not ASCII when they look for a command.
    let is_seen = |c: &char| c.is_ascii() && (!c.is_ascii_control() || *c == '\n');
    let seen: String = all.chars().filter(is_seen).collect();
    assert!(!seen.contains("##"), "{what}: {script:?}\n{all:?}");
    let ends = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
    assert!(!all.split(ends).any(|line| line.trim_start().starts_with("::")), "{what}: {script:?}\n{all:?}");
    let order = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let bad = all.chars().find(|c| (c.is_control() && *c != '\n') || order(*c));
    assert_eq!(bad, None, "{what}: {script:?}\n{all:?}");
}

/// Runs each script with each text: `place` makes the environment say it. The exit code is `code`. A run of apply.sh costs
/// more: at each place it meets two kinds of texts, from the `first` on, and at all places together every kind.
fn each(first: usize, code: i32, arguments: &[&str], shown: bool, place: &dyn Fn(&World, &str)) {
    for (index, (what, text)) in TEXTS.into_iter().enumerate() {
        for script in Script::here() {
            if script == Script::Shell && index % 5 != first && Script::here().len() > 1 && !host::is_long() {
                continue;
            }
            let bundle = Bundle::new();
            let world = imported(&bundle, Options { device_interval: 0, ..options() });
            place(&world, text);
            let ran = bundle.code(code, script, &world, arguments);
            check(what, script, &ran.all());
            let word = text.split(|c: char| !c.is_ascii_alphabetic()).max_by_key(|word| word.len()).expect("a word");
            assert!(!shown || ran.all().contains(word), "{what}: {script:?}: `{word}` is not shown\n{}", ran.all());
        }
    }
}

fn rule(world: &World, rule: Value) {
    world.fault(&serde_json::from_value::<Rule>(rule).expect("a rule"));
}

fn refusal(status: u16, code: &str, message: &str) -> Value {
    json!({"kind": "answer", "status": status, "code": code, "message": message})
}

fn rows(rows: Value) -> Value {
    json!({"kind": "answer", "status": 200, "body": json!({"value": rows}).to_string()})
}

#[test]
fn the_message_of_a_refused_write() {
    each(0, 1, &[], true, &|world, text| {
        rule(world, json!({"method": "POST", "path": "/systemusers", "effect": refusal(403, "0x80040220", text)}));
    });
}

#[test]
fn the_message_and_the_code_of_a_refused_read() {
    each(1, 1, &[], true, &|world, text| {
        rule(world, json!({"method": "GET", "path": "/solutions", "times": 0, "effect": refusal(400, text, text)}));
    });
}

#[test]
fn the_name_of_a_role_that_is_assigned() {
    each(2, 10, &["--plan"], true, &|world, text| {
        let (_, answer) = world.send(reqwest::Method::GET, "businessunits", &Value::Null);
        let unit = &answer["value"][0]["businessunitid"];
        let role = json!([{"roleid": ROLE, "name": text, "_parentrootroleid_value": ROLE,
            "_roletemplateid_value": null, "_businessunitid_value": unit}]);
        rule(world, json!({"method": "GET", "path": "/roles?", "times": 0, "effect": rows(role)}));
    });
}

#[test]
fn the_name_of_a_role_that_nobody_declared() {
    each(3, 10, &["--plan"], true, &|world, text| {
        let (_, answer) = world.send(reqwest::Method::GET, "businessunits", &Value::Null);
        let unit = &answer["value"][0]["businessunitid"];
        let id = "11111111-0000-4000-8000-000000000001";
        let user = json!([{"systemuserid": id, "applicationid": APPLICATION, "deletedstate": 0, "isdisabled": false,
            "_businessunitid_value": unit}]);
        rule(world, json!({"method": "GET", "path": "/systemusers?", "times": 0, "effect": rows(user)}));
        let role = json!([{"roleid": id, "name": text, "_parentrootroleid_value": id}]);
        let path = "/systemuserroles_association";
        rule(world, json!({"method": "GET", "path": path, "times": 0, "effect": rows(role)}));
    });
}

/// Its words may hold the secret: nothing of them is shown.
#[test]
fn the_words_of_an_authority_that_gives_no_token() {
    each(4, 4, &[], false, &|world, text| {
        let body = json!({"error": text, "error_description": text, "error_codes": [text]}).to_string();
        let effect = json!({"kind": "answer", "status": 400, "body": body});
        rule(world, json!({"method": "POST", "path": "/token", "times": 0, "effect": effect}));
    });
}

#[test]
fn the_address_and_the_code_that_a_person_is_to_enter() {
    each(0, 4, &["--device-code"], true, &|world, text| {
        let body = json!({"user_code": text, "verification_uri": text, "device_code": "x", "interval": 0,
            "expires_in": 900, "message": text});
        let effect = json!({"kind": "answer", "status": 200, "body": body.to_string()});
        rule(world, json!({"method": "POST", "path": "/devicecode", "effect": effect}));
        let body = json!({"error": "expired_token", "error_codes": [70019]}).to_string();
        let effect = json!({"kind": "answer", "status": 400, "body": body});
        rule(world, json!({"method": "POST", "path": "/token", "times": 0, "effect": effect}));
    });
}

/// A header has no line ends, and the address of an authority no blanks.
#[test]
fn the_address_of_an_authority() {
    for (what, text) in
        [("Azure", "##vso[task.complete]"), ("GitHub", "##[error]"), ("three", "###[x]"), ("colons", "::error::x")]
    {
        for script in Script::here() {
            let bundle = Bundle::new();
            let world = World::new(options());
            let challenge = format!("Bearer authorization_uri=https://{text}/common/oauth2/authorize");
            let effect = json!({"kind": "answer", "status": 401, "headers": [["WWW-Authenticate", challenge]]});
            rule(&world, json!({"method": "GET", "path": "WhoAmI", "times": 0, "effect": effect}));
            let ran = bundle.code(6, script, &world, &[]);
            check(what, script, &ran.all());
            assert!(ran.all().contains("is no authority of Microsoft"), "{what}: {script:?}\n{}", ran.all());
        }
    }
}
