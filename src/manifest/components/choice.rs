//! `components.choices`, and options of columns: numbered from the publisher's option value prefix.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::labels::{Labels, WrittenLabels, labels, labels_or};
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::components::table::column_type::ColumnType;
use crate::manifest::components::table::leaf::{Color, OptionValue, State};
use crate::manifest::leaf::{Flag, Paragraph, SchemaName, Stored, Title};
use crate::manifest::prefix;
use crate::yaml::leaf::{Given, Words};
use crate::yaml::node::{Content, Node};
use crate::yaml::record::record;
use crate::yaml::shape::{At, Definitions, List, Reader, Shape, head};

record! {
    /// A global choice.
    pub struct WrittenChoice => {
        /// Name, with the publisher's prefix.
        "name" required name: At<SchemaName> => "contoso_Colour",
        /// Name that people see, in one language or by language code. Default: the name.
        "displayName" optional display_name: WrittenLabels<Title>,
        /// Description.
        "description" optional description: WrittenLabels<Paragraph>,
        /// Its options, in order. One without a value gets the next of the publisher's numbers: add new ones at the
        /// end.
        "options" required options: List<WrittenChoiceOption>,
        /// Name of the type in an external system.
        "externalType" optional external_type: At<Words> => "widget_state",
        /// Parts of its XML that have no key here.
        "xml" optional extra: Extra,
    }
}

record! {
    /// An option of a choice.
    pub struct FullOption => {
        /// What people see, in one language or by language code.
        "label" required label: WrittenLabels<Title>,
        /// Number. Default: the next one that starts with the publisher's option value prefix.
        "value" optional value: At<OptionValue> => "100000001",
        /// Colour, such as `#0078d4`.
        "color" optional color: At<Color>,
        /// Description.
        "description" optional description: WrittenLabels<Paragraph>,
        /// Value in an external system.
        "externalValue" optional external_value: At<Words> => "R",
        /// Whether people can no longer pick it.
        "hidden" optional hidden: At<Flag>,
        /// For a status reason: the state that it belongs to, active (default) or inactive.
        "state" optional state: At<State>,
    }
}

/// A label alone, or an option with all that it can have.
#[derive(Clone, Debug)]
pub enum WrittenChoiceOption {
    /// Its label in the base language.
    Label(At<Title>),
    /// All of it.
    Full(Box<FullOption>),
}

impl Shape for WrittenChoiceOption {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.content {
            Content::Mapping(_) => FullOption::read(node, reader).map(Box::new).map(Self::Full),
            _ => At::read(node, reader).map(Self::Label),
        }
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "anyOf": [At::<Title>::schema(definitions), FullOption::schema(definitions)] })
    }
}

/// One global choice.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Name.
    pub name: String,
    /// Display name.
    pub display_name: Labels,
    /// Description.
    pub description: Option<Labels>,
    /// Options, numbered.
    pub options: Vec<ChoiceOption>,
    /// Type name in an external system.
    pub external_type: String,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// One option.
#[derive(Clone, Debug)]
pub struct ChoiceOption {
    /// Number.
    pub value: i32,
    /// What people see.
    pub label: Labels,
    /// Description.
    pub description: Option<Labels>,
    /// `#rrggbb`
    pub color: Option<String>,
    /// Value in an external system.
    pub external_value: String,
    /// Whether it cannot be picked.
    pub hidden: Option<bool>,
    /// For status reasons: 0 active, 1 inactive.
    pub state: u8,
    /// Where it is declared.
    pub span: Span,
}

impl Kind for Choice {
    type Written = WrittenChoice;

    fn mean(written: &WrittenChoice, scope: &mut Scope<'_>) -> Option<Self> {
        let name = written.name.as_ref()?;
        prefix::check(name, &name.value.0, scope.prefix, scope.findings);
        Some(Choice {
            name: name.value.0.clone(),
            display_name: labels_or(written.display_name.as_ref(), || name.value.0.clone(), scope),
            description: labels(written.description.as_ref(), scope),
            options: options(&written.options.as_ref()?.items, scope),
            external_type: written.external_type.value().unwrap_or_default(),
            extra: extra(written.extra.as_ref()),
            span: name.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.name, &self.span))
    }
}

/// Options with their numbers; numbers and base labels occur once.
pub fn options(written: &[WrittenChoiceOption], scope: &mut Scope<'_>) -> Vec<ChoiceOption> {
    let mut next = i32::try_from(scope.option_value_prefix).unwrap_or(10_000).saturating_mul(10_000);
    let mut options = Vec::new();
    let mut seen: HashMap<i32, Span> = HashMap::new();
    for option in written {
        let meant = match option {
            WrittenChoiceOption::Label(label) => ChoiceOption {
                value: next,
                label: Labels::one(scope.languages.first().copied().unwrap_or(1033), label.value.0.as_str()),
                description: None,
                color: None,
                external_value: String::new(),
                hidden: None,
                state: 0,
                span: label.span.clone(),
            },
            WrittenChoiceOption::Full(full) => {
                let Some(label) = labels(full.label.as_ref(), scope) else { continue };
                ChoiceOption {
                    value: full.value.value().unwrap_or(next),
                    label,
                    description: labels(full.description.as_ref(), scope),
                    color: full.color.value(),
                    external_value: full.external_value.value().unwrap_or_default(),
                    hidden: full.hidden.value(),
                    state: full.state.value().unwrap_or(0),
                    span: full.value.as_ref().map_or_else(|| head(&full.span), |value| value.span.clone()),
                }
            }
        };
        if let Some(first) = seen.get(&meant.value) {
            scope.findings.push(
                Diagnostic::error("duplicate-option", format!("two options have the number {}", meant.value))
                    .at(&meant.span)
                    .label("again here")
                    .related(first, "first here")
                    .help("give one of them another `value`"),
            );
        } else {
            seen.insert(meant.value, meant.span.clone());
        }
        if meant.value >= next {
            next = meant.value.saturating_add(1);
        }
        options.push(meant);
    }
    options
}

pub fn default_value(
    default: &At<Stored>,
    kind: ColumnType,
    options: &[ChoiceOption],
    scope: &mut Scope<'_>,
) -> Option<String> {
    let text = default.value.text.as_str();
    let found = match (kind, text) {
        (ColumnType::Boolean, "true") => Some("1".to_owned()),
        (ColumnType::Boolean, "false") => Some("0".to_owned()),
        (ColumnType::Boolean, _) => None,
        // The options of a global choice are not known here.
        (_, text) if options.is_empty() => text.parse::<i32>().ok().map(|value| value.to_string()),
        (_, text) => options
            .iter()
            .find(|option| option.value.to_string() == text || option.label.base() == text)
            .map(|option| option.value.to_string()),
    };
    if found.is_none() {
        let known: Vec<&str> = options.iter().map(|option| option.label.base()).collect();
        let help = match kind {
            ColumnType::Boolean => "write `true` or `false`".to_owned(),
            _ if known.is_empty() => "write the number of an option of the global choice".to_owned(),
            _ => format!("write one of: {}", known.join(", ")),
        };
        let message = format!("`{}` is not one of the column's options", default.shown);
        scope.findings.push(Diagnostic::error("unknown-option", message).at(&default.span).help(help));
    }
    found
}
