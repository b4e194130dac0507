//! `savedquery`: views, generated ones with the names and types that every custom table of real exports
//! has, and declared ones.

use std::path::Path;

use super::super::extra::merge;
use super::super::labels::labels;
use super::context::Context;
use super::files::read_xml;
use super::known::{find, primary_names};
use super::order::VIEW;
use crate::diagnostic::{Diagnostic, Span};
use crate::guid;
use crate::manifest::components::extra::Extra;
use crate::manifest::components::labels::Labels;
use crate::manifest::components::names::{Named, given_or_stable};
use crate::manifest::components::table::column_type::ColumnType;
use crate::manifest::components::table::view::{View, ViewType};
use crate::manifest::components::table::{Table, TableOwnership, TableType};
use crate::solution::draft::Draft;
use crate::solution::xml::{self, Element};

/// A view that is about to be written.
struct Made {
    name: Labels,
    description: Option<Labels>,
    kind: u32,
    default: bool,
    deletable: bool,
    id: uuid::Uuid,
    layout: Option<Element>,
    fetch: Element,
}

impl Made {
    fn element(self, context: &Context<'_>) -> Element {
        let digit = |flag: bool| if flag { "1" } else { "0" };
        let mut element = Element::new("savedquery")
            .child(Element::text("IsCustomizable", "1"))
            .child(Element::text("CanBeDeleted", digit(self.deletable)))
            .child(Element::text("isquickfindquery", digit(self.kind == 4)))
            .child(Element::text("isprivate", "0"))
            .child(Element::text("isdefault", digit(self.default)))
            .child(Element::text("savedqueryid", guid::braced(self.id)));
        if let Some(layout) = self.layout {
            element.push(Element::new("layoutxml").child(layout));
        }
        element.push(Element::text("querytype", self.kind.to_string()));
        element.push(Element::new("fetchxml").child(self.fetch));
        element.push(Element::text("IntroducedVersion", context.version.as_str()));
        element.push(labels("LocalizedNames", "LocalizedName", &self.name));
        if let Some(description) = &self.description {
            element.push(labels("Descriptions", "Description", description));
        }
        element
    }
}

fn grid(table: &Table, columns: &[(String, u32)], related: bool) -> Element {
    let logical = table.name.to_ascii_lowercase();
    let (id, name) = primary_names(table);
    let set = super::entity::entity_set(table);
    let mut row = Element::new("row").with("name", if related { logical.as_str() } else { "result" }).with("id", id);
    for (column, width) in columns {
        row.push(Element::new("cell").with("name", column.as_str()).with("width", width.to_string()));
    }
    Element::new("grid")
        .with("name", if related { set.as_str() } else { "resultset" })
        .with("jump", name)
        .with("select", "1")
        .with("icon", "1")
        .with("preview", "1")
        .child(row)
}

fn condition(column: &str, operator: &str, value: &str) -> Element {
    Element::new("condition").with("attribute", column).with("operator", operator).with("value", value)
}

/// A fetch of `columns`, ordered, with whatever else stands in its entity.
fn fetch(table: &Table, columns: &[(String, u32)], order: &[(String, bool)], rest: Vec<Element>) -> Element {
    let (id, _) = primary_names(table);
    let mut entity = Element::new("entity").with("name", table.name.to_ascii_lowercase());
    entity.push(Element::new("attribute").with("name", id.as_str()));
    // Columns of linked tables are brought by their own `link-entity`.
    let own = columns.iter().filter(|(column, _)| !column.contains('.') && *column != id);
    for (column, _) in own {
        entity.push(Element::new("attribute").with("name", column.as_str()));
    }
    for (column, descending) in order {
        entity
            .push(Element::new("order").with("attribute", column.as_str()).with("descending", descending.to_string()));
    }
    for element in rest {
        entity.push(element);
    }
    Element::new("fetch").with("version", "1.0").with("mapping", "logical").child(entity)
}

fn filter(conditions: Vec<Element>) -> Element {
    let mut filter = Element::new("filter").with("type", "and");
    for condition in conditions {
        filter.push(condition);
    }
    filter
}

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
fn usual_columns(table: &Table) -> Vec<(String, u32)> {
    let (_, name) = primary_names(table);
    let mut columns = vec![(name, 300)];
    let more = table.columns.iter().filter(|column| column.searchable && is_shown(column.kind)).take(4);
    columns.extend(more.map(|column| (column.logical(), 150)));
    if table.kind != TableType::Virtual && !table.existing {
        columns.push(("createdon".to_owned(), 125));
    }
    columns
}

