//! A table and its parts.

pub mod column;
pub mod form;
pub mod view;

pub use column::{CascadeRule, Cascades, Column, ColumnType, Computed, Lookup, Named, Relation};
pub use form::{Control, Form, FormEvent, FormSection, FormTab, FormType};
pub use view::{Chart, View, ViewType};

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::meant::components::choice::ChoiceOption;
use crate::manifest::meant::components::extra::Extra;
use crate::manifest::meant::components::labels::Labels;

/// One table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Schema name.
    pub name: String,
    /// Whether it is there already and only extended.
    pub existing: bool,
    /// Display name; absent for an existing table that keeps its own.
    pub display_name: Option<Labels>,
    /// Plural of it.
    pub plural_name: Option<Labels>,
    /// Description.
    pub description: Option<Labels>,
    /// Who owns its rows.
    pub ownership: TableOwnership,
    /// Type.
    pub kind: TableType,
    /// The column that names a row; absent for an existing table.
    pub primary_column: Option<Column>,
    /// Further columns.
    pub columns: Vec<Column>,
    /// Alternate keys.
    pub keys: Vec<AlternateKey>,
    /// Relationships to many rows of other tables.
    pub many_to_many: Vec<ManyToMany>,
    /// Status reasons besides Active and Inactive, or in place of them.
    pub status_reasons: Vec<ChoiceOption>,
    /// Forms; absent: generated.
    pub forms: Option<Vec<Form>>,
    /// Views besides the generated ones.
    pub views: Vec<View>,
    /// Charts.
    pub charts: Vec<Chart>,
    /// File with the ribbon.
    pub ribbon: Option<(PathBuf, Span)>,
    /// Set name in the Web API.
    pub entity_set_name: Option<String>,
    /// Elements of `entity` that keys of the manifest name, with their text.
    pub settings: Vec<(&'static str, String)>,
    /// What is merged into its `entity` element.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// An alternate key.
#[derive(Clone, Debug)]
pub struct AlternateKey {
    /// Name.
    pub name: String,
    /// Display name.
    pub display_name: Labels,
    /// Columns.
    pub columns: Vec<Named>,
    /// What is merged into its XML.
    pub extra: Extra,
}

/// A relationship of many to many.
#[derive(Clone, Debug)]
pub struct ManyToMany {
    /// The other table.
    pub with: Named,
    /// Name, where it is given.
    pub name: Option<String>,
    /// Whether forms show it in their navigation.
    pub navigation: bool,
    /// What is merged into its XML.
    pub extra: Extra,
}

/// Who owns the rows of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TableOwnership {
    /// Users and teams.
    #[default]
    User,
    /// The organization.
    Organization,
}

/// What kind of table it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TableType {
    /// Rows in Dataverse.
    #[default]
    Standard,
    /// An activity, such as an e-mail.
    Activity,
    /// Rows elsewhere.
    Virtual,
    /// Rows in a store that grows sideways and forgets them in time.
    Elastic,
}

/// The GUID that is given, or the one that is made of publisher, kind and name.
#[must_use]
pub fn given_or_stable(given: Option<Uuid>, kind: &str, publisher: &str, name: &str) -> Uuid {
    given.unwrap_or_else(|| crate::guid::stable(kind, publisher, name))
}
