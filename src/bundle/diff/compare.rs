//! Two sides → what is new, what is gone, what is different.

use std::collections::BTreeMap;

use serde::Serialize;

use super::side::Side;
use crate::catalog::{self, Level, secret_forms};
use crate::solution::role::{Role, matrix, right_title};

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// What the person named as old.
    pub old: String,
    /// What the person named as new.
    pub new: String,
    /// Whether any privilege was gained or deepened: a reviewer must approve it.
    pub gained: bool,
    /// Roles that changed.
    pub roles: Vec<RoleChange>,
    /// Components that are new, gone or different.
    pub components: Vec<ComponentChange>,
    /// Settings.
    pub settings: Vec<ValueChange>,
    /// Version, application, requirements.
    pub facts: Vec<ValueChange>,
}

/// What changed in a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleChange {
    /// Its name on the new side, or on the old one where it is gone.
    pub name: String,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PrivilegeChange {
    /// Its name.
    pub privilege: String,
    /// What it is, in the role editor's words: `Read on Account`.
    pub title: String,
    /// The level before.
    pub old: Option<Level>,
    /// The level now.
    pub new: Option<Level>,
    /// Why a reviewer should look twice.
    pub unusual: Option<String>,
}

/// What changed with a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentChange {
    /// The kind's name.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// `added`, `removed` or `changed`.
    pub change: &'static str,
}

/// What changed in a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValueChange {
    /// What it is the value of.
    pub name: String,
    /// Before.
    pub old: Option<String>,
    /// Now.
    pub new: Option<String>,
}

impl Difference {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.roles.is_empty() && self.components.is_empty() && self.settings.is_empty() && self.facts.is_empty()
    }
}

/// Compares two sides.
#[must_use]
pub fn compare(old: &Side, new: &Side) -> Difference {
    let mut roles = roles(&old.roles, &new.roles);
    let properties = role_properties(old, new, &mut roles);
    let label = |side: &Side| {
        if side.solutions.is_empty() { side.label.clone() } else { side.solutions.join(", ") }
    };
    let mut difference = Difference {
        old: label(old),
        new: label(new),
        gained: properties || roles.iter().any(|role| !role.gained.is_empty() || !role.deepened.is_empty()),
        roles,
        components: components(&old.components, &new.components),
        settings: values(&old.settings, &new.settings),
        facts: values(&old.facts, &new.facts),
    };
    rest(old, new, &mut difference);
    difference
}

/// Properties that make a role reach further when they become `1`.
const REACHING: [&str; 2] = ["isinherited", "IsAutoAssigned"];

/// Adds what changed in roles besides their privileges; whether any of it makes a role reach further.
fn role_properties(old: &Side, new: &Side, changes: &mut Vec<RoleChange>) -> bool {
    let mut reaching = false;
    for now in &new.roles {
        // The same pairs as for privileges: by id, or else by the name of a role that has no other.
        let same_id = old.roles.iter().find(|role| role.id == now.id);
        let is_free = |role: &&Role| role.name == now.name && !new.roles.iter().any(|other| other.id == role.id);
        let Some(then) = same_id.or_else(|| old.roles.iter().find(is_free)) else { continue };
        let of = |side: &Side, role: &Role| side.role_properties.get(&role.id.to_string()).cloned();
        let (Some(mut before), Some(mut after)) = (of(old, then), of(new, now)) else { continue };
        before.insert("id".to_owned(), then.id.to_string());
        after.insert("id".to_owned(), now.id.to_string());
        let properties = values(&before, &after);
        if properties.is_empty() {
            continue;
        }
        let reaches = |it: &ValueChange| REACHING.contains(&it.name.as_str()) && it.new.as_deref() == Some("1");
        reaching |= properties.iter().any(reaches);
        match changes.iter_mut().find(|change| change.name == now.name) {
            Some(change) => change.properties = properties,
            None => changes.push(RoleChange { properties, ..role_change(Some(then), Some(now)) }),
        }
    }
    changes.sort_by_cached_key(|change| change.name.to_lowercase());
    reaching
}

/// Names what differs although none of the above says so: a file of the bundle, or a part that is written in another
/// way. As long as two digests differ there is a difference.
fn rest(old: &Side, new: &Side, difference: &mut Difference) {
    let differing = |before: &Option<BTreeMap<String, String>>, after: &Option<BTreeMap<String, String>>| {
        before.as_ref().zip(after.as_ref()).map(|(before, after)| values(before, after)).unwrap_or_default()
    };
    let change = |it: &ValueChange| match (&it.old, &it.new) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    };
    // Digests of what is compared above, and of that again.
    let made = ["bundle.json", "SHA256SUMS", "sbom.cdx.json", "INSTALL.html", "deploymentSettings.json"];
    let is_made = |name: &str| made.contains(&name) || name.starts_with(crate::bundle::signature::FOLDER);
    let push = |difference: &mut Difference, kind: &str, it: ValueChange| {
        difference.components.push(ComponentChange { kind: kind.to_owned(), change: change(&it), name: it.name });
    };
    let (generated, files): (Vec<_>, Vec<_>) =
        differing(&old.files, &new.files).into_iter().partition(|it| is_made(&it.name));
    for it in files {
        push(difference, "Bundle file", it);
    }
    if difference.is_empty() {
        for it in generated {
            push(difference, "Bundle file", it);
        }
        for it in differing(&old.parts, &new.parts) {
            push(difference, "Part, written in another way", it);
        }
    }
}

