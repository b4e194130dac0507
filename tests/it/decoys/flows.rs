//! What passes for something else in the definition of a flow: another spelling, another place, a blank, another name.

use super::inspected;
use crate::merged_zip::{FLOW_PART, project, zip};
use crate::support::{Ran, Test};

const EMBEDDED: &str = "\"runtimeSource\":\"embedded\",";
const INVOKER: &str = "\"runtimeSource\":\"invoker\",";
const TIMER: &str = "\"type\":\"Recurrence\"";

fn definition(trigger: &str, source: &str, actions: &str) -> String {
    format!(
        "{{\"properties\":{{\"connectionReferences\":{{\"shared_sql\":{{{source}\"connection\":{{\"connectionReferenceLogicalName\":\"contoso_Sql\"}},\"api\":{{\"name\":\"shared_sql\"}}}}}},\"definition\":{{\"triggers\":{{\"manual\":{{{trigger}}}}},\"actions\":{{{actions}}}}}}},\"schemaVersion\":\"1.0.0.0\"}}"
    )
}

fn flow(trigger: &str, source: &str) -> Vec<u8> {
    zip("", "", &[(FLOW_PART, definition(trigger, source, "").as_bytes())])
}

fn request(inputs: &str) -> String {
    format!("\"type\":\"Request\",\"kind\":\"Http\",\"inputs\":{{{inputs}}}")
}

fn compared(old: Vec<u8>, new: Vec<u8>) -> Ran {
    Test::new().file("old.zip", old).file("new.zip", new).args("diff old.zip new.zip").run()
}

