//! Each rule of the review, with what triggers it and the nearest thing that does not.

use super::*;

/// What triggers a rule, and the nearest thing that does not.
const CASES: [(&str, &str, &str); 20] = [
    (
        "admin-equivalent",
        "    grants: { role: { write: organization, read: organization } }\n",
        "    grants: { role: { read: organization } }\n",
    ),
    (
        "append-without-other-side",
        "    grants: { account: { read: organization, append: organization } }\n",
        "    grants: { account: { read: organization, append: organization }, contact: { appendTo: organization } }\n",
    ),
    (
        "baseline-privilege",
        "    privileges: { prvReadSharePointData: organization }\n",
        "    privileges: { prvReadLicense: organization }\n",
    ),
    (
        "dangerous-without-because",
        "    privileges: { prvActOnBehalfOfAnotherUser: organization }\n",
        "    privileges: { prvActOnBehalfOfAnotherUser: { level: organization, because: writes in the name of the person who asked } }\n",
    ),
    (
        "delete-everything",
        "    grants: { account: { read: organization, delete: organization } }\n",
        "    grants: { account: { read: organization, delete: user } }\n",
    ),
    (
        "grant-without-use",
        "    grants: { account: { read: organization }, lead: { read: organization } }\n",
        "    grants: { account: { read: organization }, lead: { read: organization, because: a lead becomes a widget } }\n",
    ),
    (
        "granted-twice",
        "    grants: { task: { read: user }, email: { read: organization } }\n",
        "    grants: { task: { read: organization }, email: { read: organization } }\n",
    ),
    (
        "level-not-possible",
        "    grants: { transactioncurrency: { read: user } }\n",
        "    grants: { transactioncurrency: { read: organization } }\n",
    ),
    ("needs-person", "    privileges: { prvPrint: organization }\n", "    privileges: { prvFlow: organization }\n"),
    (
        "privilege-spelling",
        "    privileges: { prvreadAccount: organization }\n",
        "    privileges: { prvReadAccount: organization }\n",
    ),
    (
        "right-not-possible",
        "    grants: { organization: { share: organization } }\n",
        "    grants: { organization: { read: organization } }\n",
    ),
    (
        "service-account-customizes",
        "    grants: { attribute: { read: organization, write: organization } }\n",
        "    grants: { attribute: { read: organization } }\n",
    ),
    (
        "table-without-privileges",
        "    grants: { ribboncommand: { read: organization } }\n",
        "    grants: { queueitem: { read: organization } }\n",
    ),
    (
        "unknown-privilege",
        "    privileges: { prvReadAcount: organization }\n",
        "    privileges: { prvReadfabrikam_Order: organization }\n",
    ),
    (
        "unknown-rule",
        "    grants: { account: { read: user } }\n    allow: [ { rule: write-withuot-read, because: because } ]\n",
        "    grants: { account: { write: user } }\n    allow: [ { rule: write-without-read, because: because } ]\n",
    ),
    ("unknown-table", "    grants: { acount: { read: user } }\n", "    grants: { fabrikam_Order: { read: user } }\n"),
    ("unsure-spelling", "    grants: { flowrun: { read: user } }\n", "    grants: { bot: { read: user } }\n"),
    (
        "unused-allow",
        "    grants: { account: { read: user } }\n    allow: [ { rule: write-without-read, because: because } ]\n",
        "    grants: { account: { write: user } }\n    allow: [ { rule: write-without-read, because: because } ]\n",
    ),
    (
        "use-without-grant",
        "    grants: { contact: { read: organization } }\n",
        "    privileges: { prvReadAccount: organization }\n",
    ),
    (
        "write-without-read",
        "    grants: { account: { read: user, write: organization } }\n",
        "    grants: { account: { read: organization, write: organization } }\n",
    ),
];

/// Rules that take more than a role to speak: their tests are in `roles.rs`.
/// `secured-columns-unreadable` is in `column_profiles.rs`.
const WITH_COMPONENTS: [&str; 5] = [
    "role-not-assigned",
    "as-wide-as-admin",
    "component-needs-right",
    "custom-api-privilege",
    "secured-columns-unreadable",
];

#[test]
fn each_rule_speaks_when_it_should_and_is_silent_when_it_should_be() {
    for (rule, triggers, does_not) in CASES {
        let codes = |body| {
            if !rule.contains("-without-use") && !rule.contains("use-without-") {
                return codes(body);
            }
            let text = manifest(body).replace("7a9e40 }", "7a9e40, uses: [account] }");
            let ran = Test::new().file("dvpack.yaml", text).args("check --format json").run();
            let list = ran.json()["diagnostics"].as_array().cloned().unwrap_or_default();
            (list.iter().map(|it| it["code"].as_str().expect("a code").to_owned()).collect::<Vec<_>>(), ran.code)
        };
        let (found, code) = codes(triggers);
        assert!(found.iter().any(|code| code == rule), "{rule}: {found:?}");
        let error = ["level-not-possible", "right-not-possible", "table-without-privileges"].contains(&rule);
        assert_eq!(code, if error { 3 } else { 0 }, "{rule}: {found:?}");
        let (found, code) = codes(does_not);
        assert!(!found.iter().any(|code| code == rule), "{rule}: {found:?}");
        assert_eq!(code, 0, "{rule}: {found:?}");
    }
}

#[test]
fn every_rule_has_a_case() {
    let cases: Vec<_> = CASES.iter().map(|(rule, ..)| *rule).collect();
    for rule in dvpack::solution::role::RULES {
        let line = format!("| `{}` | {:?} | ", rule.id, rule.severity).to_lowercase();
        assert!(include_str!("../../../docs/diagnostics.md").to_lowercase().contains(&line), "not documented: {line}");
        assert!(WITH_COMPONENTS.contains(&rule.id) || cases.contains(&rule.id), "{}", rule.id);
    }
}
