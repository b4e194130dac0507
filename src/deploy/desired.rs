//! What the environment shall be: a bundle, its solution files, and the values of its settings.

use std::path::Path;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::bundle::descriptor::{Application, ApplicationUser, Descriptor, Role, SettingKind, SettingValue, Solution};
use crate::catalog;
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::shipped::{self, Process, Shipped};
use crate::files;
use crate::secret::Secret;

/// The largest file that a secret is read from.
const SECRET_LIMIT: u64 = 64 << 10;

/// What shall be.
#[derive(Clone, Debug)]
pub struct Desired {
    /// The bundle's own words.
    pub descriptor: Descriptor,
    /// Its solutions, in the order of their import.
    pub packages: Vec<Package>,
    /// Settings that have a value.
    pub settings: Vec<Wanted>,
    /// Names of settings that must have a value, and have none here.
    pub unset: Vec<(SettingKind, String)>,
    /// Names or ids of processes that are shipped turned on, and are left as they are.
    pub left_off: Vec<String>,
}

/// A solution and its file.
#[derive(Clone, Debug)]
pub struct Package {
    /// What it is.
    pub solution: Solution,
    /// The zip.
    pub zip: Vec<u8>,
    /// What the zip says.
    pub shipped: Shipped,
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
    /// The value.
    pub value: Secret,
    /// Whether the value must not be shown.
    pub hidden: bool,
}

impl Wanted {
    /// The value as it may be shown.
    #[must_use]
    pub fn shown(&self) -> String {
        if self.hidden { "***".into() } else { self.value.reveal().to_owned() }
    }
}

/// The refusal of a built-in role.
#[must_use]
pub fn built_in(name: &str) -> Failure {
    Failure::new(FailureKind::Refused, format!("role `{name}` is a built-in role of Dataverse, and is not assigned"))
        .detail(format!("Microsoft's rule: “{}”", catalog::CUSTOM_ROLE_RULE))
        .help("declare a custom role with just the privileges that the application needs, under `roles:`")
}

impl Desired {
    /// Puts a bundle together; secrets are read where they are kept. `environment` looks up environment variables.
    pub fn new(
        descriptor: Descriptor,
        zips: Vec<Vec<u8>>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Failure> {
        let invalid = |message: String| Failure::new(FailureKind::Invalid, message);
        if zips.len() != descriptor.solutions.len() {
            return Err(invalid("the bundle's solution files do not fit its description".into()));
        }
        let mut packages = Vec::new();
        for (solution, zip) in descriptor.solutions.iter().cloned().zip(zips) {
            let shipped = shipped::read(&zip)
                .map_err(|why| invalid(format!("solution `{}` of the bundle cannot be read: {why}", solution.name)))?;
            packages.push(Package { solution, zip, shipped });
        }
        let mut settings = Vec::new();
        let mut unset = Vec::new();
        let mut problems = Vec::new();
        for setting in &descriptor.settings {
            let (value, hidden) = match &setting.value {
                None if setting.required => {
                    unset.push((setting.kind, setting.name.clone()));
                    continue;
                }
                None => continue,
                Some(SettingValue::Text(text) | SettingValue::Connection(text)) => {
                    (Secret::unlisted(text.as_str()), false)
                }
                Some(SettingValue::SecretFromKeyVault(path)) => (Secret::unlisted(path.as_str()), false),
                Some(SettingValue::SecretFromEnv(name)) => {
                    let Some(text) = environment(name) else {
                        problems.push(format!(
                            "`{}` needs the environment variable `{name}`, which is not set",
                            setting.name
                        ));
                        continue;
                    };
                    (Secret::new(text), true)
                }
                Some(SettingValue::SecretFromFile(path)) => match files::read_text(Path::new(path), SECRET_LIMIT) {
                    Ok(text) => (Secret::new(text.trim_end_matches(['\r', '\n'])), true),
                    Err(error) => {
                        problems.push(format!("`{}`: {error}", setting.name));
                        continue;
                    }
                },
            };
            let connector = setting.connector.clone();
            settings.push(Wanted { name: setting.name.clone(), kind: setting.kind, connector, value, hidden });
        }
        if !problems.is_empty() {
            let mut failure = Failure::new(FailureKind::Failed, "a secret cannot be read");
            failure.details = problems;
            return Err(failure);
        }
        if let Some(user) = &descriptor.application_user {
            if descriptor.application.is_none() {
                return Err(invalid("the bundle has an application user, but no application".into()));
            }
            if let Some(id) = user.roles.iter().find(|id| !descriptor.roles.iter().any(|role| role.id == **id)) {
                return Err(invalid(format!("the bundle assigns role {id}, which it does not hold")));
            }
        }
        let desired = Self { descriptor, packages, settings, unset, left_off: Vec::new() };
        // Policy, not a rule that the service enforces: so it is enforced here, before anything is sent.
        for role in desired.roles() {
            if let Some(found) = catalog::built_in_role(Some(role.id), &role.name) {
                return Err(built_in(found.name));
            }
        }
        Ok(desired)
    }

    /// The application and its user, when the bundle has them.
    #[must_use]
    pub fn user(&self) -> Option<(&Application, &ApplicationUser)> {
        self.descriptor.application.as_ref().zip(self.descriptor.application_user.as_ref())
    }

    /// The roles that the application user shall have.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        let wanted: &[Uuid] = self.descriptor.application_user.as_ref().map_or(&[], |user| user.roles.as_slice());
        wanted.iter().filter_map(|id| self.descriptor.roles.iter().find(|role| role.id == *id))
    }

    /// Leaves processes alone that the solution ships turned on. Each must be one of them.
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

    /// The processes and steps that shall be on.
    pub fn processes(&self) -> impl Iterator<Item = &Process> {
        let all = self.packages.iter().flat_map(|package| &package.shipped.processes);
        all.filter(|process| !self.left_off.iter().any(|name| process.is_named(name)))
    }

    /// A digest of everything that the bundle says; the texts of secrets are not in it.
    #[must_use]
    pub fn digest(&self) -> String {
        let text = serde_json::to_vec(&(&self.descriptor, &self.left_off)).unwrap_or_default();
        Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The settings of one kind.
    pub fn settings_of(&self, kind: SettingKind) -> Vec<&Wanted> {
        self.settings.iter().filter(|setting| setting.kind == kind).collect()
    }
}
