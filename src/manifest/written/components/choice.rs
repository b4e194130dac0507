//! `components.choices`, and the options of a column's own choice.

use serde_json::{Value, json};

use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::components::labels::Labels;
use crate::manifest::written::components::table::leaf::{Color, OptionValue};
use crate::manifest::written::leaf::{Flag, Paragraph, SchemaName, Title};
use crate::yaml::leaf::Words;
use crate::yaml::node::{Content, Node};
use crate::yaml::record::record;
use crate::yaml::shape::{At, Definitions, List, Reader, Shape};

record! {
    /// A global choice.
    pub struct Choice => {
        /// Name, with the publisher's prefix.
        "name" required name: At<SchemaName>,
        /// Name that people see, in one language or by language code. Left out: the name.
        "displayName" optional display_name: Labels<Title>,
        /// Description.
        "description" optional description: Labels<Paragraph>,
        /// Its options, in order. One without a value gets the next of the publisher's numbers: add new ones at the end.
        "options" required options: List<ChoiceOption>,
        /// Name of the type in an external system.
        "externalType" optional external_type: At<Words>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}

record! {
    /// An option of a choice.
    pub struct FullOption => {
        /// What people see, in one language or by language code.
        "label" required label: Labels<Title>,
        /// Number. Left out: the next one that starts with the publisher's option value prefix.
        "value" optional value: At<OptionValue>,
        /// Colour, such as `#0078d4`.
        "color" optional color: At<Color>,
        /// Description.
        "description" optional description: Labels<Paragraph>,
        /// Value in an external system.
        "externalValue" optional external_value: At<Words>,
        /// Whether people can no longer pick it.
        "hidden" optional hidden: At<Flag>,
        /// For a status reason: the state that it belongs to, active (default) or inactive.
        "state" optional state: At<super::table::leaf::State>,
    }
}

/// A label alone, or an option with all that it can have.
#[derive(Clone, Debug)]
pub enum ChoiceOption {
    /// Its label in the base language.
    Label(At<Title>),
    /// All of it.
    Full(Box<FullOption>),
}

impl Shape for ChoiceOption {
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
