//! A form.

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;
use crate::manifest::meant::components::labels::Labels;
use crate::manifest::meant::components::table::column::Named;

/// What a form is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormType {
    /// To work on a row.
    Main,
    /// To see a row from another one's form.
    QuickView,
    /// To make a row in a moment.
    QuickCreate,
    /// To show a row in a list.
    Card,
}

impl FormType {
    /// `type` of the `forms` element.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::QuickView => "quick",
            Self::QuickCreate => "quickCreate",
            Self::Card => "card",
        }
    }
}

/// One form.
#[derive(Clone, Debug)]
pub struct Form {
    /// Name.
    pub name: Labels,
    /// What it is for.
    pub kind: FormType,
    /// GUID, where it is given.
    pub id: Option<Uuid>,
    /// Description.
    pub description: Option<Labels>,
    /// Tabs; absent: all columns in one.
    pub tabs: Option<Vec<FormTab>>,
    /// Header.
    pub header: Vec<Control>,
    /// Libraries.
    pub libraries: Vec<Named>,
    /// Events.
    pub events: Vec<FormEvent>,
    /// File with the `form` element.
    pub file: Option<(PathBuf, Span)>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
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
    /// How many columns stand side by side.
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
    /// How many lines it takes.
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

/// A function that an event calls.
#[derive(Clone, Debug)]
pub struct FormEvent {
    /// `onload`, `onsave` or `onchange`.
    pub event: &'static str,
    /// For `onchange`.
    pub column: Option<Named>,
    /// Web resource.
    pub library: Named,
    /// Function.
    pub function: String,
    /// Arguments.
    pub parameters: String,
    /// Whether the execution context is passed.
    pub pass_context: bool,
    /// Whether it is called.
    pub enabled: bool,
}
