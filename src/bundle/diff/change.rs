//! What differs between two packages as one list: the form that every comparison has for machines.

use schemars::JsonSchema;
use serde::Serialize;

use super::columns::{ColumnRight, ProfileChange};
use super::difference::Difference;
use super::roles::{PrivilegeChange, RoleChange};
use super::values::ValueChange;
use crate::catalog::Level;

/// Something that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// The kind of difference.
    pub code: ChangeCode,
    /// The thing that differs.
    #[serde(rename = "where")]
    pub place: String,
    /// Which property of it.
    pub what: String,
    /// As the new side has it, or as the manifest builds it; absent where it is gone, or not one line.
    pub wanted: Option<String>,
    /// As the old side has it, or the published bundle; absent where it is new, or not one line.
    pub found: Option<String>,
}

/// The kinds of differences between two packages. Scripts rely on these words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeCode {
    /// A role is new.
    RoleAdded,
    /// A role is gone.
    RoleRemoved,
    /// A role has another name.
    RoleRenamed,
    /// A role has other properties, apart from its privileges.
    RoleProperty,
    /// A privilege is new.
    PrivilegeGained,
    /// A privilege goes deeper.
    PrivilegeDeepened,
    /// A privilege goes less deep.
    PrivilegeReduced,
    /// A privilege is gone.
    PrivilegeLost,
    /// A column security profile is new.
    ProfileAdded,
    /// A column security profile is gone.
    ProfileRemoved,
    /// A column security profile has another name.
    ProfileRenamed,
    /// A column security profile allows more in a column.
    ColumnAccessGained,
    /// A column security profile allows less in a column.
    ColumnAccessLost,
    /// A column became secured.
    ColumnSecured,
    /// A column is no longer secured.
    ColumnUnsecured,
    /// A component is new.
    ComponentAdded,
    /// A component is gone.
    ComponentRemoved,
    /// A component is different.
    ComponentChanged,
    /// Something that acts is new, gone, or acts differently.
    Acting,
    /// A setting is different.
    Setting,
    /// Version, application or a requirement is different.
    Fact,
    /// A part is in the bundle, but the manifest does not build it.
    PartAdded,
    /// A part that the manifest builds is not in the bundle.
    PartRemoved,
    /// A part is different.
    PartChanged,
    /// A part differs in its line endings only.
    LineEndings,
    /// The parts are the same, but packed differently.
    Packed,
}

impl Difference {
    /// Everything that differs, roles first.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        let mut changes: Vec<Change> = self.roles.iter().flat_map(of_role).collect();
        changes.extend(self.column_security.profiles.iter().flat_map(of_profile));
        for (code, columns) in [
            (ChangeCode::ColumnSecured, &self.column_security.secured),
            (ChangeCode::ColumnUnsecured, &self.column_security.unsecured),
        ] {
            changes.extend(columns.iter().map(|column| {
                let [wanted, found] =
                    if code == ChangeCode::ColumnSecured { [Some("secured"), None] } else { [None, Some("secured")] };
                let [wanted, found] = [wanted, found].map(|text| text.map(str::to_owned));
                Change { code, place: "column security".to_owned(), what: column.clone(), wanted, found }
            }));
        }
        changes.extend(self.components.iter().map(|component| {
            let (code, wanted, found) = match component.change {
                "added" => (ChangeCode::ComponentAdded, Some("there"), None),
                "removed" => (ChangeCode::ComponentRemoved, None, Some("there")),
                _ => (ChangeCode::ComponentChanged, None, None),
            };
            let [wanted, found] = [wanted, found].map(|text| text.map(str::to_owned));
            Change { code, place: component.name.clone(), what: component.kind.clone(), wanted, found }
        }));
        changes.extend(self.acting.iter().map(|it| of_value(ChangeCode::Acting, "what acts", it)));
        changes.extend(self.settings.iter().map(|it| of_value(ChangeCode::Setting, "settings", it)));
        changes.extend(self.facts.iter().map(|it| of_value(ChangeCode::Fact, "package", it)));
        changes
    }
}

fn of_role(role: &RoleChange) -> Vec<Change> {
    let place = format!("security role `{}`", role.name);
    let whole = |code, wanted: Option<&str>, found: Option<&str>| Change {
        code,
        place: place.clone(),
        what: "the role".to_owned(),
        wanted: wanted.map(str::to_owned),
        found: found.map(str::to_owned),
    };
    let mut changes = Vec::new();
    match (role.change, &role.renamed_from) {
        ("added", _) => changes.push(whole(ChangeCode::RoleAdded, Some(&role.name), None)),
        ("removed", _) => changes.push(whole(ChangeCode::RoleRemoved, None, Some(&role.name))),
        (_, Some(old)) => changes.push(whole(ChangeCode::RoleRenamed, Some(&role.name), Some(old))),
        _ => {}
    }
    for (code, list) in [
        (ChangeCode::PrivilegeGained, &role.gained),
        (ChangeCode::PrivilegeDeepened, &role.deepened),
        (ChangeCode::PrivilegeReduced, &role.reduced),
        (ChangeCode::PrivilegeLost, &role.lost),
    ] {
        changes.extend(list.iter().map(|privilege| of_privilege(code, &place, privilege)));
    }
    changes.extend(role.properties.iter().map(|it| of_value(ChangeCode::RoleProperty, &place, it)));
    changes
}

fn of_profile(profile: &ProfileChange) -> Vec<Change> {
    let place = format!("column security profile `{}`", profile.name);
    let whole = |code, wanted: Option<&str>, found: Option<&str>| Change {
        code,
        place: place.clone(),
        what: "the profile".to_owned(),
        wanted: wanted.map(str::to_owned),
        found: found.map(str::to_owned),
    };
    let mut changes = Vec::new();
    match (profile.change, &profile.renamed_from) {
        ("added", _) => changes.push(whole(ChangeCode::ProfileAdded, Some(&profile.name), None)),
        ("removed", _) => changes.push(whole(ChangeCode::ProfileRemoved, None, Some(&profile.name))),
        (_, Some(old)) => changes.push(whole(ChangeCode::ProfileRenamed, Some(&profile.name), Some(old))),
        _ => {}
    }
    let of = |code, it: &ColumnRight, is_new: bool| Change {
        code,
        place: place.clone(),
        what: it.column.clone(),
        wanted: is_new.then(|| it.right.clone()),
        found: (!is_new).then(|| it.right.clone()),
    };
    changes.extend(profile.gained.iter().map(|it| of(ChangeCode::ColumnAccessGained, it, true)));
    changes.extend(profile.lost.iter().map(|it| of(ChangeCode::ColumnAccessLost, it, false)));
    changes
}

fn of_privilege(code: ChangeCode, place: &str, privilege: &PrivilegeChange) -> Change {
    let name = |level: Option<Level>| level.map(|level| level.name().to_owned());
    Change {
        code,
        place: place.to_owned(),
        what: privilege.privilege.clone(),
        wanted: name(privilege.new),
        found: name(privilege.old),
    }
}

fn of_value(code: ChangeCode, place: &str, value: &ValueChange) -> Change {
    Change {
        code,
        place: place.to_owned(),
        what: value.name.clone(),
        wanted: value.new.clone(),
        found: value.old.clone(),
    }
}
