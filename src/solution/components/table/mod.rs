//! Tables: the section `Entities`, root component 1. Own tables get the system columns, views and
//! forms that custom tables have in real exports; extended ones only what is declared.

mod attribute;
mod chart;
mod context;
mod entity;
mod files;
mod form;
mod form_element;
mod known;
mod order;
mod payload;
mod relationship;
mod system_attribute;
mod usual_form;
mod usual_view;
mod view;
mod view_element;

pub use relationship::Relationship;

use super::kind::{Component, Kind};
use crate::catalog;
use crate::manifest::components::labels::Labels;
use crate::manifest::components::names::Named;
use crate::manifest::components::table::{self, TableType};
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;
use context::Context;
use files::{known_web_resource, ribbon};

/// The kind.
pub struct Table;

impl Kind for Table {
    fn label(&self) -> &'static str {
        "Table"
    }
    fn place(&self) -> &'static str {
        "Entities"
    }
    fn root_type(&self) -> Option<u32> {
        Some(1)
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.tables")
    }
    fn folder(&self) -> &'static str {
        "Entities/"
    }
    fn in_item(&self, item: &Element) -> Vec<Component> {
        let name = item.child_text("Name");
        name.map(|name| Component { kind: self.label(), name: name.clone(), id: name }).into_iter().collect()
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        let context = Context {
            package,
            publisher: &package.publisher.name,
            version: package.solution.version.to_string(),
            language: package.solution.languages.first().copied().unwrap_or(1033),
        };
        for table in &package.components.tables {
            declare(table, &context, draft);
        }
    }
}

fn declare(table: &table::Table, context: &Context<'_>, draft: &mut Draft) {
    let logical = table.name.to_ascii_lowercase();
    if let Some(icon) = table.settings.iter().find(|(element, _)| *element == "IconVectorName") {
        known_web_resource(&Named { name: icon.1.clone(), span: table.span.clone() }, context, draft);
    }
    // A table of Dataverse is named as Dataverse spells it.
    let known = catalog::table(&table.name).filter(|_| table.existing).and_then(|known| known.schema);
    let schema_name = known.unwrap_or(&table.name).to_owned();
    let shown = table.display_name.as_ref().map_or(schema_name.as_str(), Labels::base);
    let original = if table.existing { "" } else { shown };
    let name = Element::text("Name", schema_name.as_str()).with("LocalizedName", shown).with("OriginalName", original);
    let mut element = Element::new("Entity").child(name);
    let changed = table.existing && (table.display_name.is_some() || !table.settings.is_empty());
    if !table.existing
        || changed
        || !table.columns.is_empty()
        || !table.keys.is_empty()
        || !table.extra.entries.is_empty()
    {
        element.push(Element::new("EntityInfo").child(entity::info(table, &schema_name, changed, context, draft)));
    }
    if let Some(forms) = form::forms(table, context, draft) {
        element.push(forms);
    }
    let views = view::views(table, context, draft);
    if !views.is_empty() {
        let mut list = Element::new("savedqueries");
        for view in views {
            list.push(view);
        }
        element.push(Element::new("SavedQueries").child(list));
    }
    let charts: Vec<Element> =
        table.charts.iter().filter_map(|chart| chart::chart(table, chart, context, draft)).collect();
    if !charts.is_empty() {
        let mut list = Element::new("Visualizations");
        for chart in charts {
            list.push(chart);
        }
        element.push(list);
    }
    element.push(ribbon(table, draft));
    if !draft.add_element("Entities", element, &table.span) {
        return;
    }
    // 0: all of it; 1: the table's own settings without its parts; 2: the shell, for what is added to it.
    let behavior = match (table.existing, changed) {
        (false, _) => "0",
        (true, true) => "1",
        (true, false) => "2",
    };
    draft.add_root_as("1", "schemaName", &logical, behavior);
    if !table.existing && matches!(table.kind, TableType::Standard | TableType::Elastic) {
        for element in relationship::of_system(table, &context.version, context.language) {
            draft.add_element("EntityRelationships", element, &table.span);
        }
    }
    for column in &table.columns {
        relationship::of_lookup(table, column, context.package, draft);
    }
    for relation in &table.many_to_many {
        relationship::of_many(table, relation, context.package, draft, &relation.with.span);
    }
    payload::formulas(table, draft);
    payload::images(table, draft);
}
