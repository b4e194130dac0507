//! Environment variable definitions: a folder of the zip each, no root component (0 of 45 real
//! packages has one); columns are child elements in alphabetical order.

use super::extra::{Order, merge};
use super::kind::{Component, Kind, Parts};
use crate::manifest::components::environment_variable::{self, VariableKind};
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::variable::VariableFacts;
use crate::solution::xml::{Element, write_document};

/// Eleven of them counted over 60 real ones; `hint` and `valueschema` are columns of the table.
const ORDER: Order = Order {
    attributes: &["schemaname"],
    children: &[
        "apiid",
        "defaultvalue",
        "description",
        "displayname",
        "hint",
        "introducedversion",
        "iscustomizable",
        "isrequired",
        "parameterkey",
        "parentdefinitionid",
        "secretstore",
        "type",
        "valueschema",
    ],
    inner: &[],
};

/// The kind.
pub struct EnvironmentVariable;

fn label(name: &str, text: &str, language: u32) -> Element {
    let label = Element::new("label").with("description", text).with("languagecode", language.to_string());
    Element::new(name).with("default", text).child(label)
}

fn definition(variable: &environment_variable::EnvironmentVariable, package: &Package) -> Element {
    let language = package.solution.languages.first().copied().unwrap_or(1033);
    let of_data_source = |text: &Option<String>| text.clone().filter(|_| variable.kind == VariableKind::DataSource);
    let mut root = Element::new("environmentvariabledefinition").with("schemaname", variable.name.as_str());
    if let Some(connector) = of_data_source(&variable.connector) {
        root.push(Element::text("apiid", connector));
    }
    if let Some(default) = variable.default.as_deref().filter(|_| variable.kind != VariableKind::Secret) {
        root.push(Element::text("defaultvalue", default));
    }
    if let Some(description) = &variable.description {
        root.push(label("description", description, language));
    }
    root.push(label("displayname", variable.display_name.as_deref().unwrap_or(&variable.name), language));
    root.push(Element::text("introducedversion", package.solution.version.to_string()));
    root.push(Element::text("iscustomizable", "1"));
    root.push(Element::text("isrequired", if variable.required { "1" } else { "0" }));
    if let Some(key) = of_data_source(&variable.parameter_key) {
        root.push(Element::text("parameterkey", key));
    }
    // 0 is Azure Key Vault; real packages carry it for every type.
    root.push(Element::text("secretstore", "0"));
    root.push(Element::text("type", variable.kind.number().to_string()));
    root
}

impl Kind for EnvironmentVariable {
    fn label(&self) -> &'static str {
        "Environment variable"
    }
    fn place(&self) -> &'static str {
        "environmentvariabledefinitions/"
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.environmentVariables")
    }
    fn folder(&self) -> &'static str {
        "environmentvariabledefinitions/"
    }
    fn older_section(&self) -> Option<&'static str> {
        Some("EnvironmentVariables")
    }
    fn in_item(&self, item: &Element) -> Vec<Component> {
        let facts = VariableFacts::of_item(item);
        facts.map(|it| Component { kind: self.label(), name: it.display_name, id: it.name }).into_iter().collect()
    }
    fn in_parts(&self, parts: &Parts) -> Vec<Component> {
        let facts = parts.iter().filter_map(|(name, bytes)| VariableFacts::of_part(name, bytes));
        facts.map(|it| Component { kind: self.label(), name: it.display_name, id: it.name }).collect()
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        for variable in &package.components.environment_variables {
            let file = format!("environmentvariabledefinitions/{}/environmentvariabledefinition.xml", variable.name);
            let mut element = definition(variable, package);
            merge(&mut element, &variable.extra, &ORDER, &mut draft.findings);
            draft.add_file(&file, write_document(&element), &variable.span);
        }
    }
}
