//! The views that every custom table of real exports has, with their names and types.

use super::context::Context;
use super::known::primary_names;
use super::view_element::{Made, condition, fetch, filter, grid};
use crate::guid;
use crate::manifest::components::labels::Labels;
use crate::manifest::components::table::column_type::ColumnType;
use crate::manifest::components::table::view::ViewType;
use crate::manifest::components::table::{Table, TableOwnership, TableType};
use crate::solution::xml::Element;

/// Whether a column is worth a place in a generated view.
fn is_shown(kind: ColumnType) -> bool {
    !matches!(
        kind,
        ColumnType::MultilineText
            | ColumnType::RichText
            | ColumnType::BigInt
            | ColumnType::Image
            | ColumnType::File
            | ColumnType::UniqueIdentifier
    )
}

/// The columns of generated views: the primary one, up to four more, and when the row was made.
pub(super) fn usual_columns(table: &Table) -> Vec<(String, u32)> {
    let (_, name) = primary_names(table);
    let mut columns = vec![(name, 300)];
    let more = table.columns.iter().filter(|column| column.searchable && is_shown(column.kind)).take(4);
    columns.extend(more.map(|column| (column.logical(), 150)));
    if table.kind != TableType::Virtual && !table.existing {
        columns.push(("createdon".to_owned(), 125));
    }
    columns
}

pub(super) fn generated(table: &Table, context: &Context<'_>) -> Vec<Element> {
    let base = |labels: &Option<Labels>| labels.as_ref().map_or(table.name.as_str(), Labels::base).to_owned();
    let (one, many) = (base(&table.display_name), base(&table.plural_name));
    let logical = table.name.to_ascii_lowercase();
    let (id, name) = primary_names(table);
    let columns = usual_columns(table);
    let short: Vec<(String, u32)> = columns.iter().filter(|(_, width)| *width != 150).cloned().collect();
    let order = [(name.clone(), false)];
    let has_state = table.kind != TableType::Virtual;
    let state = |value: &str| if has_state { vec![filter(vec![condition("statecode", "eq", value)])] } else { vec![] };
    let taken = |kind: ViewType| table.views.iter().any(|view| view.kind == kind && kind != ViewType::Public);
    let own_default = table.views.iter().any(|view| view.kind == ViewType::Public && view.default);
    let make = |key: &str, text: String, kind: u32, default: bool, grid: Option<Element>, fetch: Element| Made {
        name: Labels::one(context.language, text),
        description: None,
        kind,
        default,
        deletable: false,
        id: guid::stable("savedquery", context.publisher, &format!("{logical}/{key}")),
        layout: grid,
        fetch,
    };
    let active = if has_state { format!("Active {many}") } else { format!("All {many}") };
    let wide = || Some(grid(table, &columns, false));
    let mut made = vec![make("active", active, 0, !own_default, wide(), fetch(table, &columns, &order, state("0")))];
    if !taken(ViewType::AdvancedFind) {
        let text = format!("{one} Advanced Find View");
        made.push(make("advanced find", text, 1, true, wide(), fetch(table, &columns, &order, vec![])));
    }
    if !taken(ViewType::Associated) {
        let text = format!("{one} Associated View");
        let grid = Some(grid(table, &columns, true));
        made.push(make("associated", text, 2, true, grid, fetch(table, &columns, &order, state("0"))));
    }
    if !taken(ViewType::Lookup) {
        let text = format!("{one} Lookup View");
        let mut grid = grid(table, &short, true);
        grid.set_attribute("preview", "0");
        made.push(make("lookup", text, 64, true, Some(grid), fetch(table, &short, &[], state("0"))));
    }
    if has_state {
        let text = format!("Inactive {many}");
        made.push(make("inactive", text, 0, false, wide(), fetch(table, &columns, &order, state("1"))));
    }
    if has_state && table.ownership == TableOwnership::User {
        // The rows that offline and Outlook clients download; it has no layout.
        let mine = Element::new("condition").with("attribute", "ownerid").with("operator", "eq-userid");
        let entity = Element::new("entity")
            .with("name", logical.as_str())
            .child(Element::new("attribute").with("name", id.as_str()))
            .child(filter(vec![condition("statecode", "eq", "0"), mine]));
        let fetch = Element::new("fetch").with("version", "1.0").with("mapping", "logical");
        let fetch = fetch.with("output-format", "xml-platform").child(entity);
        let mut mine = make("mine", format!("My {many}"), 8192, true, None, fetch);
        mine.deletable = true;
        mine.description = Some(Labels::one(context.language, format!("Active {many} that I own")));
        made.push(mine);
    }
    if !taken(ViewType::QuickFind) {
        let text = format!("Quick Find Active {many}");
        let mut rest = state("0");
        rest.push(quick_find(&[name]));
        made.push(make("quick find", text, 4, true, wide(), fetch(table, &columns, &order, rest)));
    }
    made.into_iter().map(|view| view.element(context)).collect()
}

pub(super) fn quick_find(columns: &[String]) -> Element {
    let mut filter = Element::new("filter").with("type", "or").with("isquickfindfields", "1");
    for column in columns {
        filter.push(condition(column, "like", "{0}"));
    }
    filter
}
