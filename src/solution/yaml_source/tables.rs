//! The tables of a tree: their own file, and one for each column, form, view, chart and ribbon.

use std::collections::BTreeMap;

use super::reader::Reader;
use crate::solution::folder::order::form_type;
use crate::solution::folder::piece;
use crate::solution::skeleton;
use crate::solution::xml::{self, Element};

/// Root elements of the parts of a table.
pub const PARTS: [&str; 6] = ["attribute", "EntityKey", "systemform", "savedquery", "visualization", "RibbonDiffXml"];

/// Puts the parts of tables, each with its file in lower case, into them, and the tables into their section.
pub fn put_together(
    reader: &mut Reader,
    customizations: &mut Element,
    mut tables: BTreeMap<String, Element>,
    parts: Vec<(String, Element)>,
) {
    for (file, part) in parts {
        let pieces: Vec<&str> = file.split('/').collect();
        let Some(table) = tables.get_mut(pieces[1]) else {
            reader.not_understood(&file, "its table has no `entity.yml`");
            continue;
        };
        match part.name.as_str() {
            "attribute" | "EntityKey" => {
                let section = if part.name == "attribute" { "attributes" } else { "EntityKeys" };
                match table.find_mut("EntityInfo").and_then(|info| info.find_mut("entity")) {
                    Some(entity) => list(entity, section).push(part),
                    None => reader.not_understood(&file, "its table has no `EntityInfo`"),
                }
            }
            "systemform" => {
                let form_type = form_type(pieces.get(3).copied().unwrap_or_default());
                let forms = piece::part(table, "FormXml");
                let found = forms.elements().position(|list| list.attribute("type") == Some(form_type));
                if found.is_none() {
                    forms.push(Element::new("forms").with("type", form_type));
                }
                let place = found.unwrap_or(forms.children.len() - 1);
                if let Some(list) = forms.elements_mut().nth(place) {
                    list.push(part);
                }
            }
            "savedquery" => {
                let queries = piece::part(table, "SavedQueries");
                if queries.find("savedqueries").is_none() {
                    queries.push(Element::new("savedqueries"));
                }
                if let Some(list) = queries.find_mut("savedqueries") {
                    list.push(part);
                }
            }
            "visualization" => piece::part(table, "Visualizations").push(part),
            _ => *piece::part(table, "RibbonDiffXml") = part,
        }
    }
    let section = skeleton::section(customizations, "Entities");
    for table in tables.into_values() {
        section.push(table);
    }
}

/// The columns or keys of a table, at their place: behind its names and descriptions, keys behind the columns.
fn list<'e>(entity: &'e mut Element, name: &str) -> &'e mut Element {
    const HEAD: [&str; 5] = ["LocalizedNames", "LocalizedCollectionNames", "Descriptions", "attributes", "EntityKeys"];
    if entity.find(name).is_none() {
        let rank = |name: &str| HEAD.iter().position(|known| *known == name);
        let is_before = |node: &xml::Node| matches!(node, xml::Node::Element(e) if rank(&e.name).is_some() && rank(&e.name) < rank(name));
        let at = entity.children.iter().rposition(is_before).map_or(0, |index| index + 1);
        entity.children.insert(at, Element::new(name).into());
    }
    entity.find_mut(name).unwrap_or_else(|| unreachable!("it was just made"))
}

/// A table without the parts that have a file each, and those with the names of their files in its folder. Their places stay.
pub fn split(mut table: Element) -> (Element, Vec<(String, Element)>) {
    let mut files: Vec<(String, Element)> = Vec::new();
    let columns = table.find_mut("EntityInfo").and_then(|info| info.find_mut("entity")?.find_mut("attributes"));
    take(columns, "attribute", &mut files, |it| {
        let name = it
            .child_text("LogicalName")
            .or_else(|| it.child_text("Name"))
            .or_else(|| Some(it.attribute("PhysicalName")?.to_owned()));
        Some(format!("attributes/{}", key(&name?)?))
    });
    let keys = table.find_mut("EntityInfo").and_then(|info| info.find_mut("entity")?.find_mut("EntityKeys"));
    take(keys, "EntityKey", &mut files, |it| {
        let name = it.child_text("LogicalName").or_else(|| it.child_text("Name"))?;
        Some(format!("entitykeys/{}/entitykey", key(&name)?))
    });
    if let Some(forms) = table.find_mut("FormXml") {
        let is_plain = |list: &Element| {
            list.name == "forms"
                && list.attributes.len() == 1
                && form_type(&list.attributes[0].1.to_lowercase()) == list.attributes[0].1
        };
        if forms.attributes.is_empty()
            && forms.elements().count() == forms.children.len()
            && forms.elements().all(is_plain)
        {
            for list in forms.elements_mut() {
                let folder = list.attributes[0].1.to_lowercase();
                take(Some(list), "systemform", &mut files, |it| {
                    Some(format!("formxml/{folder}/{}/systemform", key(&it.child_text("formid")?)?))
                });
            }
        }
    }
    let queries = table.find_mut("SavedQueries").and_then(|it| it.find_mut("savedqueries"));
    take(queries, "savedquery", &mut files, |it| {
        Some(format!("savedqueries/{}/savedquery", key(&it.child_text("savedqueryid")?)?))
    });
    let charts = table.find_mut("Visualizations");
    take(charts, "visualization", &mut files, |it| {
        Some(format!("visualizations/{}/visualization", key(&it.child_text("savedqueryvisualizationid")?)?))
    });
    if let Some(ribbon) = table.find_mut("RibbonDiffXml").filter(|it| !it.children.is_empty()) {
        files.push(("ribbondiffs/ribbondiff".into(), std::mem::replace(ribbon, Element::new("RibbonDiffXml"))));
    }
    (table, files)
}

/// Takes all children out of a list, unless one of them would have no file of its own.
fn take(
    list: Option<&mut Element>,
    name: &str,
    files: &mut Vec<(String, Element)>,
    file: impl Fn(&Element) -> Option<String>,
) {
    let Some(list) = list else { return };
    let mut taken: Vec<(String, Element)> = Vec::new();
    for node in &list.children {
        let xml::Node::Element(item) = node else { return };
        let Some(file) = file(item).filter(|_| item.name == name) else { return };
        if taken.iter().any(|(other, _)| *other == file) {
            return;
        }
        taken.push((file, (**item).clone()));
    }
    if !taken.is_empty() {
        list.children.clear();
        list.long_empty = false;
        files.extend(taken);
    }
}

/// A name as that of a folder.
fn key(text: &str) -> Option<String> {
    let key = text.trim_matches(['{', '}']).to_lowercase();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (!key.is_empty() && key.bytes().all(is_plain)).then_some(key)
}

/// A table whose parts with files of their own are in a fixed order.
pub fn settled(mut table: Element) -> Element {
    if table.name == "Entity" {
        let sort = |list: Option<&mut Element>| {
            if let Some(list) = list {
                list.children.sort_by_cached_key(|node| match node {
                    xml::Node::Element(element) => xml::write_fragment(element),
                    other => format!("{other:?}"),
                });
            }
        };
        for list in ["attributes", "EntityKeys"] {
            sort(table.find_mut("EntityInfo").and_then(|info| info.find_mut("entity")?.find_mut(list)));
        }
        if let Some(forms) = table.find_mut("FormXml") {
            for list in forms.elements_mut() {
                sort(Some(list));
            }
        }
        sort(table.find_mut("SavedQueries").and_then(|it| it.find_mut("savedqueries")));
        sort(table.find_mut("Visualizations"));
    }
    table
}
