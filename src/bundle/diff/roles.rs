//! What changed in roles: their privileges, and other properties in their XML.

use std::collections::{BTreeMap, HashMap, VecDeque};

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::side::Side;
use super::values::{ValueChange, values};
use crate::catalog::{self, Level};
use crate::solution::role::{OwnTables, Role, Row, right_title, unusual};

/// What changed in a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleChange {
    /// Its GUID on the new side, or on the old one where it is gone.
    pub id: Uuid,
    /// Its name on the new side, or on the old one where it is gone.
    pub name: String,
    /// Whether another role also has this name: then only the GUID identifies it.
    #[serde(skip)]
    pub shares_name: bool,
    /// `added`, `removed` or `changed`.
    pub change: &'static str,
    /// Its other name, where it was renamed.
    pub renamed_from: Option<String>,
    /// Privileges that are new.
    pub gained: Vec<PrivilegeChange>,
    /// Privileges that go deeper than before.
    pub deepened: Vec<PrivilegeChange>,
    /// Privileges that do not go as deep as before.
    pub reduced: Vec<PrivilegeChange>,
    /// Privileges that are gone.
    pub lost: Vec<PrivilegeChange>,
    /// What else changed in it, such as whether it is assigned automatically.
    pub properties: Vec<ValueChange>,
}

/// What changed in a privilege.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PrivilegeChange {
    /// Its name.
    pub privilege: String,
    /// What it is, in the terms of the role editor: `Read on Account`.
    pub title: String,
    /// The level before.
    pub old: Option<Level>,
    /// The level now.
    pub new: Option<Level>,
    /// Why a reviewer should look twice.
    pub unusual: Option<String>,
}

/// Properties that make a role reach further, each with the value that does not: for an absent one that is not known
/// (an assumption: new roles are inherited), except for automatic assignment, which must be requested.
const REACHING: [(&str, &[Option<&str>]); 2] = [("isinherited", &[Some("0")]), ("IsAutoAssigned", &[Some("0"), None])];

impl RoleChange {
    /// Whether it makes the role reach further.
    pub(super) fn is_gain(&self) -> bool {
        let reaches = |it: &ValueChange| {
            let near = REACHING.iter().find(|(name, _)| *name == it.name).map(|(_, near)| *near);
            near.is_some_and(|near| !near.contains(&it.new.as_deref()) && near.contains(&it.old.as_deref()))
        };
        let is_there = self.change != "removed";
        !self.gained.is_empty() || !self.deepened.is_empty() || (is_there && self.properties.iter().any(reaches))
    }

    /// Whether anything is different in a role that both sides have.
    fn is_difference(&self) -> bool {
        let privileges = [&self.gained, &self.deepened, &self.reduced, &self.lost];
        self.change != "changed"
            || self.renamed_from.is_some()
            || privileges.iter().any(|list| !list.is_empty())
            || !self.properties.is_empty()
    }
}

impl RoleChange {
    /// The same, with every text that is not dvpack's own in another form.
    pub(super) fn with_texts(
        self,
        form: &impl Fn(&str) -> String,
        values: &impl Fn(Vec<ValueChange>) -> Vec<ValueChange>,
    ) -> Self {
        let Self { id, name, shares_name, change, renamed_from, gained, deepened, reduced, lost, properties } = self;
        let privileges = |list: Vec<PrivilegeChange>| {
            let one = |PrivilegeChange { privilege, title, old, new, unusual }| PrivilegeChange {
                privilege: form(&privilege),
                title: form(&title),
                old,
                new,
                unusual: unusual.map(|text: String| form(&text)),
            };
            list.into_iter().map(one).collect::<Vec<_>>()
        };
        Self {
            id,
            name: form(&name),
            shares_name,
            change,
            renamed_from: renamed_from.map(|name| form(&name)),
            gained: privileges(gained),
            deepened: privileges(deepened),
            reduced: privileges(reduced),
            lost: privileges(lost),
            properties: values(properties),
        }
    }
}

/// The roles that changed, by name.
pub(super) fn roles(old: &Side, new: &Side) -> Vec<RoleChange> {
    let [in_old, in_new] = [old, new].map(|side| {
        let mut names: HashMap<String, usize> = HashMap::new();
        side.roles.iter().for_each(|role| *names.entry(role.name.to_ascii_lowercase()).or_default() += 1);
        names
    });
    let shares = |names: &HashMap<String, usize>, role: Option<&Role>| {
        role.is_some_and(|role| names.get(&role.name.to_ascii_lowercase()).is_some_and(|count| *count > 1))
    };
    let mut changes: Vec<RoleChange> = pairs(&old.roles, &new.roles)
        .into_iter()
        .map(|(then, now)| RoleChange {
            shares_name: shares(&in_old, now.or(then)) || shares(&in_new, now.or(then)),
            properties: properties((old, then), (new, now)),
            ..role_change(then, now)
        })
        .filter(RoleChange::is_difference)
        .collect();
    changes.sort_by_cached_key(|change| (change.name.to_lowercase(), change.id));
    changes
}

