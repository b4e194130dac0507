//! What acts: what changed between two sides, and which of the changes reach further.

mod all;
mod changes;
mod flow;
mod gains;
mod one;
mod pairs;

pub(super) use all::Acting;
pub(super) use changes::changes;
pub(super) use gains::gains;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solution::contents::acting::{
        ACCESS, AUTHENTICATION, ISOLATION, NO_ROLE, NOBODY_ASKED, NOT_SAID, PRIVILEGE, ROLE, USERS,
    };
    use crate::solution::contents::{Act, ActFact};

    fn acting(kind: &'static str, facts: &[(&str, &str)]) -> Acting {
        let facts = facts.iter().map(|(name, value)| ActFact { name: (*name).into(), value: (*value).into() });
        let mut acting = Acting::default();
        acting.add("W", &Act { kind, name: "X".into(), id: None, facts: facts.collect() });
        acting
    }

    #[test]
    fn what_reaches_further_is_a_gain() {
        type Facts = &'static [(&'static str, &'static str)];
        let cases: [(&'static str, Facts, Facts, usize); 45] = [
            ("cloud flow", &[(AUTHENTICATION, "Tenant")], &[(AUTHENTICATION, "All")], 1),
            ("cloud flow", &[(AUTHENTICATION, "All")], &[(AUTHENTICATION, "Tenant")], 0),
            ("plug-in assembly", &[("IsolationMode", "2 (sandbox)")], &[("IsolationMode", "1 (none)")], 1),
            ("plug-in assembly", &[("IsolationMode", "1 (none)")], &[("IsolationMode", "2 (sandbox)")], 0),
            ("canvas app", &[("BypassConsent", "0")], &[("BypassConsent", "1")], 1),
            ("canvas app", &[], &[("AdminControlBypassConsent", "true")], 1),
            ("custom API", &[(PRIVILEGE, "prvReadAccount")], &[(PRIVILEGE, NOBODY_ASKED)], 1),
            ("custom API", &[(PRIVILEGE, NOBODY_ASKED)], &[(PRIVILEGE, NOBODY_ASKED)], 0),
            ("app", &[(ROLE, "a")], &[(ROLE, "a"), (ROLE, "b")], 1),
            ("app", &[(ROLE, "a"), (ROLE, "b")], &[(ROLE, "a")], 0),
            ("app", &[(ROLE, NO_ROLE)], &[(ROLE, "a")], 1),
            ("app", &[(ROLE, "a")], &[(ROLE, NO_ROLE)], 0),
            ("canvas app", &[("BypassConsent", "0")], &[("BypassConsent", "True")], 1),
            ("canvas app", &[("BypassConsent", "0")], &[("BypassConsent", "yes")], 1),
            ("canvas app", &[("BypassConsent", "0")], &[("BypassConsent", "False")], 0),
            ("plug-in assembly", &[(ISOLATION, "2 (sandbox)")], &[(ISOLATION, NOT_SAID)], 1),
            ("plug-in assembly", &[(ISOLATION, NOT_SAID)], &[(ISOLATION, "1 (none)")], 1),
            ("plug-in assembly", &[(ISOLATION, NOT_SAID)], &[(ISOLATION, NOT_SAID)], 0),
            ("cloud flow", &[(AUTHENTICATION, "Tenant")], &[(AUTHENTICATION, NOT_SAID)], 1),
            ("cloud flow", &[("trigger a", "Recurrence")], &[(AUTHENTICATION, NOT_SAID)], 1),
            ("cloud flow", &[(AUTHENTICATION, NOT_SAID)], &[(AUTHENTICATION, "All")], 1),
            ("cloud flow", &[(AUTHENTICATION, NOT_SAID)], &[(AUTHENTICATION, "Tenant")], 0),
            ("cloud flow", &[(AUTHENTICATION, "User")], &[(AUTHENTICATION, "Tenant")], 1),
            ("cloud flow", &[("connection a", "invoker")], &[("connection a", "embedded")], 1),
            ("cloud flow", &[("connection a", "invoker")], &[("connection a", NOT_SAID)], 1),
            ("cloud flow", &[("connection a", "invoker")], &[("connection b", "embedded")], 1),
            ("cloud flow", &[("connection a", "embedded")], &[("connection b", "embedded")], 0),
            ("cloud flow", &[("connection a", "embedded")], &[("connection a", "invoker")], 0),
            (
                "plug-in assembly",
                &[(ISOLATION, "2 (sandbox)"), (ISOLATION, "1 (none)")],
                &[(ISOLATION, "1 (none)"); 2],
                1,
            ),
            ("plug-in assembly", &[(ISOLATION, "2 (sandbox)"), (ISOLATION, "1 (none)")], &[(ISOLATION, "1 (none)")], 0),
            ("custom API", &[(PRIVILEGE, "prvReadAccount")], &[(PRIVILEGE, "prvReadUserQuery")], 1),
            ("custom API", &[(PRIVILEGE, NOBODY_ASKED)], &[(PRIVILEGE, "prvReadAccount")], 0),
            ("agent", &[(ACCESS[1], "2")], &[(ACCESS[1], "1")], 1),
            ("agent", &[(ACCESS[3], "a")], &[], 1),
            ("agent", &[(ACCESS[1], "2")], &[(ACCESS[1], "2")], 0),
            ("cloud flow", &[(USERS, "a")], &[(AUTHENTICATION, "User"), (USERS, "a, b")], 1),
            ("cloud flow", &[(AUTHENTICATION, "User"), (USERS, "a; B")], &[(AUTHENTICATION, "User"), (USERS, "b")], 0),
            (
                "cloud flow",
                &[(AUTHENTICATION, "User"), (USERS, "a")],
                &[(AUTHENTICATION, "User"), (USERS, NOT_SAID)],
                1,
            ),
            ("cloud flow", &[(AUTHENTICATION, "Tenant")], &[(AUTHENTICATION, "User"), (USERS, "a")], 0),
            ("cloud flow", &[(AUTHENTICATION, "All")], &[(AUTHENTICATION, "All"), (AUTHENTICATION, NOT_SAID)], 1),
            (
                "cloud flow",
                &[("connection a", "invoker")],
                &[("connection a", "\"embedded, impersonation invoker\"")],
                1,
            ),
            (
                "cloud flow",
                &[("connection a", "invoker")],
                &[("connection a", "embedded, impersonation (not said)")],
                1,
            ),
            (
                "cloud flow",
                &[("connection a", "invoker")],
                &[("connection a", "invoker"), ("connection a", "embedded")],
                1,
            ),
            ("cloud flow", &[("connection a", "embedded")], &[("connection a", "invoker, impersonation Owner")], 0),
            ("cloud flow", &[("connection a", "embedded, impersonation Invoker")], &[("connection a", "embedded")], 1),
        ];
        for (kind, old, new, count) in cases {
            let (old, new) = (acting(kind, old), acting(kind, new));
            assert_eq!(gains(Some(&old), Some(&new)).len(), count, "{kind}: {old:?} {new:?}");
            assert_eq!(changes(Some(&old), Some(&new)).is_empty(), old == new);
        }
        let flow = acting("cloud flow", &[(AUTHENTICATION, "All")]);
        assert_eq!(gains(Some(&Acting::default()), Some(&flow)).len(), 1);
        assert!(gains(None, Some(&flow)).is_empty());
    }

    #[test]
    fn many_new_ones_are_not_compared_with_many_that_are_gone_without_end() {
        let many = |from: &str| {
            let mut acting = Acting::default();
            for at in 0..400 {
                let facts = vec![ActFact { name: ROLE.to_owned(), value: "a".repeat(200) }];
                acting.add("W", &Act { kind: "app", name: format!("{from}{at}"), id: None, facts });
            }
            acting
        };
        let said = gains(Some(&many("a")), Some(&many("b")));
        assert_eq!(said, ["a new app may reach further than one that is gone: there are too many of them"]);
    }
}
