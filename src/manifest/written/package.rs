//! The manifest's groups of keys, apart from `components:`, `application:` and `signers:`.

use serde_json::{Value, json};

use crate::catalog::{Level as CatalogLevel, Right};
use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::written::application::{Application, ExpectedSigner};
use crate::manifest::written::components::Components;
use crate::manifest::written::components::labels::Labels;
use crate::manifest::written::leaf::{
    Email, Flag, Guid, Inheritance, KeyVaultId, Language, LanguageVersion, Level, OptionValuePrefix, Paragraph, Prefix,
    PublisherName, Reason, RoleName, SolutionName, Stored, TableName, Title, VariableName, WebAddress, Website,
};
use crate::yaml::leaf::{VersionText, Words};
use crate::yaml::node::{Content, Node};
use crate::yaml::record::record;
use crate::yaml::shape::{At, Definitions, List, Map, Reader, Shape, Unknown, head};

record! {
    /// A dvpack manifest: one managed Dataverse solution, its security roles, and the application user that needs them.
    pub struct Manifest => {
        /// The version of the manifest language: 1.
        "dvpack" required dvpack: At<LanguageVersion>,
        /// Who publishes the solution.
        "publisher" required publisher: Publisher,
        /// The solution itself.
        "solution" required solution: Solution,
        /// The Entra application that signs in to the subscriber's environment.
        "application" optional application: Application,
        /// Custom security roles that the solution brings.
        "roles" optional roles: List<Role>,
        /// The application user that `dvpack apply` creates or adopts.
        "applicationUser" optional application_user: ApplicationUser,
        /// What else the solution holds, by kind.
        "components" optional components: Components,
        /// Values for environment variables and connection references, by their names.
        "settings" optional settings: Map<SettingValue>,
        /// What the environment must have before.
        "requires" optional requires: Requires,
        /// Who is expected to sign the bundle: shown to the subscriber, who decides whom to trust.
        "signers" optional signers: List<ExpectedSigner>,
        /// Environments by name; each may change `settings`, `applicationUser` and `application`, key by key.
        "environments" optional environments: Map<Environment>,
    }
}

record! {
    /// Who publishes the solution. Environments recognise a publisher by its unique name: never change it.
    pub struct Publisher => {
        /// Unique name: letters, digits and underscores.
        "name" required name: At<PublisherName>,
        /// Name that people see. Left out: the unique name.
        "displayName" optional display_name: Labels<Title>,
        /// Customization prefix, 2 to 8 letters and digits; every component's name starts with it.
        "prefix" required prefix: At<Prefix>,
        /// First digits of the numbers of own choices, 10000 to 99999.
        "optionValuePrefix" required option_value_prefix: At<OptionValuePrefix>,
        /// Description.
        "description" optional description: Labels<Paragraph>,
        /// Address for questions about the solution.
        "email" optional email: At<Email>,
        /// Supporting web site.
        "website" optional website: At<Website>,
        /// Postal addresses and telephones, at most two.
        "addresses" optional addresses: List<Address>,
    }
}

record! {
    /// A publisher's address. What is left out is not set.
    pub struct Address => {
        /// Kind of address, a number of Dataverse. Left out: 1.
        "type" optional address_type_code: At<Words>,
        /// Name of the address.
        "name" optional name: At<Words>,
        /// First line.
        "line1" optional line1: At<Words>,
        /// Second line.
        "line2" optional line2: At<Words>,
        /// Third line.
        "line3" optional line3: At<Words>,
        /// Post office box.
        "postOfficeBox" optional post_office_box: At<Words>,
        /// Postal code.
        "postalCode" optional postal_code: At<Words>,
        /// City.
        "city" optional city: At<Words>,
        /// County.
        "county" optional county: At<Words>,
        /// State or province.
        "stateOrProvince" optional state_or_province: At<Words>,
        /// Country or region.
        "country" optional country: At<Words>,
        /// Person to ask.
        "primaryContact" optional primary_contact_name: At<Words>,
        /// Telephone.
        "telephone1" optional telephone1: At<Words>,
        /// Second telephone.
        "telephone2" optional telephone2: At<Words>,
        /// Third telephone.
        "telephone3" optional telephone3: At<Words>,
        /// Fax.
        "fax" optional fax: At<Words>,
        /// Latitude.
        "latitude" optional latitude: At<Words>,
        /// Longitude.
        "longitude" optional longitude: At<Words>,
        /// How goods are sent, a number of Dataverse. Left out: 1.
        "shippingMethod" optional shipping_method_code: At<Words>,
        /// Freight terms, a number of Dataverse.
        "freightTerms" optional freight_terms_code: At<Words>,
        /// UPS zone.
        "upsZone" optional ups_zone: At<Words>,
        /// Minutes from Coordinated Universal Time.
        "utcOffset" optional utc_offset: At<Words>,
    }
}

