//! `components:` one file per kind, with its keys, its rules and what it means.
//!
//! `docs/architecture.md` has the recipe for a new kind.

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
pub mod names;
pub mod plugin_assembly;
pub mod plugin_package;
pub mod plugin_type;
pub mod record;
pub mod report;
pub mod scope;
pub mod service_endpoint;
pub mod source;
pub mod step;
pub mod table;
pub mod web_resource;

use crate::manifest::components::canvas_app::{CanvasApp, WrittenCanvasApp};
use crate::manifest::components::choice::{Choice, WrittenChoice};
use crate::manifest::components::cloud_flow::{CloudFlow, WrittenCloudFlow};
use crate::manifest::components::code_component::{CodeComponent, WrittenCodeComponent};
use crate::manifest::components::column_security_profile::{ColumnSecurityProfile, WrittenColumnSecurityProfile};
use crate::manifest::components::connection_reference::{ConnectionReference, WrittenConnectionReference};
use crate::manifest::components::connection_role::{ConnectionRole, WrittenConnectionRole};
use crate::manifest::components::custom_api::{CustomApi, WrittenCustomApi};
use crate::manifest::components::custom_connector::{CustomConnector, WrittenCustomConnector};
use crate::manifest::components::dashboard::{Dashboard, WrittenDashboard};
use crate::manifest::components::email_template::{EmailTemplate, WrittenEmailTemplate};
use crate::manifest::components::environment_variable::{EnvironmentVariable, WrittenEnvironmentVariable};
use crate::manifest::components::model_driven_app::{ModelDrivenApp, WrittenModelDrivenApp};
use crate::manifest::components::plugin_assembly::{PluginAssembly, WrittenPluginAssembly};
use crate::manifest::components::plugin_package::{PluginPackage, WrittenPluginPackage};
use crate::manifest::components::record::{Record, WrittenRecord};
use crate::manifest::components::report::{Report, WrittenReport};
use crate::manifest::components::scope::{Scope, check_unique};
use crate::manifest::components::service_endpoint::{ServiceEndpoint, WrittenServiceEndpoint};
use crate::manifest::components::source::SourceFolder;
use crate::manifest::components::step::{Step, WrittenStep};
use crate::manifest::components::table::{Table, WrittenTable};
use crate::manifest::components::web_resource::{WebResource, WrittenWebResource};
use crate::manifest::leaf::RelativePath;
use crate::manifest::package::role::Role;
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, Unknown};

const UNKNOWN_KIND: Unknown = Unknown {
    code: "unknown-component-kind",
    noun: "kind of component",
    help: "a kind that cannot be declared here can travel in a folder or exported zip named under `source`",
};

