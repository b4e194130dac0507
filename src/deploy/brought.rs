//! What an import adds beyond the solution's own tables: roles, settings of the organization, column
//! security, hosts, and tables of others. A plan lists it with the import step.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::secret_forms;
use crate::solution::Contents;

/// Something that an import adds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Brought {
    /// What it is, such as `security role`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its details: flags of a role, a value, what names a host.
    pub says: String,
}

/// All of it, roles first.
pub(super) fn brought(contents: &Contents) -> Vec<Brought> {
    let one = |kind: &str, name: &str, says: &str| Brought {
        kind: kind.to_owned(),
        name: name.to_owned(),
        says: secret_forms::shown(says).into_owned(),
    };
    let mut found = Vec::new();
    for facts in &contents.roles {
        let count = facts.role.rows.len();
        let noun = if count == 1 { "privilege" } else { "privileges" };
        let flags = facts.properties.iter().filter(|(name, _)| name != "Description" && name != "IsCustomizable");
        let flags: String = flags.map(|(name, value)| format!(", {name} = {value}")).collect();
        found.push(one("security role", &facts.role.name, &format!("{count} {noun}{flags}")));
    }
    let settings = contents.organization_settings.iter();
    found.extend(settings.map(|(name, value)| one("organization setting", name, value)));
    for profile in &contents.column_security.profiles {
        let all: Vec<String> = profile.permissions.iter().map(ToString::to_string).collect();
        let says = if all.is_empty() { "nothing".to_owned() } else { all.join(", ") };
        found.push(one("column security profile", &profile.name, &says));
    }
    let secured: Vec<String> = contents.column_security.secured_columns().collect();
    if !secured.is_empty() {
        found.push(one("secured columns", &secured.len().to_string(), &secured.join(", ")));
    }
    let tables = contents.foreign_tables();
    found.extend(tables.iter().map(|(name, extent)| one("table of others", name, extent)));
    for (host, from) in &contents.hosts.hosts {
        found.push(one("host", host, &from.iter().cloned().collect::<Vec<_>>().join(", ")));
    }
    found
}
