//! What is gained although no role grants more: other roles or profiles for the application user, another business
//! unit, another application, and processes that run as somebody else.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::acting;
use super::assigned::Assigned;
use super::side::Side;
use crate::catalog::Level;
use crate::solution::role::{Role, Row};

/// What is gained besides privileges of roles, in words. Only for a bundle is it known what it assigns.
pub(super) fn gains(old: &Side, new: &Side) -> Vec<String> {
    let mut gains = Vec::new();
    if let (Some(before), Some(now)) = (&old.assigned, &new.assigned) {
        gains.extend(of_application(before, now));
        gains.extend(of_roles(before, now, &new.roles));
        let others = now.profiles.iter().filter(|(id, _)| !before.profiles.contains_key(id));
        gains.extend(others.map(|(_, name)| format!("the application user gets the column security profile {name}")));
    }
    if let (Some(before), Some(now)) = (&old.runs, &new.runs) {
        for (id, (called, runs)) in now {
            let known = before.get(id).map(|(_, runs)| runs);
            let others = runs.iter().filter(|it| known.is_none_or(|known| !known.contains(it)));
            gains.extend(others.map(|(name, value)| format!("the {called} runs with {name} = {value}")));
        }
    }
    gains.extend(acting::gains(old.acting.as_ref(), new.acting.as_ref()));
    gains
}

fn of_application(before: &Assigned, now: &Assigned) -> Vec<String> {
    let mut gains = Vec::new();
    if let (Some(then), Some(id)) = (before.client_id, now.client_id)
        && then != id
    {
        gains.push(format!("another application gets what the bundle grants: {id} instead of {then}"));
    }
    if let (Some(then), Some(unit)) = (&before.business_unit, &now.business_unit)
        && then != unit
    {
        gains.push(format!(
            "the application user belongs to the business unit {unit} instead of {then}, so that its privileges reach other rows"
        ));
    }
    gains
}

/// Roles that the application user did not have, if they grant it more than it had: both measured by the new
/// side's roles, since what changed in a role is shown with the role.
fn of_roles(before: &Assigned, now: &Assigned, roles: &[Role]) -> Vec<String> {
    let of = |id: &Uuid| roles.iter().find(|role| role.id == *id);
    let mut had: BTreeMap<String, Level> = BTreeMap::new();
    for row in before.roles.iter().filter_map(of).flat_map(|role| &role.rows) {
        deepen(&mut had, row);
    }
    let mut gains = Vec::new();
    for id in now.roles.difference(&before.roles) {
        let Some(role) = of(id) else {
            gains.push(format!("the application user gets the role {id}, which the bundle does not contain"));
            continue;
        };
        let more: Vec<String> = role
            .rows
            .iter()
            .filter(|row| had.get(&row.name.to_lowercase()).is_none_or(|level| *level < row.level))
            .map(|row| format!("{} ({})", row.name, row.level.name()))
            .collect();
        if !more.is_empty() {
            let rest = more.len().saturating_sub(SHOWN);
            let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
            let shown = more.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
            gains.push(format!("the application user gets the role {}: {shown}{rest}", role.name));
        }
    }
    gains
}

/// How many privileges of a role are named.
const SHOWN: usize = 20;

fn deepen(levels: &mut BTreeMap<String, Level>, row: &Row) {
    let level = levels.entry(row.name.to_lowercase()).or_insert(row.level);
    *level = (*level).max(row.level);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use uuid::Uuid;

    use super::super::assigned::Runs;
    use super::super::compare;
    use super::*;

    fn role(id: u128, name: &str, rows: &[(&str, Level)]) -> Role {
        let rows = rows.iter().map(|(name, level)| Row::new(*name, *level)).collect();
        Role { id: Uuid::from_u128(id), name: name.into(), description: None, inheritance: None, rows }
    }

    fn side(assigned: &Assigned) -> Side {
        let roles = vec![
            role(1, "Reader", &[("prvReadAccount", Level::Basic)]),
            role(2, "Admin", &[("prvReadAccount", Level::Global), ("prvWriteAccount", Level::Global)]),
            role(3, "Small", &[("prvReadAccount", Level::Basic)]),
        ];
        Side { roles, assigned: Some(assigned.clone()), ..Side::default() }
    }

    fn with(change: impl Fn(&mut Assigned)) -> Assigned {
        let mut assigned = Assigned {
            client_id: Some(Uuid::from_u128(9)),
            roles: BTreeSet::from([Uuid::from_u128(1)]),
            profiles: BTreeMap::new(),
            business_unit: Some("Sales".into()),
        };
        change(&mut assigned);
        assigned
    }

    #[test]
    fn whatever_gives_the_application_user_more_is_a_gain() {
        let before = with(|_| {});
        for (now, said) in [
            (
                with(|it| {
                    it.roles.insert(Uuid::from_u128(2));
                }),
                "the role Admin: prvReadAccount (Global), prvWriteAccount (Global)",
            ),
            (with(|it| it.roles = BTreeSet::from([Uuid::from_u128(2)])), "the role Admin"),
            (
                with(|it| {
                    it.roles.insert(Uuid::from_u128(8));
                }),
                "which the bundle does not contain",
            ),
            (
                with(|it| {
                    it.profiles.insert(Uuid::nil(), "Prices".into());
                }),
                "column security profile Prices",
            ),
            (with(|it| it.client_id = Some(Uuid::nil())), "another application"),
            (with(|it| it.business_unit = Some("root".into())), "root instead of Sales"),
        ] {
            let difference = compare(&side(&before), &side(&now));
            assert!(difference.gained && difference.gains.iter().any(|it| it.contains(said)), "{difference:?}");
        }
        for now in [
            before.clone(),
            with(|it| {
                it.roles.insert(Uuid::from_u128(3));
            }),
            with(|it| it.roles.clear()),
        ] {
            assert!(!compare(&side(&before), &side(&now)).gained, "{now:?}");
        }
        // Without an application user before, everything that it gets is gained.
        assert!(compare(&side(&Assigned::default()), &side(&before)).gained);
    }

    #[test]
    fn a_process_that_runs_as_somebody_else_is_a_gain() {
        let runs = |all: &[(&str, &str)]| {
            let all = all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Side { runs: Some(BTreeMap::from([(Uuid::nil(), ("plug-in step X".to_owned(), all))])), ..Side::default() }
        };
        let (none, some) = (runs(&[]), runs(&[("ImpersonatingUserId", "A")]));
        for (old, new, gained) in [
            (&none, &some, true),
            (&some, &runs(&[("ImpersonatingUserId", "B")]), true),
            (&Side { runs: Some(Runs::new()), ..Side::default() }, &some, true),
            (&some, &some, false),
            (&some, &none, false),
            (&Side::default(), &some, false),
        ] {
            assert_eq!(compare(old, new).gained, gained);
        }
    }
}
