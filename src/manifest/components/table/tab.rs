//! Tabs, sections and fields of a form.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::diagnostic::Diagnostic;
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::labels::{Labels, WrittenLabels, labels};
use crate::manifest::components::names::Named;
use crate::manifest::components::scope::Scope;
use crate::manifest::components::table::leaf::{ColumnName, Count};
use crate::manifest::leaf::{Flag, Guid, Title};
use crate::yaml::leaf::{Given, Words};
use crate::yaml::node::{Content, Node};
use crate::yaml::record::record;
use crate::yaml::shape::{At, Definitions, List, Reader, Shape, head};

record! {
    /// A tab of a form: sections, or columns with sections.
    pub struct WrittenFormTab => {
        /// What people see.
        "label" required label: WrittenLabels<Title>,
        /// Name for scripts.
        "name" optional name: At<Words> => "general",
        /// Whether it is open at first (default: yes).
        "expanded" optional expanded: At<Flag>,
        /// Whether it is visible (default: yes).
        "visible" optional visible: At<Flag>,
        /// Sections, one below the other.
        "sections" optional sections: List<WrittenFormSection>,
        /// Columns side by side, each with sections.
        "columns" optional columns: List<TabColumn>,
    }
}

record! {
    /// A column of a tab.
    pub struct TabColumn => {
        /// Width in percent. Default: equal shares.
        "width" optional width: At<Count> => "50",
        /// Sections, one below the other.
        "sections" required sections: List<WrittenFormSection>,
    }
}

record! {
    /// A section of a tab.
    pub struct WrittenFormSection => {
        /// What people see. Default: no heading.
        "label" optional label: WrittenLabels<Title>,
        /// Name for scripts.
        "name" optional name: At<Words> => "prices",
        /// Number of columns side by side, 1 (default) to 4.
        "columns" optional columns: At<Count> => "2",
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
        /// What people see. Default: the column's own name.
        "label" optional label: WrittenLabels<Title>,
        /// Whether people cannot change it.
        "readOnly" optional read_only: At<Flag>,
        /// Whether it is visible (default: yes).
        "visible" optional visible: At<Flag>,
        /// How many of the section's columns it takes.
        "width" optional width: At<Count> => "2",
        /// Number of lines that it takes up.
        "height" optional height: At<Count> => "3",
        /// Class of the control. Default: the usual one of the column's type.
        "classId" optional class_id: At<Guid>,
        /// Parts of its `control` element that have no key here.
        "xml" optional extra: Extra,
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

/// A tab: columns, each with a width in percent and sections.
#[derive(Clone, Debug)]
pub struct FormTab {
    /// What people see.
    pub label: Labels,
    /// Name for scripts.
    pub name: Option<String>,
    /// Whether it is open at first.
    pub expanded: bool,
    /// Whether it is visible.
    pub visible: bool,
    /// Columns.
    pub columns: Vec<(u32, Vec<FormSection>)>,
}

/// A section.
#[derive(Clone, Debug)]
pub struct FormSection {
    /// What people see, if there is a heading.
    pub label: Option<Labels>,
    /// Name for scripts.
    pub name: Option<String>,
    /// How many columns are side by side.
    pub columns: u32,
    /// Whether it is visible.
    pub visible: bool,
    /// What is in it.
    pub fields: Vec<Control>,
}

/// A column on a form.
#[derive(Clone, Debug)]
pub struct Control {
    /// The column.
    pub column: Named,
    /// What people see, where it is not the column's own name.
    pub label: Option<Labels>,
    /// Whether people cannot change it.
    pub read_only: bool,
    /// Whether it is visible.
    pub visible: bool,
    /// How many of the section's columns it takes.
    pub width: u32,
    /// Number of lines that it takes up.
    pub height: u32,
    /// Class of the control, where it is given.
    pub class_id: Option<Uuid>,
    /// What is merged into its XML.
    pub extra: Extra,
}

impl Control {
    /// A control that shows a column and changes nothing about it.
    #[must_use]
    pub fn plain(column: Named) -> Self {
        Self {
            column,
            label: None,
            read_only: false,
            visible: true,
            width: 1,
            height: 1,
            class_id: None,
            extra: Extra::default(),
        }
    }
}

pub fn named<T>(at: &At<T>, name: &str) -> Named {
    Named { name: name.to_owned(), span: at.span.clone() }
}

pub fn tab(written: &WrittenFormTab, scope: &mut Scope<'_>) -> Option<FormTab> {
    let columns = written.columns.as_ref().map_or(&[][..], |list| &list.items[..]);
    let sections = written.sections.as_ref().map_or(&[][..], |list| &list.items[..]);
    if columns.is_empty() == sections.is_empty() {
        scope.findings.push(
            Diagnostic::error("tab-sections", "a tab has either `sections` or `columns` with sections")
                .at(&head(&written.span))
                .help("keep one of the two, and not empty"),
        );
        return None;
    }
    let share = 100 / u32::try_from(columns.len().max(1)).unwrap_or(1);
    let mut section = |it: &WrittenFormSection| self::section(it, scope);
    let mut meant: Vec<(u32, Vec<FormSection>)> = Vec::new();
    if !sections.is_empty() {
        meant.push((100, sections.iter().filter_map(&mut section).collect()));
    }
    for column in columns {
        let width = column.width.value().unwrap_or(share);
        let list = column.sections.iter().flat_map(|list| &list.items);
        meant.push((width, list.filter_map(&mut section).collect()));
    }
    Some(FormTab {
        label: labels(written.label.as_ref(), scope)?,
        name: written.name.value(),
        expanded: written.expanded.value().unwrap_or(true),
        visible: written.visible.value().unwrap_or(true),
        columns: meant,
    })
}

pub fn section(written: &WrittenFormSection, scope: &mut Scope<'_>) -> Option<FormSection> {
    let columns = written.columns.value().unwrap_or(1);
    if let Some(count) = written.columns.as_ref().filter(|_| !(1..=4).contains(&columns)) {
        scope.findings.push(
            Diagnostic::error("section-columns", format!("a section has 1 to 4 columns, not {columns}"))
                .at(&count.span)
                .help("write a number from 1 to 4"),
        );
        return None;
    }
    let fields = written.fields.iter().flat_map(|list| &list.items);
    Some(FormSection {
        label: labels(written.label.as_ref(), scope),
        name: written.name.value(),
        columns,
        visible: written.visible.value().unwrap_or(true),
        fields: fields.filter_map(|field| control(field, scope)).collect(),
    })
}

pub fn control(written: &Field, scope: &mut Scope<'_>) -> Option<Control> {
    match written {
        Field::Name(name) => Some(Control::plain(named(name, &name.value.0))),
        Field::Full(full) => {
            let column = full.column.as_ref()?;
            Some(Control {
                label: labels(full.label.as_ref(), scope),
                read_only: full.read_only.value().unwrap_or(false),
                visible: full.visible.value().unwrap_or(true),
                width: full.width.as_ref().map_or(1, |it| it.value.0.max(1)),
                height: full.height.as_ref().map_or(1, |it| it.value.0.max(1)),
                class_id: full.class_id.value(),
                extra: extra(full.extra.as_ref()),
                ..Control::plain(named(column, &column.value.0))
            })
        }
    }
}
