//! The elements of a form: tabs, sections and cells, each with an id that stays the same.

use std::collections::HashMap;

use super::super::extra::{FREE, merge};
use super::super::labels::labels;
use super::context::Context;
use super::known::find;
use crate::diagnostic::Diagnostic;
use crate::guid;
use crate::manifest::components::labels::Labels;
use crate::manifest::components::table::Table;
use crate::manifest::components::table::tab::{Control, FormSection, FormTab};
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// Makes the ids inside of one form: of what each element is, so that another element added later
/// changes none of them.
pub(super) struct Ids<'a> {
    publisher: &'a str,
    form: String,
    seen: HashMap<String, u32>,
}

impl<'a> Ids<'a> {
    pub(super) fn new(publisher: &'a str, form: String) -> Self {
        Self { publisher, form, seen: HashMap::new() }
    }

    pub(super) fn of(&mut self, what: &str, name: &str) -> String {
        let key = format!("{}/{what}/{name}", self.form);
        let count = self.seen.entry(key.clone()).or_default();
        *count += 1;
        let key = if *count > 1 { format!("{key}/{count}") } else { key };
        guid::braced(guid::stable("formelement", self.publisher, &key))
    }
}

pub(super) fn system_form(
    id: uuid::Uuid,
    form: Element,
    name: &Labels,
    about: Option<&Labels>,
    context: &Context<'_>,
) -> Element {
    let mut element = Element::new("systemform")
        .child(Element::text("formid", guid::braced(id)))
        .child(Element::text("IntroducedVersion", context.version.as_str()))
        .child(Element::text("FormPresentation", "1"))
        .child(Element::text("FormActivationState", "1"))
        .child(form)
        .child(Element::text("IsCustomizable", "1"))
        .child(Element::text("CanBeDeleted", "1"))
        .child(labels("LocalizedNames", "LocalizedName", name));
    if let Some(about) = about {
        element.push(labels("Descriptions", "Description", about));
    }
    element
}

pub(super) fn tabs(
    table: &Table,
    tabs: &[FormTab],
    context: &Context<'_>,
    ids: &mut Ids<'_>,
    draft: &mut Draft,
) -> Element {
    let mut list = Element::new("tabs");
    for tab in tabs {
        let mut element = Element::new("tab");
        if let Some(name) = &tab.name {
            element.set_attribute("name", name.as_str());
        }
        element.set_attribute("verticallayout", "true");
        let key = tab.name.as_deref().unwrap_or(tab.label.base());
        element.set_attribute("id", ids.of("tab", key));
        element.set_attribute("IsUserDefined", "1");
        if !tab.expanded {
            element.set_attribute("expanded", "false");
        }
        if !tab.visible {
            element.set_attribute("visible", "false");
        }
        element.push(labels("labels", "label", &tab.label));
        let mut columns = Element::new("columns");
        for (width, sections) in &tab.columns {
            let mut made = Element::new("sections");
            for section in sections {
                made.push(self::section(table, section, key, context, ids, draft));
            }
            columns.push(Element::new("column").with("width", format!("{width}%")).child(made));
        }
        list.push(element.child(columns));
    }
    list
}

fn section(
    table: &Table,
    section: &FormSection,
    tab: &str,
    context: &Context<'_>,
    ids: &mut Ids<'_>,
    draft: &mut Draft,
) -> Element {
    let mut element = Element::new("section");
    if let Some(name) = &section.name {
        element.set_attribute("name", name.as_str());
    }
    element.set_attribute("showlabel", section.label.is_some().to_string());
    element.set_attribute("showbar", "false");
    if section.columns > 1 {
        element.set_attribute("columns", "1".repeat(section.columns as usize));
    }
    element.set_attribute("IsUserDefined", "0");
    let key = section.name.as_deref().or(section.label.as_ref().map(Labels::base)).unwrap_or_default();
    element.set_attribute("id", ids.of("section", &format!("{tab}/{key}")));
    if !section.visible {
        element.set_attribute("visible", "false");
    }
    let general = Labels::one(context.language, "General");
    element.push(labels("labels", "label", section.label.as_ref().unwrap_or(&general)));
    let mut rows = Element::new("rows");
    let mut row = Element::new("row");
    let mut used = 0;
    for field in &section.fields {
        let width = field.width.min(section.columns);
        if used + width > section.columns && used > 0 {
            rows.push(std::mem::replace(&mut row, Element::new("row")));
            used = 0;
        }
        row.push(cell(table, field, context, ids, draft));
        used += width;
        if used >= section.columns {
            rows.push(std::mem::replace(&mut row, Element::new("row")));
            // The rows below a tall cell: as many as it has lines more than one.
            for _ in 1..field.height {
                rows.push(Element::new("row"));
            }
            used = 0;
        }
    }
    if used > 0 {
        rows.push(row);
    }
    element.child(rows)
}

pub(super) fn cell(
    table: &Table,
    field: &Control,
    context: &Context<'_>,
    ids: &mut Ids<'_>,
    draft: &mut Draft,
) -> Element {
    let known = find(table, &field.column, context.language, &mut draft.findings);
    let class = field.class_id.map(|id| id.hyphenated().to_string()).or(known.class.map(str::to_owned));
    if class.is_none() && known.exists {
        draft.findings.push(
            Diagnostic::error("control-class", format!("the control for `{}` is unknown", field.column.name))
                .at(&field.column.span)
                .help("add `classId`: the GUID that the control has in an exported form"),
        );
    }
    let class = class.unwrap_or_default();
    let mut element = Element::new("cell").with("id", ids.of("cell", &known.logical));
    if field.width > 1 {
        element.set_attribute("colspan", field.width.to_string());
    }
    if field.height > 1 {
        element.set_attribute("rowspan", field.height.to_string());
    }
    if !field.visible {
        element.set_attribute("visible", "false");
    }
    element.push(labels("labels", "label", field.label.as_ref().unwrap_or(&known.display)));
    let mut control = Element::new("control")
        .with("id", known.logical.as_str())
        .with("classid", format!("{{{class}}}"))
        .with("datafieldname", known.logical.as_str());
    if field.read_only {
        control.set_attribute("disabled", "true");
    }
    merge(&mut control, &field.extra, &FREE, &mut draft.findings);
    element.child(control)
}
