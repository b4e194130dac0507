//! `entity`: a table's settings, columns and keys.

use super::attribute::{self, Around};
use super::context::Context;
use super::known;
use super::order;
use super::system_attribute;
use crate::catalog;
use crate::diagnostic::Diagnostic;
use crate::manifest::components::labels::Labels;
use crate::manifest::components::table::column_type::ColumnType;
use crate::manifest::components::table::{Table, TableOwnership, TableType};
use crate::solution::components::extra::merge;
use crate::solution::components::labels::labels;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// The name of the set in the Web API: the rule gives 282 of 285 real ones.
pub fn entity_set(table: &Table) -> String {
    if let Some(name) = &table.entity_set_name {
        return name.clone();
    }
    let logical = table.name.to_ascii_lowercase();
    if let Some(set) = catalog::table(&logical).and_then(|known| known.set) {
        return set.to_owned();
    }
    if let Some(stem) = logical.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u'])) {
        return format!("{stem}ies");
    }
    let hissing = ["s", "x", "z", "ch", "sh"].iter().any(|end| logical.ends_with(end));
    format!("{logical}{}", if hissing { "es" } else { "s" })
}

/// `entity`: completely for the solution's own table; for an extended one, what is declared.
pub fn info(table: &Table, schema_name: &str, changed: bool, context: &Context<'_>, draft: &mut Draft) -> Element {
    let logical = table.name.to_ascii_lowercase();
    let around = Around { table: &logical, version: &context.version, language: context.language };
    let mut element = Element::new("entity").with("Name", schema_name);
    if let Some(display) = &table.display_name {
        element.push(labels("LocalizedNames", "LocalizedName", display));
        let plural = table.plural_name.as_ref().unwrap_or(display);
        element.push(labels("LocalizedCollectionNames", "LocalizedCollectionName", plural));
        let empty = Labels::one(context.language, "");
        element.push(labels("Descriptions", "Description", table.description.as_ref().unwrap_or(&empty)));
    }
    element.push(attributes(table, &around, context, draft));
    if !table.keys.is_empty() {
        element.push(keys(table, context, draft));
    }
    if !table.existing || changed {
        element.push(Element::text("EntitySetName", entity_set(table)));
    }
    if !table.existing {
        for (name, value) in SETTINGS {
            element.push(Element::text(*name, *value));
        }
        let set = |element: &mut Element, name: &str, text: &str| match element.find_mut(name) {
            Some(found) => found.set_content(text),
            None => order::ENTITY.place(element, Element::text(name, text)),
        };
        let user = table.ownership == TableOwnership::User;
        set(&mut element, "OwnershipTypeMask", if user { "UserOwned" } else { "OrgOwned" });
        set(&mut element, "IntroducedVersion", &context.version);
        if table.kind == TableType::Activity {
            set(&mut element, "IsActivity", "1");
            set(&mut element, "ActivityTypeMask", "CommunicationActivity");
        }
    }
    for (name, value) in &table.settings {
        match element.find_mut(name) {
            Some(found) => found.set_content(value),
            None => order::ENTITY.place(&mut element, Element::text(*name, value.as_str())),
        }
    }
    merge(&mut element, &table.extra, &order::ENTITY, &mut draft.findings);
    element
}

