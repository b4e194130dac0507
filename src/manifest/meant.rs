//! What a manifest means: the checked types of all its parts.

pub use crate::manifest::components::Components;
pub use crate::manifest::components::canvas_app::{CanvasApp, CanvasAppKind};
pub use crate::manifest::components::choice::{Choice, ChoiceOption};
pub use crate::manifest::components::cloud_flow::{CloudFlow, FlowConnection, FlowRuntime};
pub use crate::manifest::components::code_component::CodeComponent;
pub use crate::manifest::components::column_security_profile::{ColumnPermission, ColumnRight, ColumnSecurityProfile};
pub use crate::manifest::components::connection_reference::ConnectionReference;
pub use crate::manifest::components::connection_role::ConnectionRole;
pub use crate::manifest::components::custom_api::parameter::{ApiParameter, ApiType};
pub use crate::manifest::components::custom_api::{AllowedSteps, ApiKind, Binding, CustomApi};
pub use crate::manifest::components::custom_connector::CustomConnector;
pub use crate::manifest::components::dashboard::{
    ChartMode, Dashboard, DashboardComponent, DashboardContent, DashboardSection, DashboardTarget,
};
pub use crate::manifest::components::email_template::{EmailContent, EmailTemplate};
pub use crate::manifest::components::environment_variable::{EnvironmentVariable, VariableKind};
pub use crate::manifest::components::extra::{Extra, ExtraEntry, ExtraValue};
pub use crate::manifest::components::labels::Labels;
pub use crate::manifest::components::model_driven_app::site_map::{
    SiteMap, SiteMapArea, SiteMapContent, SiteMapGroup, SiteMapItem, SiteMapTarget,
};
pub use crate::manifest::components::model_driven_app::{AppNavigation, ModelDrivenApp};
pub use crate::manifest::components::names::{Named, given_or_stable};
pub use crate::manifest::components::plugin_assembly::{AssemblySource, Isolation, PluginAssembly, PluginType};
pub use crate::manifest::components::plugin_package::PluginPackage;
pub use crate::manifest::components::plugin_type::PluginTypeReference;
pub use crate::manifest::components::record::Record;
pub use crate::manifest::components::report::Report;
pub use crate::manifest::components::service_endpoint::{Contract, ServiceEndpoint};
pub use crate::manifest::components::source::SourceFolder;
pub use crate::manifest::components::step::image::{ImageKind, StepImage};
pub use crate::manifest::components::step::stage::{Mode, RunsOn, Stage};
pub use crate::manifest::components::step::{Step, StepHandler};
pub use crate::manifest::components::table::chart::Chart;
pub use crate::manifest::components::table::column::{Column, Computed};
pub use crate::manifest::components::table::column_type::ColumnType;
pub use crate::manifest::components::table::form::{Form, FormEvent, FormType};
pub use crate::manifest::components::table::key::AlternateKey;
pub use crate::manifest::components::table::lookup::{CascadeRule, Cascades, Lookup, Relation};
pub use crate::manifest::components::table::many_to_many::ManyToMany;
pub use crate::manifest::components::table::tab::{Control, FormSection, FormTab};
pub use crate::manifest::components::table::view::{View, ViewType};
pub use crate::manifest::components::table::{Table, TableOwnership, TableType};
pub use crate::manifest::components::web_resource::WebResource;
pub use crate::manifest::package::Package;
pub use crate::manifest::package::application::{Application, Audience, RedirectUris};
pub use crate::manifest::package::application_user::{ApplicationUser, BusinessUnit, ByNameOrId};
pub use crate::manifest::package::environment::{Environment, Requires};
pub use crate::manifest::package::publisher::Publisher;
pub use crate::manifest::package::role::{Grant, Inheritance, PrivilegeGrant, Role};
pub use crate::manifest::package::settings::{SecretReference, Setting, SettingValue};
pub use crate::manifest::package::signer::ExpectedSigner;
pub use crate::manifest::package::solution::Solution;
