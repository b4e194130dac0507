//! Custom APIs: a folder of the zip each, with a folder for every parameter and property below it; no
//! root component. Columns are child elements in alphabetical order (17 real APIs, 163 files).

use super::extra::{self, Order};
use super::kind::{Component, Kind, Parts};
use super::plugin_types::{self, PluginType};
use crate::diagnostic::Span;
use crate::manifest::components::custom_api::parameter::ApiParameter;
use crate::manifest::components::custom_api::{ApiKind, Binding, CustomApi as Api};
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::{Element, write_document};

/// The kind.
pub struct CustomApi;

/// Writable columns of `customapi`, as the table reference names them.
const API: Order = Order {
    attributes: &["uniquename"],
    children: &[
        "allowedcustomprocessingsteptype",
        "bindingtype",
        "boundentitylogicalname",
        "description",
        "displayname",
        "executeprivilegename",
        "fxexpressionid",
        "iscustomizable",
        "isfunction",
        "isprivate",
        "name",
        "plugintypeid",
        "powerfxruleid",
        "sdkmessageid",
        "statecode",
        "statuscode",
        "workflowsdkstepenabled",
    ],
    inner: &[],
};
/// Writable columns of `customapirequestparameter` and `customapiresponseproperty`.
const PARAMETER: Order = Order {
    attributes: &["uniquename"],
    children: &[
        "description",
        "displayname",
        "iscustomizable",
        "isoptional",
        "logicalentityname",
        "name",
        "statecode",
        "statuscode",
        "type",
    ],
    inner: &[],
};

/// A translatable text in the form of components that are folders.
pub(super) fn label(name: &str, text: &str, package: &Package) -> Element {
    let language = package.solution.languages.first().copied().unwrap_or(1033).to_string();
    let label = Element::new("label").with("description", text).with("languagecode", language);
    Element::new(name).with("default", text).child(label)
}

fn bit(value: bool) -> &'static str {
    if value { "1" } else { "0" }
}

fn definition(api: &Api, package: &Package, draft: &mut Draft) -> Element {
    let display_name = api.display_name.as_deref().unwrap_or(&api.name);
    let (binding, table) = match &api.binding {
        Binding::Global => ("0", None),
        Binding::Table(table) => ("1", Some(table)),
        Binding::Collection(table) => ("2", Some(table)),
    };
    let mut root = Element::new("customapi")
        .with("uniquename", api.name.as_str())
        .child(Element::text("allowedcustomprocessingsteptype", (api.allowed_steps as u32).to_string()))
        .child(Element::text("bindingtype", binding));
    if let Some(table) = table {
        root.push(Element::text("boundentitylogicalname", table.as_str()));
    }
    root.push(label("description", api.description.as_deref().unwrap_or(display_name), package));
    root.push(label("displayname", display_name, package));
    if let Some((privilege, _)) = &api.execute_privilege {
        root.push(Element::text("executeprivilegename", privilege.as_str()));
    }
    root.push(Element::text("iscustomizable", bit(api.customizable)));
    root.push(Element::text("isfunction", bit(api.kind == ApiKind::Function)));
    root.push(Element::text("isprivate", bit(api.private)));
    root.push(Element::text("name", api.label.as_deref().unwrap_or(&api.name)));
    let mut plugin = Element::new("plugintypeid");
    let found = api.plugin_type.as_ref().and_then(|reference| plugin_types::find(reference, package, draft));
    if let Some(PluginType::Here(_, key) | PluginType::ByKey(key)) = found {
        // For a type of an assembly the export key is its id; Microsoft recommends the key.
        plugin.push(Element::text("plugintypeexportkey", key));
    }
    root.push(plugin);
    root.push(Element::text("workflowsdkstepenabled", bit(api.workflows)));
    extra::merge(&mut root, &api.extra, &API, &mut draft.findings);
    root
}

fn parameter(name: &str, of: &Api, it: &ApiParameter, package: &Package, draft: &mut Draft) -> Element {
    let mut root = Element::new(name).with("uniquename", it.name.as_str());
    if let Some(description) = &it.description {
        root.push(label("description", description, package));
    }
    root.push(label("displayname", it.display_name.as_deref().unwrap_or(&it.name), package));
    root.push(Element::text("iscustomizable", bit(of.customizable)));
    if name == "customapirequestparameter" {
        root.push(Element::text("isoptional", bit(it.optional)));
    }
    if let Some(table) = &it.table {
        root.push(Element::text("logicalentityname", table.as_str()));
    }
    root.push(Element::text("name", it.label.as_deref().unwrap_or(&it.name)));
    root.push(Element::text("type", (it.kind as u32).to_string()));
    extra::merge(&mut root, &it.extra, &PARAMETER, &mut draft.findings);
    root
}

fn add(draft: &mut Draft, path: &str, element: &Element, span: &Span) {
    draft.add_file(path, write_document(element), span);
}

impl Kind for CustomApi {
    fn label(&self) -> &'static str {
        "Custom API"
    }
    fn place(&self) -> &'static str {
        "customapis/"
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.customApis")
    }
    fn folder(&self) -> &'static str {
        "customapis/"
    }
    fn in_parts(&self, parts: &Parts) -> Vec<Component> {
        super::carried::in_folder(self.label(), self.place(), parts)
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        for api in &package.components.custom_apis {
            let folder = format!("customapis/{}", api.name);
            let root = definition(api, package, draft);
            add(draft, &format!("{folder}/customapi.xml"), &root, &api.span);
            for (kind, list, set) in [
                ("customapirequestparameter", &api.parameters, "customapirequestparameters"),
                ("customapiresponseproperty", &api.response, "customapiresponseproperties"),
            ] {
                for it in list {
                    let root = parameter(kind, api, it, package, draft);
                    add(draft, &format!("{folder}/{set}/{}/{kind}.xml", it.name), &root, &it.span);
                }
            }
        }
    }
}
