//! Settings: each names something declared and has a value of its type; secrets only by reference.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::catalog::credentials;
use crate::diagnostic::{Diagnostic, Proposals};
use crate::manifest::components::environment_variable::stored;
use crate::manifest::meant::components::environment_variable::VariableKind;
use crate::manifest::meant::{self, SecretReference, SettingValue};
use crate::manifest::prefix;
use crate::manifest::written::components::Components;
use crate::manifest::written::package::SecretSource;
use crate::yaml::shape::Map;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Variable(VariableKind),
    Connection,
}

/// All settings that could be read. `required_prefix`: that of a required solution, which can bring what a setting names.
pub fn settings(
    written: Option<&Map<crate::manifest::written::package::SettingValue>>,
    components: Option<&Components>,
    required_prefix: Option<&str>,
    findings: &mut Vec<Diagnostic>,
) -> Vec<meant::Setting> {
        let has_source = components.and_then(|it| it.source.as_ref()).is_some_and(|list| !list.items.is_empty());
    let variables = components.and_then(|it| it.environment_variables.as_ref()).map_or(&[][..], |list| &list.items[..]);
    let references =
        components.and_then(|it| it.connection_references.as_ref()).map_or(&[][..], |list| &list.items[..]);
    // A component that is named, but else wrong, still explains the setting: its kind is `None`.
    let declared: Vec<(&str, Option<Kind>)> = variables
        .iter()
        .filter_map(|it| {
            Some((it.name.as_ref()?.value.0.as_str(), it.kind.as_ref().map(|kind| Kind::Variable(kind.value.0))))
        })
        .chain(references.iter().filter_map(|it| Some((it.name.as_ref()?.value.0.as_str(), Some(Kind::Connection)))))
        .collect();
    // The first of a name counts.
    let by_name: HashMap<String, (&str, Option<Kind>)> =
        declared.iter().rev().map(|it| (it.0.to_ascii_lowercase(), *it)).collect();
    let mut proposals = Proposals::default();
    let mut settings = Vec::new();
    for (name, span, value) in written.iter().flat_map(|map| &map.entries) {
        let found = by_name.get(&name.to_ascii_lowercase());
        if found.is_none() && !required_prefix.is_some_and(|own| prefix::is_own(name, own)) {
            // The rest of a text with a comma is a key, too.
            let shown = if span.source.hides(&span.range) { "***" } else { name };
            let message = format!("`{shown}` is not a declared environment variable or connection reference");
            let mut finding = if has_source {
                Diagnostic::warning("unknown-setting", message).help("right if a `source` brings it")
            } else {
                Diagnostic::error("unknown-setting", message)
            };
            finding = match proposals.nearest(name, declared.iter().map(|(known, _)| *known)) {
                Some(near) => finding.help(format!("write `{near}`")),
                None => finding
                    .help("declare it under `components.environmentVariables` or `components.connectionReferences`"),
            };
            findings.push(finding.at(span));
        }
        let name = found.map_or_else(|| name.clone(), |(known, _)| (*known).to_owned());
        if let Some(value) = self::value(&name, found.and_then(|(_, kind)| *kind), value, findings) {
            settings.push(meant::Setting { name, value, span: span.clone() });
        }
    }
    settings
}

fn value(
    name: &str,
    kind: Option<Kind>,
    value: &crate::manifest::written::package::SettingValue,
    findings: &mut Vec<Diagnostic>,
) -> Option<SettingValue> {
    let span = value.span();
    match (value, kind) {
        (crate::manifest::written::package::SettingValue::Plain(_), Some(Kind::Variable(VariableKind::Secret))) => {
            findings.push(
                Diagnostic::error(
                    "secret-in-plain-text",
                    format!("`{name}` is a secret and cannot be written as text"),
                )
                .in_file(span.source.name.as_str(), Some(span.source.line_column(span.range.start)))
                .help("write where it is in Azure Key Vault: `{ secret: { keyVault: /subscriptions/… } }`"),
            );
            None
        }
        (crate::manifest::written::package::SettingValue::Plain(_), Some(Kind::Connection)) => {
            findings.push(
                Diagnostic::error("connection-as-text", format!("`{name}` is a connection reference"))
                    .at(span)
                    .help("write `{ connection: <id of the connection> }`"),
            );
            None
        }
        (crate::manifest::written::package::SettingValue::Plain(text), Some(Kind::Variable(kind))) => {
            stored(kind, text, findings).map(SettingValue::Text)
        }
        (crate::manifest::written::package::SettingValue::Plain(text), None) => {
            Some(SettingValue::Text(text.value.text.clone()))
        }
        (crate::manifest::written::package::SettingValue::Reference(reference), kind) => {
            if let Some(connection) = &reference.connection {
                if matches!(kind, Some(Kind::Variable(_))) {
                    findings.push(
                        Diagnostic::error(
                            "connection-for-variable",
                            format!("`{name}` is an environment variable, not a connection reference"),
                        )
                        .at(span)
                        .help("write the value itself"),
                    );
                    return None;
                }
                return Some(SettingValue::Connection { id: connection.value.0.clone() });
            }
            if kind == Some(Kind::Connection) {
                findings.push(
                    Diagnostic::error(
                        "secret-for-connection",
                        format!("`{name}` is a connection reference, not a secret"),
                    )
                    .at(span)
                    .help("write `{ connection: <id of the connection> }`"),
                );
                return None;
            }
            secret(name, kind, reference.secret.as_ref()?, findings).map(SettingValue::Secret)
        }
    }
}

fn secret(
    name: &str,
    kind: Option<Kind>,
    source: &SecretSource,
    findings: &mut Vec<Diagnostic>,
) -> Option<SecretReference> {
    let from_machine = match (&source.env, &source.file) {
        (Some(variable), _) => Some((SecretReference::Env(variable.value.0.clone()), &variable.span)),
        (None, Some(file)) => Some((SecretReference::File(PathBuf::from(&file.value.0)), &file.span)),
        (None, None) => None,
    };
    if let Some((reference, span)) = from_machine {
        if kind == Some(Kind::Variable(VariableKind::Secret)) {
            findings.push(
                Diagnostic::error(
                    "secret-needs-key-vault",
                    format!(
                        "`{name}` is of type `secret`: Dataverse stores a Key Vault reference for it, never the text"
                    ),
                )
                .at(span)
                .help("write `{ secret: { keyVault: /subscriptions/… } }`"),
            );
            return None;
        }
        if let SecretReference::Env(variable) = &reference
            && let Some(known) = credentials::variable(variable)
        {
            findings.push(
                Diagnostic::error("secret-of-pipeline", format!("`{variable}` contains {}", known.what))
                    .at(span)
                    .help("`apply` never hands it to an environment: keep the secret of the application in a variable of its own"),
            );
            return None;
        }
        findings.push(
            Diagnostic::warning(
                "secret-readable",
                format!("`{name}` will contain the secret as text: everyone who can read environment variables can read it"),
            )
            .at(span)
            .help("declare the variable with `type: secret` and write `{ secret: { keyVault: /subscriptions/… } }`: then only those can read it whom the Key Vault lets"),
        );
        return Some(reference);
    }
    let vault = source.key_vault.as_ref()?;
    if matches!(kind, Some(Kind::Variable(kind)) if kind != VariableKind::Secret) {
        findings.push(
            Diagnostic::error(
                "key-vault-for-plain",
                format!("`{name}` is not of type `secret`: Dataverse would store the reference as text"),
            )
            .at(&vault.span)
            .help("write `type: secret` where it is declared"),
        );
        return None;
    }
    Some(SecretReference::KeyVault(vault.value.0.clone()))
}
