//! What `diff` counts as gained besides the privileges of a role: whatever gives the application user more.

use crate::support::Test;

const READER: &str = "  - { name: Contoso Reader, grants: { account: { read: user } } }\n";
const ADMIN: &str = "  - { name: Contoso Admin, grants: { account: { read: organization, delete: organization } } }\n";

fn manifest(client: &str, user: &str, roles: &str) -> String {
    format!(
        "dvpack: 1\npublisher: {{ name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }}\n\
solution: {{ name: ContosoWidgets, displayName: Contoso Widgets, version: 1.0.0.0 }}\n\
application: {{ clientId: {client}f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40 }}\napplicationUser: {{ {user} }}\nroles:\n{roles}"
    )
}

fn compared(old: &str, new: &str, code: i32) -> String {
    let test = || Test::new().file("old/dvpack.yaml", old).file("new/dvpack.yaml", new);
    let json = test().args("diff old new --format json").code(code).json();
    assert_eq!(json["difference"]["gained"], code == 10, "{json}");
    let markdown = test().args("diff old new --markdown").code(code).stdout;
    assert_eq!(markdown.contains("A reviewer must approve"), code == 10, "{markdown}");
    test().args("diff old new").code(code).stdout
}

#[test]
fn whatever_gives_the_application_user_more_must_be_approved() {
    let both = format!("{READER}{ADMIN}");
    let before = manifest("6", "roles: [Contoso Reader], businessUnit: Sales", &both);
    for (what, after, said) in [
        (
            "one more role",
            manifest("6", "roles: [Contoso Reader, Contoso Admin], businessUnit: Sales", &both),
            "+ the application user gets the role Contoso Admin: prvDeleteAccount (Global), prvReadAccount (Global)",
        ),
        (
            "another role",
            manifest("6", "roles: [Contoso Admin], businessUnit: Sales", &both),
            "+ the application user gets the role Contoso Admin",
        ),
        (
            "another business unit",
            manifest("6", "roles: [Contoso Reader], businessUnit: Support", &both),
            "business unit Support instead of Sales",
        ),
        ("the root", manifest("6", "roles: [Contoso Reader]", &both), "business unit root instead of Sales"),
        (
            "another application",
            manifest("7", "roles: [Contoso Reader], businessUnit: Sales", &both),
            "another application gets what the bundle grants",
        ),
    ] {
        let said_all = compared(&before, &after, 10);
        assert!(said_all.contains(said) && said_all.contains("a reviewer must approve this"), "{what}: {said_all}");
        assert!(!said_all.contains("no privilege was gained"), "{what}: {said_all}");
    }
    let fewer = manifest("6", "roles: [Contoso Reader], businessUnit: Sales", &both);
    let more = manifest("6", "roles: [Contoso Admin, Contoso Reader], businessUnit: Sales", &both);
    assert!(compared(&more, &fewer, 0).contains("no privilege was gained"));
}

#[test]
fn a_new_role_is_shown_with_all_that_it_is() {
    let one = manifest("6", "roles: [Contoso Reader]", READER);
    let two = manifest("6", "roles: [Contoso Reader]", &format!("{READER}{ADMIN}"));
    let said = compared(&one, &two, 10);
    for property in ["IsAutoAssigned: (nothing) → 0", "IsCustomizable: (nothing) → 1"] {
        assert!(said.contains(&format!("  ~ {property}\n")), "{said}");
    }
}
