//! What is new, gone, or acts in another way.

use std::collections::BTreeSet;

use super::all::Acting;
use super::one::One;
use super::pairs::Pairs;
use crate::bundle::diff::values::{ValueChange, change};
use crate::solution::contents::acting::{shown_name, shown_value};

/// What differs, by what it is called and the name of the fact.
pub(in crate::bundle::diff) fn changes(old: Option<&Acting>, new: Option<&Acting>) -> Vec<ValueChange> {
    let (Some(old), Some(new)) = (old, new) else { return Vec::new() };
    let pairs = Pairs::of(old, new);
    let mut changes = Vec::new();
    for (then, now) in pairs.both {
        of_one(then, now, &mut changes);
    }
    changes.extend(pairs.new.into_iter().map(|now| change(now.title.clone(), None, Some(words(now)))));
    changes.extend(pairs.gone.into_iter().map(|then| change(then.title.clone(), Some(words(then)), None)));
    changes.sort_by(|a, b| a.name.cmp(&b.name));
    changes
}

fn of_one(then: &One, now: &One, changes: &mut Vec<ValueChange>) {
    let mut add = |fact: &str, old, new| changes.push(change(format!("{}: {fact}", now.title), old, new));
    if then.name != now.name {
        add("name", Some(then.called.clone()), Some(now.called.clone()));
    }
    if then.id != now.id {
        let shown = |one: &One| one.id.as_deref().map(|id| shown_name(id).into_owned());
        add("id", shown(then), shown(now));
    }
    let names: BTreeSet<&String> = then.facts.keys().chain(now.facts.keys()).collect();
    for name in names {
        let (old, new) = (then.all(name), now.all(name));
        if old != new {
            let of = |values: &[String]| (!values.is_empty()).then(|| shown(name, values));
            add(name, of(old), of(new));
        }
    }
}

/// The values of a fact on one line.
fn shown(name: &str, values: &[String]) -> String {
    values.iter().map(|value| shown_value(name, value)).collect::<Vec<_>>().join(", ")
}

/// All facts on one line.
fn words(one: &One) -> String {
    let facts = one.facts.iter().map(|(name, values)| format!("{name} = {}", shown(name, values)));
    facts.collect::<Vec<_>>().join("; ")
}