record! {
    /// What the solution holds besides its roles. Kinds that cannot be declared here travel through `source`.
    pub struct WrittenComponents, unknown: UNKNOWN_KIND => {
        /// Tables with their columns, keys, relationships, forms, views and charts.
        "tables" optional tables: List<WrittenTable>,
        /// Global choices.
        "choices" optional choices: List<WrittenChoice>,
        /// Files that the environment serves: scripts, pages, images.
        "webResources" optional web_resources: List<WrittenWebResource>,
        /// Environment variable definitions.
        "environmentVariables" optional environment_variables: List<WrittenEnvironmentVariable>,
        /// Connection references.
        "connectionReferences" optional connection_references: List<WrittenConnectionReference>,
        /// .NET libraries with plug-ins and workflow activities.
        "pluginAssemblies" optional plugin_assemblies: List<WrittenPluginAssembly>,
        /// NuGet packages with plug-ins and what they depend on.
        "pluginPackages" optional plugin_packages: List<WrittenPluginPackage>,
        /// Service endpoints and webhooks.
        "serviceEndpoints" optional service_endpoints: List<WrittenServiceEndpoint>,
        /// SDK message steps: when plug-ins run and endpoints are told.
        "steps" optional steps: List<WrittenStep>,
        /// Custom APIs.
        "customApis" optional custom_apis: List<WrittenCustomApi>,
        /// Code components (PCF controls).
        "codeComponents" optional code_components: List<WrittenCodeComponent>,
        /// Custom connectors.
        "customConnectors" optional custom_connectors: List<WrittenCustomConnector>,
        /// Cloud flows.
        "cloudFlows" optional cloud_flows: List<WrittenCloudFlow>,
        /// Column security profiles.
        "columnSecurityProfiles" optional column_security_profiles: List<WrittenColumnSecurityProfile>,
        /// Canvas apps, custom pages and component libraries.
        "canvasApps" optional canvas_apps: List<WrittenCanvasApp>,
        /// Dashboards.
        "dashboards" optional dashboards: List<WrittenDashboard>,
        /// E-mail templates.
        "emailTemplates" optional email_templates: List<WrittenEmailTemplate>,
        /// Reports of Reporting Services.
        "reports" optional reports: List<WrittenReport>,
        /// Connection roles.
        "connectionRoles" optional connection_roles: List<WrittenConnectionRole>,
        /// Rows of any other table whose rows are components.
        "records" optional records: List<WrittenRecord>,
        /// Model-driven apps, each with its site map.
        "modelDrivenApps" optional model_driven_apps: List<WrittenModelDrivenApp>,
        /// Folders in SolutionPackager layout and exported .zip files, merged in.
        "source" optional source: List<At<RelativePath>>,
    }
}

/// `components:`
#[derive(Clone, Debug, Default)]
pub struct Components {
    /// Tables.
    pub tables: Vec<Table>,
    /// Global choices.
    pub choices: Vec<Choice>,
    /// Web resources, globs already resolved, in the order of their names.
    pub web_resources: Vec<WebResource>,
    /// Environment variable definitions.
    pub environment_variables: Vec<EnvironmentVariable>,
    /// Connection references.
    pub connection_references: Vec<ConnectionReference>,
    /// Plug-in assemblies.
    pub plugin_assemblies: Vec<PluginAssembly>,
    /// Plug-in packages.
    pub plugin_packages: Vec<PluginPackage>,
    /// Service endpoints and webhooks.
    pub service_endpoints: Vec<ServiceEndpoint>,
    /// SDK message steps.
    pub steps: Vec<Step>,
    /// Custom APIs.
    pub custom_apis: Vec<CustomApi>,
    /// Code components.
    pub code_components: Vec<CodeComponent>,
    /// Custom connectors.
    pub custom_connectors: Vec<CustomConnector>,
    /// Cloud flows.
    pub cloud_flows: Vec<CloudFlow>,
    /// Column security profiles.
    pub column_security_profiles: Vec<ColumnSecurityProfile>,
    /// Canvas apps.
    pub canvas_apps: Vec<CanvasApp>,
    /// Dashboards.
    pub dashboards: Vec<Dashboard>,
    /// E-mail templates.
    pub email_templates: Vec<EmailTemplate>,
    /// Reports.
    pub reports: Vec<Report>,
    /// Connection roles.
    pub connection_roles: Vec<ConnectionRole>,
    /// Rows of other tables.
    pub records: Vec<Record>,
    /// Model-driven apps.
    pub model_driven_apps: Vec<ModelDrivenApp>,
    /// Folders in SolutionPackager layout and exported zip files, to be merged in.
    pub sources: Vec<SourceFolder>,
}

/// All components that could be read.
pub fn components(written: Option<&WrittenComponents>, roles: &[Role], scope: &mut Scope<'_>) -> Components {
    let Some(written) = written else { return Components::default() };
    let mut web_resources: Vec<_> = written
        .web_resources
        .iter()
        .flat_map(|list| &list.items)
        .flat_map(|it| web_resource::web_resources(it, scope))
        .collect();
    check_unique("web resource", web_resources.iter().map(|it| (it.name.as_str(), &it.span)), scope.findings);
    web_resources.sort_by(|a, b| a.name.cmp(&b.name));
    Components {
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
            plugin_package::plugin_package,
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
