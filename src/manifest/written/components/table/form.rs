//! A form of a table.

use serde_json::{Value, json};

use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::components::labels::Labels;
use crate::manifest::written::components::table::leaf::{ColumnName, Count, EventName, FormType};
use crate::manifest::written::leaf::{Flag, Guid, Paragraph, RelativePath, Title, WebResourceName};
use crate::yaml::leaf::Words;
use crate::yaml::node::{Content, Node};
use crate::yaml::record::record;
use crate::yaml::shape::{At, Definitions, List, Reader, Shape};

record! {
    /// A form.
    pub struct Form => {
        /// Name that people see, in one language or by language code.
        "name" required name: Labels<Title>,
        /// Type: main (default), quickView, quickCreate or card.
        "type" optional kind: At<FormType>,
        /// GUID. Left out: derived from publisher, table, type and name.
        "id" optional id: At<Guid>,
        /// Description.
        "description" optional description: Labels<Paragraph>,
        /// Tabs, with sections and columns. Left out: one tab with all columns of the manifest.
        "tabs" optional tabs: List<FormTab>,
        /// Columns in the header, at most four.
        "header" optional header: List<Field>,
        /// Script web resources that the form loads.
        "libraries" optional libraries: List<At<WebResourceName>>,
        /// Functions that events call.
        "events" optional events: List<FormEvent>,
        /// XML file with the `form` element, in place of tabs, header, libraries and events.
        "file" optional file: At<RelativePath>,
        /// Parts of its `systemform` element that have no key here.
        "xml" optional xml: Extra,
    }
}

record! {
    /// A tab of a form: sections, or columns with sections.
    pub struct FormTab => {
        /// What people see.
        "label" required label: Labels<Title>,
        /// Name for scripts.
        "name" optional name: At<Words>,
        /// Whether it is open at first (default: yes).
        "expanded" optional expanded: At<Flag>,
        /// Whether it is visible (default: yes).
        "visible" optional visible: At<Flag>,
        /// Sections, one below the other.
        "sections" optional sections: List<FormSection>,
        /// Columns side by side, each with sections.
        "columns" optional columns: List<TabColumn>,
    }
}

record! {
    /// A column of a tab.
    pub struct TabColumn => {
        /// Width in percent. Left out: equal shares.
        "width" optional width: At<Count>,
        /// Sections, one below the other.
        "sections" required sections: List<FormSection>,
    }
}

record! {
    /// A section of a tab.
    pub struct FormSection => {
        /// What people see. Left out: no heading.
        "label" optional label: Labels<Title>,
        /// Name for scripts.
        "name" optional name: At<Words>,
        /// How many columns stand side by side, 1 (default) to 4.
        "columns" optional columns: At<Count>,
        /// Whether it is visible (default: yes).
        "visible" optional visible: At<Flag>,
        /// Columns of the table, in order.
        "fields" required fields: List<Field>,
    }
}

record! {
    /// A column on a form.
    pub struct FullField => {
        /// The column, by schema or logical name.
        "column" required column: At<ColumnName>,
        /// What people see. Left out: the column's own name.
        "label" optional label: Labels<Title>,
        /// Whether people cannot change it.
        "readOnly" optional read_only: At<Flag>,
        /// Whether it is visible (default: yes).
        "visible" optional visible: At<Flag>,
        /// How many of the section's columns it takes.
        "width" optional width: At<Count>,
        /// How many lines it takes.
        "height" optional height: At<Count>,
        /// Class of the control. Left out: the usual one of the column's type.
        "classId" optional class_id: At<Guid>,
        /// Parts of its `control` element that have no key here.
        "xml" optional xml: Extra,
    }
}

record! {
    /// A function that an event calls.
    pub struct FormEvent => {
        /// Event: onLoad, onSave or onChange.
        "event" required event: At<EventName>,
        /// For onChange: the column.
        "column" optional column: At<ColumnName>,
        /// The script web resource that has the function.
        "library" required library: At<WebResourceName>,
        /// The function.
        "function" required function: At<Words>,
        /// Arguments, as they stand in the call.
        "parameters" optional parameters: At<Words>,
        /// Whether the execution context is the first argument (default: yes).
        "passContext" optional pass_context: At<Flag>,
        /// Whether it is called at all (default: yes).
        "enabled" optional enabled: At<Flag>,
    }
}

/// A column's name, or a column with more about it.
#[derive(Clone, Debug)]
pub enum Field {
    /// The column.
    Name(At<ColumnName>),
    /// More about it.
    Full(Box<FullField>),
}

impl Shape for Field {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.content {
            Content::Mapping(_) => FullField::read(node, reader).map(Box::new).map(Self::Full),
            _ => At::read(node, reader).map(Self::Name),
        }
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "anyOf": [At::<ColumnName>::schema(definitions), FullField::schema(definitions)] })
    }
}
