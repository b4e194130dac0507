//! What `components:` means: one file per kind.

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
pub mod model_driven_app;
pub mod plugin_assembly;
pub mod record;
pub mod report;
pub mod service_endpoint;
pub mod source;
pub mod step;
pub mod web_resource;

pub use canvas_app::{CanvasApp, CanvasAppKind};
pub use cloud_flow::{CloudFlow, FlowConnection, FlowRuntime};
pub use code_component::CodeComponent;
pub mod labels;
pub mod table;

pub use choice::{Choice, ChoiceOption};
pub use column_security_profile::{ColumnPermission, ColumnRight, ColumnSecurityProfile};
pub use connection_reference::ConnectionReference;
pub use connection_role::ConnectionRole;
pub use custom_api::{AllowedSteps, ApiKind, ApiParameter, ApiType, Binding, CustomApi, PluginTypeReference};
pub use custom_connector::CustomConnector;
pub use dashboard::{ChartMode, Dashboard, DashboardComponent, DashboardContent, DashboardSection, DashboardTarget};
pub use email_template::{EmailContent, EmailTemplate};
pub use environment_variable::{EnvironmentVariable, VariableKind};
pub use extra::{Extra, ExtraEntry, ExtraValue};
pub use labels::Labels;
pub use model_driven_app::{
    AppNavigation, ModelDrivenApp, SiteMap, SiteMapArea, SiteMapContent, SiteMapGroup, SiteMapItem, SiteMapTarget,
};
pub use plugin_assembly::{AssemblySource, Isolation, PluginAssembly, PluginPackage, PluginType};
pub use record::Record;
pub use report::Report;
pub use service_endpoint::{Contract, ServiceEndpoint};
pub use source::SourceFolder;
pub use step::{ImageKind, Mode, RunsOn, Stage, Step, StepHandler, StepImage};
pub use table::{
    AlternateKey, CascadeRule, Cascades, Chart, Column, ColumnType, Computed, Control, Form, FormEvent, FormSection,
    FormTab, FormType, Lookup, ManyToMany, Named, Relation, Table, TableOwnership, TableType, View, ViewType,
    given_or_stable,
};
pub use web_resource::WebResource;

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
