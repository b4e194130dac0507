//! `deploymentSettings.json`, as `pac solution create-settings` writes it and `pac solution import
//! --settings-file` reads it.
//!
//! What has no value is left out: an empty text fails the import (“Environment variable value can't be an empty
//! string”), while a name that is not there keeps the default or what the environment has. Sources: issues 154 of
//! microsoft/powerplatform-build-tools (closed as “won't fix”, with leaving it out as the way around) and 4242 of
//! microsoft/coe-starter-kit. `INSTALL.html` says which values are left to be given.

use serde_json::{Value, json};

use super::contents::Contents;
use super::descriptor::{Descriptor, Setting, SettingKind, SettingValue};

/// The document. Settings of required solutions are left out: pac gives the file along with one import, and takes
/// only what is in that solution.
pub(super) fn render(descriptor: &Descriptor, contents: &[Contents]) -> Value {
    let (mut variables, mut references) = (Vec::new(), Vec::new());
    let inside: Vec<Setting> = contents.iter().flat_map(Contents::settings).collect();
    let is_inside = |it: &&Setting| inside.iter().any(|other| other.kind == it.kind && other.name == it.name);
    for setting in descriptor.settings.iter().filter(is_inside) {
        let value = match &setting.value {
            Some(
                SettingValue::Text(text) | SettingValue::Connection(text) | SettingValue::SecretFromKeyVault(text),
            ) => text,
            // Where the secret is to be had on the machine that applies is nothing that pac could use. Without a value of
            // the bundle, that of the solution applies.
            _ => match setting.shipped.as_ref().filter(|text| !text.is_empty()) {
                Some(text) => text,
                None => continue,
            },
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
