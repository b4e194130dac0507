//! What the environment should be: a bundle, its solution files, and the values of its settings.

use std::collections::BTreeSet;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::bundle::descriptor::{
    Application, ApplicationUser, ColumnSecurityProfile, Descriptor, Role, Setting, SettingKind, SettingValue, Solution,
};
use crate::catalog;
use crate::catalog::secret_forms::{self, Scope};
use crate::deploy::accepted;
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::machine::{Allowed, Machine, Value};
use crate::deploy::shipped::{self, Process, Shipped};
use crate::deploy::signature::Signature;
use crate::manifest::leaf::is_key_vault_id;
use crate::secret::Secret;

/// The desired state.
#[derive(Clone, Debug)]
pub struct Desired {
    /// What the bundle says.
    pub descriptor: Descriptor,
    /// Its solutions, in the order of their import.
    pub packages: Vec<Package>,
    /// Settings that have a value.
    pub settings: Vec<Wanted>,
    /// Names of settings that must have a value but have none here.
    pub unset: Vec<(SettingKind, String)>,
    /// Names or ids of processes that are shipped turned on but are left as they are.
    pub left_off: Vec<String>,
    /// Differences that somebody accepts.
    pub accepted: accepted::List,
    /// Who signed the bundle.
    pub signatures: Vec<Signature>,
}

/// A solution and its file.
#[derive(Clone, Debug)]
pub struct Package {
    /// What it is.
    pub solution: Solution,
    /// The zip.
    pub zip: Arc<[u8]>,
    /// What the zip says.
    pub shipped: Shipped,
}

impl Package {
    /// The schema names of the tables that it brings.
    pub fn own_tables(&self) -> impl Iterator<Item = &str> {
        self.shipped.own_tables.tables.iter().map(|table| table.schema_name.as_str())
    }
}

/// A setting with its value.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Schema name or logical name.
    pub name: String,
    /// What it is a setting of.
    pub kind: SettingKind,
    /// For connection references: the connector's id.
    pub connector: Option<String>,
    /// Where the value is from.
    pub origin: Origin,
    /// The value. Absent: one of the machine that applies, which was not read.
    pub value: Option<Secret>,
    /// Whether the value must not be shown: it is from the machine, or has the form of a secret.
    pub concealed: bool,
}

/// Where the value of a setting is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "from", content = "source", rename_all = "camelCase")]
pub enum Origin {
    /// Text of the bundle.
    Text,
    /// A connection of the environment, by its id.
    Connection,
    /// The default of the solution.
    Default,
    /// A value that the solution brings: the import makes it the current one.
    Solution,
    /// A value that the environment has of its own, where the bundle gives none.
    Environment,
    /// An environment variable of the machine that applies.
    Env(String),
    /// A file of the machine that applies.
    File(String),
    /// Azure Key Vault, read by Dataverse itself.
    KeyVault(String),
}

impl Origin {
    /// The value of the machine that it takes, if any.
    #[must_use]
    pub fn of_machine(&self) -> Option<Value> {
        match self {
            Self::Env(name) => Some(Value::Env(name.clone())),
            Self::File(path) => Some(Value::File(path.clone())),
            _ => None,
        }
    }

    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Text => "text of the bundle".into(),
            Self::Connection => "connection".into(),
            Self::Default => "the solution's default".into(),
            Self::Solution => "value of the solution".into(),
            Self::Environment => "the environment's own value".into(),
            Self::KeyVault(id) => format!("Key Vault `{id}`"),
            Self::Env(_) | Self::File(_) => self.of_machine().map(|value| value.words()).unwrap_or_default(),
        }
    }
}

impl Wanted {
    /// The value as it may be shown.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.value {
            Some(value) if !self.concealed => value.reveal().to_owned(),
            _ => "***".into(),
        }
    }

    /// The value to send. Nothing is sent in place of one that was not read.
    pub fn to_send(&self) -> Result<&str, Failure> {
        self.value.as_ref().map(Secret::reveal).ok_or_else(|| {
            let value = self.origin.of_machine().map(|value| (self.name.clone(), value));
            crate::deploy::machine::not_allowed(&value.into_iter().collect::<Vec<_>>())
        })
    }
}

/// The refusal of a built-in role.
#[must_use]
pub fn built_in(name: &str) -> Failure {
    Failure::new(FailureKind::Refused, format!("role `{name}` is a built-in role of Dataverse, and is not assigned"))
        .detail(format!("Microsoft's rule: “{}”", catalog::CUSTOM_ROLE_RULE))
        .help("declare a custom role with just the privileges that the application needs, under `roles:`")
}

/// Whether a text has the form of a secret, and is not shown.
#[must_use]
pub fn looks_secret(text: &str) -> bool {
    !secret_forms::find(text.as_bytes(), Scope::Manifest).is_empty()
}

