//! `customizations.xml` and the definitions beside it: the components.

use roxmltree::{Document, Node};

use super::table::table;
use super::xml::{child, child_text, guid};
use super::{Definition, Package, Role, part};
use crate::row::named;

impl Package {
    /// Takes over what it says.
    pub(super) fn customizations(&mut self, document: &Document<'_>) {
        let root = document.root_element();
        let within = |group: &str, item: &'static str| -> Vec<Node<'_, '_>> {
            child(root, group)
                .map(|group| group.children().filter(|node| node.has_tag_name(item)).collect())
                .unwrap_or_default()
        };
        for node in within("Roles", "Role") {
            let Some(id) = node.attribute("id").and_then(guid) else {
                self.problems
                    .push(("0x80048017".into(), "Cannot import security role. A role has no valid id.".into()));
                continue;
            };
            let rows = child(node, "RolePrivileges");
            let privileges =
                rows.into_iter().flat_map(|rows| rows.children()).filter(|row| row.has_tag_name("RolePrivilege"));
            self.roles.push(Role {
                id,
                name: node.attribute("name").unwrap_or_default().to_owned(),
                inherited: u8::from(node.attribute("isinherited") == Some("1")),
                privileges: privileges
                    .map(|row| {
                        (
                            row.attribute("name").unwrap_or_default().to_owned(),
                            row.attribute("level").unwrap_or_default().to_owned(),
                        )
                    })
                    .collect(),
            });
        }
        for node in within("EntityRelationships", "EntityRelationship") {
            self.parts.extend(part::many_to_many(node));
        }
        for node in within("Entities", "Entity") {
            self.parts.extend(part::of_table(node));
            if let Some(table) = table(node) {
                self.tables.push(table.into());
            }
        }
        for node in within("Workflows", "Workflow") {
            if let Some(id) = node.attribute("WorkflowId").and_then(guid) {
                let number = |name| child_text(node, name).parse().unwrap_or_default();
                self.workflows.push((
                    id,
                    node.attribute("Name").unwrap_or_default().into(),
                    number("Category"),
                    number("StateCode"),
                ));
            }
        }
        for node in within("WebResources", "WebResource") {
            let name = child_text(node, "Name");
            let id = guid(&child_text(node, "WebResourceId")).unwrap_or_else(|| named(&format!("webresource {name}")));
            self.web_resources.push((id, name));
        }
        for node in within("SdkMessageProcessingSteps", "SdkMessageProcessingStep") {
            if let Some(id) = node.attribute("SdkMessageProcessingStepId").and_then(guid) {
                self.steps.push((id, node.attribute("Name").unwrap_or_default().into()));
            }
        }
        for node in within("FieldSecurityProfiles", "FieldSecurityProfile") {
            let text = |name: &str| node.attribute(name).unwrap_or_default().to_owned();
            if let Some(id) = guid(&text("fieldsecurityprofileid")) {
                self.profiles.push((id, text("name"), text("description")));
            }
        }
        for node in within("connectionreferences", "connectionreference") {
            let name = node.attribute("connectionreferencelogicalname").unwrap_or_default().to_owned();
            self.connections.push((
                name,
                child_text(node, "connectionreferencedisplayname"),
                child_text(node, "connectorid"),
            ));
        }
    }
}

/// An environment variable, with the value beside it.
pub(super) fn definition(document: &Document<'_>, values: Option<String>) -> Definition {
    let root = document.root_element();
    let value = values.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok()).and_then(|json| {
        let value = json.pointer("/environmentvariablevalues/environmentvariablevalue/value");
        value.and_then(serde_json::Value::as_str).map(str::to_owned)
    });
    Definition {
        schema_name: root.attribute("schemaname").unwrap_or_default().to_owned(),
        display_name: child(root, "displayname")
            .and_then(|node| node.attribute("default"))
            .unwrap_or_default()
            .to_owned(),
        kind: child_text(root, "type").parse().unwrap_or(100_000_000),
        default: child(root, "defaultvalue").and_then(|node| node.text()).map(str::to_owned),
        value,
    }
}
