//! What changed in column security: what profiles allow, and which columns are secured.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::side::Side;
use crate::catalog::COLUMN;
use crate::solution::contents::{Known, of_table};
use crate::solution::role::ColumnSecurity;

/// What changed in a column security profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProfileChange {
    /// Its GUID.
    pub id: Uuid,
    /// Its name on the new side, or on the old one where it is gone.
    pub name: String,
    /// `added`, `removed` or `changed`.
    pub change: &'static str,
    /// Its other name, where it was renamed.
    pub renamed_from: Option<String>,
    /// Rights that are new.
    pub gained: Vec<ColumnRight>,
    /// Rights that are gone.
    pub lost: Vec<ColumnRight>,
}

/// A right in a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct ColumnRight {
    /// Table and column: `account.name`.
    pub column: String,
    /// `read`, `create`, `update`, `read unmasked`.
    pub right: String,
}

/// What changed in column security.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ColumnChanges {
    /// Profiles that changed.
    pub profiles: Vec<ProfileChange>,
    /// Columns that became secured: `table.column`.
    pub secured: Vec<String>,
    /// Columns that stay and are no longer secured: whoever reaches the row has them.
    pub unsecured: Vec<String>,
}

impl ColumnChanges {
    /// The same, with every text that is not dvpack's own in another form.
    pub(super) fn with_texts(self, form: &impl Fn(&str) -> String) -> Self {
        let Self { profiles, secured, unsecured } = self;
        let all = |texts: Vec<String>| texts.iter().map(|text| form(text)).collect();
        let rights = |list: Vec<ColumnRight>| {
            let one = |ColumnRight { column, right }| ColumnRight { column: form(&column), right: form(&right) };
            list.into_iter().map(one).collect()
        };
        let profile = |ProfileChange { id, name, change, renamed_from, gained, lost }| ProfileChange {
            id,
            name: form(&name),
            change,
            renamed_from: renamed_from.map(|name: String| form(&name)),
            gained: rights(gained),
            lost: rights(lost),
        };
        Self { profiles: profiles.into_iter().map(profile).collect(), secured: all(secured), unsecured: all(unsecured) }
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.profiles.is_empty() && self.secured.is_empty() && self.unsecured.is_empty()
    }

    /// Whether anybody can do more than before.
    pub(super) fn is_gain(&self) -> bool {
        !self.unsecured.is_empty() || self.profiles.iter().any(|it| !it.gained.is_empty())
    }
}

/// What changed between two sides; nothing if it cannot be known.
pub(super) fn columns(old: &Side, new: &Side) -> ColumnChanges {
    let Some((before, after)) = old.column_security.as_ref().zip(new.column_security.as_ref()) else {
        return ColumnChanges::default();
    };
    let secured = |security: &ColumnSecurity| security.secured_columns().collect::<BTreeSet<String>>();
    let (then, now) = (secured(before), secured(after));
    let pieces: Vec<_> = new.releases.iter().flat_map(|release| release.pieces.clone()).collect();
    let known = Known::of(&pieces);
    let stays = |column: &&String| {
        column.split_once('.').is_some_and(|(table, name)| known.names(COLUMN, &of_table(table, name)))
    };
    ColumnChanges {
        profiles: profiles(before, after),
        secured: now.difference(&then).cloned().collect(),
        unsecured: then.difference(&now).filter(stays).cloned().collect(),
    }
}

type Rights = (String, BTreeSet<ColumnRight>);

fn rights(security: &ColumnSecurity) -> BTreeMap<Uuid, Rights> {
    let mut found: BTreeMap<Uuid, Rights> = BTreeMap::new();
    for profile in &security.profiles {
        let (_, rights) = found.entry(profile.id).or_insert_with(|| (profile.name.clone(), BTreeSet::new()));
        for it in &profile.permissions {
            let column = format!("{}.{}", it.table, it.column);
            rights.extend(it.rights.iter().map(|right| ColumnRight { column: column.clone(), right: right.clone() }));
        }
    }
    found
}

fn profiles(before: &ColumnSecurity, after: &ColumnSecurity) -> Vec<ProfileChange> {
    let (before, after) = (rights(before), rights(after));
    let ids: BTreeSet<&Uuid> = before.keys().chain(after.keys()).collect();
    let none = BTreeSet::new();
    let mut changes: Vec<ProfileChange> = ids
        .into_iter()
        .filter_map(|id| {
            let (old, new) = (before.get(id), after.get(id));
            let [then, now] = [old, new].map(|it| it.map_or(&none, |(_, rights)| rights));
            let name = new.or(old).map(|(name, _)| name.clone())?;
            let change = ProfileChange {
                id: *id,
                change: match (old, new) {
                    (None, _) => "added",
                    (_, None) => "removed",
                    _ => "changed",
                },
                renamed_from: old.map(|(name, _)| name.clone()).filter(|before| *before != name),
                gained: now.difference(then).cloned().collect(),
                lost: then.difference(now).cloned().collect(),
                name,
            };
            (old != new).then_some(change)
        })
        .collect();
    changes.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    changes
}
