//! Environment variables: a definition of the solution, and at most one value of the environment.

use serde_json::json;
use uuid::Uuid;

use crate::dataverse::change::change;
use crate::dataverse::row::{Row, any_of, quoted};
use crate::dataverse::{ApiError, Client, Request};

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
}

/// The variables of these schema names, as far as they exist.
pub async fn find(client: &Client, names: &[&str]) -> Result<Vec<Variable>, ApiError> {
    let filter = any_of("schemaname", names.iter().map(|name| quoted(name)));
    let path = format!(
        "environmentvariabledefinitions?$select=environmentvariabledefinitionid,schemaname,type,defaultvalue\
         &$expand=environmentvariabledefinition_environmentvariablevalue($select=environmentvariablevalueid,value)\
         &$filter={filter}"
    );
    let rows = client.rows(Request::get(path, "read the environment variables").strong()).await?;
    Ok(rows.iter().filter_map(|row| read(Row(row))).collect())
}

fn read(row: Row<'_>) -> Option<Variable> {
    let value = row.rows("environmentvariabledefinition_environmentvariablevalue").next();
    Some(Variable {
        definition: row.id("environmentvariabledefinitionid")?,
        name: row.text("schemaname")?,
        default: row.raw("defaultvalue").map(str::to_owned),
        value_id: value.and_then(|value| value.id("environmentvariablevalueid")),
        value: value.and_then(|value| value.raw("value")).map(str::to_owned),
    })
}

/// Creates a value.
pub async fn create_value(client: &Client, definition: Uuid, name: &str, value: &str) -> Result<(), ApiError> {
    let body = json!({
        "schemaname": name,
        "value": value,
        "EnvironmentVariableDefinitionId@odata.bind": format!("/environmentvariabledefinitions({definition})"),
    });
    let doing = format!("set environment variable `{name}`");
    client.send(Request::post("environmentvariablevalues", body, doing)).await.map(drop)
}

/// Changes a value.
pub async fn update_value(client: &Client, value_id: Uuid, name: &str, value: &str) -> Result<(), ApiError> {
    let doing = format!("change environment variable `{name}`");
    let path = format!("environmentvariablevalues({value_id})");
    change(client, &path, json!({ "value": value }), &doing).await
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
        let bare = json!({"environmentvariabledefinitionid": id, "schemaname": "a_b"});
        assert_eq!(read(Row(&bare)).expect("a variable").value_id, None);
    }
}
