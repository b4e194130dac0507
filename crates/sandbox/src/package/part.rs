//! The parts of a table that a solution brings besides its columns.

use roxmltree::Node;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::xml::{child_text, guid, label};
use crate::row::named;

/// A view, form, chart, key or relationship of many to many rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    /// Component type.
    pub kind: i64,
    /// The logical name of its table.
    pub table: String,
    pub id: Uuid,
    pub name: String,
}

/// A relationship of many to many rows, which is beside the tables. Others go with their lookup columns.
pub(super) fn many_to_many(node: Node<'_, '_>) -> Option<Part> {
    let table = child_text(node, "FirstEntityName").to_lowercase();
    let name = node.attribute("Name").unwrap_or_default().to_owned();
    let id = named(&format!("relationship {}", name.to_lowercase()));
    (child_text(node, "EntityRelationshipType") == "ManyToMany").then_some(Part { kind: 10, table, id, name })
}

/// The parts in the element of a table.
pub(super) fn of_table(node: Node<'_, '_>) -> Vec<Part> {
    let table = child_text(node, "Name").to_lowercase();
    let mut parts = Vec::new();
    for (kind, element, key) in [
        (26, "savedquery", "savedqueryid"),
        (60, "systemform", "formid"),
        (59, "visualization", "savedqueryvisualizationid"),
    ] {
        for part in node.descendants().filter(|it| it.has_tag_name(element)) {
            let Some(id) = guid(&child_text(part, key)) else { continue };
            let shown = [label(part, "LocalizedNames"), child_text(part, "name")];
            let name = shown.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
            parts.push(Part { kind, table: table.clone(), id, name });
        }
    }
    for key in node.descendants().filter(|it| it.has_tag_name("EntityKey")) {
        let name = child_text(key, "LogicalName");
        let id = named(&format!("key {table} {name}"));
        parts.push(Part { kind: 14, table: table.clone(), id, name });
    }
    parts
}