/// Roles are the same by their GUID, or else by their name: a role that was made anew under the old
/// name is still what the reader knows by it.
fn roles(old: &[Role], new: &[Role]) -> Vec<RoleChange> {
    let mut left: Vec<&Role> = old.iter().collect();
    let mut changes = Vec::new();
    let mut pairs: Vec<(Option<&Role>, &Role)> = Vec::new();
    for role in new {
        let at = left.iter().position(|other| other.id == role.id);
        pairs.push((at.map(|at| left.remove(at)), role));
    }
    for (before, role) in pairs {
        let before = before.or_else(|| {
            let at = left.iter().position(|other| other.name == role.name)?;
            Some(left.remove(at))
        });
        let change = role_change(before, Some(role));
        let renamed = change.renamed_from.is_some();
        let privileges = [&change.gained, &change.deepened, &change.reduced, &change.lost];
        if before.is_none() || renamed || privileges.iter().any(|list| !list.is_empty()) {
            changes.push(change);
        }
    }
    changes.extend(left.into_iter().map(|role| role_change(Some(role), None)));
    changes.sort_by_cached_key(|change| change.name.to_lowercase());
    changes
}

fn role_change(old: Option<&Role>, new: Option<&Role>) -> RoleChange {
    let levels = |role: Option<&Role>| -> BTreeMap<String, (String, Level)> {
        let rows = role.map_or(&[][..], |role| &role.rows);
        rows.iter().map(|row| (row.name.to_lowercase(), (row.name.clone(), row.level))).collect()
    };
    let (before, after) = (levels(old), levels(new));
    let mut change = RoleChange {
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
    // The matrix knows what is unusual about a row.
    let unusual = new.and_then(|level| {
        let matrix = matrix(&[crate::solution::role::Row::new(name, level)]);
        let cell = matrix
            .groups
            .iter()
            .flat_map(|group| &group.rows)
            .flat_map(|row| &row.cells)
            .find_map(|cell| cell.unusual.clone());
        cell.or_else(|| matrix.others.first().and_then(|other| other.unusual.clone()))
    });
    PrivilegeChange { privilege: name.to_owned(), title, old, new, unusual }
}

type Digests = BTreeMap<(String, String), String>;

fn components(old: &Digests, new: &Digests) -> Vec<ComponentChange> {
    let mut changes = Vec::new();
    let mut push = |(kind, name): &(String, String), change| {
        changes.push(ComponentChange { kind: kind.clone(), name: name.clone(), change });
    };
    for (key, digest) in new {
        match old.get(key) {
            None => push(key, "added"),
            Some(before) if before != digest => push(key, "changed"),
            Some(_) => {}
        }
    }
    old.keys().filter(|key| !new.contains_key(*key)).for_each(|key| push(key, "removed"));
    changes.sort_by(|a, b| (&a.kind, &a.name).cmp(&(&b.kind, &b.name)));
    changes
}

fn values(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<ValueChange> {
    let names: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| {
            let shown = |side: &BTreeMap<String, String>| Some(secret_forms::shown(side.get(name)?).into_owned());
            let (old, mut new) = (shown(old), shown(new));
            // They differ, even where that is not shown.
            if let Some(same) = new.as_mut().filter(|new| old.as_ref() == Some(*new)) {
                same.push_str(", another one");
            }
            ValueChange { name: name.clone(), old, new }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::solution::role::Row;

    fn side(rows: &[(&str, Level)]) -> Side {
        let rows = rows.iter().map(|(name, level)| Row::new(*name, *level)).collect();
        let role = Role { id: Uuid::nil(), name: "Service".into(), description: None, inheritance: None, rows };
        Side { roles: vec![role], ..Side::default() }
    }

    #[test]
    fn gained_deepened_reduced_and_lost_are_told_apart() {
        let old =
            side(&[("prvReadAccount", Level::Basic), ("prvWriteAccount", Level::Global), ("prvReadLead", Level::Deep)]);
        let new = side(&[
            ("prvReadAccount", Level::Global),
            ("prvWriteAccount", Level::Local),
            ("prvWriteRole", Level::Global),
        ]);
        let difference = compare(&old, &new);
        assert!(difference.gained);
        let titles = |list: &[PrivilegeChange]| list.iter().map(|it| it.title.clone()).collect::<Vec<_>>();
        let role = &difference.roles[0];
        assert_eq!(titles(&role.gained), ["Write on Role"]);
        assert!(role.gained[0].unusual.is_some());
        assert_eq!(titles(&role.deepened), ["Read on Account"]);
        assert_eq!(titles(&role.reduced), ["Write on Account"]);
        assert_eq!(titles(&role.lost), ["Read on Lead"]);
    }

    #[test]
    fn less_is_not_a_gain() {
        let old = side(&[("prvReadAccount", Level::Global)]);
        let difference = compare(&old, &side(&[("prvReadAccount", Level::Basic)]));
        assert!(!difference.gained && !difference.is_empty());
        assert!(compare(&old, &old).is_empty());
    }

    fn role(id: u128, name: &str) -> Role {
        Role { id: Uuid::from_u128(id), name: name.into(), ..side(&[("prvReadAccount", Level::Basic)]).roles.remove(0) }
    }

    #[test]
    fn a_role_is_known_by_its_guid_or_else_by_its_name() {
        let told = |old: &[Role], new: &[Role]| -> Vec<_> {
            let line = |it: RoleChange| (it.name, it.change, it.renamed_from);
            roles(old, new).into_iter().map(line).collect()
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
