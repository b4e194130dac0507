//! What a manifest means: evaluated, overlaid for one environment (or none), checked.
//!
//! Later modules see only these types, so an unchecked manifest cannot be built. Values that a later
//! stage may still have to complain about (tables of grants, paths) keep their [`Span`].

pub mod components;

use std::path::PathBuf;

use jiff::civil::Date;
use url::Url;
use uuid::Uuid;

use crate::catalog::{Level, Right};
use crate::diagnostic::Span;
use crate::version::Version;

pub use components::*;

/// A whole manifest.
#[derive(Clone, Debug)]
pub struct Package {
    /// The folder of the manifest; relative paths start here.
    pub folder: PathBuf,
    /// Who publishes.
    pub publisher: Publisher,
    /// The solution.
    pub solution: Solution,
    /// The ISV's Entra application. Absent for a package without an application user.
    pub application: Option<Application>,
    /// Custom security roles.
    pub roles: Vec<Role>,
    /// The application user that `apply` creates or adopts.
    pub application_user: Option<ApplicationUser>,
    /// What else the solution holds.
    pub components: Components,
    /// Values for environment variables and connection references.
    pub settings: Vec<Setting>,
    /// What must be there before.
    pub requires: Requires,
    /// Who is expected to sign the bundle.
    pub signers: Vec<ExpectedSigner>,
    /// The environment that the overlay was taken from.
    pub environment: Option<Environment>,
    /// The names of all environments that the manifest has.
    pub environment_names: Vec<String>,
}

/// `publisher:`
#[derive(Clone, Debug)]
pub struct Publisher {
    /// Unique name.
    pub name: String,
    /// Display name.
    pub display_name: Labels,
    /// Customization prefix, 2 to 8 characters.
    pub prefix: String,
    /// Option value prefix, 10000 to 99999.
    pub option_value_prefix: u32,
    /// Description.
    pub description: Option<Labels>,
    /// E-mail address.
    pub email: Option<String>,
    /// Supporting web site, with or without `https://`.
    pub website: Option<String>,
    /// At most two addresses: the elements that are set, by their names in solution.xml.
    pub addresses: Vec<Vec<(&'static str, String)>>,
}

/// `solution:`
#[derive(Clone, Debug)]
pub struct Solution {
    /// Unique name.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// Display name.
    pub display_name: Labels,
    /// Description.
    pub description: Option<Labels>,
    /// Version.
    pub version: Version,
    /// Language codes (LCID), the base language first.
    pub languages: Vec<u32>,
    /// Web resource that is its configuration page.
    pub configuration_page: Option<String>,
}

/// `application:`
#[derive(Clone, Debug)]
pub struct Application {
    /// Application (client) id.
    pub client_id: Uuid,
    /// Unique name of the app registration.
    pub unique_name: Option<String>,
    /// Display name of the app registration.
    pub name: Option<String>,
    /// Who can consent.
    pub audience: Audience,
    /// Where Entra sends people after sign-in and consent.
    pub redirect_uris: RedirectUris,
    /// When the client secret runs out.
    pub secret_expires: Option<Date>,
    /// Tables that the application itself works with, and where they are named; absent: not told.
    pub uses: Option<Vec<(String, Span)>>,
}

/// Redirect URIs by platform, as written: Entra compares the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedirectUris {
    /// Web applications.
    pub web: Vec<String>,
    /// Single-page applications.
    pub spa: Vec<String>,
    /// Mobile and desktop applications.
    pub public_client: Vec<String>,
}

impl RedirectUris {
    /// All of them, those of web applications first.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.web.iter().chain(&self.spa).chain(&self.public_client).map(String::as_str)
    }
}

/// Who is expected to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedSigner {
    /// The owner of the key with this SHA-256, in lower-case hex.
    Key(String),
    /// Somebody that a Sigstore certificate names.
    Identity {
        /// An e-mail address or the URI of a workflow.
        subject: String,
        /// The OIDC issuer that vouches for it.
        issuer: String,
    },
}

/// The supported account types of the app registration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// Any Entra tenant.
    #[default]
    MultiTenant,
    /// Only the ISV's own.
    SingleTenant,
}