/// All views of a table, generated ones first.
pub fn views(table: &Table, context: &Context<'_>, draft: &mut Draft) -> Vec<Element> {
    let mut made = Vec::new();
    if !table.existing {
        made.extend(generated(table, context));
    }
    for view in &table.views {
        if let Some(element) = declared(table, view, context, draft) {
            made.push(element);
        }
    }
    made
}

fn generated(table: &Table, context: &Context<'_>) -> Vec<Element> {
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
        // What offline and Outlook clients take along; it has no layout.
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

fn quick_find(columns: &[String]) -> Element {
    let mut filter = Element::new("filter").with("type", "or").with("isquickfindfields", "1");
    for column in columns {
        filter.push(condition(column, "like", "{0}"));
    }
    filter
}

fn declared(table: &Table, view: &View, context: &Context<'_>, draft: &mut Draft) -> Option<Element> {
    let logical = table.name.to_ascii_lowercase();
    let key = format!("{logical}/{}/{}", view.kind.number(), view.name.base());
    let (_, name) = primary_names(table);
    let column = |named: &Named, draft: &mut Draft| {
        if named.name.contains('.') {
            named.logical()
        } else {
            find(table, named, context.language, &mut draft.findings).logical
        }
    };
    let mut columns: Vec<(String, u32)> =
        view.columns.iter().map(|(named, width)| (column(named, draft), *width)).collect();
    if columns.is_empty() {
        columns = usual_columns(table);
    }
    let mut order: Vec<(String, bool)> =
        view.order.iter().map(|(named, descending)| (column(named, draft), *descending)).collect();
    if order.is_empty() && view.kind != ViewType::Lookup {
        order.push((name.clone(), false));
    }
    let has_state = table.kind != TableType::Virtual;
    let mut rest = match &view.filter {
        Some((text, span)) => fragment(text, span, draft)?,
        None if has_state && view.kind != ViewType::AdvancedFind => {
            vec![filter(vec![condition("statecode", "eq", "0")])]
        }
        None => Vec::new(),
    };
    if view.kind == ViewType::QuickFind {
        let find: Vec<String> = view.find.iter().map(|named| column(named, draft)).collect();
        rest.push(quick_find(if find.is_empty() { std::slice::from_ref(&name) } else { &find }));
    }
    let fetch = match &view.fetch {
        Some((path, span)) => from_file(path, span, "fetch", draft)?,
        None => fetch(table, &columns, &order, rest),
    };
    let related = matches!(view.kind, ViewType::Associated | ViewType::Lookup);
    let layout = match &view.layout {
        Some((path, span)) => from_file(path, span, "grid", draft)?,
        None => grid(table, &columns, related),
    };
    let made = Made {
        name: view.name.clone(),
        description: view.description.clone(),
        kind: view.kind.number(),
        default: view.default || (view.kind != ViewType::Public && !table.existing),
        deletable: view.kind == ViewType::Public,
        id: given_or_stable(view.id, "savedquery", context.publisher, &key),
        layout: Some(layout),
        fetch,
    };
    let mut element = made.element(context);
    let extra: &Extra = &view.extra;
    merge(&mut element, extra, &VIEW, &mut draft.findings);
    Some(element)
}

/// The elements of a part of a `fetch`.
fn fragment(text: &str, span: &Span, draft: &mut Draft) -> Option<Vec<Element>> {
    match xml::parse(format!("<entity>{text}</entity>").as_bytes(), "the filter") {
        Ok(root) => Some(root.elements().cloned().collect()),
        Err(finding) => {
            draft.findings.push(
                Diagnostic::error("fetch-xml", format!("the filter is not XML: {}", finding.message))
                    .at(span)
                    .help("write `<filter>` and `<link-entity>` elements of FetchXML"),
            );
            None
        }
    }
}

fn from_file(path: &Path, span: &Span, root: &str, draft: &mut Draft) -> Option<Element> {
    read_xml(path, span, &[root], draft)
}
