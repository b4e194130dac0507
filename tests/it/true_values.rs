//! What dvpack reads is compared as it is; `***` stands only where text leaves the process. And a server that puts secrets
//! into its data gets them into no file, whatever it calls its roles.

use std::fs;
use std::process::Command;

use dvpack::sandbox::{Options, Scenario};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Test;
use crate::world::World;

fn ran(command: &mut Command) -> (i32, String) {
    let output = command.output().expect("run");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().unwrap_or(-1), text)
}

/// Whatever a variable with a credential says, each verb says and does the same.
#[test]
fn a_credential_that_equals_a_name_changes_no_verdict() {
    let world = World::new(Options::default());
    let test = Test::new().copy("examples/contoso-widgets");
    assert_eq!(world.run(test.path(), "apply .").0, 0);
    let tenant = world.sandbox.tenant_id().to_string();
    let texts = ["ContosoWidgets", "prvReadAccount", "Contoso Widgets Service", "https://api.contoso.com", &tenant];
    for text in texts {
        for name in ["VAULT_TOKEN", "ENDPOINT_AUTH_PARAMETER_X_APITOKEN"] {
            for verb in ["plan", "status", "apply", "doctor"] {
                let (code, shown) = ran(world.dvpack(test.path(), &format!("{verb} . -vvv")).env(name, text));
                assert_eq!(code, 0, "{verb} {text}: {shown}");
                assert!(!shown.contains(text), "{verb} {text}: {shown}");
            }
        }
    }
    // A name of a solution is hidden where it is shown, and says so.
    let (_, shown) = ran(world.dvpack(test.path(), "status . -v").env("VAULT_TOKEN", "ContosoWidgets"));
    assert!(shown.contains("solution `***`"), "{shown}");
    // The ids beside a credential are no credentials.
    let (code, shown) = ran(world
        .dvpack(test.path(), "doctor . -vvv")
        .env("ENDPOINT_AUTH_PARAMETER_X_TENANTID", &tenant)
        .env("ENDPOINT_AUTH_SCHEME_X", "client secret"));
    assert!(code == 0 && shown.contains(&format!("tenant {tenant} by client secret")), "{shown}");
}

/// A missing component is judged by its true name, too.
#[test]
fn a_refusal_is_read_as_it_is_and_shown_without_its_secrets() {
    let world = World::new(Options::default());
    let test = Test::new().copy("examples/contoso-widgets");
    let message = "Principal user (Id=1) is missing prvCreateUser privilege (Id=2) on OTC=8 of environment";
    let effect = json!({"kind": "answer", "status": 403, "code": "0x80040220", "message": message});
    let rule = json!({"method": "POST", "path": "/systemusers", "times": 0, "effect": effect});
    world.fault(&serde_json::from_value(rule).expect("a rule"));
    for text in ["prvCreateUser", "of environment"] {
        let (code, shown) = ran(world.dvpack(test.path(), "apply .").env("VAULT_TOKEN", text));
        assert_eq!(code, 7, "{shown}");
        assert!(shown.contains("***") && !shown.contains(text), "{shown}");
    }
}

#[test]
fn what_a_server_puts_into_its_data_gets_into_no_file_and_changes_no_approval() {
    const SECRET: &str = "S3cr3t~of/the+pipeline";
    let world = World::with(Scenario::RoleAdded);
    let test = Test::new().copy("examples/contoso-widgets");
    assert_eq!(world.run(test.path(), "apply .").0, 9);
    let (_, roles) = world.send(Method::GET, "roles?$filter=name eq 'Basic User'", &Value::Null);
    for role in roles["value"].as_array().expect("roles") {
        let id = role["roleid"].as_str().expect("an id");
        world.patch(&format!("roles({id})"), &json!({"name": SECRET}));
    }
    let run = |line: &str, expected: i32| {
        let (code, shown) = ran(world.dvpack(test.path(), line).env("VAULT_TOKEN", SECRET));
        assert_eq!(code, expected, "{line}: {shown}");
        assert!(!shown.contains(SECRET) && shown.contains("***"), "{line}: {shown}");
    };
    run("status . --write-accepted accepted.yaml --report status.md --report status.json", 0);
    // What was hidden in a list still accepts what it was written for.
    run("status . --accepted accepted.yaml", 0);
    run("plan . --accepted accepted.yaml --report plan.xml -v", 0);
    run("status .", 9);
    run("plan . --only-declared-roles -o approved.json", 10);
    run("apply . --plan approved.json --report applied.md --log-file requests.log", 0);
    for name in ["accepted.yaml", "status.md", "status.json", "plan.xml", "approved.json", "applied.md", "requests.log"]
    {
        let text = fs::read_to_string(test.path().join(name)).expect(name);
        assert!(!text.contains(SECRET), "{name}: {text}");
        assert!(text.contains("***") || name == "requests.log", "{name}: {text}");
    }
    assert_eq!(ran(world.dvpack(test.path(), "status .").env("VAULT_TOKEN", SECRET)).0, 0);
}