/// Roles are the same by their GUID, or else by their name: a role that was made anew under the old
/// name is still what the reader knows by it.
fn pairs<'a>(old: &'a [Role], new: &'a [Role]) -> Vec<(Option<&'a Role>, Option<&'a Role>)> {
    let mut left: Vec<Option<&Role>> = old.iter().map(Some).collect();
    let mut by_id: HashMap<Uuid, VecDeque<usize>> = HashMap::new();
    old.iter().enumerate().for_each(|(at, role)| by_id.entry(role.id).or_default().push_back(at));
    let mut take = |left: &mut Vec<Option<&'a Role>>, role: &Role| {
        by_id.get_mut(&role.id)?.pop_front().and_then(|at| left[at].take())
    };
    let by_id: Vec<(Option<&Role>, &Role)> = new.iter().map(|role| (take(&mut left, role), role)).collect();
    let mut by_name: HashMap<&str, VecDeque<usize>> = HashMap::new();
    for (at, role) in left.iter().enumerate().filter_map(|(at, role)| Some((at, (*role)?))) {
        by_name.entry(&role.name).or_default().push_back(at);
    }
    let mut named = |left: &mut Vec<Option<&'a Role>>, role: &Role| {
        by_name.get_mut(role.name.as_str())?.pop_front().and_then(|at| left[at].take())
    };
    let mut pairs: Vec<_> =
        by_id.into_iter().map(|(then, now)| (then.or_else(|| named(&mut left, now)), Some(now))).collect();
    pairs.extend(left.into_iter().flatten().map(|role| (Some(role), None)));
    pairs
}

/// What changed in a role besides its privileges; nothing if a side has the role without knowing them.
fn properties(old: (&Side, Option<&Role>), new: (&Side, Option<&Role>)) -> Vec<ValueChange> {
    let both = old.1.is_some() && new.1.is_some();
    let of = |(side, role): (&Side, Option<&Role>)| {
        let Some(role) = role else { return Some(BTreeMap::new()) };
        let id = role.id.to_string();
        let mut known = side.role_properties.get(&id)?.clone();
        if both {
            known.insert("id".to_owned(), id);
        }
        Some(known)
    };
    of(old).zip(of(new)).map(|(before, after)| values(&before, &after)).unwrap_or_default()
}

fn role_change(old: Option<&Role>, new: Option<&Role>) -> RoleChange {
    let levels = |role: Option<&Role>| -> BTreeMap<String, (String, Level)> {
        let rows = role.map_or(&[][..], |role| &role.rows);
        rows.iter().map(|row| (row.name.to_lowercase(), (row.name.clone(), row.level))).collect()
    };
    let (before, after) = (levels(old), levels(new));
    let mut change = RoleChange {
        id: new.or(old).map(|role| role.id).unwrap_or_default(),
        shares_name: false,
        name: new.or(old).map(|role| role.name.clone()).unwrap_or_default(),
        change: match (old, new) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        },
        renamed_from: old.filter(|old| new.is_some_and(|new| new.name != old.name)).map(|old| old.name.clone()),
        gained: Vec::new(),
        deepened: Vec::new(),
        reduced: Vec::new(),
        lost: Vec::new(),
        properties: Vec::new(),
    };
    for (key, (name, level)) in &after {
        match before.get(key).map(|(_, level)| *level) {
            None => change.gained.push(privilege(name, None, Some(*level))),
            Some(old) if old < *level => change.deepened.push(privilege(name, Some(old), Some(*level))),
            Some(old) if old > *level => change.reduced.push(privilege(name, Some(old), Some(*level))),
            Some(_) => {}
        }
    }
    for (key, (name, level)) in &before {
        if !after.contains_key(key) {
            change.lost.push(privilege(name, Some(*level), None));
        }
    }
    change
}

fn privilege(name: &str, old: Option<Level>, new: Option<Level>) -> PrivilegeChange {
    let known = catalog::privilege(name);
    let title = match (known.and_then(|known| known.table), catalog::split_privilege(name)) {
        (Some((table, right)), _) => format!("{} on {}", right_title(right), table.name()),
        (None, Some((right, noun))) if known.is_none() => format!("{} on {noun}", right_title(right)),
        _ => name.to_owned(),
    };
    let unusual = new.and_then(|level| unusual(&Row::new(name, level), &OwnTables::default()));
    PrivilegeChange { privilege: name.to_owned(), title, old, new, unusual }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(roles: &[Role]) -> Side {
        Side { roles: roles.to_vec(), ..Side::default() }
    }

    fn role(id: u128, name: &str) -> Role {
        Role {
            id: Uuid::from_u128(id),
            name: name.into(),
            description: None,
            inheritance: None,
            rows: vec![Row::new("prvReadAccount", Level::Basic)],
        }
    }

    #[test]
    fn a_role_is_known_by_its_guid_or_else_by_its_name() {
        let told = |old: &[Role], new: &[Role]| -> Vec<_> {
            let line = |it: RoleChange| (it.name, it.change, it.renamed_from);
            roles(&side(old), &side(new)).into_iter().map(line).collect()
        };
        let before = [role(1, "Service"), role(2, "Reader")];
        assert_eq!(told(&before, &[role(2, "Reader"), role(1, "Service")]), []);
        // Made anew under the old name.
        assert_eq!(told(&before, &[role(1, "Service"), role(3, "Reader")]), []);
        // Renamed, also to the name that the other one had.
        assert_eq!(
            told(&before, &[role(1, "Reader"), role(2, "Auditor")]),
            [
                ("Auditor".into(), "changed", Some("Reader".into())),
                ("Reader".into(), "changed", Some("Service".into())),
            ]
        );
        assert_eq!(
            told(&before, &[role(2, "Reader"), role(3, "Auditor")]),
            [("Auditor".into(), "added", None), ("Service".into(), "removed", None)]
        );
    }

    #[test]
    fn a_privilege_of_a_table_of_ones_own_is_told_by_the_table() {
        let title = |name: &str| privilege(name, None, Some(Level::Basic)).title;
        assert_eq!(title("prvReadcontoso_widget"), "Read on contoso_widget");
        assert_eq!(title("prvReadAccount"), "Read on Account");
        assert_eq!(title("prvActOnBehalfOfAnotherUser"), "prvActOnBehalfOfAnotherUser");
    }
}
