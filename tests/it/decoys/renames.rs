//! What reaches further under another name or id: it is compared with what is gone.

use crate::merged_zip::zip;
use crate::support::{Ran, Test};

fn compared(old: &[u8], new: &[u8]) -> Ran {
    Test::new().file("old.zip", old).file("new.zip", new).args("diff old.zip new.zip").run()
}

fn api(name: &str, privilege: &str) -> Vec<u8> {
    let text = format!(
        "<customapi uniquename=\"{name}\"><name>Do</name><plugintypeid><plugintypeexportkey>k</plugintypeexportkey></plugintypeid>{privilege}</customapi>"
    );
    zip("", "", &[(&format!("customapis/{name}/customapi.xml"), text.as_bytes())])
}

fn agent(name: &str, mode: &str) -> Vec<u8> {
    let text = format!(
        "<bot schemaname=\"{name}\"><accesscontrolpolicy>2</accesscontrolpolicy>{mode}<language>1033</language><name>Bot</name></bot>"
    );
    zip("", "", &[(&format!("bots/{name}/bot.xml"), text.as_bytes())])
}

fn app(name: &str, roles: u8) -> Vec<u8> {
    let roles: String =
        (0..roles).map(|at| format!("<Role id=\"{{0badc0de-0000-4000-8000-00000000000{at}}}\" />")).collect();
    zip(
        &format!(
            "<AppModules><AppModule><UniqueName>{name}</UniqueName><AppModuleRoleMaps>{roles}</AppModuleRoleMaps></AppModule></AppModules>"
        ),
        "",
        &[],
    )
}

/// Flows, each with its id, its name, who starts it, and whose connection it uses.
fn flows(flows: &[(u8, &str, &str, &str)]) -> Vec<u8> {
    let mut sections = String::new();
    let mut parts = Vec::new();
    for (id, name, authentication, source) in flows {
        let part = format!("Workflows/B{id}.json");
        sections.push_str(&format!(
            "<Workflow WorkflowId=\"{{0badc0de-0000-4000-8000-00000000000{id}}}\" Name=\"{name}\"><JsonFileName>/{part}</JsonFileName><Category>5</Category><StateCode>1</StateCode><StatusCode>2</StatusCode></Workflow>"
        ));
        let text = format!(
            "{{\"properties\":{{\"connectionReferences\":{{\"shared_sql\":{{\"runtimeSource\":\"{source}\",\"connection\":{{\"connectionReferenceLogicalName\":\"contoso_Sql\"}},\"api\":{{\"name\":\"shared_sql\"}}}}}},\"definition\":{{\"triggers\":{{\"manual\":{{\"type\":\"Request\",\"kind\":\"Http\",\"inputs\":{{\"triggerAuthenticationType\":\"{authentication}\",\"triggerAllowedUsers\":\"a\"}}}}}},\"actions\":{{}}}}}},\"schemaVersion\":\"1.0.0.0\"}}"
        );
        parts.push((part, text));
    }
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    zip(&format!("<Workflows>{sections}</Workflows>"), "", &parts)
}

#[test]
fn what_is_new_may_not_reach_further_than_what_is_gone() {
    let asked = "<executeprivilegename>prvWriteOrganization</executeprivilegename>";
    let other = "<executeprivilegename>prvReadUserQuery</executeprivilegename>";
    let mode = |mode: u8| format!("<authenticationmode>{mode}</authenticationmode>");
    for (old, new, said) in [
        (
            api("contoso_Do", asked),
            api("contoso_Do2", ""),
            "whoever calls the custom API contoso_Do2 needs no privilege for it any more",
        ),
        (
            api("contoso_Do", asked),
            api("contoso_Do2", other),
            "whoever calls the custom API contoso_Do2 needs prvReadUserQuery for it instead of prvWriteOrganization",
        ),
        (
            agent("contoso_bot", &mode(2)),
            agent("contoso_bot2", &mode(1)),
            "other people may reach the agent contoso_bot2: authenticationmode is 1 instead of 2",
        ),
        (app("contoso_App", 1), app("contoso_App2", 2), "sees the app contoso_App2"),
        (
            flows(&[(5, "Sync", "User", "invoker")]),
            flows(&[(6, "Sync", "Tenant", "invoker")]),
            "everybody in the tenant can start the cloud flow Sync",
        ),
        (
            flows(&[(5, "Sync", "User", "invoker")]),
            flows(&[(6, "Copy", "User", "embedded")]),
            "the cloud flow Copy uses the connection shared_sql of its owner",
        ),
        // Of several that are gone, the one that reached least far counts.
        (
            flows(&[(5, "Sync", "User", "invoker"), (6, "Open", "Tenant", "invoker")]),
            flows(&[(7, "Copy", "Tenant", "invoker")]),
            "everybody in the tenant can start the cloud flow Copy",
        ),
        // Another one took its id.
        (
            flows(&[(5, "Sync", "User", "invoker")]),
            flows(&[(5, "Idle", "User", "invoker"), (6, "Sync", "Tenant", "invoker")]),
            "everybody in the tenant can start the cloud flow Sync",
        ),
    ] {
        let ran = compared(&old, &new);
        assert!(ran.code == 10 && ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
    for (old, new) in [
        (api("contoso_Do", asked), api("contoso_Do2", asked)),
        (agent("contoso_bot", &mode(2)), agent("contoso_bot2", &mode(2))),
        (app("contoso_App", 2), app("contoso_App2", 1)),
        (flows(&[(5, "Sync", "Tenant", "embedded")]), flows(&[(6, "Sync", "User", "invoker")])),
        (flows(&[(5, "Sync", "Tenant", "embedded")]), flows(&[(6, "Copy", "User", "invoker")])),
    ] {
        let ran = compared(&old, &new);
        assert!(!ran.stdout.contains("Gained besides"), "{}", ran.stdout);
    }
}

#[test]
fn what_has_another_id_is_known_by_its_name() {
    let ran = compared(&flows(&[(5, "Sync", "User", "invoker")]), &flows(&[(6, "Sync", "Tenant", "invoker")]));
    for said in [
        "cloud flow Sync (0badc0de-0000-4000-8000-000000000006): id: 0badc0de-0000-4000-8000-000000000005 → 0badc0de-0000-4000-8000-000000000006",
        "triggerAuthenticationType: User → Tenant",
    ] {
        assert!(ran.stdout.contains(said), "{said}: {}", ran.stdout);
    }
}
