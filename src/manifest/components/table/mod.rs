//! `components.tables`: names, what an extended table cannot have, and what a key may hold.

pub mod column;
pub mod elastic;
pub mod form;
pub mod view;

use crate::diagnostic::Diagnostic;
use crate::manifest::components::choice::options;
use crate::manifest::components::extra::extra;
use crate::manifest::components::files::one;
use crate::manifest::components::labels::{labels, labels_or};
use crate::manifest::components::scope::Scope;
use crate::manifest::components::scope::check_unique;
use crate::manifest::meant;
use crate::manifest::meant::components::table::TableType;
use crate::manifest::meant::components::table::column::Named;
use crate::manifest::prefix;
use crate::manifest::written::components::table::{AlternateKey, ManyToMany, Table};
use crate::manifest::written::leaf::{Flag, Guid, TableName};
use crate::yaml::leaf::Words;
use crate::yaml::shape::{At, head};

/// The table that one entry stands for.
pub fn table(written: &Table, scope: &mut Scope<'_>) -> Option<meant::Table> {
    let name = written.name.as_ref()?;
    let own = scope.prefix.is_none_or(|prefix| prefix::is_own(&name.value.0, prefix));
    let existing = written.existing.as_ref().map_or(!own, |flag| flag.value.0);
    if let Some(flag) = written.existing.as_ref().filter(|flag| !flag.value.0 && !own) {
        scope.findings.push(
            Diagnostic::error("prefix-missing", format!("`{}` does not start with the publisher's prefix", name.shown))
                .at(&flag.span)
                .help("an own table needs the prefix; a table of Dataverse or of another solution is `existing`"),
        );
    }
    if existing {
        not_for_existing(written, scope);
    }
    let kind = written.kind.as_ref().map(|kind| kind.value.0).unwrap_or_default();
    let display_name = labels(written.display_name.as_ref(), scope);
    if !existing && written.display_name.is_none() {
        scope.findings.push(
            Diagnostic::error("missing-key", "key `displayName` is missing")
                .at(&name.span)
                .help("an own table needs a name that people see: add `displayName: …`"),
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
    let status_reasons = written.status_reasons.as_ref().map(|list| options(&list.items, scope)).unwrap_or_default();
    let forms =
        written.forms.as_ref().map(|list| list.items.iter().filter_map(|it| form::form(it, scope)).collect::<Vec<_>>());
    let table = meant::Table {
        name: name.value.0.clone(),
        existing,
        display_name,
        plural_name,
        description: labels(written.description.as_ref(), scope),
        ownership: written.ownership.as_ref().map(|it| it.value.0).unwrap_or_default(),
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
        charts: written.charts.iter().flat_map(|list| &list.items).filter_map(|it| view::chart(it, scope)).collect(),
        ribbon,
        entity_set_name: written.entity_set_name.as_ref().map(|it| it.value.0.clone()),
        settings: settings(written, kind, scope),
        extra: extra(written.xml.as_ref()),
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

/// Keys that make sense for own tables only.
fn not_for_existing(written: &Table, scope: &mut Scope<'_>) {
    let found = [
        ("ownership", written.ownership.as_ref().map(|it| it.span.clone())),
        ("type", written.kind.as_ref().map(|it| it.span.clone())),
        ("primaryColumn", written.primary_column.as_ref().map(|it| head(&it.span))),
        ("statusReasons", written.status_reasons.as_ref().map(|_| head(&written.span))),
        ("entitySetName", written.entity_set_name.as_ref().map(|it| it.span.clone())),
    ];
    for (key, span) in found.into_iter().filter_map(|(key, span)| Some((key, span?))) {
        scope.findings.push(
            Diagnostic::error("key-of-own-table", format!("`{key}` belongs to own tables; this one is there already"))
                .at(&span)
                .help("remove it"),
        );
    }
}

fn default_primary(table: &At<TableName>, scope: &Scope<'_>) -> meant::Column {
    let prefix = table.value.0.split_once('_').map_or("new", |(prefix, _)| prefix);
    let language = scope.languages.first().copied().unwrap_or(1033);
    meant::Column {
        name: format!("{prefix}_Name"),
        kind: meant::ColumnType::Text,
        display_name: meant::Labels::one(language, "Name"),
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
        extra: meant::Extra::default(),
        span: table.span.clone(),
    }
}

fn key(written: &AlternateKey, scope: &mut Scope<'_>) -> Option<meant::AlternateKey> {
    let name = written.name.as_ref()?;
    prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    let columns: Vec<Named> = written
        .columns
        .iter()
        .flat_map(|list| &list.items)
        .map(|it| Named { name: it.value.0.clone(), span: it.span.clone() })
        .collect();
    // Microsoft's documentation of alternate keys: at most 16 columns.
    if columns.is_empty() || columns.len() > 16 {
        scope.findings.push(
            Diagnostic::error("key-columns", format!("a key has 1 to 16 columns, not {}", columns.len()))
                .at(&name.span)
                .help("name its columns: `columns: [contoso_Code]`"),
        );
    }
    Some(meant::AlternateKey {
        name: name.value.0.clone(),
        display_name: labels_or(written.display_name.as_ref(), || name.value.0.clone(), scope),
        columns,
        extra: extra(written.xml.as_ref()),
    })
}

fn many_to_many(written: &ManyToMany, scope: &mut Scope<'_>) -> Option<meant::ManyToMany> {
    let with = written.with.as_ref()?;
    if let Some(name) = &written.name {
        prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    }
    Some(meant::ManyToMany {
        with: Named { name: with.value.0.clone(), span: with.span.clone() },
        name: written.name.as_ref().map(|name| name.value.0.clone()),
        navigation: written.navigation.as_ref().is_none_or(|flag| flag.value.0),
        extra: extra(written.xml.as_ref()),
    })
}

/// The elements of `entity` that keys stand for.
fn settings(written: &Table, kind: TableType, scope: &mut Scope<'_>) -> Vec<(&'static str, String)> {
    let flag = |value: &Option<At<Flag>>| value.as_ref().map(|flag| u8::from(flag.value.0).to_string());
    let yes = |value: &Option<At<Flag>>| value.as_ref().filter(|flag| flag.value.0).map(|_| "True".to_owned());
    let guid = |value: &Option<At<Guid>>| value.as_ref().map(|id| crate::guid::braced(id.value.0));
    let words = |value: &Option<At<Words>>| value.as_ref().map(|it| it.value.0.clone());
    for (key, value) in [("dataProvider", &written.data_provider), ("dataSource", &written.data_source)] {
        if let Some(id) = value.as_ref().filter(|_| kind != TableType::Virtual) {
            scope.findings.push(
                Diagnostic::error("key-of-other-type", format!("`{key}` belongs to virtual tables"))
                    .at(&id.span)
                    .help("remove it, or write `type: virtual`"),
            );
        }
    }
    let on = |value: &Option<At<Flag>>| value.as_ref().is_some_and(|flag| flag.value.0);
    let provider =
        if kind == TableType::Elastic { Some(elastic::PROVIDER.to_owned()) } else { guid(&written.data_provider) };
    let all: Vec<(&'static str, Option<String>)> = vec![
        ("IsDuplicateCheckSupported", flag(&written.duplicate_detection)),
        ("IsBusinessProcessEnabled", flag(&written.business_processes)),
        ("IsConnectionsEnabled", flag(&written.connections)),
        ("EntityColor", written.color.as_ref().map(|color| color.value.0.clone())),
        ("IsDocumentManagementEnabled", flag(&written.documents)),
        ("AutoCreateAccessTeams", flag(&written.access_teams)),
        ("DataProviderId", provider),
        ("DataSourceId", guid(&written.data_source)),
        ("EntityMask", on(&written.activities).then(|| "ActivityPointer".to_owned())),
        ("IsAuditEnabled", flag(&written.auditing)),
        ("IsMailMergeEnabled", flag(&written.mail_merge)),
        ("IsVisibleInMobileClient", flag(&written.mobile)),
        ("IsOfflineInMobileClient", flag(&written.offline)),
        ("IsQuickCreateEnabled", flag(&written.quick_create)),
        ("SyncToExternalSearchIndex", flag(&written.search)),
        ("IconVectorName", written.icon.as_ref().map(|icon| icon.value.0.clone())),
        ("EntityHelpUrlEnabled", written.help_url.as_ref().map(|_| "1".to_owned())),
        ("EntityHelpUrl", written.help_url.as_ref().map(|url| url.value.0.to_string())),
        ("ChangeTrackingEnabled", flag(&written.change_tracking)),
        ("ExternalName", words(&written.external_name)),
        ("ExternalCollectionName", words(&written.external_plural_name)),
        ("HasRelatedNotes", yes(&written.notes)),
        ("HasRelatedActivities", yes(&written.activities)),
    ];
    all.into_iter().filter_map(|(element, value)| Some((element, value?))).collect()
}
