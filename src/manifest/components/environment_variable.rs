//! `components.environmentVariables`: defaults fit their type, secrets have none.

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::{ConnectorId, Flag, Paragraph, SchemaName, Stored, Title};
use crate::manifest::prefix;
use crate::yaml::leaf::{Given, Words, choice};
use crate::yaml::record::record;
use crate::yaml::shape::{At, head};

record! {
    /// An environment variable definition; its value is a setting of each environment.
    pub struct WrittenEnvironmentVariable => {
        /// Schema name, with the publisher's prefix.
        "name" required name: At<SchemaName>,
        /// Type: string, number, boolean, json, dataSource or secret (Azure Key Vault).
        "type" required kind: At<VariableKind>,
        /// Value where an environment gives none. Not for secrets.
        "default" optional default: At<Stored>,
        /// Whether the solution does not work without a value.
        "required" optional required: At<Flag>,
        /// Name that people see. Default: the schema name.
        "displayName" optional display_name: At<Title> => "Address of the API",
        /// Description.
        "description" optional description: At<Paragraph>,
        /// For dataSource: the connector's ID.
        "connector" optional connector: At<ConnectorId>,
        /// For dataSource: the parameter's key, such as dataset.
        "parameterKey" optional parameter_key: At<Words> => "dataset",
        /// Parts of its XML that have no key here.
        "xml" optional extra: Extra,
    }
}

choice!(
    /// The type of an environment variable.
    for VariableKind, "variable-type", "a type of environment variable",
    VariableKind::ALL.map(|(kind, word)| (word, kind))
);

/// One environment variable definition.
#[derive(Clone, Debug)]
pub struct EnvironmentVariable {
    /// Schema name.
    pub name: String,
    /// Display name; absent means the schema name.
    pub display_name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Type.
    pub kind: VariableKind,
    /// Default value, in the form that Dataverse stores. Never for secrets.
    pub default: Option<String>,
    /// Whether a value must be given before the solution works.
    pub required: bool,
    /// For [`VariableKind::DataSource`]: the connector (`/providers/Microsoft.PowerApps/apis/…`).
    pub connector: Option<String>,
    /// For [`VariableKind::DataSource`]: the parameter's key, such as `dataset`.
    pub parameter_key: Option<String>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// The type of an environment variable; the numbers are Dataverse's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableKind {
    /// 100000000
    String,
    /// 100000001
    Number,
    /// 100000002
    Boolean,
    /// 100000003
    Json,
    /// 100000004
    DataSource,
    /// 100000005: the value is a reference to a secret in Azure Key Vault.
    Secret,
}

impl VariableKind {
    /// All of them, with the word that manifests use.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::String, "string"),
        (Self::Number, "number"),
        (Self::Boolean, "boolean"),
        (Self::Json, "json"),
        (Self::DataSource, "dataSource"),
        (Self::Secret, "secret"),
    ];

    /// Dataverse's number.
    #[must_use]
    pub const fn number(self) -> u32 {
        100_000_000 + self as u32
    }

    /// The type of a number as solutions write it.
    #[must_use]
    pub fn of_number(text: &str) -> Option<Self> {
        Self::ALL.into_iter().map(|(kind, _)| kind).find(|kind| kind.number().to_string() == text)
    }

    /// The word in manifests and in `bundle.json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

impl Kind for EnvironmentVariable {
    type Written = WrittenEnvironmentVariable;

    fn mean(written: &WrittenEnvironmentVariable, scope: &mut Scope<'_>) -> Option<Self> {
        let name = written.name.as_ref()?;
        let findings = &mut *scope.findings;
        prefix::check(name, &name.value.0, scope.prefix, findings);
        let kind = written.kind.as_ref()?.value;
        let mut default = None;
        if let Some(value) = &written.default {
            if kind == VariableKind::Secret {
                findings.push(
                    Diagnostic::error("secret-in-plain-text", format!("a default for the secret `{}`", name.value.0))
                        .in_file(value.span.source.name.as_str(), Some(value.span.source.line_column(value.span.range.start)))
                        .help("remove it and write under `settings` where the secret is: `{ secret: { keyVault: /subscriptions/… } }`"),
                );
            } else {
                default = stored(kind, value, findings);
            }
        }
        if kind == VariableKind::DataSource {
            for (key, missing) in
                [("connector", written.connector.is_none()), ("parameterKey", written.parameter_key.is_none())]
            {
                if missing {
                    findings.push(
                        Diagnostic::error("missing-key", format!("key `{key}` is missing"))
                            .at(&head(&written.span))
                            .help(format!("a variable of type `dataSource` needs `{key}: …`")),
                    );
                }
            }
        } else {
            let spans = [
                ("connector", written.connector.as_ref().map(|it| &it.span)),
                ("parameterKey", written.parameter_key.as_ref().map(|it| &it.span)),
            ];
            for (key, span) in spans.into_iter().filter_map(|(key, span)| Some((key, span?))) {
                findings.push(
                    Diagnostic::error(
                        "key-of-other-type",
                        format!("`{key}` belongs to variables of type `dataSource`"),
                    )
                    .at(span)
                    .help("remove it, or write `type: dataSource`"),
                );
            }
        }
        Some(EnvironmentVariable {
            name: name.value.0.clone(),
            display_name: written.display_name.value(),
            description: written.description.value(),
            kind,
            default,
            required: written.required.value().unwrap_or(false),
            connector: written.connector.value(),
            parameter_key: written.parameter_key.value(),
            extra: extra(written.extra.as_ref()),
            span: name.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.name, &self.span))
    }
}

/// A value in the form that Dataverse stores, or a finding when it is not of the variable's type.
///
/// Booleans are stored as the text `yes` or `no`, in lower case: so users of the maker portal found the definition's
/// default value (microsoft/powerplatform-build-tools issue 477) and the value an app reads (microsoft/coe-starter-kit
/// issue 3691). That exported files contain the same text is an assumption: no export at hand has a boolean variable.
pub fn stored(kind: VariableKind, value: &At<Stored>, findings: &mut Vec<Diagnostic>) -> Option<String> {
    let text = value.value.text.as_str();
    let (good, expected) = match kind {
        VariableKind::Number => (is_number(text), "a number with a decimal point, such as `2.5`"),
        VariableKind::Boolean => match text {
            "true" | "yes" => return Some("yes".into()),
            "false" | "no" => return Some("no".into()),
            _ => (false, "`true` or `false`"),
        },
        VariableKind::Json => {
            (serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok(), "JSON text, such as `'{ \"retries\": 3 }'`")
        }
        VariableKind::String | VariableKind::DataSource | VariableKind::Secret => (true, ""),
    };
    if good {
        return Some(text.to_owned());
    }
    let shown: String = value.shown.chars().take(80).collect();
    findings.push(
        Diagnostic::error("value-of-other-type", format!("`{shown}` is not of type `{}`", kind.word()))
            .at(&value.span)
            .help(format!("write {expected}")),
    );
    None
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}
