//! `components:` one file per kind, with its keys, its rules and what it means.
//!
//! `CONTRIBUTING.md` has the recipe for a new kind.

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
pub mod plain;
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

use crate::manifest::components::scope::{Kind, Scope};
use crate::yaml::record::record;
use crate::yaml::shape::{List, Unknown};

const UNKNOWN_KIND: Unknown = Unknown {
    code: "unknown-component-kind",
    noun: "kind of component",
    help: "a kind that cannot be declared here can travel in a folder or exported zip named under `source`",
};

/// The kinds: the manifest's key, the field, the type, and what one is called when its name occurs twice.
macro_rules! components {
    ($($(#[doc = $doc:literal])* $key:literal $field:ident: $kind:ty, $noun:literal;)*) => {
        record! {
            /// What the solution contains besides its roles. Kinds that cannot be declared here can come from `source`.
            pub struct WrittenComponents, unknown: UNKNOWN_KIND => {
                $($(#[doc = $doc])* $key optional $field: List<<$kind as Kind>::Written>,)*
            }
        }

        /// `components:`
        #[derive(Clone, Debug, Default)]
        pub struct Components {
            $($(#[doc = $doc])* pub $field: Vec<$kind>,)*
        }

        /// All components that could be read.
        pub fn components(written: Option<&WrittenComponents>, scope: &mut Scope<'_>) -> Components {
            let Some(written) = written else { return Components::default() };
            Components {
                $($field: written.$field.as_ref().map_or_else(Vec::new, |list| <$kind>::all($noun, list, scope)),)*
            }
        }
    };
}

// The only list. Each kind is a module above, and a line here.
components! {
    /// Tables with their columns, keys, relationships, forms, views and charts.
    "tables" tables: table::Table, "table";
    /// Global choices.
    "choices" choices: choice::Choice, "choice";
    /// Files that the environment serves: scripts, pages, images.
    "webResources" web_resources: web_resource::WebResource, "web resource";
    /// Environment variable definitions.
    "environmentVariables" environment_variables: environment_variable::EnvironmentVariable, "environment variable";
    /// Connection references.
    "connectionReferences" connection_references: connection_reference::ConnectionReference, "connection reference";
    /// .NET libraries with plug-ins and workflow activities.
    "pluginAssemblies" plugin_assemblies: plugin_assembly::PluginAssembly, "plug-in assembly";
    /// NuGet packages with plug-ins and what they depend on.
    "pluginPackages" plugin_packages: plugin_package::PluginPackage, "plug-in package";
    /// Service endpoints and webhooks.
    "serviceEndpoints" service_endpoints: service_endpoint::ServiceEndpoint, "service endpoint";
    /// SDK message steps: when plug-ins run and endpoints are notified.
    "steps" steps: step::Step, "step";
    /// Custom APIs.
    "customApis" custom_apis: custom_api::CustomApi, "custom API";
    /// Code components (PCF controls).
    "codeComponents" code_components: code_component::CodeComponent, "code component";
    /// Custom connectors.
    "customConnectors" custom_connectors: custom_connector::CustomConnector, "custom connector";
    /// Cloud flows.
    "cloudFlows" cloud_flows: cloud_flow::CloudFlow, "cloud flow";
    /// Column security profiles.
    "columnSecurityProfiles" column_security_profiles: column_security_profile::ColumnSecurityProfile, "column security profile";
    /// Canvas apps, custom pages and component libraries.
    "canvasApps" canvas_apps: canvas_app::CanvasApp, "canvas app";
    /// Dashboards.
    "dashboards" dashboards: dashboard::Dashboard, "dashboard";
    /// E-mail templates.
    "emailTemplates" email_templates: email_template::EmailTemplate, "e-mail template";
    /// Reports of Reporting Services.
    "reports" reports: report::Report, "report";
    /// Connection roles.
    "connectionRoles" connection_roles: connection_role::ConnectionRole, "connection role";
    /// Rows of any other table whose rows are components.
    "records" records: record::Record, "record";
    /// Model-driven apps, each with its site map.
    "modelDrivenApps" model_driven_apps: model_driven_app::ModelDrivenApp, "model-driven app";
    /// Folders in SolutionPackager layout and exported .zip files, merged in.
    "source" sources: source::SourceFolder, "source";
}
