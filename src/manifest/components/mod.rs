//! Components: files found, patterns resolved, names and types checked; one file per kind.

pub mod canvas_app;
pub mod choice;
pub mod cloud_flow;
pub mod code_component;
pub mod column_security_profile;
pub mod connection_reference;
pub mod connection_role;
pub mod custom_api;
pub mod custom_connector;
pub mod dashboard;
pub mod email_template;
pub mod environment_variable;
pub mod extra;
pub mod files;
pub mod labels;
pub mod model_driven_app;
pub mod plugin_assembly;
pub mod record;
pub mod report;
pub mod scope;
pub mod service_endpoint;
pub mod source;
pub mod step;
pub mod table;
pub mod web_resource;

use crate::manifest::components::scope::{Scope, check_unique};
use crate::manifest::meant;
use crate::manifest::written::components as kinds;

/// All components that could be read.
pub fn components(
    written: Option<&kinds::Components>,
    roles: &[meant::Role],
    scope: &mut Scope<'_>,
) -> meant::Components {
    let Some(written) = written else { return meant::Components::default() };
    let mut web_resources: Vec<_> = written
        .web_resources
        .iter()
        .flat_map(|list| &list.items)
        .flat_map(|it| web_resource::web_resources(it, scope))
        .collect();
    check_unique("web resource", web_resources.iter().map(|it| (it.name.as_str(), &it.span)), scope.findings);
    web_resources.sort_by(|a, b| a.name.cmp(&b.name));
    meant::Components {
        tables: scope.each("table", written.tables.as_ref(), table::table, |it| (&it.name, &it.span)),
        choices: scope.each("choice", written.choices.as_ref(), choice::choice, |it| (&it.name, &it.span)),
        web_resources,
        environment_variables: scope.each(
            "environment variable",
            written.environment_variables.as_ref(),
            environment_variable::environment_variable,
            |it| (&it.name, &it.span),
        ),
        connection_references: scope.each(
            "connection reference",
            written.connection_references.as_ref(),
            connection_reference::connection_reference,
            |it| (&it.name, &it.span),
        ),
        plugin_assemblies: scope.each(
            "plug-in assembly",
            written.plugin_assemblies.as_ref(),
            plugin_assembly::plugin_assembly,
            |it| (it.path.to_str().unwrap_or_default(), &it.span),
        ),
        plugin_packages: scope.each(
            "plug-in package",
            written.plugin_packages.as_ref(),
            plugin_assembly::plugin_package,
            |it| (it.path.to_str().unwrap_or_default(), &it.span),
        ),
        service_endpoints: scope.each(
            "service endpoint",
            written.service_endpoints.as_ref(),
            service_endpoint::service_endpoint,
            |it| (&it.name, &it.span),
        ),
        steps: written.steps.iter().flat_map(|list| &list.items).filter_map(|it| step::step(it, scope)).collect(),
        custom_apis: scope
            .each("custom API", written.custom_apis.as_ref(), custom_api::custom_api, |it| (&it.name, &it.span)),
        code_components: scope.each(
            "code component",
            written.code_components.as_ref(),
            code_component::code_component,
            |it| (it.folder.to_str().unwrap_or_default(), &it.span),
        ),
        custom_connectors: scope.each(
            "custom connector",
            written.custom_connectors.as_ref(),
            custom_connector::custom_connector,
            |it| (&it.name, &it.span),
        ),
        cloud_flows: scope
            .each("cloud flow", written.cloud_flows.as_ref(), cloud_flow::cloud_flow, |it| (&it.name, &it.span)),
        column_security_profiles: scope.each(
            "column security profile",
            written.column_security_profiles.as_ref(),
            column_security_profile::column_security_profile,
            |it| (&it.name, &it.span),
        ),
        canvas_apps: scope
            .each("canvas app", written.canvas_apps.as_ref(), canvas_app::canvas_app, |it| (&it.name, &it.span)),
        dashboards: scope
            .each("dashboard", written.dashboards.as_ref(), dashboard::dashboard, |it| (&it.name, &it.span)),
        email_templates: scope.each(
            "e-mail template",
            written.email_templates.as_ref(),
            email_template::email_template,
            |it| (&it.title, &it.span),
        ),
        reports: scope.each("report", written.reports.as_ref(), report::report, |it| (&it.name, &it.span)),
        connection_roles: scope.each(
            "connection role",
            written.connection_roles.as_ref(),
            connection_role::connection_role,
            |it| (&it.name, &it.span),
        ),
        records: scope.each("record", written.records.as_ref(), record::record, |it| (&it.path, &it.span)),
        model_driven_apps: scope.each(
            "model-driven app",
            written.model_driven_apps.as_ref(),
            |it, scope| model_driven_app::model_driven_app(it, roles, scope),
            |it| (&it.name, &it.span),
        ),
        sources: written
            .source
            .iter()
            .flat_map(|list| &list.items)
            .filter_map(|path| source::source(path, scope.folder, scope.findings))
            .collect(),
    }
}
