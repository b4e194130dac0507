//! `components.tables`: names, what an extended table cannot have, and what an alternate key may contain.

pub mod chart;
pub mod column;
pub mod column_type;
pub mod column_value;
pub mod elastic;
pub mod form;
pub mod key;
pub mod leaf;
pub mod lookup;
pub mod many_to_many;
pub mod settings;
pub mod tab;
pub mod table_type;
pub mod view;

use std::path::PathBuf;

pub use table_type::{Ownership, TableOwnership, TableType};

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::choice::{ChoiceOption, WrittenChoiceOption, options};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::files::one;
use crate::manifest::components::labels::{Labels, WrittenLabels, labels};
use crate::manifest::components::names::check_unique;
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::components::table::chart::{Chart, WrittenChart};
use crate::manifest::components::table::column::{Column, WrittenColumn};
use crate::manifest::components::table::column_type::ColumnType;
use crate::manifest::components::table::form::{Form, WrittenForm};
use crate::manifest::components::table::key::{AlternateKey, WrittenAlternateKey, key};
use crate::manifest::components::table::many_to_many::{ManyToMany, WrittenManyToMany, many_to_many};
use crate::manifest::components::table::settings::{WrittenTableSettings, settings};
use crate::manifest::components::table::view::{View, WrittenView};
use crate::manifest::leaf::{Flag, Paragraph, RelativePath, SetName, TableName, Title};
use crate::manifest::prefix;
use crate::yaml::leaf::Given;
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, head};

record! {
    /// A table: a new one, or columns, forms and views of your own on a table of Dataverse or of another solution.
    pub struct WrittenTable => {
        /// Schema name. With the publisher's prefix it is a new table; any other table already exists and is extended.
        "name" required name: At<TableName>,
        /// Whether a table with the publisher's prefix already exists, from another solution.
        "existing" optional existing: At<Flag>,
        /// Name that people see, in one language or by language code. Required for new tables.
        "displayName" optional display_name: WrittenLabels<Title>,
        /// Plural of that name. Default: the display name and `s`.
        "pluralName" optional plural_name: WrittenLabels<Title>,
        /// Description.
        "description" optional description: WrittenLabels<Paragraph>,
        /// Who owns the rows: user (or team; default) or organization.
        "ownership" optional ownership: At<Ownership>,
        /// Type: standard (default), activity, virtual or elastic.
        "type" optional kind: At<TableType>,
        /// The column that names a row. Default: `prefix_Name`, `Name`.
        "primaryColumn" optional primary_column: WrittenColumn,
        /// Columns.
        "columns" optional columns: List<WrittenColumn>,
        /// Alternate keys.
        "keys" optional keys: List<WrittenAlternateKey>,
        /// Relationships of many rows to many rows of another table.
        "manyToMany" optional many_to_many: List<WrittenManyToMany>,
        /// Status reasons; those of Dataverse are Active (1) and Inactive (2).
        "statusReasons" optional status_reasons: List<WrittenChoiceOption>,
        /// Forms. Default: a main, a quick view and a card form with what the table has.
        "forms" optional forms: List<WrittenForm>,
        /// Views, besides the generated ones; one for quick find, lookup, associated or advanced find takes the place
        /// of the generated one.
        "views" optional views: List<WrittenView>,
        /// Charts.
        "charts" optional charts: List<WrittenChart>,
        /// XML file with the table's `RibbonDiffXml`.
        "ribbon" optional ribbon: At<RelativePath> => "tables/ribbon.xml",
        /// Name of the set in the Web API. Default: the logical name and `s` or `es`.
        "entitySetName" optional entity_set_name: At<SetName> => "contoso_widgets",
        ..settings: WrittenTableSettings,
        /// Parts of its `entity` element that have no key here.
        "xml" optional extra: Extra,
    }
}

/// One table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Schema name.
    pub name: String,
    /// Whether it already exists and is only extended.
    pub existing: bool,
    /// Display name; absent for an existing table that keeps its name.
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

impl Kind for Table {
    type Written = WrittenTable;