/// One of `roles:`
#[derive(Clone, Debug)]
pub struct Role {
    /// The GUID of the root copy, as in the solution.
    pub id: Uuid,
    /// Display name, at most 100 characters.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// The member's privilege inheritance; absent means the element is not written.
    pub inheritance: Option<Inheritance>,
    /// Rights on tables.
    pub grants: Vec<Grant>,
    /// Privileges that no table carries.
    pub privileges: Vec<PrivilegeGrant>,
    /// Lint rules that the author allows, with the reason.
    pub allow: Vec<(String, String)>,
    /// Where the role starts.
    pub span: Span,
}

/// The member's privilege inheritance of a role that is assigned to a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inheritance {
    /// Team privileges only (`isinherited="0"`).
    Team,
    /// Direct User (Basic) access level and Team privileges (`isinherited="1"`).
    UserAndTeam,
}

/// Rights of a role on one table.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The table as written: schema or logical name.
    pub table: String,
    /// The rights and how deep each goes, in the order of [`Right`].
    pub rights: Vec<(Right, Level)>,
    /// Why it is needed, for a reviewer.
    pub because: Option<String>,
    /// Where the table's name stands.
    pub span: Span,
}

/// A privilege by its own name.
#[derive(Clone, Debug)]
pub struct PrivilegeGrant {
    /// Such as `prvActOnBehalfOfAnotherUser`.
    pub name: String,
    /// How deep.
    pub level: Level,
    /// Why it is needed, for a reviewer.
    pub because: Option<String>,
    /// Where the name stands.
    pub span: Span,
}

/// `applicationUser:`
#[derive(Clone, Debug)]
pub struct ApplicationUser {
    /// The roles to assign that are of [`Package::roles`].
    pub roles: Vec<Uuid>,
    /// The roles to assign that a source has to bring.
    pub of_sources: Vec<ByNameOrId>,
    /// The business unit it belongs to.
    pub business_unit: BusinessUnit,
    /// A contact address, shown in the report; Dataverse fills the user's own from Entra.
    pub email: Option<String>,
    /// The column security profiles to assign, which the solution has to bring.
    pub column_security_profiles: Vec<ByNameOrId>,
    /// Whether roles that the bundle does not declare shall be taken away.
    pub only_declared_roles: bool,
}

impl ApplicationUser {
    /// Whether a role is to be assigned.
    #[must_use]
    pub fn holds(&self, id: Uuid, name: &str) -> bool {
        self.roles.contains(&id) || self.of_sources.iter().any(|named| named.means(id, name))
    }
}

/// A role or a column security profile, by its name or its id.
#[derive(Clone, Debug)]
pub struct ByNameOrId {
    /// The name or the id, as written.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

impl ByNameOrId {
    /// Whether it is the one with this id and name.
    #[must_use]
    pub fn means(&self, id: Uuid, name: &str) -> bool {
        self.text == name || Uuid::try_parse(self.text.trim_matches(['{', '}'])) == Ok(id)
    }
}

/// A business unit of the subscriber.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BusinessUnit {
    /// The one without a parent.
    #[default]
    Root,
    /// By GUID.
    Id(Uuid),
    /// By name, which must be unique in the environment.
    Name(String),
}

/// One of `settings:`
#[derive(Clone, Debug)]
pub struct Setting {
    /// Schema name of an environment variable, or logical name of a connection reference.
    pub name: String,
    /// Its value.
    pub value: SettingValue,
    /// Where the name stands.
    pub span: Span,
}

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingValue {
    /// Plain text, in the form that Dataverse stores.
    Text(String),
    /// A connection for a connection reference.
    Connection {
        /// The connection's id in the environment.
        id: String,
    },
    /// A secret, by reference only: the text is never here.
    Secret(SecretReference),
}

/// Where a secret can be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretReference {
    /// An environment variable of the process that applies.
    Env(String),
    /// A file, read by the process that applies.
    File(PathBuf),
    /// Azure Key Vault: `/subscriptions/…/secrets/…`, which Dataverse itself reads.
    KeyVault(String),
}

/// `requires:`
#[derive(Clone, Debug, Default)]
pub struct Requires {
    /// The lowest server version.
    pub server_version: Option<Version>,
    /// Solutions that must be installed, and their lowest versions.
    pub solutions: Vec<(String, Option<Version>)>,
    /// Tables of other solutions that grants may name.
    pub tables: Vec<String>,
}

/// One of `environments:`
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name in the manifest.
    pub name: String,
    /// `https://org.crm.dynamics.com`
    pub url: Option<Url>,
}
