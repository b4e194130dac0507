//! `systemform`: forms. Generated ones have the tabs, sections and cells that the server gives a new
//! table; declared ones are laid out as written. A managed package may contain them in full: packages that
//! SolutionPackager makes from unmanaged sources do, and are published so.

use super::super::extra::merge;
use super::context::Context;
use super::files::{known_web_resource, read_xml};
use super::form_element::{self, Ids, cell, system_form};
use super::known::find;
use super::order::FORM;
use super::usual_form::{generated, one_tab, usual_fields};
use crate::manifest::components::names::given_or_stable;
use crate::manifest::components::table::Table;
use crate::manifest::components::table::form::{Form, FormType};
use crate::manifest::components::table::tab::Control;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// All forms of a table, by their type in the order of real packages.
pub fn forms(table: &Table, context: &Context<'_>, draft: &mut Draft) -> Option<Element> {
    let mut made: Vec<(FormType, Element)> = Vec::new();
    match &table.forms {
        Some(forms) => {
            for form in forms {
                if let Some(element) = declared(table, form, context, draft) {
                    made.push((form.kind, element));
                }
            }
        }
        None if table.existing => {}
        None => made = generated(table, context, draft),
    }
    let mut section = Element::new("FormXml");
    for kind in [FormType::Card, FormType::Main, FormType::QuickView, FormType::QuickCreate] {
        let mut list = Element::new("forms").with("type", kind.word());
        for (_, element) in made.iter().filter(|(other, _)| *other == kind) {
            list.push(element.clone());
        }
        if !list.is_empty() {
            section.push(list);
        }
    }
    (!section.is_empty()).then_some(section)
}

fn declared(table: &Table, form: &Form, context: &Context<'_>, draft: &mut Draft) -> Option<Element> {
    let key = format!("{}/{}/{}", table.name.to_ascii_lowercase(), form.kind.word(), form.name.base());
    let id = given_or_stable(form.id, "systemform", context.publisher, &key);
    let mut ids = Ids::new(context.publisher, key);
    for library in form.libraries.iter().chain(form.events.iter().map(|event| &event.library)) {
        known_web_resource(library, context, draft);
    }
    let body = match &form.file {
        Some((path, span)) => read_xml(path, span, &["form"], draft)?,
        None => {
            let usual;
            let tabs = match &form.tabs {
                Some(tabs) => tabs,
                None => {
                    usual = one_tab(usual_fields(table), "General", context);
                    &usual
                }
            };
            let mut body = Element::new("form").child(form_element::tabs(table, tabs, context, &mut ids, draft));
            if !form.header.is_empty() {
                body.push(header(table, &form.header, context, &mut ids, draft));
            }
            if !form.events.is_empty() {
                body.push(events(table, form, context, &mut ids, draft));
            }
            let mut libraries: Vec<&str> = Vec::new();
            let named = form.libraries.iter().chain(form.events.iter().map(|event| &event.library));
            for library in named {
                if !libraries.contains(&library.name.as_str()) {
                    libraries.push(&library.name);
                }
            }
            if !libraries.is_empty() {
                let mut list = Element::new("formLibraries");
                for name in libraries {
                    list.push(
                        Element::new("Library").with("name", name).with("libraryUniqueId", ids.of("library", name)),
                    );
                }
                body.push(list);
            }
            body
        }
    };
    let mut element = system_form(id, body, &form.name, form.description.as_ref(), context);
    merge(&mut element, &form.extra, &FORM, &mut draft.findings);
    Some(element)
}

fn header(table: &Table, fields: &[Control], context: &Context<'_>, ids: &mut Ids<'_>, draft: &mut Draft) -> Element {
    let mut row = Element::new("row");
    for field in fields {
        row.push(cell(table, field, context, ids, draft));
    }
    Element::new("header")
        .with("id", ids.of("header", ""))
        .with("celllabelposition", "Top")
        .with("columns", "1".repeat(fields.len().max(1)))
        .with("labelwidth", "115")
        .with("celllabelalignment", "Left")
        .child(Element::new("rows").child(row))
}

fn events(table: &Table, form: &Form, context: &Context<'_>, ids: &mut Ids<'_>, draft: &mut Draft) -> Element {
    // One `event` for each event and column, with all its handlers.
    let mut list: Vec<(&str, Option<String>, Element)> = Vec::new();
    for event in &form.events {
        let column =
            event.column.as_ref().map(|named| find(table, named, context.language, &mut draft.findings).logical);
        let handler = Element::new("Handler")
            .with("functionName", event.function.as_str())
            .with("libraryName", event.library.name.as_str())
            .with("handlerUniqueId", ids.of(event.event, &event.function))
            .with("enabled", event.enabled.to_string())
            .with("parameters", event.parameters.as_str())
            .with("passExecutionContext", event.pass_context.to_string());
        match list.iter_mut().find(|(name, of, _)| *name == event.event && *of == column) {
            Some((.., handlers)) => handlers.push(handler),
            None => list.push((event.event, column, Element::new("Handlers").child(handler))),
        }
    }
    let mut events = Element::new("events");
    for (name, column, handlers) in list {
        let mut event = Element::new("event").with("name", name).with("application", "false").with("active", "true");
        if let Some(column) = column {
            event.set_attribute("attribute", column);
        }
        events.push(event.child(handlers));
    }
    events
}

#[cfg(test)]
mod tests {
    use crate::manifest::components::table::column_type::ColumnType;

    #[test]
    fn every_type_that_generated_forms_show_has_a_control() {
        let without: Vec<_> = ColumnType::ALL
            .iter()
            .filter(|(_, kind)| crate::catalog::control_class(kind.word()).is_none())
            .map(|(word, _)| *word)
            .collect();
        assert_eq!(without, ["bigInt", "image", "uniqueIdentifier"]);
    }
}
