//! What is accepted, and what is in the way only of what has to be written.

use super::{Code, Level, Observed, applied, compare, desired, installed, plan};
use crate::deploy::accepted::{Entry, List, Reason};
use crate::deploy::difference::Difference;
use crate::deploy::step::Options;
use crate::deploy::{Desired, FailureKind, Plan};
use crate::diagnostic::Source;

fn planned(desired: &Desired, observed: &Observed) -> Result<Plan, crate::deploy::Failure> {
    plan(&"https://contoso.crm.dynamics.com".parse().expect("a URL"), desired, observed, Options::default())
}

fn accepting(mut desired: Desired, entries: impl IntoIterator<Item = Entry>) -> Desired {
    desired.accepted = List::new(entries);
    desired
}

/// What the bundle needs of the environment, which does not have it.
fn demanding() -> (Desired, Observed) {
    let mut desired = desired();
    desired.descriptor.requires = serde_json::from_value(serde_json::json!({
        "serverVersion": "9.3", "solutions": [{"name": "Base", "version": "2.0"}],
    }))
    .expect("requirements");
    desired.unset.push((crate::bundle::descriptor::SettingKind::EnvironmentVariable, "contoso_Must".into()));
    (desired, Observed { server_version: "9.2".parse().ok(), ..applied() })
}

#[test]
fn what_a_write_needs_is_in_the_way_only_where_something_is_written() {
    let (desired, observed) = demanding();
    let codes = [Code::ServerVersion, Code::RequiredSolution, Code::SettingWithoutValue];
    let made = planned(&desired, &observed).expect("nothing has to be written, so nothing prevents it");
    assert!(made.is_empty() && !made.is_same());
    let found = made.remaining().map(|difference| difference.code).collect::<Vec<_>>();
    assert_eq!(found, codes);
    // They can be accepted, as other differences that no step mends.
    let entries: Vec<Entry> = made.differences.iter().map(Entry::of).collect();
    let made = planned(&accepting(desired.clone(), entries.clone()), &observed).expect("a plan");
    assert!(made.is_same() && made.accepted.len() == 3, "{made:?}");
    // With something to write they are, and cannot.
    for change in [
        |observed: &mut Observed| observed.users[0].disabled = true,
        |observed: &mut Observed| observed.solutions = vec![installed("1.3.0.0", true)],
    ] {
        let mut observed = observed.clone();
        change(&mut observed);
        for desired in [desired.clone(), accepting(desired.clone(), entries.clone())] {
            let failure = planned(&desired, &observed).expect_err("something prevents an apply");
            assert_eq!(failure.kind, FailureKind::NotReady);
            assert!(failure.message.contains("the server has version 9.2"), "{failure:?}");
            let said = format!("{failure:?}");
            assert!(
                said.contains("solution `Base` must be installed first") && said.contains("`contoso_Must`"),
                "{said}"
            );
            let compared = compare(&desired, &observed, Options::default());
            assert!(codes.iter().all(|code| compared.differences.iter().any(|it| it.code == *code)));
            assert!(compared.accepted.is_empty() && !compared.is_same());
            assert!(compared.idle.iter().all(|idle| idle.reason == Reason::InTheWay), "{:?}", compared.idle);
            assert_eq!(compared.idle.len(), desired.accepted.entries().count());
        }
    }
}

/// A privilege more, and one less deep.
fn changed() -> Observed {
    let mut observed = applied();
    let held = observed.held.get_mut(&super::ROLE).expect("held");
    held[0].level = Some(Level::Basic);
    held.push(crate::dataverse::role::Held {
        id: super::USER,
        level: Some(Level::Global),
        name: Some("prvDeleteAccount".into()),
    });
    observed
}

#[test]
fn a_difference_is_accepted_as_it_was_found_and_not_otherwise() {
    let differences = compare(&desired(), &changed(), Options::default()).differences;
    assert_eq!(differences.len(), 2, "{differences:?}");
    let entries: Vec<Entry> = differences.iter().map(Entry::of).collect();
    let compared = compare(&accepting(desired(), entries.clone()), &changed(), Options::default());
    assert!(compared.is_same() && compared.idle.is_empty(), "{compared:?}");
    assert!(compared.checks.iter().all(|check| check.ok), "{:?}", compared.checks);
    let more: Vec<Code> = compared.accepted.iter().filter(|it| it.grants_more).map(|it| it.difference.code).collect();
    assert_eq!(more, [Code::PrivilegeBeyond]);
    // Another kind, thing, part or value is another difference.
    for change in [
        |entry: &mut Entry| entry.code = Code::PrivilegeMissing,
        |entry: &mut Entry| entry.place.push(' '),
        |entry: &mut Entry| entry.what = entry.what.to_uppercase(),
        |entry: &mut Entry| entry.found = "Deep".into(),
    ] {
        let mut entries = entries.clone();
        entries.iter_mut().for_each(change);
        let compared = compare(&accepting(desired(), entries), &changed(), Options::default());
        assert_eq!((compared.differences.len(), compared.accepted.len(), compared.idle.len()), (2, 0, 2));
    }
    // An import that will bring the privilege is not accepted away.
    let solutions = vec![installed("1.3.0.0", true)];
    let observed = Observed { solutions, layered: [(super::ROLE, false)].into(), ..changed() };
    let compared = compare(&accepting(desired(), entries), &observed, Options::default());
    assert!(compared.accepted.is_empty() && compared.differences.iter().all(Difference::has_step), "{compared:?}");
    assert!(compared.idle.iter().all(|idle| idle.reason == Reason::Mended) && compared.idle.len() == 2);
}

#[test]
fn what_is_written_is_read_again_whatever_it_says() {
    let texts =
        ["not held", "no", "1", "a: b", "# c", "\"", "'", "a\nb", "\u{7f}\u{85}\u{2028}", "##vso[x]", " ", "😀"];
    let entries = texts.iter().enumerate().map(|(at, text)| Entry {
        place: (*text).to_owned(),
        what: texts[(at + 1) % texts.len()].to_owned(),
        code: Code::ALL[at],
        found: texts[(at + 2) % texts.len()].to_owned(),
        why: (at % 2 == 0).then(|| texts[(at + 3) % texts.len()].to_owned()),
    });
    let list = List::new(entries);
    let text = list.render();
    assert!(!text.contains("##vso") && !text.contains('\u{2028}'), "{text}");
    let read =
        List::parse(&Source::new("a.yaml", text.as_str())).unwrap_or_else(|findings| panic!("{findings:#?}\n{text}"));
    assert_eq!(read, list);
    assert_eq!(read.render(), text);
    assert!(!list.leaves_comments(&text) && list.leaves_comments(&format!("{text}# mine\n")));
}
