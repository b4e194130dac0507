//! `deploymentSettings.json`, as `pac solution create-settings` writes it and `pac solution import
//! --settings-file` reads it.
//!
//! Settings without a value are left out: an empty text fails the import (“Environment variable value can't be an empty
//! string”), while an absent name keeps the default or the environment's value. Sources: issues 154 of
//! microsoft/powerplatform-build-tools (closed as “won't fix”, with leaving it out as the workaround) and 4242 of
//! microsoft/coe-starter-kit. `INSTALL.html` says which values are still missing.

use serde_json::{Value, json};

use super::contents::Contents;
use super::descriptor::{Descriptor, Setting, SettingKind, SettingValue};

/// The document. Settings of required solutions are left out: pac uses the file for one import, and takes
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
            // pac could not use the place of the secret on the machine that applies. Without a value of
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
