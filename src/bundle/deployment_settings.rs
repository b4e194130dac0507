//! `deploymentSettings.json`, as `pac solution create-settings` writes it and `pac solution import
//! --settings-file` reads it. A value that the subscriber has to give is an empty text.

use serde_json::{Value, json};

use super::descriptor::{Setting, SettingKind, SettingValue};

/// The document.
pub(super) fn render(settings: &[Setting]) -> Value {
    let (mut variables, mut references) = (Vec::new(), Vec::new());
    for setting in settings {
        let value = match &setting.value {
            Some(
                SettingValue::Text(text) | SettingValue::Connection(text) | SettingValue::SecretFromKeyVault(text),
            ) => text,
            // Where the secret is to be had on the machine that applies is nothing that pac could use.
            Some(SettingValue::SecretFromEnv(_) | SettingValue::SecretFromFile(_)) | None => "",
        };
        match setting.kind {
            SettingKind::EnvironmentVariable => variables.push(json!({ "SchemaName": setting.name, "Value": value })),
            SettingKind::ConnectionReference => references.push(json!({
                "LogicalName": setting.name,
                "ConnectionId": value,
                "ConnectorId": setting.connector.clone().unwrap_or_default(),
            })),
        }
    }
    json!({ "EnvironmentVariables": variables, "ConnectionReferences": references })
}
