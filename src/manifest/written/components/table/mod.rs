//! `components.tables`

pub mod column;
pub mod form;
pub mod leaf;
pub mod view;

pub use column::{Column, OneOrMany};
pub use form::{Field, Form, FormEvent, FormSection, FormTab, FullField, TabColumn};
pub use view::{Chart, FullOrder, FullViewColumn, View, ViewColumn, ViewOrder};

use crate::manifest::written::components::choice::ChoiceOption;
use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::components::labels::Labels;
use crate::manifest::written::leaf::{
    Flag, Guid, Paragraph, RelativePath, SchemaName, TableName, Title, WebAddress, WebResourceName,
};
use crate::yaml::leaf::Words;
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};
use leaf::{Color, ColumnName, Ownership, TableType};

record! {
    /// A table: an own one, or own columns, forms and views on a table of Dataverse or of another solution.
    pub struct Table => {
        /// Schema name. With the publisher's prefix it is an own table; any other is there already and is extended.
        "name" required name: At<TableName>,
        /// Whether a table with the publisher's prefix is there already, from another solution.
        "existing" optional existing: At<Flag>,
        /// Name that people see, in one language or by language code. Required for own tables.
        "displayName" optional display_name: Labels<Title>,
        /// Plural of that name. Left out: the display name and `s`.
        "pluralName" optional plural_name: Labels<Title>,
        /// Description.
        "description" optional description: Labels<Paragraph>,
        /// Who owns the rows: user (or team; default) or organization.
        "ownership" optional ownership: At<Ownership>,
        /// Type: standard (default), activity, virtual or elastic.
        "type" optional kind: At<TableType>,
        /// The column that names a row. Left out: `prefix_Name`, `Name`.
        "primaryColumn" optional primary_column: Column,
        /// Columns.
        "columns" optional columns: List<Column>,
        /// Alternate keys.
        "keys" optional keys: List<AlternateKey>,
        /// Relationships of many rows to many rows of another table.
        "manyToMany" optional many_to_many: List<ManyToMany>,
        /// Status reasons; those of Dataverse are Active (1) and Inactive (2).
        "statusReasons" optional status_reasons: List<ChoiceOption>,
        /// Forms. Left out: a main, a quick view and a card form with what the table has.
        "forms" optional forms: List<Form>,
        /// Views, besides the generated ones; one for quick find, lookup, associated or advanced find takes the place of the generated one.
        "views" optional views: List<View>,
        /// Charts.
        "charts" optional charts: List<Chart>,
        /// XML file with the table's `RibbonDiffXml`.
        "ribbon" optional ribbon: At<RelativePath>,
        /// Name of the set in the Web API. Left out: the logical name and `s` or `es`.
        "entitySetName" optional entity_set_name: At<TableName>,
        /// Colour, such as `#0078d4`.
        "color" optional color: At<Color>,
        /// Icon: an SVG web resource.
        "icon" optional icon: At<WebResourceName>,
        /// Whether changes are kept in the audit log.
        "auditing" optional auditing: At<Flag>,
        /// Whether rows can have notes and attachments.
        "notes" optional notes: At<Flag>,
        /// Whether rows can have activities.
        "activities" optional activities: At<Flag>,
        /// Whether rows can have connections.
        "connections" optional connections: At<Flag>,
        /// Whether changes can be asked for since a point in time.
        "changeTracking" optional change_tracking: At<Flag>,
        /// Whether duplicates can be looked for.
        "duplicateDetection" optional duplicate_detection: At<Flag>,
        /// Whether rows can be made with a quick create form.
        "quickCreate" optional quick_create: At<Flag>,
        /// Whether rows can be used in a mail merge.
        "mailMerge" optional mail_merge: At<Flag>,
        /// Whether it is there on phones and tablets.
        "mobile" optional mobile: At<Flag>,
        /// Whether rows can be taken along offline.
        "offline" optional offline: At<Flag>,
        /// Whether rows are found by Dataverse search.
        "search" optional search: At<Flag>,
        /// Whether documents can be kept in its document libraries.
        "documents" optional documents: At<Flag>,
        /// Whether rows can have an access team.
        "accessTeams" optional access_teams: At<Flag>,
        /// Whether business process flows can run on it.
        "businessProcesses" optional business_processes: At<Flag>,
        /// Address of a page of help.
        "helpUrl" optional help_url: At<WebAddress>,
        /// For a virtual table: GUID of its data provider.
        "dataProvider" optional data_provider: At<Guid>,
        /// For a virtual table: GUID of its data source.
        "dataSource" optional data_source: At<Guid>,
        /// For a virtual table: its name in the source.
        "externalName" optional external_name: At<Words>,
        /// For a virtual table: the name of its set in the source.
        "externalPluralName" optional external_plural_name: At<Words>,
        /// Parts of its `entity` element that have no key here.
        "xml" optional xml: Extra,
    }
}

record! {
    /// An alternate key.
    pub struct AlternateKey => {
        /// Name, with the publisher's prefix.
        "name" required name: At<SchemaName>,
        /// Name that people see. Left out: the name.
        "displayName" optional display_name: Labels<Title>,
        /// Its columns.
        "columns" required columns: List<At<ColumnName>>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}

record! {
    /// A relationship of many rows to many rows of another table.
    pub struct ManyToMany => {
        /// The other table.
        "with" required with: At<TableName>,
        /// Name, with the publisher's prefix. Left out: made from both tables' names.
        "name" optional name: At<SchemaName>,
        /// Whether forms show it in their navigation (default: yes).
        "navigation" optional navigation: At<Flag>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}
