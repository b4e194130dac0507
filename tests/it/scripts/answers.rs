//! Answers of a server that a script could take for something else: rows of another user, codes in another spelling,
//! a figure in another place.

use dvpack::sandbox::Rule;
use serde_json::{Value, json};

use super::{APPLICATION, Bundle, ROLE, Script, imported, options};
use crate::world::World;

/// The sandbox's root business unit.
const UNIT: &str = "5a4db0c5-0000-4000-8000-000000000006";

fn rule(world: &World, rule: Value) {
    world.fault(&serde_json::from_value::<Rule>(rule).expect("a rule"));
}

/// Every read of that path finds these rows.
fn rows(world: &World, path: &str, rows: &Value) {
    let body = json!({ "value": rows }).to_string();
    rule(
        world,
        json!({"method": "GET", "path": path, "times": 0, "effect": {"kind": "answer", "status": 200, "body": body}}),
    );
}

#[test]
fn a_role_of_a_deleted_user_is_not_taken_for_one_of_the_active_user() {
    let (active, deleted) = ("11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002");
    let user = |id: &str, state: u8| {
        json!({"systemuserid": id, "applicationid": APPLICATION, "deletedstate": state, "isdisabled": state == 1,
            "_businessunitid_value": UNIT})
    };
    let role = json!([{"roleid": ROLE, "name": "Contoso Widgets Service", "_parentrootroleid_value": ROLE}]);
    for (holder, code, assigns) in [(deleted, 10, true), (active, 0, false)] {
        for script in Script::here() {
            let bundle = Bundle::new();
            let world = imported(&bundle, options());
            bundle.code(0, Script::quick(), &world, &[]);
            let other = if holder == active { deleted } else { active };
            rows(&world, &format!("systemusers({holder})/systemuserroles_association"), &role);
            rows(&world, &format!("systemusers({other})/systemuserroles_association"), &json!([]));
            rows(&world, "/systemusers?", &json!([user(active, 0), user(deleted, 1)]));
            let ran = bundle.code(code, script, &world, &["--plan"]);
            assert_eq!(
                ran.stdout.contains("would assign role `Contoso Widgets Service`"),
                assigns,
                "{script:?}\n{}",
                ran.all()
            );
        }
    }
}

#[test]
fn a_write_that_may_be_done_is_not_sent_again_for_a_figure_in_another_place() {
    for script in Script::here() {
        let bundle = Bundle::new();
        let world = imported(&bundle, options());
        for pause in ["429", "503"] {
            let effect = json!({"kind": "answer", "status": 500, "headers": [["Retry-After", pause]]});
            rule(&world, json!({"method": "POST", "path": "/systemusers", "effect": effect}));
            let ran = bundle.code(8, script, &world, &[]);
            assert!(ran.all().contains("run again"), "{script:?}\n{}", ran.all());
            assert_eq!(world.writes(), ["POST systemusers"], "{script:?}, Retry-After: {pause}");
        }
    }
}

#[test]
fn a_pause_with_zeros_before_it_is_a_pause() {
    for script in Script::here() {
        let bundle = Bundle::new();
        let world = imported(&bundle, options());
        let effect = json!({"kind": "answer", "status": 429, "headers": [["Retry-After", "008"]]});
        rule(&world, json!({"method": "POST", "path": "/systemusers", "effect": effect}));
        let ran = bundle.code(0, script, &world, &[]);
        assert!(ran.all().contains("waiting 9 seconds"), "{script:?}\n{}", ran.all());
    }
}

/// In hexadecimal of either case, or as the signed number that some services write instead.
#[test]
fn a_code_means_the_same_however_it_is_written() {
    let codes = [
        (5, "consent is missing", "0x8004F510"),
        (5, "consent is missing", "-2147158768"),
        (8, "run again", "0x8004F511"),
        (8, "run again", "-2147158767"),
        (8, "run again", "-2147220937"),
    ];
    for script in Script::here() {
        let bundle = Bundle::new();
        let world = imported(&bundle, options());
        for (code, words, spelling) in codes {
            let effect = json!({"kind": "answer", "status": 400, "code": spelling, "message": "refused"});
            rule(&world, json!({"method": "POST", "path": "/systemusers", "effect": effect}));
            let ran = bundle.code(code, script, &world, &[]);
            assert!(ran.all().contains(words), "{script:?} {spelling}\n{}", ran.all());
        }
    }
}
