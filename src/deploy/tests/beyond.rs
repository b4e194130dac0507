//! Privileges that the role has in the environment beyond the bundle.

use uuid::Uuid;

use super::{ROLE, applied, installed, planned, verify};
use crate::catalog::Level;
use crate::dataverse::role::Held;
use crate::deploy::Observed;

/// What was added, the level of what should be there, and whether the check is good, with its words.
type Case<'a> = (&'a [(&'a str, Level)], Level, Option<(bool, &'a str)>);

/// What somebody added to the role by hand, and what follows for verification, plan and approval.
#[test]
fn privileges_beyond_the_bundle_differ_where_they_can_change_something() {
    let with = |extra: &[(&str, Level)], read: Level| {
        let mut observed = applied();
        let held = observed.held.get_mut(&ROLE).expect("held");
        held[0].level = Some(read);
        held.extend((0x50..).zip(extra).map(|(id, (name, level))| Held {
            id: Uuid::from_u128(id),
            level: Some(*level),
            name: Some((*name).to_owned()),
        }));
        observed
    };
    let cases: [Case<'_>; 8] = [
        (&[], Level::Local, None),
        (&[("prvReadSharePointData", Level::Global), ("prvWriteSharePointData", Level::Global)], Level::Local, None),
        (&[], Level::Global, Some((false, "prvReadAccount (Global instead of Local)"))),
        (&[("prvWriteContact", Level::Basic)], Level::Local, Some((false, "prvWriteContact (Basic)"))),
        (&[("prvActOnBehalfOfAnotherUser", Level::Global)], Level::Local, Some((false, "prvActOnBehalf"))),
        (&[("prvDeletecontoso_Widget", Level::Deep)], Level::Local, Some((false, "prvDeletecontoso_Widget (Deep)"))),
        (&[("prvReadLead", Level::Global)], Level::Local, Some((true, "prvReadLead (Global) (a note"))),
        (
            &[("prvReadLead", Level::Global), ("prvShareLead", Level::Basic)],
            Level::Local,
            Some((false, "prvShareLead (Basic); and, as a note, prvReadLead (Global)")),
        ),
    ];
    for (extra, read, expected) in cases {
        let observed = with(extra, read);
        let checks = verify(&observed);
        let beyond = checks.iter().find(|check| check.what == "privileges of `Widgets Service` beyond the bundle");
        assert_eq!(beyond.map(|check| check.ok), expected.map(|(ok, _)| ok), "{extra:?}");
        let plan = planned(&observed, None).expect("a plan");
        assert_eq!(plan.steps, [], "{extra:?}");
        assert_eq!(plan.differences.len(), usize::from(expected.is_some_and(|(ok, _)| !ok)), "{extra:?}");
        if let (Some(check), Some((ok, words))) = (beyond, expected) {
            assert!(check.found.contains(words), "{}", check.found);
            if ok {
                assert!(plan.warnings[0].contains(words), "{:?}", plan.warnings);
            } else {
                assert!(
                    words.contains(plan.differences[0].what.trim_start_matches("privilege ").get(..12).unwrap_or("?")),
                    "{plan:?}"
                );
            }
            // It is a part of what an approval rests on.
            assert!(planned(&applied(), None).expect("a plan").check_approved(&plan).is_err(), "{extra:?}");
        }
        // An import takes it away, except where it stands in a layer of the environment.
        for (layered, stays) in [(Some(false), false), (Some(true), true), (None, true)] {
            let layered = layered.map(|layered| (ROLE, layered)).into_iter().collect();
            let solutions = vec![installed("1.3.0.0", true)];
            let plan = planned(&Observed { solutions, layered, ..observed.clone() }, None).expect("a plan");
            let differs = expected.is_some_and(|(ok, _)| !ok);
            assert_eq!(plan.remaining().count(), usize::from(differs && stays), "{extra:?}");
        }
    }
}
