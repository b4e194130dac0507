//! `bundle.json`: what a bundle says about itself, format 2.
//!
//! There is one way to write it (`to_bytes`) and one to read it (`read`), which accepts only what is written here, byte
//! for byte: other readers of the file (jq, PowerShell, Python) then see the same. Any further member raises `format`.

mod extras;
mod read;
mod rules;
mod text;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use crate::catalog::Level;
use crate::version::Version;

pub use extras::{
    ChangedComponents, ChangedPrivileges, Connector, ExpectedSigner, Host, Packages, Page, PageText, Since,
};
pub(super) use read::{read, to_bytes};
pub(super) use rules::{Fault, faults};
pub(super) use text::shown;

/// The format that this code writes and reads.
pub const FORMAT: u32 = 2;

/// The whole of `bundle.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Descriptor {
    /// Always [`FORMAT`].
    pub format: u32,
    /// What made it.
    pub tool: Tool,
    /// The generation of the templates that the other files were rendered with.
    pub templates: u32,
    /// Who publishes.
    pub publisher: Publisher,
    /// The solutions, in the order of their import.
    pub solutions: Vec<Solution>,
    /// The Entra application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<Application>,
    /// The custom security roles.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// The application user to create or adopt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_user: Option<ApplicationUser>,
    /// Values of environment variables and connection references, and those still wanted.
    #[serde(default)]
    pub settings: Vec<Setting>,
    /// Where the solution sends data, as far as its files say; sorted by host.
    #[serde(default)]
    pub hosts: Vec<Host>,
    /// The connectors that the solution uses; sorted.
    #[serde(default)]
    pub connectors: Vec<Connector>,
    /// How a page for the subscriber looks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub page: Option<Page>,
    /// Files of other package formats that were made with the bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub packages: Option<Packages>,
    /// What changed since an earlier bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub since: Option<Since>,
    /// Who is expected to sign.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<ExpectedSigner>,
    /// What must be there before.
    #[serde(default)]
    pub requires: Requires,
    /// The environment that the settings are for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
}

/// The tool that made a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// `dvpack`
    pub name: String,
    /// Its version.
    pub version: String,
    /// What made the compressed bytes, as name and version: another one may give others for the same content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compressor: Option<String>,
}

/// The publisher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Publisher {
    /// Unique name.
    pub name: String,
    /// Display name.
    pub display_name: String,
    /// Customization prefix.
    pub prefix: String,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Web site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
}

/// A solution zip in the bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Solution {
    /// Path in the bundle, `solutions/….zip`.
    pub file: String,
    /// Lower-case hex.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
    /// Unique name.
    pub name: String,
    /// Display name.
    pub display_name: String,
    /// Version.
    pub version: Version,
    /// Managed or not.
    pub managed: bool,
}

/// The Entra application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Application {
    /// Application (client) id.
    pub client_id: Uuid,
    /// The app registration's `uniqueName`, by which Microsoft Graph finds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<String>,
    /// Display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether other tenants can consent.
    pub multi_tenant: bool,
    /// Where Entra sends people after sign-in and consent.
    #[serde(default, skip_serializing_if = "RedirectUris::is_empty")]
    pub redirect_uris: RedirectUris,
    /// When the client secret runs out, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_expires: Option<jiff::civil::Date>,
}

/// Redirect URIs, by the platform they are registered for, as the manifest writes them: Entra compares the text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RedirectUris {
    /// Web applications.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub web: Vec<String>,
    /// Single-page applications.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spa: Vec<String>,
    /// Mobile and desktop applications.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub public_client: Vec<String>,
}

impl RedirectUris {
    /// Whether none is registered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    /// All of them, those of web applications first.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.web.iter().chain(&self.spa).chain(&self.public_client).map(String::as_str)
    }
}

/// A custom security role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Role {
    /// The GUID of the root copy (`parentrootroleid` of every copy).
    pub id: Uuid,
    /// Display name.
    pub name: String,
    /// Every privilege, sorted as in the solution.
    pub privileges: Vec<Privilege>,
}

/// One privilege of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Privilege {
    /// Such as `prvReadAccount`.
    pub name: String,
    /// How deep.
    pub level: Level,
    /// The author's reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// The application user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApplicationUser {
    /// GUIDs of roles to assign.
    pub roles: Vec<Uuid>,
    /// The business unit.
    pub business_unit: BusinessUnit,
    /// A contact address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Column security profiles of the solution to assign.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub column_security_profiles: Vec<ColumnSecurityProfile>,
    /// Whether roles that are not declared here are to be taken away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_declared_roles: bool,
}

/// A column security profile of the solution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnSecurityProfile {
    /// Its GUID.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// The business unit of the application user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BusinessUnit {
    /// `"root"`: the one without a parent.
    Root,
    /// `{"id": …}`
    Id(Uuid),
    /// `{"name": …}`
    Name(String),
}

/// The value of an environment variable or connection reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Setting {
    /// Schema name or logical name.
    pub name: String,
    /// What it is a setting of.
    pub kind: SettingKind,
    /// For environment variables: `string`, `number`, `boolean`, `json`, `dataSource`, `secret`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub value_type: Option<String>,
    /// For connection references: the connector's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<String>,
    /// Whether `apply` must have a value for it.
    pub required: bool,
    /// The value; absent where what the solution has is kept or the subscriber has to give one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<SettingValue>,
    /// For environment variables: the value that the solution itself brings. The import makes it the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped: Option<String>,
}

impl Setting {
    /// One that must have a value, of which nothing else is known.
    #[must_use]
    pub fn new(name: &str, kind: SettingKind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            value_type: None,
            connector: None,
            required: true,
            value: None,
            shipped: None,
        }
    }
}

/// What a setting is a setting of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SettingKind {
    /// An environment variable.
    EnvironmentVariable,
    /// A connection reference.
    ConnectionReference,
}

/// A value, or where to get it. A secret's text is never in a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SettingValue {
    /// The value of an environment variable.
    Text(String),
    /// The id of the connection for a connection reference.
    Connection(String),
    /// A name in the environment of the process that applies.
    SecretFromEnv(String),
    /// A file that the process that applies can read.
    SecretFromFile(String),
    /// Azure Key Vault: `/subscriptions/…/secrets/…`, read by Dataverse itself.
    SecretFromKeyVault(String),
}

/// What must be there before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Requires {
    /// The lowest server version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_version: Option<Version>,
    /// Solutions and their lowest versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub solutions: Vec<RequiredSolution>,
}

/// A solution that must be installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequiredSolution {
    /// Unique name.
    pub name: String,
    /// Lowest version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
}

/// The environment that the settings are for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Its name in the manifest.
    pub name: String,
    /// Its URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
}