record! {
    /// The solution.
    pub struct Solution => {
        /// Unique name: letters, digits and underscores, at most 65. Never change it: an update is recognised by it.
        "name" required name: At<SolutionName>,
        /// Name that people see. Left out: the unique name.
        "displayName" optional display_name: Labels<Title>,
        /// Description.
        "description" optional description: Labels<Paragraph>,
        /// Two to four whole numbers; raise it with every release.
        "version" required version: At<VersionText>,
        /// Language codes (LCID), the base language first. Left out: 1033, English (United States).
        "languages" optional languages: List<At<Language>>,
        /// Web resource that the classic solution editor shows as the solution's start page.
        "configurationPage" optional configuration_page: At<Words>,
    }
}

record! {
    /// A custom security role.
    pub struct Role => {
        /// Name, at most 100 characters, unique in the manifest.
        "name" required name: At<RoleName>,
        /// GUID of the role. Left out: derived from publisher and name, the same for ever.
        "id" optional id: At<Guid>,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Member's privilege inheritance when a team has the role: team, or userAndTeam (Direct User access level and Team privileges).
        "inheritance" optional inheritance: At<Inheritance>,
        /// Rights by table (schema or logical name).
        "grants" optional grants: Map<Rights>,
        /// Privileges that no table carries, by name.
        "privileges" optional privileges: Map<PrivilegeLevel>,
        /// Findings of the role's review that are accepted, each with the reason.
        "allow" optional allow: List<Allowed>,
    }
}

record! {
    /// A finding that is accepted.
    pub struct Allowed => {
        /// Code of the finding.
        "rule" required rule: At<Words>,
        /// Why it is accepted, for a reviewer.
        "because" required because: At<Reason>,
    }
}

record! {
    /// The application user.
    pub struct ApplicationUser => {
        /// Roles to assign, by name or id: those of this manifest, or those that its sources bring.
        "roles" required roles: List<At<RoleName>>,
        /// Business unit: `root` (default), its GUID, or its name.
        "businessUnit" optional business_unit: At<Words>,
        /// Contact address, shown in reports.
        "email" optional email: At<Email>,
        /// Column security profiles to assign, by name or id: those under `components`, or those that sources bring.
        "columnSecurityProfiles" optional column_security_profiles: List<At<Title>>,
        /// Take roles away that somebody else assigned. Each run asks for it by name, or needs `--only-declared-roles`.
        "onlyDeclaredRoles" optional only_declared_roles: At<Flag>,
    }
}

record! {
    /// What the environment must have before.
    pub struct Requires => {
        /// Lowest server version.
        "serverVersion" optional server_version: At<VersionText>,
        /// Solutions that must be installed.
        "solutions" optional solutions: List<RequiredSolution>,
        /// Tables of other solutions that grants may name.
        "tables" optional tables: List<At<TableName>>,
    }
}

record! {
    /// A solution that must be installed.
    pub struct RequiredSolution => {
        /// Unique name.
        "name" required name: At<SolutionName>,
        /// Lowest version. Left out: any.
        "version" optional version: At<VersionText>,
    }
}

record! {
    /// One environment and what is different there.
    pub struct Environment => {
        /// Address of the environment, such as `https://contoso-uat.crm.dynamics.com`.
        "url" optional url: At<WebAddress>,
        /// Settings that are different or only there.
        "settings" optional settings: Map<SettingValue>,
        /// Keys of `applicationUser` that are different.
        "applicationUser" optional application_user: Overlay<ApplicationUser>,
        /// Keys of `application` that are different.
        "application" optional application: Overlay<Application>,
    }
}

/// Some keys of a group: read only when laid over the whole.
#[derive(Clone, Debug)]
pub struct Overlay<T> {
    kind: std::marker::PhantomData<T>,
}

impl<T: Shape> Shape for Overlay<T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        reader.mapping(node, "the keys that are different here")?;
        Some(Self { kind: std::marker::PhantomData })
    }

    fn schema(definitions: &mut Definitions) -> Value {
        let reference = T::schema(definitions);
        let name = reference["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_owned();
        let overlay = format!("{name}Overlay");
        let mut schema = definitions.get(&name).cloned().unwrap_or_default();
        if let Some(object) = schema.as_object_mut() {
            object.shift_remove("required");
        }
        definitions.insert(overlay.clone(), schema);
        json!({ "$ref": format!("#/$defs/{overlay}") })
    }
}

/// Rights on a table: right → access level, and why.
#[derive(Clone, Debug)]
pub struct Rights {
    /// Right, level.
    pub rights: Vec<(Right, CatalogLevel)>,
    /// Why it is needed.
    pub because: Option<At<Reason>>,
}
const ALL: &str = "all";
const BECAUSE: &str = "because";

