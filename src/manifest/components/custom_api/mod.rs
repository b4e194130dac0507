//! `components.customApis`: one binding, one plug-in type, names once, tables only where they can be.

pub mod parameter;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::custom_api::parameter::{
    ApiParameter, ApiProperty, Short, WrittenApiParameter, parameter, property,
};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::names::check_unique;
use crate::manifest::components::plugin_type::{PluginTypeReference, RowName, TypeKey, TypeName, plugin_type};
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::{Flag, SchemaName, TableName, Title};
use crate::manifest::prefix;
use crate::yaml::leaf::{Given, choice, length, pattern, text};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};

record! {
    /// A custom API: a message of your own, answered by a plug-in.
    pub struct WrittenCustomApi => {
        /// Unique name, with the publisher's prefix: what callers call.
        "name" required name: At<SchemaName> => "contoso_RateWidget",
        /// Name that people see. Default: the unique name.
        "displayName" optional display_name: At<Title> => "Rate a widget",
        /// Description, at most 300 characters. Default: the display name.
        "description" optional description: At<Short>,
        /// Name of the row. Default: the unique name.
        "label" optional label: At<RowName>,
        /// `action` (called with POST) or `function` (called with GET, changes nothing). Default: action.
        "kind" optional kind: At<ApiKind>,
        /// The table whose rows it is called on. By default, it is called on no table.
        "table" optional table: At<TableName>,
        /// The table whose collection it is called on.
        "collection" optional collection: At<TableName>,
        /// Which steps others can register on it: none, async or all. Default: none.
        "allowedSteps" optional allowed_steps: At<AllowedSteps>,
        /// Privilege that a caller must have, such as `prvReadcontoso_Widget`.
        "executePrivilege" optional execute_privilege: At<PrivilegeName>,
        /// Whether it is kept out of the list of messages.
        "private" optional private: At<Flag>,
        /// Whether workflows can call it.
        "workflows" optional workflows: At<Flag>,
        /// Whether others can change it. Default: true.
        "customizable" optional customizable: At<Flag>,
        /// The plug-in type that answers, of an assembly or package of this solution.
        "pluginType" optional plugin_type: At<TypeName>,
        /// The plug-in type of another solution that answers: its key, as an exported solution names it.
        "pluginTypeKey" optional plugin_type_key: At<TypeKey>,
        /// What a caller gives.
        "parameters" optional parameters: List<WrittenApiParameter>,
        /// What a caller gets.
        "response" optional response: List<ApiProperty>,
        /// Parts of customapi.xml without a key here.
        "xml" optional extra: Extra,
    }
}

text!(
    /// A privilege's name.
    PrivilegeName, "privilege-name", "the name of a privilege", "prvReadcontoso_Widget",
    |text| { length(text, 100)?; if text.starts_with("prv") && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') { Ok(()) } else { Err("it starts with `prv`".into()) } },
    pattern("^prv[A-Za-z0-9_]+$")
);
choice!(
    /// Action or function.
    for ApiKind, "custom-api-kind", "a kind of custom API",
    [("action", ApiKind::Action), ("function", ApiKind::Function)]
);
choice!(
    /// Which steps can be registered on a custom API.
    for AllowedSteps, "allowed-steps", "an answer to which steps are allowed",
    [("none", AllowedSteps::None), ("async", AllowedSteps::Async), ("all", AllowedSteps::All)]
);

/// One custom API.
#[derive(Clone, Debug)]
pub struct CustomApi {
    /// Unique name.
    pub name: String,
    /// Display name; absent means the unique name.
    pub display_name: Option<String>,
    /// Description; absent means the display name.
    pub description: Option<String>,
    /// The row's name; absent means the unique name.
    pub label: Option<String>,
    /// Action or function.
    pub kind: ApiKind,
    /// What it is called on.
    pub binding: Binding,
    /// Which steps others can register.
    pub allowed_steps: AllowedSteps,
    /// A privilege that callers need, and where it is written.
    pub execute_privilege: Option<(String, Span)>,
    /// Whether it is kept out of the list of messages.
    pub private: bool,
    /// Whether workflows can call it.
    pub workflows: bool,
    /// Whether others can change it.
    pub customizable: bool,
    /// What answers.
    pub plugin_type: Option<PluginTypeReference>,
    /// What a caller gives.
    pub parameters: Vec<ApiParameter>,
    /// What a caller gets.
    pub response: Vec<ApiParameter>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// Action or function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKind {
    /// Called with POST.
    Action,
    /// Called with GET.
    Function,
}

/// What a custom API is called on; the numbers are Dataverse's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// 0: nothing.
    Global,
    /// 1: a row of this table.
    Table(String),
    /// 2: the rows of this table.
    Collection(String),
}

/// Which steps can be registered on a custom API; the numbers are Dataverse's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllowedSteps {
    /// 0
    None,
    /// 1
    Async,
    /// 2
    All,
}

impl Kind for CustomApi {
    type Written = WrittenCustomApi;

    fn mean(written: &WrittenCustomApi, scope: &mut Scope<'_>) -> Option<Self> {
        let name = written.name.as_ref()?;
        let findings = &mut *scope.findings;
        prefix::check(name, &name.value.0, scope.prefix, findings);
        let binding = match (&written.table, &written.collection) {
            (Some(table), Some(collection)) => {
                findings.push(
                    Diagnostic::error(
                        "two-bindings",
                        "a custom API is called on a row or on a collection, not on both",
                    )
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
        let kind = written.kind.value().unwrap_or(ApiKind::Action);
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
                Diagnostic::error(
                    "function-without-response",
                    format!("the function `{}` gives nothing back", name.shown),
                )
                .at(&name.span)
                .help("add a property under `response`, or write `kind: action`"),
            );
        }
        Some(CustomApi {
            name: name.value.0.clone(),
            display_name: written.display_name.value(),
            description: written.description.value(),
            label: written.label.value(),
            kind,
            binding,
            allowed_steps: written.allowed_steps.value().unwrap_or(AllowedSteps::None),
            execute_privilege: written.execute_privilege.as_ref().map(|it| (it.value.0.clone(), it.span.clone())),
            private: written.private.value().unwrap_or(false),
            workflows: written.workflows.value().unwrap_or(false),
            customizable: written.customizable.value().unwrap_or(true),
            plugin_type: plugin_type(written.plugin_type.as_ref(), written.plugin_type_key.as_ref(), findings),
            parameters,
            response,
            extra: extra(written.extra.as_ref()),
            span: name.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.name, &self.span))
    }
}