/// What custom tables have in most 9.2 exports.
const SETTINGS: &[(&str, &str)] = &[
    ("IsDuplicateCheckSupported", "0"),
    ("IsBusinessProcessEnabled", "0"),
    ("IsRequiredOffline", "0"),
    ("IsInteractionCentricEnabled", "0"),
    ("IsCollaboration", "0"),
    ("AutoRouteToOwnerQueue", "0"),
    ("IsConnectionsEnabled", "0"),
    ("IsDocumentManagementEnabled", "0"),
    ("AutoCreateAccessTeams", "0"),
    ("IsOneNoteIntegrationEnabled", "0"),
    ("IsKnowledgeManagementEnabled", "0"),
    ("IsSLAEnabled", "0"),
    ("IsDocumentRecommendationsEnabled", "0"),
    ("IsBPFEntity", "0"),
    ("OwnershipTypeMask", ""),
    ("IsAuditEnabled", "0"),
    ("IsRetrieveAuditEnabled", "0"),
    ("IsRetrieveMultipleAuditEnabled", "0"),
    ("IsActivity", "0"),
    ("ActivityTypeMask", ""),
    ("IsActivityParty", "0"),
    ("IsReplicated", "0"),
    ("IsReplicationUserFiltered", "0"),
    ("IsMailMergeEnabled", "0"),
    ("IsVisibleInMobile", "0"),
    ("IsVisibleInMobileClient", "0"),
    ("IsReadOnlyInMobileClient", "0"),
    ("IsOfflineInMobileClient", "0"),
    ("DaysSinceRecordLastModified", "0"),
    ("MobileOfflineFilters", ""),
    ("IsMapiGridEnabled", "1"),
    ("IsReadingPaneEnabled", "1"),
    ("IsQuickCreateEnabled", "0"),
    ("SyncToExternalSearchIndex", "0"),
    ("IntroducedVersion", ""),
    ("IsCustomizable", "1"),
    ("IsRenameable", "1"),
    ("IsMappable", "1"),
    ("CanModifyAuditSettings", "1"),
    ("CanModifyMobileVisibility", "1"),
    ("CanModifyMobileClientVisibility", "1"),
    ("CanModifyMobileClientReadOnly", "1"),
    ("CanModifyMobileClientOffline", "1"),
    ("CanModifyConnectionSettings", "1"),
    ("CanModifyDuplicateDetectionSettings", "1"),
    ("CanModifyMailMergeSettings", "1"),
    ("CanModifyQueueSettings", "1"),
    ("CanCreateAttributes", "1"),
    ("CanCreateForms", "1"),
    ("CanCreateCharts", "1"),
    ("CanCreateViews", "1"),
    ("CanModifyAdditionalSettings", "1"),
    ("CanEnableSyncToExternalSearchIndex", "1"),
    ("EnforceStateTransitions", "0"),
    ("CanChangeHierarchicalRelationship", "1"),
    ("EntityHelpUrlEnabled", "0"),
    ("ChangeTrackingEnabled", "0"),
    ("CanChangeTrackingBeEnabled", "1"),
    ("IsEnabledForExternalChannels", "0"),
    ("IsMSTeamsIntegrationEnabled", "0"),
    ("IsSolutionAware", "0"),
];

/// `attributes`, in the order of their names.
fn attributes(table: &Table, around: &Around<'_>, context: &Context<'_>, draft: &mut Draft) -> Element {
    let mut all: Vec<Element> = Vec::new();
    let activity = table.kind == TableType::Activity;
    // Columns that the table has by itself cannot be declared again.
    let system = if table.existing { Vec::new() } else { known::system_columns(table) };
    for column in &table.columns {
        if let Some(known) = system.iter().find(|known| known.name.eq_ignore_ascii_case(&column.name)) {
            draft.findings.push(
                Diagnostic::error("system-column", format!("every such table has a column `{}`", known.name))
                    .at(&column.span)
                    .help("remove it, or give it another name"),
            );
        }
    }
    let first_image = table.columns.iter().find(|column| column.kind == ColumnType::Image).map(|it| it.name.as_str());
    let explicit = table.columns.iter().find(|column| column.primary_image).map(|it| it.name.as_str());
    let image = explicit.or(first_image);
    for (column, primary) in table
        .primary_column
        .iter()
        .filter(|_| !activity)
        .map(|column| (column, true))
        .chain(table.columns.iter().map(|column| (column, false)))
    {
        let is_image = image == Some(column.name.as_str());
        all.push(attribute::declared(column, primary, is_image, around, &mut draft.findings));
        if column.kind == ColumnType::Money {
            all.push(attribute::money_base(column, around));
        }
    }
    if !table.existing {
        let display = table.display_name.clone().unwrap_or_else(|| Labels::one(context.language, table.name.as_str()));
        let id = if activity { "ActivityId".to_owned() } else { format!("{}Id", table.name) };
        all.push(system_attribute::primary_key(&id, &display, around));
        if table.kind != TableType::Virtual {
            all.extend(system_attribute::status(&display, &table.status_reasons, around));
        }
        all.extend(system.iter().map(|column| system_attribute::system(column, around)));
    }
    all.sort_by_cached_key(|element| element.attribute("PhysicalName").unwrap_or_default().to_ascii_lowercase());
    let mut list = Element::new("attributes");
    for element in all {
        list.push(element);
    }
    list
}

fn keys(table: &Table, context: &Context<'_>, draft: &mut Draft) -> Element {
    let mut list = Element::new("EntityKeys");
    for key in &table.keys {
        let mut columns = Element::new("EntityKeyAttributes");
        for named in &key.columns {
            let column = known::find(table, named, context.language, &mut draft.findings);
            columns.push(Element::text("AttributeName", column.logical));
        }
        let mut element = Element::new("EntityKey")
            .child(Element::text("Name", key.name.as_str()))
            .child(Element::text("LogicalName", key.name.to_ascii_lowercase()))
            .child(Element::text("IntroducedVersion", context.version.as_str()))
            // As in all 29 keys of known exports.
            .child(Element::text("IsCustomizable", "0"))
            .child(columns)
            .child(labels("displaynames", "displayname", &key.display_name));
        merge(&mut element, &key.extra, &order::KEY, &mut draft.findings);
        list.push(element);
    }
    list
}
