//! Environment variables: a definition of the solution, and at most one value of the environment.
//!
//! The row of a value can be inactive (`statecode` 1). What Dataverse then reads is in no source that we have seen, so an
//! inactive value never counts as the wanted one.

use serde_json::json;
use uuid::Uuid;

use crate::dataverse::change::{activating, change};
use crate::dataverse::row::{Row, any_of, quoted};
use crate::dataverse::{ApiError, Client, Request};

/// Names in one filter: keeps the URL below what proxies take.
const CHUNK: usize = 40;

/// What to do where a variable has several.
pub const ONE_VALUE: &str = "delete all values but one, inactive ones too (table `environmentvariablevalue`), then run again: which of several Dataverse reads is not known";

/// An environment variable as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Row id of the definition.
    pub definition: Uuid,
    /// Schema name.
    pub name: String,
    /// Default value.
    pub default: Option<String>,
    /// Row id of the value.
    pub value_id: Option<Uuid>,
    /// The value.
    pub value: Option<String>,
    /// Whether the row of the value is inactive.
    pub inactive: bool,
    /// Further rows, active or not. There should be none; which row Dataverse then reads is in no source that we have seen.
    pub others: Vec<Other>,
}

/// A further row with a value of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// The value.
    pub value: String,
    /// Whether the row is inactive.
    pub inactive: bool,
}

impl Variable {
    /// The value that is in force for sure: that of an active row.
    #[must_use]
    pub fn active_value(&self) -> Option<&str> {
        self.value.as_deref().filter(|_| !self.inactive)
    }
}

/// The variables of these schema names, as far as they exist.
pub async fn find(client: &Client, names: &[&str]) -> Result<Vec<Variable>, ApiError> {
    let mut found = Vec::new();
    for names in names.chunks(CHUNK) {
        let filter = any_of("schemaname", names.iter().map(|name| quoted(name)));
        let path = format!(
            "environmentvariabledefinitions?$select=environmentvariabledefinitionid,schemaname,type,defaultvalue\
             &$expand=environmentvariabledefinition_environmentvariablevalue($select=environmentvariablevalueid,value,statecode)\
             &$filter={filter}"
        );
        let rows = client.rows(Request::get(path, "read the environment variables").strong()).await?;
        found.extend(rows.iter().filter_map(|row| read(Row(row))));
    }
    Ok(found)
}

fn read(row: Row<'_>) -> Option<Variable> {
    let mut values: Vec<Row<'_>> = row.rows("environmentvariabledefinition_environmentvariablevalue").collect();
    values.sort_by_key(|value| value.is_inactive());
    let value = values.first();
    Some(Variable {
        definition: row.id("environmentvariabledefinitionid")?,
        name: row.text("schemaname")?,
        default: row.raw("defaultvalue").map(str::to_owned),
        value_id: value.and_then(|value| value.id("environmentvariablevalueid")),
        value: value.and_then(|value| value.raw("value")).map(str::to_owned),
        inactive: value.is_some_and(|value| value.is_inactive()),
        others: values
            .iter()
            .skip(1)
            .map(|value| Other {
                value: value.raw("value").unwrap_or_default().to_owned(),
                inactive: value.is_inactive(),
            })
            .collect(),
    })
}

/// Creates a value. Its row gets the id of the definition: a second creation, late or of another run, is refused as a
/// duplicate and makes no second value. Ids are unique within a table, and a new row of this one takes the id that it is
/// given (its metadata).
pub async fn create_value(client: &Client, definition: Uuid, name: &str, value: &str) -> Result<(), ApiError> {
    let body = json!({
        "environmentvariablevalueid": definition,
        "schemaname": name,
        "value": value,
        "EnvironmentVariableDefinitionId@odata.bind": format!("/environmentvariabledefinitions({definition})"),
    });
    let doing = format!("set environment variable `{name}`");
    client.send(Request::post("environmentvariablevalues", body, doing)).await.map(drop)
}

/// Changes a value; `inactive`: whether its row is, and must be activated.
pub async fn update_value(
    client: &Client,
    value_id: Uuid,
    name: &str,
    value: &str,
    inactive: bool,
) -> Result<(), ApiError> {
    let doing = format!("change environment variable `{name}`");
    let path = format!("environmentvariablevalues({value_id})");
    change(client, &path, activating(json!({ "value": value }), inactive), &doing).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_read_with_and_without_a_value() {
        let id = "4931681d-8163-e811-a965-000d3a11fe32";
        let row = json!({"environmentvariabledefinitionid": id, "schemaname": "a_b", "defaultvalue": " d ",
            "environmentvariabledefinition_environmentvariablevalue": [{"environmentvariablevalueid": id, "value": "v\n"}]});
        let variable = read(Row(&row)).expect("a variable");
        assert_eq!((variable.default.as_deref(), variable.value.as_deref()), (Some(" d "), Some("v\n")));
        assert_eq!(variable.active_value(), Some("v\n"));
        let of = |state: u8, value: &str| json!({"environmentvariablevalueid": id, "value": value, "statecode": state});
        let mut row = row;
        row["environmentvariabledefinition_environmentvariablevalue"] = json!([of(1, "old"), of(0, "new")]);
        let variable = read(Row(&row)).expect("a variable");
        assert_eq!(variable.active_value(), Some("new"));
        assert_eq!(variable.others, [Other { value: "old".into(), inactive: true }]);
        row["environmentvariabledefinition_environmentvariablevalue"] = json!([of(1, "old")]);
        let variable = read(Row(&row)).expect("a variable");
        assert_eq!((variable.value.as_deref(), variable.active_value()), (Some("old"), None));
        let bare = json!({"environmentvariabledefinitionid": id, "schemaname": "a_b"});
        assert_eq!(read(Row(&bare)).expect("a variable").value_id, None);
    }
}
