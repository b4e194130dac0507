//! Settings: each names something declared and has a value of its type; secrets only by reference.

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::catalog::credentials;
use crate::diagnostic::{Diagnostic, Proposals, Span};
use crate::manifest::components::WrittenComponents;
use crate::manifest::components::environment_variable::{VariableKind, stored};
use crate::manifest::leaf::{KeyVaultId, Stored, VariableName};
use crate::manifest::prefix;
use crate::yaml::leaf::Words;
use crate::yaml::node::{Content, Node};
use crate::yaml::record::record;
use crate::yaml::shape::{At, Definitions, Map, Reader, Shape, head};

record! {
    /// Where a secret comes from. The secret itself is never in a manifest or a bundle.
    pub struct SecretSource => {
        /// An environment variable of the process that applies.
        "env" optional env: At<VariableName>,
        /// A file, read by the process that applies.
        "file" optional file: At<Words> => "secrets/api-key.txt",
        /// A secret of Azure Key Vault, by resource id; Dataverse itself reads it.
        "keyVault" optional key_vault: At<KeyVaultId>,
    }
}

record! {
    /// A value that is not plain text.
    pub struct Reference => {
        /// A secret, by reference.
        "secret" optional secret: SecretSource,
        /// The ID of a connection in the environment, for a connection reference.
        "connection" optional connection: At<Words> => "shared-teams-1a2b3c",
    }
}

/// A setting's value.
#[derive(Clone, Debug)]
pub enum WrittenSettingValue {
    /// Text, number, boolean.
    Plain(At<Stored>),
    /// A secret or a connection.
    Reference(Box<Reference>),
}

impl WrittenSettingValue {
    /// Where it is.
    #[must_use]
    pub fn span(&self) -> &Span {
        match self {
            Self::Plain(value) => &value.span,
            Self::Reference(reference) => &reference.span,
        }
    }
}

impl Shape for WrittenSettingValue {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if !matches!(node.content, Content::Mapping(_)) {
            return At::<Stored>::read(node, reader).map(Self::Plain);
        }
        let reference = Reference::read(node, reader)?;
        // Keys that could not be read have been reported; only their number matters here.
        let keys = |node: &Node| node.entries().len();
        let inner = node.get("secret").map(keys);
        if keys(node) != 1 || inner.is_some_and(|count| count != 1) {
            reader.report(
                Diagnostic::error("ambiguous-value", "exactly one source of the value is expected")
                    .at(&head(&node.span))
                    .help("write `{ secret: { env: NAME } }`, `{ secret: { file: … } }`, `{ secret: { keyVault: … } }` or `{ connection: … }`"),
            );
            return None;
        }
        Some(Self::Reference(Box::new(reference)))
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "anyOf": [At::<Stored>::schema(definitions), Reference::schema(definitions)] })
    }
}

/// One of `settings:`
#[derive(Clone, Debug)]
pub struct Setting {
    /// Schema name of an environment variable, or logical name of a connection reference.
    pub name: String,
    /// Its value.
    pub value: SettingValue,
    /// Where the name is.
    pub span: Span,
}

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingValue {
    /// Plain text, in the form that Dataverse stores.
    Text(String),
    /// A connection for a connection reference.
    Connection {
        /// The connection's id in the environment.
        id: String,
    },
    /// A secret, by reference only: the text is never here.
    Secret(SecretReference),
}

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretReference {
    /// An environment variable of the process that applies.
    Env(String),
    /// A file, read by the process that applies.
    File(PathBuf),
    /// Azure Key Vault: `/subscriptions/…/secrets/…`, which Dataverse itself reads.
    KeyVault(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Variable(VariableKind),
    Connection,
}

/// All settings that could be read. `required_prefix`: that of a required solution, which can bring what a setting
/// names.
pub fn settings(
    written: Option<&Map<WrittenSettingValue>>,
    components: Option<&WrittenComponents>,
    required_prefix: Option<&str>,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Setting> {
    let has_source = components.and_then(|it| it.sources.as_ref()).is_some_and(|list| !list.items.is_empty());
    let variables = components.and_then(|it| it.environment_variables.as_ref()).map_or(&[][..], |list| &list.items[..]);
    let references =
        components.and_then(|it| it.connection_references.as_ref()).map_or(&[][..], |list| &list.items[..]);
    // A component that has a name, but is wrong otherwise, still explains the setting: its kind is `None`.
    let declared: Vec<(&str, Option<Kind>)> = variables
        .iter()
        .filter_map(|it| {
            Some((it.name.as_ref()?.value.0.as_str(), it.kind.as_ref().map(|kind| Kind::Variable(kind.value))))
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
            settings.push(Setting { name, value, span: span.clone() });
        }
    }
    settings
}

fn value(
    name: &str,
    kind: Option<Kind>,
    value: &WrittenSettingValue,
    findings: &mut Vec<Diagnostic>,
) -> Option<SettingValue> {
    let span = value.span();
    match (value, kind) {
        (WrittenSettingValue::Plain(text), kind)
            if text.value.text.is_empty() && kind != Some(Kind::Variable(VariableKind::Secret)) =>
        {
            findings.push(
                Diagnostic::error(
                    "empty-setting",
                    format!("`{name}` has an empty value, which Dataverse does not have"),
                )
                .at(span)
                .help("give a value, or leave the setting out"),
            );
            None
        }
        (WrittenSettingValue::Plain(_), Some(Kind::Variable(VariableKind::Secret))) => {
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
        (WrittenSettingValue::Plain(_), Some(Kind::Connection)) => {
            findings.push(
                Diagnostic::error("connection-as-text", format!("`{name}` is a connection reference"))
                    .at(span)
                    .help("write `{ connection: <id of the connection> }`"),
            );
            None
        }
        (WrittenSettingValue::Plain(text), Some(Kind::Variable(kind))) => {
            stored(kind, text, findings).map(SettingValue::Text)
        }
        (WrittenSettingValue::Plain(text), None) => Some(SettingValue::Text(text.value.text.clone())),
        (WrittenSettingValue::Reference(reference), kind) => {
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