    fn mean(written: &WrittenTable, scope: &mut Scope<'_>) -> Option<Self> {
        let name = written.name.as_ref()?;
        let own = scope.prefix.is_none_or(|prefix| prefix::is_own(&name.value.0, prefix));
        let existing = written.existing.value().unwrap_or(!own);
        if let Some(flag) = written.existing.as_ref().filter(|flag| !flag.value.0 && !own) {
            scope.findings.push(
                Diagnostic::error(
                    "prefix-missing",
                    format!("`{}` does not start with the publisher's prefix", name.shown),
                )
                .at(&flag.span)
                .help("a new table needs the prefix; a table of Dataverse or of another solution is `existing`"),
            );
        }
        if existing {
            not_for_existing(written, scope);
        }
        let kind = written.kind.value().unwrap_or_default();
        let display_name = labels(written.display_name.as_ref(), scope);
        if !existing && written.display_name.is_none() {
            scope.findings.push(
                Diagnostic::error("missing-key", "key `displayName` is missing")
                    .at(&name.span)
                    .help("a new table needs a name that people see: add `displayName: …`"),
            );
        }
        let plural_name = labels(written.plural_name.as_ref(), scope)
            .or_else(|| display_name.as_ref().map(|labels| labels.map(|text| format!("{text}s"))));
        let columns: Vec<_> =
            written.columns.iter().flat_map(|list| &list.items).filter_map(|it| column::column(it, scope)).collect();
        let primary_column = match &written.primary_column {
            Some(primary) => column::column(primary, scope),
            None if existing => None,
            None => Some(default_primary(name, scope)),
        };
        let all = primary_column.iter().chain(&columns);
        check_unique("column", all.map(|it| (it.name.as_str(), &it.span)), scope.findings);
        let keys: Vec<_> = written.keys.iter().flat_map(|list| &list.items).filter_map(|it| key(it, scope)).collect();
        let ribbon = written.ribbon.as_ref().and_then(|path| {
            let (file, _) = one(path, scope.folder, scope.findings).into_iter().next()?;
            Some((file, path.span.clone()))
        });
        let status_reasons =
            written.status_reasons.as_ref().map(|list| options(&list.items, scope)).unwrap_or_default();
        let forms = written
            .forms
            .as_ref()
            .map(|list| list.items.iter().filter_map(|it| form::form(it, scope)).collect::<Vec<_>>());
        let table = Table {
            name: name.value.0.clone(),
            existing,
            display_name,
            plural_name,
            description: labels(written.description.as_ref(), scope),
            ownership: written.ownership.value().unwrap_or_default(),
            kind,
            primary_column,
            columns,
            keys,
            many_to_many: written
                .many_to_many
                .iter()
                .flat_map(|list| &list.items)
                .filter_map(|it| many_to_many(it, scope))
                .collect(),
            status_reasons,
            forms,
            views: written.views.iter().flat_map(|list| &list.items).filter_map(|it| view::view(it, scope)).collect(),
            charts: written
                .charts
                .iter()
                .flat_map(|list| &list.items)
                .filter_map(|it| chart::chart(it, scope))
                .collect(),
            ribbon,
            entity_set_name: written.entity_set_name.value(),
            settings: settings(&written.settings, kind, scope),
            extra: extra(written.extra.as_ref()),
            span: name.span.clone(),
        };
        if kind == TableType::Elastic {
            let refused = [
                ("alternate keys", !table.keys.is_empty()),
                ("charts", !table.charts.is_empty()),
                ("relationships of many to many", !table.many_to_many.is_empty()),
            ];
            elastic::check(&table.columns, refused, &table.span, scope.findings);
        }
        Some(table)
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.name, &self.span))
    }
}

/// Keys that make sense only for the solution's own tables.
fn not_for_existing(written: &WrittenTable, scope: &mut Scope<'_>) {
    let found = [
        ("ownership", written.ownership.as_ref().map(|it| it.span.clone())),
        ("type", written.kind.as_ref().map(|it| it.span.clone())),
        ("primaryColumn", written.primary_column.as_ref().map(|it| head(&it.span))),
        ("statusReasons", written.status_reasons.as_ref().map(|_| head(&written.span))),
        ("entitySetName", written.entity_set_name.as_ref().map(|it| it.span.clone())),
    ];
    for (key, span) in found.into_iter().filter_map(|(key, span)| Some((key, span?))) {
        scope.findings.push(
            Diagnostic::error("key-of-own-table", format!("`{key}` is for new tables; this one already exists"))
                .at(&span)
                .help("remove it"),
        );
    }
}

fn default_primary(table: &At<TableName>, scope: &Scope<'_>) -> Column {
    let prefix = table.value.0.split_once('_').map_or("new", |(prefix, _)| prefix);
    let language = scope.languages.first().copied().unwrap_or(1033);
    Column {
        name: format!("{prefix}_Name"),
        kind: ColumnType::Text,
        display_name: Labels::one(language, "Name"),
        description: None,
        required: "required",
        searchable: true,
        auditing: true,
        secured: false,
        max_length: None,
        min: None,
        max: None,
        precision: None,
        format: None,
        behavior: 1,
        options: Vec::new(),
        choice: None,
        default: None,
        lookup: None,
        auto_number: String::new(),
        computed: None,
        max_size: None,
        full_image: false,
        primary_image: false,
        external_name: None,
        extra: Extra::default(),
        span: table.span.clone(),
    }
}
