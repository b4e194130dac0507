//! What the components of a package ask of those who run them: tables, rights, privileges.
//!
//! Facts: cloud flows of real solutions (operations of the Dataverse connectors and their parameters); steps and
//! custom APIs as solutions carry them. ASSUMED: who reads rows through an image of a step needs `read` on its table.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalog::{self, Right};
use crate::solution::json;
use crate::solution::package::SolutionPackage;
use crate::solution::xml;

/// A right that a component needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The table's logical name.
    pub table: String,
    /// The right.
    pub right: Right,
    /// The component, in words.
    pub by: String,
}

/// What all components of a package need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Every table that a component has to do with, by logical name.
    pub tables: BTreeSet<String>,
    /// Rights.
    pub rights: Vec<Need>,
    /// Custom APIs that ask for a privilege: name and privilege.
    pub execute: Vec<(String, String)>,
}

/// Operations of the Dataverse connectors that name a table, and the right that each takes.
const OPERATIONS: [(&str, Right); 16] = [
    ("CreateRecord", Right::Create),
    ("DeleteRecord", Right::Delete),
    ("GetEntityFileImageFieldContent", Right::Read),
    ("GetItem", Right::Read),
    ("GetItem_V2", Right::Read),
    ("GetItems_V2", Right::Read),
    ("ListRecords", Right::Read),
    ("SubscribeOnDeletedItems", Right::Read),
    ("SubscribeOnNewItems", Right::Read),
    ("SubscribeOnUpdatedItems", Right::Read),
    ("SubscribeWebhookTrigger", Right::Read),
    ("UpdateEntityFileImageFieldContent", Right::Write),
    ("UpdateOnlyRecord", Right::Write),
    ("UpdateRecord", Right::Write),
    ("PatchItem_V2", Right::Write),
    ("PostItem_V2", Right::Create),
];

/// Parameters that name the table: its entity set or its logical name.
const TABLE_PARAMETERS: [&str; 3] = ["entityName", "subscriptionRequest/entityname", "table"];

/// No flow that the designer makes is deeper.
const MAXIMUM_DEPTH: usize = 64;

impl Needs {
    /// Reads a package. What cannot be understood gives no need.
    #[must_use]
    pub fn of(package: &SolutionPackage) -> Self {
        let mut needs = Self::default();
        let sets = own_sets(package);
        for flow in package.section("Workflows").filter(|flow| flow.child_text("Category").as_deref() == Some("5")) {
            let file = flow.child_text("JsonFileName").unwrap_or_default();
            let Some(bytes) = package.named_part(&file) else { continue };
            let by = format!("the flow `{}`", flow.attribute("Name").unwrap_or(&file));
            needs.flow(&json::value(bytes), &by, &sets, 0);
        }
        for step in package.section("SdkMessageProcessingSteps") {
            let Some(table) = step.child_text("PrimaryEntity").filter(|table| !table.is_empty() && table != "none")
            else {
                continue;
            };
            let images =
                step.find("SdkMessageProcessingStepImages").is_some_and(|list| list.elements().next().is_some());
            if images {
                let by = format!("an image of the step `{}`", step.attribute("Name").unwrap_or_default());
                needs.rights.push(Need { table: table.clone(), right: Right::Read, by });
            }
            needs.tables.insert(table);
        }
        for (name, bytes) in &package.files {
            let lower = name.to_lowercase();
            if lower.starts_with("customapis/") && lower.ends_with("/customapi.xml") {
                needs.custom_api(bytes, name);
            }
        }
        for app in package.section("AppModules") {
            let components = app.find("AppModuleComponents").into_iter().flat_map(xml::Element::elements);
            let tables = components.filter(|part| part.attribute("type") == Some("1"));
            needs.tables.extend(tables.filter_map(|part| part.attribute("schemaName").map(str::to_lowercase)));
        }
        for relationship in package.section("EntityRelationships") {
            for end in ["ReferencedEntityName", "ReferencingEntityName", "FirstEntityName", "SecondEntityName"] {
                needs.tables.extend(relationship.child_text(end).map(|table| table.to_lowercase()));
            }
        }
        needs.rights.sort_by(|a, b| (&a.by, &a.table).cmp(&(&b.by, &b.table)));
        needs
    }

    fn flow(&mut self, value: &Value, by: &str, sets: &BTreeMap<String, String>, depth: usize) {
        if depth > MAXIMUM_DEPTH {
            return;
        }
        match value {
            Value::Object(map) => {
                if let Some(inputs) = map.get("inputs") {
                    self.operation(inputs, by, sets);
                }
                map.values().for_each(|value| self.flow(value, by, sets, depth + 1));
            }
            Value::Array(items) => items.iter().for_each(|value| self.flow(value, by, sets, depth + 1)),
            _ => {}
        }
    }

    fn operation(&mut self, inputs: &Value, by: &str, sets: &BTreeMap<String, String>) {
        let host = &inputs["host"];
        let dataverse = host["apiId"].as_str().is_some_and(|api| api.contains("/apis/shared_commondataservice"));
        let operation = host["operationId"].as_str().unwrap_or_default();
        let Some((_, right)) = OPERATIONS.iter().find(|(name, _)| dataverse && *name == operation) else { return };
        let named = TABLE_PARAMETERS.iter().find_map(|key| inputs["parameters"][*key].as_str());
        // A name that an expression gives is known only when the flow runs.
        let Some(named) = named.filter(|name| !name.contains(['@', '(', ' '])) else { return };
        let table = sets.get(named).cloned().or_else(|| of_set(named)).unwrap_or_else(|| named.to_owned());
        self.tables.insert(table.clone());
        self.rights.push(Need { table, right: *right, by: by.to_owned() });
    }

    fn custom_api(&mut self, bytes: &[u8], file: &str) {
        let Ok(root) = xml::parse(bytes, file) else { return };
        let api = root.attribute("uniquename").map(str::to_owned).or_else(|| root.child_text("uniquename"));
        if let Some(privilege) = root.child_text("executeprivilegename").filter(|name| !name.is_empty()) {
            self.execute.push((api.unwrap_or_default(), privilege));
        }
        self.tables.extend(root.child_text("boundentitylogicalname").filter(|name| !name.is_empty()));
    }
}

/// Entity sets of the package's own tables → logical names.
fn own_sets(package: &SolutionPackage) -> BTreeMap<String, String> {
    let set = |entity: &xml::Element| {
        let info = entity.path(&["EntityInfo", "entity"])?;
        Some((info.child_text("EntitySetName")?, entity.child_text("Name")?.to_lowercase()))
    };
    package.section("Entities").filter_map(set).collect()
}

fn of_set(set: &str) -> Option<String> {
    let known = catalog::tables().iter().find(|table| table.set == Some(set) || table.logical == set);
    known.map(|table| table.logical.to_owned())
}