/// A variable of type secret has a Key Vault reference and nothing else; no other setting has a reference.
fn check_kind(setting: &Setting, origin: &Origin) -> Result<(), Failure> {
    let name = &setting.name;
    let invalid = |what: &str| {
        Err(Failure::new(FailureKind::Invalid, format!("setting `{name}` of the bundle {what}"))
            .help("the bundle cannot be built like this by dvpack: talk to its publisher"))
    };
    let kind = setting.value_type.as_deref();
    match origin {
        Origin::KeyVault(id) if !is_key_vault_id(id) => invalid("has no resource id of a Key Vault secret"),
        Origin::KeyVault(_) if kind.is_some_and(|kind| kind != "secret") => {
            invalid("is not of type `secret`, and has a Key Vault reference")
        }
        Origin::Connection if setting.kind != SettingKind::ConnectionReference => {
            invalid("is an environment variable, and has a connection")
        }
        Origin::KeyVault(_) | Origin::Connection | Origin::Default | Origin::Solution | Origin::Environment => Ok(()),
        _ if setting.kind == SettingKind::ConnectionReference => invalid("is a connection reference, and has a value"),
        _ if kind == Some("secret") => {
            invalid("is of type `secret`, and takes something else than a Key Vault reference")
        }
        _ => Ok(()),
    }
}

impl Desired {
    /// The desired state of a bundle. Values of the machine that applies are not read yet: see [`Desired::read`].
    ///
    /// # Errors
    /// `Invalid` if the bundle contradicts itself, `Refused` if it assigns a built-in role.
    pub fn new(descriptor: Descriptor, zips: Vec<Vec<u8>>) -> Result<Self, Failure> {
        let invalid = |message: String| Failure::new(FailureKind::Invalid, message);
        if zips.len() != descriptor.solutions.len() {
            return Err(invalid("the bundle's solution files do not fit its description".into()));
        }
        let mut packages = Vec::new();
        for (solution, zip) in descriptor.solutions.iter().cloned().zip(zips) {
            let shipped = shipped::read(&zip)
                .map_err(|why| invalid(format!("solution `{}` of the bundle cannot be read: {why}", solution.name)))?;
            packages.push(Package { solution, zip: zip.into(), shipped });
        }
        let mut settings = Vec::new();
        let mut unset = Vec::new();
        let mut names = BTreeSet::new();
        for setting in &descriptor.settings {
            if !names.insert((setting.kind == SettingKind::ConnectionReference, setting.name.to_ascii_lowercase())) {
                return Err(invalid(format!("the bundle has setting `{}` twice", setting.name)));
            }
            let given = match &setting.value {
                None if setting.required => {
                    unset.push((setting.kind, setting.name.clone()));
                    continue;
                }
                None => continue,
                Some(given) => given,
            };
            let (origin, text) = match given {
                SettingValue::Text(text) => (Origin::Text, Some(text)),
                SettingValue::Connection(id) => (Origin::Connection, Some(id)),
                SettingValue::SecretFromKeyVault(id) => (Origin::KeyVault(id.clone()), Some(id)),
                SettingValue::SecretFromEnv(name) => (Origin::Env(name.clone()), None),
                SettingValue::SecretFromFile(path) => (Origin::File(path.clone()), None),
            };
            check_kind(setting, &origin)?;
            let (name, connector) = (setting.name.clone(), setting.connector.clone());
            let concealed = text.is_none_or(|text| looks_secret(text));
            // What is hidden here is also hidden if a server repeats it.
            let secret =
                |text: &String| if concealed { Secret::new(text.as_str()) } else { Secret::unlisted(text.as_str()) };
            let value = text.map(secret);
            settings.push(Wanted { name, kind: setting.kind, connector, origin, value, concealed });
        }
        if let Some(user) = &descriptor.application_user {
            if descriptor.application.is_none() {
                return Err(invalid("the bundle has an application user, but no application".into()));
            }
            if let Some(id) = user.roles.iter().find(|id| !descriptor.roles.iter().any(|role| role.id == **id)) {
                return Err(invalid(format!("the bundle assigns role {id}, which it does not contain")));
            }
        }
        let desired = Self {
            descriptor,
            packages,
            settings,
            unset,
            left_off: Vec::new(),
            accepted: accepted::List::default(),
            signatures: Vec::new(),
        };
        // This is policy, not a rule that the service enforces, so it is enforced here before anything is sent.
        for role in desired.roles() {
            if let Some(found) = catalog::built_in_role(Some(role.id), &role.name) {
                return Err(built_in(found.name));
            }
        }
        Ok(desired)
    }

    /// The values of the machine that the bundle takes: the setting, and the value's name.
    #[must_use]
    pub fn of_machine(&self) -> Vec<(String, Value)> {
        self.settings.iter().filter_map(|it| Some((it.name.clone(), it.origin.of_machine()?))).collect()
    }