#[test]
fn another_spelling_is_refused_and_shown() {
    let open = "triggerAuthenticationType = (not said)";
    for (trigger, source, said, shown) in [
        (
            "\"Type\":\"Recurrence\",\"type\":\"Request\",\"kind\":\"Http\"",
            EMBEDDED,
            "manual.Type` is spelled `type`",
            open,
        ),
        (
            "\"Kind\":\"Button\",\"type\":\"Request\",\"kind\":\"Http\"",
            EMBEDDED,
            "manual.Kind` is spelled `kind`",
            open,
        ),
        (
            "\"type\":\"Request\",\"kind\":\"Http\",\"KIND\":\"Button\"",
            EMBEDDED,
            "manual.KIND` is spelled `kind`",
            open,
        ),
        (
            "\"type\":\"Request\",\"Inputs\":{\"triggerAuthenticationType\":\"User\"},\"inputs\":{\"triggerAuthenticationType\":\"All\"}",
            EMBEDDED,
            "manual.Inputs` is spelled `inputs`",
            "triggerAuthenticationType = All",
        ),
        (
            "\"type\":\"Request\",\"inputs\":{\"TriggerAuthenticationType\":\"User\",\"triggerAuthenticationType\":\"All\"}",
            EMBEDDED,
            "TriggerAuthenticationType` is spelled `triggerAuthenticationType`",
            "triggerAuthenticationType = All",
        ),
        (
            TIMER,
            "\"impersonation\":{\"Source\":\"Invoker\",\"source\":\"Owner\"},",
            "impersonation.Source` is spelled `source`",
            "impersonation Owner",
        ),
    ] {
        let zip = flow(trigger, source);
        let (stdout, stderr) = inspected(&zip);
        assert!(stderr.contains(said) && stdout.contains(shown), "{said}: {stdout}{stderr}");
        let ran = project(&zip, "").args("build . -o made").code(3);
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
}

#[test]
fn the_same_words_elsewhere_or_blank_say_nothing() {
    let tenant = request("\"triggerAuthenticationType\":\"Tenant\"");
    let said = "nothing limits who can start";
    for trigger in [
        request("\"schema\":{\"triggerAuthenticationType\":\"Tenant\"}"),
        request("\"headersSchema\":{\"triggerAuthenticationType\":\"User\"}"),
        request("") + ",\"metadata\":{\"triggerAuthenticationType\":\"Tenant\"}",
        request("\"triggerAuthenticationType\":\"\""),
        request("\"triggerAuthenticationType\":\" \\u200b\""),
        request("\"triggerAuthenticationType\":null"),
        "\"type\":\" Request\",\"kind\":\"Http\",\"inputs\":{}".to_owned(),
        "\"type\":\"\",\"kind\":\"Http\",\"inputs\":{}".to_owned(),
        "\"type\":\"Request\",\"kind\":\"Button \",\"inputs\":{}".to_owned(),
    ] {
        let ran = compared(flow(&tenant, EMBEDDED), flow(&trigger, EMBEDDED));
        assert!(ran.code == 10 && ran.stdout.contains(said), "{trigger}: {}", ran.stdout);
    }
    // Nor do they in the old version, where they would make nothing new of what is new.
    let noise = "\"X\":{\"type\":\"Compose\",\"inputs\":{\"triggerAuthenticationType\":\"v\",\"triggers\":{\"a\":{\"type\":\"Request\"}}}}";
    let with = |trigger: &str| zip("", "", &[(FLOW_PART, definition(trigger, EMBEDDED, noise).as_bytes())]);
    let ran = compared(with(&tenant), with(&request("")));
    assert!(ran.code == 10 && ran.stdout.contains(said), "{}", ran.stdout);
}

#[test]
fn whose_connection_it_is_says_one_member_only() {
    for source in [
        "\"runtimeSource\":\"\",",
        "\"runtimeSource\":\"embedded\",\"impersonation\":{\"note\":\"invoker\"},",
        "\"runtimeSource\":\"embedded\",\"impersonation\":{\"source\":{\"invoker\":1}},",
        "\"runtimeSource\":\"embedded, impersonation Invoker\",",
        "\"runtimeSource\":\"not invoker\",",
    ] {
        let ran = compared(flow(TIMER, INVOKER), flow(TIMER, source));
        let said = "of its owner instead of the one of whoever starts it";
        assert!(ran.code == 10 && ran.stdout.contains(said), "{source}: {}", ran.stdout);
    }
}

#[test]
fn other_users_are_a_gain() {
    let users = |said: &str| flow(&request(&format!("\"triggerAuthenticationType\":\"User\"{said}")), EMBEDDED);
    let one = || users(",\"triggerAllowedUsers\":\"a\"");
    for (new, said) in [
        (",\"triggerAllowedUsers\":\"A,b, c\"", "triggerAllowedUsers: b, c)"),
        ("", "triggerAllowedUsers: (not said))"),
    ] {
        let ran = compared(one(), users(new));
        assert!(ran.code == 10 && ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
    let ran = compared(users(",\"triggerAllowedUsers\":\"a,b\""), one());
    assert!(ran.stdout.contains("triggerAllowedUsers: a, b → a"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("other users can start"), "{}", ran.stdout);
}

#[test]
fn another_name_hides_no_gain() {
    let named = |name: &str, trigger: &str, source: &str| {
        let id = "b3e9fd10-2381-5f5d-b3b7-6c9dcb006270";
        let second = format!(
            "<Workflows><Workflow WorkflowId=\"{{{id}}}\" Name=\"{name}\"><JsonFileName>/Workflows/B.json</JsonFileName><Category>5</Category><StateCode>1</StateCode><StatusCode>2</StatusCode></Workflow></Workflows>"
        );
        zip(&second, "", &[("Workflows/B.json", definition(trigger, source, "").as_bytes())])
    };
    let of = |kind: &str| request(&format!("\"triggerAuthenticationType\":\"{kind}\""));
    for (old, new, said) in [
        (named("Sync", TIMER, INVOKER), named("Sync 2", TIMER, EMBEDDED), "instead of the one of whoever starts it"),
        (
            named("Sync", &of("User"), EMBEDDED),
            named("Sync 2", &of("Tenant"), EMBEDDED),
            "everybody in the tenant can start the cloud flow Sync 2",
        ),
    ] {
        let ran = compared(old, new);
        assert!(ran.code == 10 && ran.stdout.contains(said), "{said}: {}", ran.stdout);
        assert!(ran.stdout.contains("name: cloud flow Sync → cloud flow Sync 2"), "{}", ran.stdout);
    }
}

#[test]
fn each_user_counts_however_many_there_are() {
    let users = |count: u8, more: &str| {
        let all: Vec<String> = (0..count).map(|at| format!("0badc0de-{at:04x}-4000-8000-000000000001")).collect();
        let all = all.join(",") + more;
        flow(&request(&format!("\"triggerAuthenticationType\":\"User\",\"triggerAllowedUsers\":\"{all}\"")), EMBEDDED)
    };
    let evil = "66666666-6666-4666-8666-666666666666";
    let more = format!(",{evil}");
    for count in [1, 13, 14, 40] {
        let ran = compared(users(count, ""), users(count, &more));
        let said = format!("other users can start the cloud flow Flow (triggerAllowedUsers: {evil})");
        assert!(ran.code == 10 && ran.stdout.contains(&said), "{count}: {}", ran.stdout);
        let (stdout, _) = inspected(&users(count, &more));
        assert!(stdout.contains(evil), "{count}: {stdout}");
    }
}

#[test]
fn what_a_parameter_says_is_compared_where_it_counts() {
    let with = |users: &str, default: &str| {
        let trigger = request(&format!("\"triggerAuthenticationType\":\"User\",\"triggerAllowedUsers\":\"{users}\""));
        let text = definition(&trigger, EMBEDDED, "").replace(
            "\"definition\":{",
            &format!(
                "\"definition\":{{\"parameters\":{{\"U\":{{\"type\":\"String\",\"defaultValue\":\"{default}\"}}}},"
            ),
        );
        zip("", "", &[(FLOW_PART, text.as_bytes())])
    };
    for users in ["@parameters('U')", "@{parameters('U')}"] {
        let ran = compared(with(users, "a"), with(users, "a,evil"));
        let said = "the cloud flow Flow lets its parameter U say who can start it, or whose connections it uses, and that changed";
        assert!(ran.code == 10 && ran.stdout.contains(said), "{users}: {}", ran.stdout);
        let ran = compared(with("a", "a"), with(users, "a"));
        assert!(ran.code == 10 && ran.stdout.contains("other users can start"), "{users}: {}", ran.stdout);
    }
    let ran = compared(with("a@contoso.com", "a"), with("a@contoso.com", "b"));
    assert!(!ran.stdout.contains("Gained besides"), "{}", ran.stdout);
}

#[test]
fn another_connection_of_the_owner_is_a_gain() {
    let with = |source: &str, reference: &str, api: &str| {
        let text = definition(TIMER, source, "")
            .replace("\"contoso_Sql\"", &format!("\"{reference}\""))
            .replace("\"name\":\"shared_sql\"", &format!("\"name\":\"{api}\""));
        zip("", "", &[(FLOW_PART, text.as_bytes())])
    };
    let rss = || with(EMBEDDED, "contoso_Rss", "shared_rss");
    let ran = compared(rss(), with(EMBEDDED, "contoso_Sql", "shared_sql"));
    for said in [
        "the cloud flow Flow uses another connection of its owner (connection shared_sql: shared_sql, the reference contoso_Sql)",
        "connection shared_sql: embedded, which is shared_rss, the reference contoso_Rss → embedded, which is shared_sql, the reference contoso_Sql",
    ] {
        assert!(ran.code == 10 && ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
    for new in [with(INVOKER, "contoso_Sql", "shared_sql"), with(EMBEDDED, "contoso_rss", "shared_rss")] {
        let ran = compared(rss(), new);
        assert!(!ran.stdout.contains("Gained besides"), "{}", ran.stdout);
    }
}
