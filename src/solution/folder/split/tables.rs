//! A table: its own file, one for its ribbon, and one for each form, view and chart.

use super::document::{document_with_xsi, take};
use super::files::Files;
use super::pattern;
use crate::solution::folder::layout::TABLES;
use crate::solution::folder::order::Order;
use crate::solution::xml::{Element, Node};

/// The folders of all tables and their files; the section is then empty.
pub fn split(section: &mut Element, order: &mut Order) -> Option<Files> {
    let mut files = Files::new();
    let mut folders = Vec::new();
    for node in &section.children {
        let Node::Element(table) = node else { return None };
        if table.name != "Entity" {
            return None;
        }
        let folder = format!("{TABLES}{}", pattern::piece(&table.child_text("Name")?)?);
        files.extend(split_table((**table).clone(), &folder, order));
        folders.push(folder);
    }
    order.note(folders.iter().map(String::as_str));
    section.children.clear();
    section.long_empty = false;
    Some(files)
}

fn split_table(mut table: Element, folder: &str, order: &mut Order) -> Files {
    let mut files = Files::new();
    if let Some(part) = only(&mut table, "FormXml")
        && let Some(forms) = forms(part, &format!("{folder}/FormXml/"), order)
    {
        files.extend(forms);
        take(part);
    }
    if let Some(part) = only(&mut table, "SavedQueries")
        && let [Node::Element(list)] = part.children.as_slice()
        && list.name == "savedqueries"
        && let Some(queries) = each(list, "savedquery", "savedqueryid", &format!("{folder}/SavedQueries/"), true)
    {
        order.note(queries.iter().map(|(name, _)| name.as_str()));
        files.extend(queries);
        take(part);
    }
    // No public tree has a chart: that its file holds the chart itself is an assumption; both forms are read.
    if let Some(part) = only(&mut table, "Visualizations")
        && let Some(charts) =
            each(part, "visualization", "savedqueryvisualizationid", &format!("{folder}/Visualizations/"), false)
    {
        order.note(charts.iter().map(|(name, _)| name.as_str()));
        files.extend(charts);
        take(part);
    }
    if let Some(part) = table.find_mut("RibbonDiffXml")
        && !part.is_empty()
    {
        files.push((format!("{folder}/RibbonDiff.xml"), document_with_xsi(take(part))));
    }
    files.insert(0, (format!("{folder}/Entity.xml"), document_with_xsi(table)));
    files
}

/// A part that the table has once, without attributes.
fn only<'a>(table: &'a mut Element, name: &str) -> Option<&'a mut Element> {
    let once = table.elements().filter(|element| element.name == name).count() == 1;
    table.find_mut(name).filter(|part| once && part.attributes.is_empty())
}

fn forms(part: &Element, folder: &str, order: &mut Order) -> Option<Files> {
    let mut files = Files::new();
    let mut types: Vec<&str> = Vec::new();
    let mut lists = Vec::new();
    for node in &part.children {
        let Node::Element(list) = node else { return None };
        let [(attribute, form_type)] = list.attributes.as_slice() else { return None };
        let known = types.iter().any(|other| other.eq_ignore_ascii_case(form_type));
        if list.name != "forms" || attribute != "type" || known || pattern::piece(form_type)? != *form_type {
            return None;
        }
        types.push(form_type);
        let plain = Element { attributes: Vec::new(), ..(**list).clone() };
        lists.push(each(&plain, "systemform", "formid", &format!("{folder}{form_type}/"), true)?);
    }
    order.note_form_types(folder, &types);
    for list in lists {
        order.note(list.iter().map(|(name, _)| name.as_str()));
        files.extend(list);
    }
    (!files.is_empty()).then_some(files)
}

/// A file for each element of a list, named by its id; wrapped in the list's element or as it is.
fn each(list: &Element, element: &str, id: &str, folder: &str, wrap: bool) -> Option<Files> {
    if list.children.is_empty() || !list.attributes.is_empty() {
        return None;
    }
    let mut files = Files::new();
    for node in &list.children {
        let Node::Element(one) = node else { return None };
        let name = format!("{folder}{}.xml", pattern::piece(&one.child_text(id)?)?);
        if one.name != element || files.iter().any(|(other, _)| other.eq_ignore_ascii_case(&name)) {
            return None;
        }
        let root = if wrap {
            Element { children: vec![node.clone()], ..Element::new(list.name.clone()) }
        } else {
            (**one).clone()
        };
        files.push((name, document_with_xsi(root)));
    }
    Some(files)
}
