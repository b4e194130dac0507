//! `savedquery`: views, generated ones with the names and types that every custom table of real exports
//! has, and declared ones.

use std::path::Path;

use super::super::extra::merge;
use super::context::Context;
use super::files::read_xml;
use super::known::{find, primary_names};
use super::order::VIEW;
use super::usual_view::{generated, quick_find, usual_columns};
use super::view_element::{Made, condition, fetch, filter, grid, type_filters};
use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::Extra;
use crate::manifest::components::names::{Named, given_or_stable};
use crate::manifest::components::table::view::{View, ViewType};
use crate::manifest::components::table::{Table, TableType};
use crate::solution::draft::Draft;
use crate::solution::xml::{self, Element};

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
    let mut fetch = match &view.fetch {
        Some((path, span)) => from_file(path, span, "fetch", draft)?,
        None => fetch(table, &columns, &order, rest),
    };
    type_filters(&mut fetch);
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