impl Shape for Rights {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        let entries = reader.mapping(node, "rights, such as `{ read: organization }`")?;
        let known: Vec<&str> = Right::ALL.iter().map(|right| right.key()).chain([ALL, BECAUSE]).collect();
        let words = Unknown { code: "unknown-right", noun: "right", help: "" };
        let mut all = None;
        let mut rights = Vec::new();
        let mut because = None;
        let mut any = false;
        for entry in entries {
            if entry.key == BECAUSE {
                because = At::<Reason>::read(&entry.value, reader);
                continue;
            }
            any = true;
            let right = Right::from_key(&entry.key);
            if right.is_none() && entry.key != ALL {
                reader.unknown(entry, &words, &known);
            } else if let Some(level) = At::<Level>::read(&entry.value, reader) {
                match right {
                    Some(right) => rights.push((right, level.value.0)),
                    None => all = Some(level.value.0),
                }
            }
        }
        if !any {
            reader.report(
                Diagnostic::error("empty-grant", "a grant without a right")
                    .at(&head(&node.span))
                    .help("write such as `{ read: organization }`, or remove the table"),
            );
        }
        // `all` fills what is not named beside it.
        let level = |right: Right| rights.iter().find(|(named, _)| *named == right).map(|(_, level)| *level).or(all);
        let rights = Right::ALL.into_iter().filter_map(|right| Some((right, level(right)?))).collect();
        Some(Self { rights, because })
    }

    fn schema(definitions: &mut Definitions) -> Value {
        let level = At::<Level>::schema(definitions);
        let mut properties = serde_json::Map::new();
        for right in Right::ALL {
            let mut schema = level.clone();
            schema["description"] = format!("How deep the right to {} goes.", right.key()).into();
            properties.insert(right.key().into(), schema);
        }
        let mut schema = level;
        schema["description"] = "All eight rights at this level, save those named beside it.".into();
        properties.insert(ALL.into(), schema);
        let mut reason = At::<Reason>::schema(definitions);
        reason["description"] = "Why it is needed, for a reviewer.".into();
        properties.insert(BECAUSE.into(), reason);
        json!({ "type": "object", "additionalProperties": false, "minProperties": 1, "properties": properties })
    }
}

record! {
    /// A privilege's level and why it is needed.
    pub struct ReasonedLevel => {
        /// How deep it goes.
        "level" required level: At<Level>,
        /// Why it is needed, for a reviewer.
        "because" optional because: At<Reason>,
    }
}

/// The level of a privilege, alone or with the reason.
#[derive(Clone, Debug)]
pub struct PrivilegeLevel {
    /// How deep.
    pub level: CatalogLevel,
    /// Why.
    pub because: Option<At<Reason>>,
}

impl Shape for PrivilegeLevel {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if matches!(node.content, Content::Mapping(_)) {
            let read = ReasonedLevel::read(node, reader)?;
            return Some(Self { level: read.level?.value.0, because: read.because });
        }
        let level = At::<Level>::read(node, reader)?;
        Some(Self { level: level.value.0, because: None })
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "anyOf": [At::<Level>::schema(definitions), ReasonedLevel::schema(definitions)] })
    }
}

record! {
    /// Where a secret can be had. The secret itself never stands in a manifest or a bundle.
    pub struct SecretSource => {
        /// An environment variable of the process that applies.
        "env" optional env: At<VariableName>,
        /// A file, read by the process that applies.
        "file" optional file: At<Words>,
        /// A secret of Azure Key Vault, by resource id; Dataverse itself reads it.
        "keyVault" optional key_vault: At<KeyVaultId>,
    }
}

record! {
    /// A value that is not plain text.
    pub struct Reference => {
        /// A secret, by reference.
        "secret" optional secret: SecretSource,
        /// The id of a connection in the environment, for a connection reference.
        "connection" optional connection: At<Words>,
    }
}

/// A setting's value.
#[derive(Clone, Debug)]
pub enum SettingValue {
    /// Text, number, boolean.
    Plain(At<Stored>),
    /// A secret or a connection.
    Reference(Box<Reference>),
}

impl SettingValue {
    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> &Span {
        match self {
            Self::Plain(value) => &value.span,
            Self::Reference(reference) => &reference.span,
        }
    }
}

impl Shape for SettingValue {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        if !matches!(node.content, Content::Mapping(_)) {
            return At::<Stored>::read(node, reader).map(Self::Plain);
        }
        let reference = Reference::read(node, reader)?;
        // Keys that could not be read have been reported; only their number matters here.
        let keys = |node: &Node| node.entries().len();
        let inner = node.get("secret").map(keys);
        if keys(node) != 1 || inner.is_some_and(|count| count != 1) {
            reader.report(
                Diagnostic::error("ambiguous-value", "exactly one source of the value is expected")
                    .at(&head(&node.span))
                    .help("write `{ secret: { env: NAME } }`, `{ secret: { file: … } }`, `{ secret: { keyVault: … } }` or `{ connection: … }`"),
            );
            return None;
        }
        Some(Self::Reference(Box::new(reference)))
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "anyOf": [At::<Stored>::schema(definitions), Reference::schema(definitions)] })
    }
}

/// The keys of an environment, for messages.
pub const ENVIRONMENT_KEYS: [&str; 3] = ["settings", "applicationUser", "application"];
