//! A table as a solution defines it.

use roxmltree::Node;

use super::xml::{child, child_text, label};
use crate::schema::{Lookup, Table, column};

/// A table of its definition, if it is more than a reference to one.
pub(super) fn table(node: Node<'_, '_>) -> Option<Table> {
    let name = child(node, "Name")?;
    let schema = name.text()?.trim().to_owned();
    let logical = schema.to_lowercase();
    let mut table = Table {
        schema: schema.clone(),
        custom: true,
        display: name.attribute("LocalizedName").unwrap_or(&schema).into(),
        ..Table::default()
    };
    let info = child(node, "EntityInfo").and_then(|info| child(info, "entity"));
    table.set = info
        .map(|entity| child_text(entity, "EntitySetName"))
        .filter(|set| !set.is_empty())
        .unwrap_or_else(|| format!("{logical}s"))
        .to_lowercase();
    table.user_owned = info.is_some_and(|entity| child_text(entity, "OwnershipTypeMask") == "UserOwned");
    table.key = format!("{logical}id");
    for attribute in info
        .and_then(|entity| child(entity, "attributes"))
        .into_iter()
        .flat_map(|a| a.children())
        .filter(|a| a.has_tag_name("attribute"))
    {
        let logical_name = Some(child_text(attribute, "LogicalName"))
            .filter(|t| !t.is_empty())
            .unwrap_or_else(|| attribute.attribute("PhysicalName").unwrap_or_default().to_lowercase());
        let kind = child_text(attribute, "Type").to_lowercase();
        if child_text(attribute, "DisplayMask").contains("PrimaryName") {
            table.name = Some(logical_name.clone());
        }
        let kind = match kind.as_str() {
            "primarykey" => {
                table.key.clone_from(&logical_name);
                "guid"
            }
            "lookup" | "owner" | "customer" => {
                let target = child(attribute, "LookupTypes")
                    .and_then(|types| types.children().find(Node::is_element))
                    .and_then(|t| t.text().map(str::to_lowercase));
                let target = if kind == "owner" || logical_name == "ownerid" {
                    "principal".into()
                } else {
                    target.unwrap_or_else(|| "systemuser".into())
                };
                let navigation = if child_text(attribute, "IsCustomField") == "1" {
                    attribute.attribute("PhysicalName").unwrap_or(&logical_name).to_owned()
                } else {
                    logical_name.clone()
                };
                table.lookups.push(Lookup { name: navigation, target, property: format!("_{logical_name}_value") });
                continue;
            }
            "picklist" | "state" | "status" => "choice",
            "int" | "integer" => "int",
            "bigint" | "timestamp" => "bigint",
            "bit" => "bool",
            "datetime" => "datetime",
            "money" | "decimal" => "decimal",
            "float" => "double",
            _ => "string",
        };
        let mut new = column(kind, &logical_name);
        for option in attribute.descendants().filter(|node| node.has_tag_name("option")) {
            if let Some(value) = option.attribute("value").and_then(|text| text.parse().ok()) {
                new.options.push((value, label(option, "labels")));
            }
        }
        table.columns.push(new);
    }
    for (kind, name) in [
        ("guid", table.key.clone()),
        ("datetime", "createdon".into()),
        ("datetime", "modifiedon".into()),
        ("bigint", "versionnumber".into()),
    ] {
        if table.column(&name).is_none() {
            table.columns.push(column(kind, &name));
        }
    }
    table.logical = logical;
    Some(table)
}
