//! Security roles: one copy for each business unit, all with the same `parentrootroleid`.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use crate::catalog::{self, Level, Levels};
use crate::dataverse::row::{Row, any_of, quoted};
use crate::dataverse::{ApiError, Client, Request};

/// Names in one filter: keeps the URL below what proxies take.
const CHUNK: usize = 100;

/// A role of a business unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Row id.
    pub id: Uuid,
    /// The root copy, whose id is the one in the solution.
    pub root: Uuid,
    /// Name.
    pub name: String,
    /// The template of a built-in role.
    pub template: Option<Uuid>,
}

impl Copy {
    /// Whether Dataverse itself or an app of Microsoft has brought it: by its template, in any language, or by the
    /// name or id that Microsoft gives it.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.template.is_some() || catalog::built_in_role(Some(self.root), &self.name).is_some()
    }
}

/// The copies of these roles in a business unit. By the root copy's id and never by name: names can repeat.
pub async fn copies(client: &Client, roots: &[Uuid], business_unit: Uuid) -> Result<Vec<Copy>, ApiError> {
    let filter = any_of("_parentrootroleid_value", roots.iter().map(Uuid::to_string));
    let path = format!(
        "roles?$select=roleid,name,_businessunitid_value,_parentrootroleid_value,_roletemplateid_value\
         &$filter=({filter}) and _businessunitid_value eq {business_unit}"
    );
    let rows = client.rows(Request::get(path, "find the security role").strong()).await?;
    Ok(rows
        .iter()
        .map(Row)
        .filter_map(|row| {
            Some(Copy {
                id: row.id("roleid")?,
                root: row.id("_parentrootroleid_value")?,
                name: row.text("name").unwrap_or_default(),
                template: row.id("_roletemplateid_value"),
            })
        })
        .collect())
}

/// The root copies of these roles, which have the ids that stand in a solution.
pub async fn roots(client: &Client, ids: &[Uuid]) -> Result<Vec<Copy>, ApiError> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let filter = any_of("roleid", chunk.iter().map(Uuid::to_string));
        let path = format!("roles?$select=roleid,name,_roletemplateid_value&$filter={filter}");
        for row in client.rows(Request::get(path, "read the security roles").strong()).await? {
            let row = Row(&row);
            if let Some(id) = row.id("roleid") {
                let (name, template) = (row.text("name").unwrap_or_default(), row.id("_roletemplateid_value"));
                found.push(Copy { id, root: id, name, template });
            }
        }
    }
    Ok(found)
}

/// A privilege of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The privilege.
    pub id: Uuid,
    /// How deep, when it is understood.
    pub level: Option<Level>,
    /// Its name, where the server gives it.
    pub name: Option<String>,
}

impl Held {
    /// Those of an answer with `RolePrivileges`.
    pub(super) fn all(answer: Row<'_>) -> Vec<Self> {
        answer.rows("RolePrivileges").filter_map(Self::read).collect()
    }

    fn read(row: Row<'_>) -> Option<Self> {
        let level = match row.0.get("Depth") {
            Some(Value::String(word)) => Level::from_word(word),
            Some(Value::Number(number)) => {
                number.as_u64().and_then(|index| Level::ALL.get(usize::try_from(index).ok()?).copied())
            }
            _ => None,
        };
        Some(Self { id: row.id("PrivilegeId")?, level, name: row.text("PrivilegeName") })
    }
}

/// What a role allows.
pub async fn privileges(client: &Client, role: Uuid) -> Result<Vec<Held>, ApiError> {
    let path = format!("RetrieveRolePrivilegesRole(RoleId={role})");
    let answer = client.send(Request::get(path, "read the privileges of the role").strong()).await?;
    Ok(Held::all(answer.row()))
}

/// The GUIDs of privileges by name, in lower case. A name that the environment does not know is absent.
pub async fn privilege_ids(client: &Client, names: &[&str]) -> Result<BTreeMap<String, Uuid>, ApiError> {
    let mut ids = BTreeMap::new();
    for chunk in names.chunks(CHUNK) {
        let filter = any_of("name", chunk.iter().map(|name| quoted(name)));
        let path = format!("privileges?$select=privilegeid,name&$filter={filter}");
        for row in client.rows(Request::get(path, "look up privileges")).await? {
            if let (Some(id), Some(name)) = (Row(&row).id("privilegeid"), Row(&row).text("name")) {
                ids.insert(name.to_lowercase(), id);
            }
        }
    }
    Ok(ids)
}

/// A privilege as the environment has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The privilege.
    pub id: Uuid,
    /// The levels that it can be granted at, where the environment tells all four.
    pub levels: Option<Levels>,
}

/// The privileges that the environment has of these, by name in lower case.
pub async fn known_privileges(client: &Client, names: &[&str]) -> Result<BTreeMap<String, Known>, ApiError> {
    const COLUMNS: [(&str, &str); 4] =
        [("canbebasic", "B"), ("canbelocal", "L"), ("canbedeep", "D"), ("canbeglobal", "G")];
    let mut known = BTreeMap::new();
    for chunk in names.chunks(CHUNK) {
        let filter = any_of("name", chunk.iter().map(|name| quoted(name)));
        let path =
            format!("privileges?$select=privilegeid,name,canbebasic,canbelocal,canbedeep,canbeglobal&$filter={filter}");
        for row in client.rows(Request::get(path, "read which levels privileges have")).await? {
            let row = Row(&row);
            let (Some(id), Some(name)) = (row.id("privilegeid"), row.text("name")) else { continue };
            let letters = COLUMNS.iter().map(|(column, letter)| Some(if row.flag(column)? { *letter } else { "" }));
            let levels = letters.collect::<Option<String>>().map(|letters| Levels::from_letters(&letters));
            known.insert(name.to_lowercase(), Known { id, levels });
        }
    }
    Ok(known)
}

/// The names of privileges by GUID.
pub async fn privilege_names(client: &Client, ids: &[Uuid]) -> Result<BTreeMap<Uuid, String>, ApiError> {
    let mut names = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let filter = any_of("privilegeid", chunk.iter().map(Uuid::to_string));
        let path = format!("privileges?$select=privilegeid,name&$filter={filter}");
        for row in client.rows(Request::get(path, "look up the names of privileges")).await? {
            if let (Some(id), Some(name)) = (Row(&row).id("privilegeid"), Row(&row).text("name")) {
                names.insert(id, name);
            }
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_read_as_word_and_as_number() {
        let read = |depth: &str| {
            let text = format!(r#"{{"Depth":{depth},"PrivilegeId":"4931681d-8163-e811-a965-000d3a11fe32"}}"#);
            let row: Value = serde_json::from_str(&text).expect("JSON");
            Held::read(Row(&row)).expect("a privilege").level
        };
        assert_eq!(read("\"Global\""), Some(Level::Global));
        assert_eq!(read("1"), Some(Level::Local));
        assert_eq!(read("9"), None);
        assert_eq!(read("null"), None);
    }
}