    /// The same, with no value read.
    #[must_use]
    pub fn unread(&self) -> Vec<(String, Value)> {
        let unread = self.settings.iter().filter(|setting| setting.value.is_none());
        unread.filter_map(|it| Some((it.name.clone(), it.origin.of_machine()?))).collect()
    }

    /// Reads the values of the machine that are allowed. What no bundle may have is refused, allowed or not.
    ///
    /// # Errors
    /// `Refused` if the bundle asks for what no bundle may have; another failure if a value cannot be read.
    pub fn read(&mut self, machine: &Machine<'_>, allowed: &Allowed) -> Result<(), Failure> {
        for (setting, value) in self.of_machine() {
            machine.check(&setting, &value)?;
        }
        let mut problem: Option<Failure> = None;
        for setting in &mut self.settings {
            let Some(value) = setting.origin.of_machine().filter(|value| allowed.0.contains(value)) else { continue };
            match machine.read(&setting.name, &value) {
                Ok(secret) => setting.value = Some(secret),
                Err(failure) if failure.kind == FailureKind::Refused => return Err(failure),
                Err(failure) => match &mut problem {
                    Some(first) => first.details.extend(failure.details),
                    None => problem = Some(failure),
                },
            }
        }
        problem.map_or(Ok(()), Err)
    }

    /// The schema names of the tables that the bundle's solutions bring.
    pub fn own_tables(&self) -> impl Iterator<Item = &str> {
        self.packages.iter().flat_map(Package::own_tables)
    }

    /// The default of a setting that has no value of its own: what it is, and whether it must not be shown.
    #[must_use]
    pub fn default_of(&self, setting: &Setting) -> Option<(&str, bool)> {
        let name = setting.name.to_lowercase();
        let text = self.packages.iter().find_map(|package| package.shipped.defaults.get(&name))?;
        Some((text, looks_secret(text)))
    }

    /// The application's client id, if the bundle has one.
    #[must_use]
    pub fn application(&self) -> Option<Uuid> {
        self.descriptor.application.as_ref().map(|application| application.client_id)
    }

    /// The application and its user, if the bundle has them.
    #[must_use]
    pub fn user(&self) -> Option<(&Application, &ApplicationUser)> {
        self.descriptor.application.as_ref().zip(self.descriptor.application_user.as_ref())
    }

    /// The roles that the application user should have.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        let wanted: &[Uuid] = self.descriptor.application_user.as_ref().map_or(&[], |user| user.roles.as_slice());
        wanted.iter().filter_map(|id| self.descriptor.roles.iter().find(|role| role.id == *id))
    }

    /// The column security profiles that the application user should have.
    pub fn profiles(&self) -> impl Iterator<Item = &ColumnSecurityProfile> {
        self.descriptor.application_user.iter().flat_map(|user| &user.column_security_profiles)
    }

    /// Leaves these processes alone although the solution ships them turned on. Each must be one that it ships so.
    ///
    /// # Errors
    /// `Usage` if the solutions ship nothing with this name turned on.
    pub fn leave_off(&mut self, names: &[String]) -> Result<(), Failure> {
        let shipped = || self.packages.iter().flat_map(|package| &package.shipped.processes);
        if let Some(name) = names.iter().find(|name| !shipped().any(|process| process.is_named(name))) {
            let mut failure = Failure::new(
                FailureKind::Usage,
                format!("the solution ships no flow, process or plug-in step `{name}` that is turned on"),
            );
            failure.details = shipped().map(|process| format!("{} `{}`", process.kind.word(), process.name)).collect();
            return Err(failure);
        }
        self.left_off = names.to_vec();
        Ok(())
    }

    /// The processes and steps that should be on.
    pub fn processes(&self) -> impl Iterator<Item = &Process> {
        let all = self.packages.iter().flat_map(|package| &package.shipped.processes);
        all.filter(|process| !self.left_off.iter().any(|name| process.is_named(name)))
    }

    /// A digest of everything that the bundle says, without the texts of secrets.
    #[must_use]
    pub fn digest(&self) -> String {
        let text = serde_json::to_vec(&(&self.descriptor, &self.left_off)).unwrap_or_default();
        Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The environment variables that the bundle leaves to its solution and the environment.
    pub fn left_variables(&self) -> impl Iterator<Item = &Setting> {
        let all = self.descriptor.settings.iter();
        all.filter(|it| it.kind == SettingKind::EnvironmentVariable && it.value.is_none() && !it.required)
    }

    /// The settings of one kind.
    pub fn settings_of(&self, kind: SettingKind) -> Vec<&Wanted> {
        self.settings.iter().filter(|setting| setting.kind == kind).collect()
    }
}
