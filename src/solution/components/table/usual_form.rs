//! The forms of a table that declares none: those that the server gives a new table.

use super::super::labels::labels;
use super::context::Context;
use super::form_element::{self, Ids, system_form};
use super::known::{find, primary_names};
use crate::guid;
use crate::manifest::components::labels::Labels;
use crate::manifest::components::names::Named;
use crate::manifest::components::table::column_type::ColumnType;
use crate::manifest::components::table::form::FormType;
use crate::manifest::components::table::tab::{Control, FormSection, FormTab};
use crate::manifest::components::table::{Table, TableOwnership, TableType};
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

fn plain(name: &str, table: &Table) -> Control {
    Control::plain(Named { name: name.to_owned(), span: table.span.clone() })
}

/// The columns that a generated form shows: what names the row, the declared ones, the owner.
pub(super) fn usual_fields(table: &Table) -> Vec<Control> {
    let (_, name) = primary_names(table);
    let mut fields = vec![plain(&name, table)];
    let shown = table
        .columns
        .iter()
        .filter(|column| !matches!(column.kind, ColumnType::BigInt | ColumnType::UniqueIdentifier | ColumnType::Image));
    fields.extend(shown.map(|column| plain(&column.logical(), table)));
    if !table.existing && table.kind != TableType::Virtual && table.ownership == TableOwnership::User {
        fields.push(plain("ownerid", table));
    }
    fields
}

pub(super) fn one_tab(fields: Vec<Control>, label: &str, context: &Context<'_>) -> Vec<FormTab> {
    let general = Labels::one(context.language, label);
    let section = FormSection { label: None, name: None, columns: 1, visible: true, fields };
    vec![FormTab { label: general, name: None, expanded: true, visible: true, columns: vec![(100, vec![section])] }]
}

pub(super) fn generated(table: &Table, context: &Context<'_>, draft: &mut Draft) -> Vec<(FormType, Element)> {
    let logical = table.name.to_ascii_lowercase();
    let label = |text: &str| Labels::one(context.language, text);
    let (_, name) = primary_names(table);
    let quick = table.settings.iter().any(|(element, value)| *element == "IsQuickCreateEnabled" && value == "1");
    let mut all = vec![
        (FormType::Main, usual_fields(table), Some("A form for this table.")),
        (FormType::QuickView, vec![plain(&name, table)], None),
    ];
    if !table.existing && table.kind == TableType::Standard && table.ownership == TableOwnership::User {
        all[1].1.push(plain("ownerid", table));
    }
    if quick {
        all.push((FormType::QuickCreate, usual_fields(table), None));
    }
    let mut made = Vec::new();
    if table.kind == TableType::Standard {
        made.push((FormType::Card, card(table, context, draft)));
    }
    for (kind, fields, about) in all {
        let key = format!("{logical}/{}", kind.word());
        let id = guid::stable("systemform", context.publisher, &key);
        let mut ids = Ids::new(context.publisher, key);
        // The tab of a quick view has no label, as the server makes it.
        let tabs = one_tab(fields, if kind == FormType::QuickView { "" } else { "General" }, context);
        let form = Element::new("form").child(form_element::tabs(table, &tabs, context, &mut ids, draft));
        made.push((kind, system_form(id, form, &label("Information"), about.map(label).as_ref(), context)));
    }
    made
}

/// The card form: a strip, a header with the status, details, and a footer with owner and time.
fn card(table: &Table, context: &Context<'_>, draft: &mut Draft) -> Element {
    let key = format!("{}/card", table.name.to_ascii_lowercase());
    let id = guid::stable("systemform", context.publisher, &key);
    let mut ids = Ids::new(context.publisher, key);
    let (_, name) = primary_names(table);
    let owned = table.ownership == TableOwnership::User;
    let footer: &[&str] = if owned { &["ownerid", "createdon", "", ""] } else { &["createdon", "", "", ""] };
    let sections: [(&str, &str, &str, &[&str]); 3] = [
        ("CardHeader", "Header", "111", &["statuscode", "", ""]),
        ("CardDetails", "Details", "1", &[&name]),
        ("CardFooter", "Footer", "1111", footer),
    ];
    let text = |text: &str| labels("labels", "label", &Labels::one(context.language, text));
    let strip = Element::new("section")
        .with("name", "ColorStrip")
        .with("showlabel", "false")
        .with("showbar", "false")
        .with("columns", "1")
        .with("IsUserDefined", "0")
        .with("id", ids.of("section", "ColorStrip"))
        .child(text("ColorStrip"));
    let mut wide = Element::new("sections");
    for (name, label, columns, cells) in sections {
        let mut row = Element::new("row");
        for cell in cells {
            let mut made =
                Element::new("cell").with("id", ids.of(name, cell)).with("showlabel", "true").with("locklevel", "0");
            if cell.is_empty() {
                made.push(text(""));
            } else {
                let control = plain(cell, table);
                let known = find(table, &control.column, context.language, &mut draft.findings);
                made.push(labels("labels", "label", &known.display));
                made.push(
                    Element::new("control")
                        .with("id", known.logical.as_str())
                        .with("classid", format!("{{{}}}", known.class.unwrap_or_default()))
                        .with("datafieldname", known.logical.as_str())
                        .with("disabled", "false"),
                );
            }
            row.push(made);
        }
        wide.push(
            Element::new("section")
                .with("name", name)
                .with("showlabel", "false")
                .with("showbar", "false")
                .with("columns", columns)
                .with("id", ids.of("section", name))
                .with("IsUserDefined", "0")
                .child(text(label))
                .child(Element::new("rows").child(row)),
        );
    }
    let column = |width: &str, sections: Element| Element::new("column").with("width", width).child(sections);
    let columns =
        Element::new("columns").child(column("25%", Element::new("sections").child(strip))).child(column("75%", wide));
    let tab = Element::new("tab")
        .with("name", "general")
        .with("verticallayout", "true")
        .with("id", ids.of("tab", "general"))
        .with("IsUserDefined", "0")
        .child(text(""))
        .child(columns);
    let form = Element::new("form").child(Element::new("tabs").child(tab));
    let label = |text: &str| Labels::one(context.language, text);
    system_form(id, form, &label("Information"), Some(&label("A card form for this table.")), context)
}
