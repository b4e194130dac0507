//! `components:` one file per kind. A new kind is a file with its record and a line in this table.

pub mod choice;
pub mod code_component;
pub mod connection_reference;
pub mod custom_api;
pub mod custom_connector;
pub mod environment_variable;
pub mod extra;
pub mod plugin;
pub mod plugin_assembly;
pub mod service_endpoint;
pub mod step;
pub mod web_resource;

pub use code_component::CodeComponent;
pub mod labels;
pub mod table;

pub use choice::{Choice, ChoiceOption, FullOption};
pub use connection_reference::ConnectionReference;
pub use custom_api::{ApiParameter, ApiProperty, CustomApi};
pub use custom_connector::CustomConnector;
pub use environment_variable::EnvironmentVariable;
pub use extra::{Extra, ExtraValue};
pub use labels::Labels;
pub use plugin::{ColumnName, TypeKey, TypeName};
pub use plugin_assembly::{PluginAssembly, PluginPackage, PluginType};
pub use service_endpoint::ServiceEndpoint;
pub use step::{MessageName, Step, StepImage};
pub use table::{
    AlternateKey, Chart, Column, Field, Form, FormEvent, FormSection, FormTab, FullField, ManyToMany, Table, View,
    ViewColumn, ViewOrder,
};
pub mod canvas_app;
pub mod cloud_flow;
pub mod column_security_profile;
pub mod connection_role;
pub mod dashboard;
pub mod email_template;
pub mod model_driven_app;
pub mod record;
pub mod report;
pub mod site_map;

pub use canvas_app::{CanvasApp, CanvasAppKind, CanvasTime, ClientVersion};
pub use cloud_flow::{CloudFlow, FlowConnection, FlowConnectionInFull};
pub use column_security_profile::{ColumnRight, ColumnSecurityProfile};
pub use connection_role::{ConnectionRole, ConnectionRoleCategory};
pub use dashboard::{
    ChartMode, Dashboard, DashboardColumns, DashboardComponent, DashboardRows, DashboardSection, DashboardTab,
    RowsPerPage,
};
pub use email_template::EmailTemplate;
pub use model_driven_app::{AppNavigation, ModelDrivenApp, NameOrId};
pub use record::Record;
pub use report::{Report, ReportCategory, ReportVisibility};
pub use site_map::{SiteMap, SiteMapArea, SiteMapGroup, SiteMapId, SiteMapItem, SiteMapRight};
pub use web_resource::WebResource;

use crate::manifest::written::leaf::RelativePath;
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, Unknown};

const UNKNOWN_KIND: Unknown = Unknown {
    code: "unknown-component-kind",
    noun: "kind of component",
    help: "a kind that cannot be declared here can travel in a folder or exported zip named under `source`",
};

record! {
    /// What the solution holds besides its roles. Kinds that cannot be declared here travel through `source`.
    pub struct Components, unknown: UNKNOWN_KIND => {
        /// Tables with their columns, keys, relationships, forms, views and charts.
        "tables" optional tables: List<Table>,
        /// Global choices.
        "choices" optional choices: List<Choice>,
        /// Files that the environment serves: scripts, pages, images.
        "webResources" optional web_resources: List<WebResource>,
        /// Environment variable definitions.
        "environmentVariables" optional environment_variables: List<EnvironmentVariable>,
        /// Connection references.
        "connectionReferences" optional connection_references: List<ConnectionReference>,
        /// .NET libraries with plug-ins and workflow activities.
        "pluginAssemblies" optional plugin_assemblies: List<PluginAssembly>,
        /// NuGet packages with plug-ins and what they depend on.
        "pluginPackages" optional plugin_packages: List<PluginPackage>,
        /// Service endpoints and webhooks.
        "serviceEndpoints" optional service_endpoints: List<ServiceEndpoint>,
        /// SDK message steps: when plug-ins run and endpoints are told.
        "steps" optional steps: List<Step>,
        /// Custom APIs.
        "customApis" optional custom_apis: List<CustomApi>,
        /// Code components (PCF controls).
        "codeComponents" optional code_components: List<CodeComponent>,
        /// Custom connectors.
        "customConnectors" optional custom_connectors: List<CustomConnector>,
        /// Cloud flows.
        "cloudFlows" optional cloud_flows: List<CloudFlow>,
        /// Column security profiles.
        "columnSecurityProfiles" optional column_security_profiles: List<ColumnSecurityProfile>,
        /// Canvas apps, custom pages and component libraries.
        "canvasApps" optional canvas_apps: List<CanvasApp>,
        /// Dashboards.
        "dashboards" optional dashboards: List<Dashboard>,
        /// E-mail templates.
        "emailTemplates" optional email_templates: List<EmailTemplate>,
        /// Reports of Reporting Services.
        "reports" optional reports: List<Report>,
        /// Connection roles.
        "connectionRoles" optional connection_roles: List<ConnectionRole>,
        /// Rows of any other table whose rows are components.
        "records" optional records: List<Record>,
        /// Model-driven apps, each with its site map.
        "modelDrivenApps" optional model_driven_apps: List<ModelDrivenApp>,
        /// Folders in SolutionPackager layout and exported .zip files, merged in.
        "source" optional source: List<At<RelativePath>>,
    }
}
