//! What `components:` means: one file per kind.

mod choice;
mod code_component;
mod connection_reference;
mod custom_api;
mod custom_connector;
mod environment_variable;
mod extra;
mod plugin_assembly;
mod service_endpoint;
mod source;
mod step;
mod web_resource;

pub use code_component::CodeComponent;
mod labels;
mod table;

pub use choice::{Choice, ChoiceOption};
pub use connection_reference::ConnectionReference;
pub use custom_api::{AllowedSteps, ApiKind, ApiParameter, ApiType, Binding, CustomApi, PluginTypeReference};
pub use custom_connector::CustomConnector;
pub use environment_variable::{EnvironmentVariable, VariableKind};
pub use extra::{Extra, ExtraEntry, ExtraValue};
pub use labels::Labels;
pub use plugin_assembly::{AssemblySource, Isolation, PluginAssembly, PluginPackage, PluginType};
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
    /// Folders in SolutionPackager layout and exported zip files, to be merged in.
    pub sources: Vec<SourceFolder>,
}
