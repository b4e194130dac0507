//! `components.customApis`: one binding, one plug-in type, names once, tables only where they can be.

use crate::diagnostic::Diagnostic;
use crate::manifest::components::extra::extra;
use crate::manifest::components::scope::Scope;
use crate::manifest::components::scope::check_unique;
use crate::manifest::meant;
use crate::manifest::meant::components::custom_api::{AllowedSteps, ApiKind, ApiType, Binding, PluginTypeReference};
use crate::manifest::prefix;
use crate::manifest::written::components::custom_api::{ApiParameter, ApiProperty, CustomApi};
use crate::manifest::written::components::plugin::{TypeKey, TypeName};
use crate::manifest::written::leaf::{Flag, TableName};
use crate::yaml::shape::At;

/// `true` where it is written so.
pub fn flag(written: Option<&At<Flag>>, otherwise: bool) -> bool {
    written.map_or(otherwise, |flag| flag.value.0)
}

/// The one plug-in type that is named, by name or by key.
pub fn plugin_type(
    name: Option<&At<TypeName>>,
    key: Option<&At<TypeKey>>,
    findings: &mut Vec<Diagnostic>,
) -> Option<PluginTypeReference> {
    if let (Some(name), Some(key)) = (name, key) {
        findings.push(
            Diagnostic::error("two-plugin-types", "a plug-in type by name and by key")
                .at(&key.span)
                .related(&name.span, "by name")
                .help("keep the name for a type of this solution, the key for one of elsewhere"),
        );
    }
    let by_name = name.map(|name| PluginTypeReference::Name(name.value.0.clone(), name.span.clone()));
    by_name.or_else(|| key.map(|key| PluginTypeReference::Key(key.value.0.clone())))
}

/// The API that one entry stands for.
pub fn custom_api(written: &CustomApi, scope: &mut Scope<'_>) -> Option<meant::CustomApi> {
    let name = written.name.as_ref()?;
    let findings = &mut *scope.findings;
    prefix::check(name, &name.value.0, scope.prefix, findings);
    let binding = match (&written.table, &written.collection) {
        (Some(table), Some(collection)) => {
            findings.push(
                Diagnostic::error("two-bindings", "a custom API is called on a row or on a collection, not on both")
                    .at(&collection.span)
                    .related(&table.span, "on a row")
                    .help("keep `table` or `collection`"),
            );
            return None;
        }
        (Some(table), None) => Binding::Table(table.value.0.to_lowercase()),
        (None, Some(table)) => Binding::Collection(table.value.0.to_lowercase()),
        (None, None) => Binding::Global,
    };
    let kind = written.kind.as_ref().map_or(ApiKind::Action, |kind| kind.value.0);
    if let (ApiKind::Function, Some(flag)) = (kind, written.workflows.as_ref().filter(|flag| flag.value.0)) {
        findings.push(
            Diagnostic::error("function-in-workflow", "workflows cannot call a function")
                .at(&flag.span)
                .help("write `kind: action`, or remove `workflows`"),
        );
    }
    let parameters = written.parameters.iter().flat_map(|list| &list.items);
    let parameters: Vec<_> = parameters.filter_map(|it| parameter(it, findings)).collect();
    check_unique("request parameter", parameters.iter().map(|it| (it.name.as_str(), &it.span)), findings);
    let response = written.response.iter().flat_map(|list| &list.items);
    let response: Vec<_> = response.filter_map(|it| property(it, findings)).collect();
    check_unique("response property", response.iter().map(|it| (it.name.as_str(), &it.span)), findings);
    if kind == ApiKind::Function && response.is_empty() {
        findings.push(
            Diagnostic::error("function-without-response", format!("the function `{}` gives nothing back", name.shown))
                .at(&name.span)
                .help("add a property under `response`, or write `kind: action`"),
        );
    }
    Some(meant::CustomApi {
        name: name.value.0.clone(),
        display_name: written.display_name.as_ref().map(|title| title.value.0.clone()),
        description: written.description.as_ref().map(|text| text.value.0.clone()),
        label: written.label.as_ref().map(|text| text.value.0.clone()),
        kind,
        binding,
        allowed_steps: written.allowed_steps.as_ref().map_or(AllowedSteps::None, |steps| steps.value.0),
        execute_privilege: written.execute_privilege.as_ref().map(|privilege| privilege.value.0.clone()),
        private: flag(written.private.as_ref(), false),
        workflows: flag(written.workflows.as_ref(), false),
        customizable: flag(written.customizable.as_ref(), true),
        plugin_type: plugin_type(written.plugin_type.as_ref(), written.plugin_type_key.as_ref(), findings),
        parameters,
        response,
        xml: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}

fn parameter(written: &ApiParameter, findings: &mut Vec<Diagnostic>) -> Option<meant::ApiParameter> {
    let (name, kind) = (written.name.as_ref()?, written.kind.as_ref()?);
    Some(meant::ApiParameter {
        name: name.value.0.clone(),
        kind: kind.value.0,
        optional: flag(written.optional.as_ref(), false),
        table: table(written.table.as_ref(), kind.value.0, findings),
        display_name: written.display_name.as_ref().map(|title| title.value.0.clone()),
        description: written.description.as_ref().map(|text| text.value.0.clone()),
        label: written.label.as_ref().map(|text| text.value.0.clone()),
        xml: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}

fn property(written: &ApiProperty, findings: &mut Vec<Diagnostic>) -> Option<meant::ApiParameter> {
    let (name, kind) = (written.name.as_ref()?, written.kind.as_ref()?);
    Some(meant::ApiParameter {
        name: name.value.0.clone(),
        kind: kind.value.0,
        optional: false,
        table: table(written.table.as_ref(), kind.value.0, findings),
        display_name: written.display_name.as_ref().map(|title| title.value.0.clone()),
        description: written.description.as_ref().map(|text| text.value.0.clone()),
        label: written.label.as_ref().map(|text| text.value.0.clone()),
        xml: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}

fn table(written: Option<&At<TableName>>, kind: ApiType, findings: &mut Vec<Diagnostic>) -> Option<String> {
    let table = written?;
    if !kind.has_table() {
        findings.push(
            Diagnostic::error("key-of-other-type", "`table` belongs to the types that hold rows")
                .at(&table.span)
                .help("remove it, or write `type: entity`, `entityCollection` or `entityReference`"),
        );
        return None;
    }
    Some(table.value.0.to_lowercase())
}
