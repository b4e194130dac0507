//! Rules for the values of `bundle.json`, independent of the solution: forms, and no duplicates.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;
use uuid::Uuid;

use super::{Application, BusinessUnit, Descriptor, ExpectedSigner, Setting, SettingKind, SettingValue, text};
use crate::manifest::components::environment_variable::VariableKind;
use crate::manifest::leaf::is_key_vault_id;
use crate::manifest::package::application::{is_client_redirect, is_web_redirect};

/// An invalid value, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bundle) struct Fault {
    /// The path in the JSON, such as `roles[0].name`.
    pub(in crate::bundle) path: String,
    /// What is wrong with it.
    pub(in crate::bundle) why: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`: {}", self.path, self.why)
    }
}

/// Integers up to here are the same to every reader of JSON.
const SAFE_INTEGER: u64 = (1 << 53) - 1;

/// Everything that is invalid.
pub(in crate::bundle) fn faults(descriptor: &Descriptor) -> Vec<Fault> {
    let mut check = Check::default();
    check.origin(descriptor);
    check.solutions(descriptor);
    if let Some(application) = &descriptor.application {
        check.application(application);
    }
    check.roles(descriptor);
    check.application_user(descriptor);
    for (at, setting) in descriptor.settings.iter().enumerate() {
        check.setting(&format!("settings[{at}]"), setting);
    }
    check.settings_once(descriptor);
    check.hosts(descriptor);
    check.extras(descriptor);
    for (at, signer) in descriptor.signers.iter().enumerate() {
        check.signer(&format!("signers[{at}]"), signer);
    }
    for (at, solution) in descriptor.requires.solutions.iter().enumerate() {
        check.identifier(format!("requires.solutions[{at}].name"), &solution.name);
    }
    check.once("requires.solutions", "name", descriptor.requires.solutions.iter().map(|it| it.name.as_str()));
    if let Some(environment) = &descriptor.environment {
        let plain = environment.name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        check.that("environment.name", plain && !environment.name.is_empty(), "it is not a name of an environment");
        if let Some(url) = &environment.url {
            check.web_address("environment.url".to_owned(), url);
        }
    }
    check.faults
}

#[derive(Default)]
struct Check {
    faults: Vec<Fault>,
}

impl Check {
    fn report(&mut self, path: impl Into<String>, why: impl Into<String>) {
        self.faults.push(Fault { path: path.into(), why: why.into() });
    }

    fn that(&mut self, path: impl Into<String>, good: bool, why: &str) {
        if !good {
            self.report(path, why);
        }
    }

    fn name(&mut self, path: impl Into<String>, value: &str) {
        if let Err(why) = text::name(value) {
            self.report(path, format!("it {why}"));
        }
    }

    fn names<'a>(&mut self, named: impl IntoIterator<Item = (&'a str, Option<&'a String>)>) {
        for (path, value) in named {
            if let Some(value) = value {
                self.name(path, value);
            }
        }
    }

    fn lines(&mut self, path: impl Into<String>, value: &str) {
        if let Err(why) = text::lines(value) {
            self.report(path, format!("it {why}"));
        }
    }

    /// Unique names of Dataverse.
    fn identifier(&mut self, path: impl Into<String>, value: &str) {
        let good = !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        self.that(path, good, "it must consist of letters, digits and underscores");
    }

    fn digest(&mut self, path: impl Into<String>, value: &str) {
        self.that(path, is_digest(value), "it is not a SHA-256 in lower-case hex");
    }

    fn web_address(&mut self, path: impl Into<String>, url: &Url) {
        let good = matches!(url.scheme(), "https" | "http") && url.has_host();
        let bare = url.username().is_empty() && url.password().is_none();
        self.that(path, good && bare, "it is not a web address without user name and password");
    }

    /// Refuses names that occur twice, as Dataverse and PowerShell compare them: without case.
    fn once<'a>(&mut self, list: &str, member: &str, names: impl Iterator<Item = &'a str>) {
        let mut met = BTreeSet::new();
        for (at, name) in names.enumerate() {
            if !met.insert(name.to_lowercase()) {
                let path = if member.is_empty() { format!("{list}[{at}]") } else { format!("{list}[{at}].{member}") };
                self.report(path, format!("`{name}` is listed twice"));
            }
        }
    }

    /// Refuses two settings with one name, whatever their kinds: here and in the scripts, values are given by name
    /// alone.
    fn settings_once(&mut self, descriptor: &Descriptor) {
        let mut met = BTreeMap::new();
        for (at, it) in descriptor.settings.iter().enumerate() {
            let why = match met.insert(it.name.to_lowercase(), it.kind) {
                None => continue,
                Some(kind) if kind == it.kind => format!("`{}` is listed twice", it.name),
                Some(_) => format!(
                    "`{}` is an environment variable and a connection reference; a value is given by its name: rename one",
                    it.name
                ),
            };
            self.report(format!("settings[{at}].name"), why);
        }
    }

    fn ids(&mut self, list: &str, ids: &[Uuid]) {
        let ids: Vec<_> = ids.iter().map(Uuid::to_string).collect();
        self.once(list, "", ids.iter().map(String::as_str));
    }

    fn origin(&mut self, descriptor: &Descriptor) {
        let (tool, publisher) = (&descriptor.tool, &descriptor.publisher);
        self.that("tool.name", tool.name == "dvpack", "it is not `dvpack`");
        self.name("tool.version", &tool.version);
        self.names([
            ("tool.compressor", tool.compressor.as_ref()),
            ("publisher.email", publisher.email.as_ref()),
            ("publisher.website", publisher.website.as_ref()),
        ]);
        self.identifier("publisher.name", &publisher.name);
        self.name("publisher.displayName", &publisher.display_name);
        self.identifier("publisher.prefix", &publisher.prefix);
        if let Some(website) = &publisher.website {
            match Url::parse(website) {
                Ok(url) => self.web_address("publisher.website", &url),
                Err(_) => self.report("publisher.website", "it is not a web address"),
            }
        }
    }

    fn solutions(&mut self, descriptor: &Descriptor) {
        self.that("solutions", !descriptor.solutions.is_empty(), "it names no solution");
        for (at, solution) in descriptor.solutions.iter().enumerate() {
            let path = |member: &str| format!("solutions[{at}].{member}");
            self.that(path("file"), is_solution_file(&solution.file), "it is not `solutions/NAME.zip`");
            self.digest(path("sha256"), &solution.sha256);
            self.that(path("size"), solution.size <= SAFE_INTEGER, "it is larger than 2^53 - 1");
            self.identifier(path("name"), &solution.name);
            self.name(path("displayName"), &solution.display_name);
        }
        self.once("solutions", "file", descriptor.solutions.iter().map(|it| it.file.as_str()));
        self.once("solutions", "name", descriptor.solutions.iter().map(|it| it.name.as_str()));
    }

    fn application(&mut self, application: &Application) {
        self.that("application.clientId", !application.client_id.is_nil(), "all zeros are not a GUID");
        self.names([
            ("application.uniqueName", application.unique_name.as_ref()),
            ("application.name", application.name.as_ref()),
        ]);
        let uris = &application.redirect_uris;
        for (kind, list) in [("web", &uris.web), ("spa", &uris.spa), ("publicClient", &uris.public_client)] {
            let list_path = format!("application.redirectUris.{kind}");
            for (at, uri) in list.iter().enumerate() {
                let good = if kind == "publicClient" { is_client_redirect(uri) } else { is_web_redirect(uri) };
                self.that(format!("{list_path}[{at}]"), good, "it is not a redirect URI");
                self.name(format!("{list_path}[{at}]"), uri);
            }
            let met: BTreeSet<_> = list.iter().collect();
            self.that(list_path, met.len() == list.len(), "an address is listed twice");
        }
    }

    fn roles(&mut self, descriptor: &Descriptor) {
        for (at, role) in descriptor.roles.iter().enumerate() {
            self.name(format!("roles[{at}].name"), &role.name);
            self.that(format!("roles[{at}].id"), !role.id.is_nil(), "all zeros are not a GUID");
            let privileges = format!("roles[{at}].privileges");
            for (row, privilege) in role.privileges.iter().enumerate() {
                self.identifier(format!("{privileges}[{row}].name"), &privilege.name);
                if let Some(because) = &privilege.because {
                    self.lines(format!("{privileges}[{row}].because"), because);
                }
            }
            self.once(&privileges, "name", role.privileges.iter().map(|it| it.name.as_str()));
        }
        let ids: Vec<_> = descriptor.roles.iter().map(|role| role.id.to_string()).collect();
        self.once("roles", "id", ids.iter().map(String::as_str));
        // Dataverse has one role of a name in a business unit (`RoleAlreadyExists`), and people know roles by name.
        self.once("roles", "name", descriptor.roles.iter().map(|role| role.name.as_str()));
    }

    fn application_user(&mut self, descriptor: &Descriptor) {
        let Some(user) = &descriptor.application_user else { return };
        self.that("applicationUser", descriptor.application.is_some(), "there is no `application` that it could be of");
        self.that("applicationUser.roles", !user.roles.is_empty(), "it names no role");
        self.ids("applicationUser.roles", &user.roles);
        for (at, id) in user.roles.iter().enumerate() {
            if !descriptor.roles.iter().any(|role| role.id == *id) {
                let why = format!("the application user is to have the role `{id}`, which is not in the bundle");
                self.report(format!("applicationUser.roles[{at}]"), why);
            }
        }
        let profiles = "applicationUser.columnSecurityProfiles";
        for (at, profile) in user.column_security_profiles.iter().enumerate() {
            self.name(format!("{profiles}[{at}].name"), &profile.name);
            self.that(format!("{profiles}[{at}].id"), !profile.id.is_nil(), "all zeros are not a GUID");
        }
        let ids: Vec<_> = user.column_security_profiles.iter().map(|it| it.id.to_string()).collect();
        self.once(profiles, "id", ids.iter().map(String::as_str));
        match &user.business_unit {
            BusinessUnit::Root => {}
            BusinessUnit::Id(id) => {
                self.that("applicationUser.businessUnit.id", !id.is_nil(), "all zeros are not a GUID");
            }
            BusinessUnit::Name(name) => self.name("applicationUser.businessUnit.name", name),
        }
        self.names([("applicationUser.email", user.email.as_ref())]);
    }

    fn setting(&mut self, path: &str, setting: &Setting) {
        self.name(format!("{path}.name"), &setting.name);
        let known = |word: &String| VariableKind::ALL.iter().any(|(_, known)| known == word);
        let (value_type, connector) = (&setting.value_type, &setting.connector);
        match setting.kind {
            SettingKind::EnvironmentVariable => {
                self.that(
                    format!("{path}.type"),
                    value_type.as_ref().is_none_or(known),
                    "it is not a type of variable",
                );
                self.that(format!("{path}.connector"), connector.is_none(), "an environment variable has no connector");
            }
            SettingKind::ConnectionReference => {
                self.that(format!("{path}.type"), value_type.is_none(), "a connection reference has no type");
                self.names([(format!("{path}.connector").as_str(), connector.as_ref())]);
            }
        }
        if let Some(shipped) = &setting.shipped {
            let of_variable = setting.kind == SettingKind::EnvironmentVariable;
            self.that(format!("{path}.shipped"), of_variable, "a solution brings no connections");
            let is_secret = value_type.as_deref() == Some("secret");
            let fits = !is_secret || shipped.trim().is_empty() || is_key_vault_id(shipped);
            self.that(format!("{path}.shipped"), fits, "it is not a reference to a secret in Azure Key Vault");
            self.lines(format!("{path}.shipped"), shipped);
        }
        let Some(value) = &setting.value else { return };
        let is_connection = matches!(value, SettingValue::Connection(_));
        let fits = is_connection == (setting.kind == SettingKind::ConnectionReference);
        self.that(format!("{path}.value"), fits, "it is not a value of this kind of setting");
        if let Some(value_type) = value_type {
            let fits = (value_type == "secret") == matches!(value, SettingValue::SecretFromKeyVault(_));
            let why = "a variable of type `secret` takes a reference to Azure Key Vault, and no other type does";
            self.that(format!("{path}.value"), fits, why);
        }
        match value {
            SettingValue::Text(text) => {
                // Dataverse has no empty values, and pac and dvpack would do different things instead.
                self.that(
                    format!("{path}.value.text"),
                    !text.is_empty(),
                    "it is empty: give a value, or leave the setting out",
                );
                self.lines(format!("{path}.value.text"), text);
            }
            SettingValue::Connection(id) => self.name(format!("{path}.value.connection"), id),
            SettingValue::SecretFromFile(file) => self.name(format!("{path}.value.secretFromFile"), file),
            SettingValue::SecretFromKeyVault(id) => {
                let path = format!("{path}.value.secretFromKeyVault");
                self.that(path, is_key_vault_id(id), "it is not a reference to a secret in Azure Key Vault");
            }
            SettingValue::SecretFromEnv(name) => {
                let word = !name.starts_with(|c: char| c.is_ascii_digit());
                self.identifier(format!("{path}.value.secretFromEnv"), if word { name } else { "" });
            }
        }
    }

    fn hosts(&mut self, descriptor: &Descriptor) {
        for (at, host) in descriptor.hosts.iter().enumerate() {
            self.name(format!("hosts[{at}].host"), &host.host);
            for (index, from) in host.from.iter().enumerate() {
                self.name(format!("hosts[{at}].from[{index}]"), from);
            }
        }
        let sorted = descriptor.hosts.windows(2).all(|pair| pair[0].host < pair[1].host);
        self.that("hosts", sorted, "the hosts are not sorted, or one is listed twice");
        for (at, it) in descriptor.connectors.iter().enumerate() {
            self.name(format!("connectors[{at}].connector"), &it.connector);
            for (index, from) in it.from.iter().enumerate() {
                self.name(format!("connectors[{at}].from[{index}]"), from);
            }
        }
        let sorted = descriptor.connectors.windows(2).all(|pair| pair[0].connector < pair[1].connector);
        self.that("connectors", sorted, "the connectors are not sorted, or one is listed twice");
    }

    /// Members that the format has but that no dvpack writes, verifies or shows yet: readers would believe them
    /// without proof.
    fn extras(&mut self, descriptor: &Descriptor) {
        for (member, present) in [
            ("page", descriptor.page.is_some()),
            ("packages", descriptor.packages.is_some()),
            ("since", descriptor.since.is_some()),
        ] {
            self.that(
                member,
                !present,
                "dvpack does not write it yet, and nothing shows that it is true: leave it out",
            );
        }
    }

    fn signer(&mut self, path: &str, signer: &ExpectedSigner) {
        match (&signer.key, &signer.identity, &signer.issuer) {
            (Some(key), None, None) => {
                let good = key.strip_prefix("sha256:").is_some_and(is_digest);
                self.that(format!("{path}.key"), good, "it is not `sha256:` and a digest in lower-case hex");
            }
            (None, Some(identity), Some(issuer)) => {
                self.name(format!("{path}.identity"), identity);
                self.name(format!("{path}.issuer"), issuer);
            }
            _ => self.report(path, "it must have either `key`, or `identity` and `issuer`"),
        }
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn is_file_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    !text.is_empty() && !text.starts_with('.') && text.len() <= 200 && text.bytes().all(plain)
}

/// `solutions/NAME.zip`: no folder below, nothing outside, nothing that a shell or Windows reads in its own way.
fn is_solution_file(text: &str) -> bool {
    let stem = text.strip_prefix("solutions/").and_then(|name| name.strip_suffix(".zip"));
    stem.is_some_and(|stem| is_file_name(stem) && !stem.ends_with('.'))
}
