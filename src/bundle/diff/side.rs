//! One side of a comparison: what a release contains, as far as the comparison needs it.

use std::collections::BTreeMap;

use super::acting::Acting;
use super::assigned::{self, Assigned, Runs};
use super::flatten::{flatten, flatten_json, missing};
use super::original::Original;
use crate::archive::Entry;
use crate::bundle::descriptor::{self, Descriptor, SettingValue};
use crate::diagnostic::Diagnostic;
use crate::digest::sha256;
use crate::manifest::leaf::is_key_vault_id;
use crate::solution::Contents;
use crate::solution::contents::{HIDDEN, Introduced};
use crate::solution::deletion::{Deletion, Release};
use crate::solution::role::{ColumnSecurity, Role};
use crate::solution::xml::Element;

/// What a release contains.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// The side, as named on the command line.
    pub label: String,
    /// Unique names and versions of the solutions: `ContosoWidgets 1.4.0.0`.
    pub solutions: Vec<String>,
    /// The solutions, for what an upgrade deletes.
    pub releases: Vec<Release>,
    /// What an upgrade of this side deletes, if an environment was asked.
    pub deletions: Vec<Deletion>,
    /// What readers could understand in different ways, in words, each with its place.
    pub deviations: Vec<String>,
    /// The security roles.
    pub roles: Vec<Role>,
    /// Kind and name of each component → what shows whether it changed.
    pub components: BTreeMap<(String, String), String>,
    /// Settings and their values; a value that the subscriber gives is shown as such.
    pub settings: BTreeMap<String, String>,
    /// Other facts: version, application, business unit, what is required.
    pub facts: BTreeMap<String, String>,
    /// What the solutions say about column security; none if it cannot be known.
    pub column_security: Option<ColumnSecurity>,
    /// Other properties of roles than their privileges, by GUID; empty if they cannot be known.
    pub role_properties: BTreeMap<String, BTreeMap<String, String>>,
    /// The digests of all parts of solutions, by solution and name; none if they cannot be known.
    pub parts: Option<BTreeMap<String, String>>,
    /// The digests of the bundle's other files; none if it is not a bundle.
    pub files: Option<BTreeMap<String, String>>,
    /// The digests of files as a whole: [`BUNDLE`], and solution zips by the solution's name; none where there is none.
    pub archives: Option<BTreeMap<String, String>>,
    /// What is in documents besides facts, by path (see `solution::contents::Writing`).
    pub forms: BTreeMap<String, String>,
    /// The same of each item of a section.
    pub items: BTreeMap<String, String>,
    /// The order of things, by path.
    pub orders: BTreeMap<String, Vec<String>>,
    /// What the bundle assigns to the application user; `None` for anything but a bundle.
    pub assigned: Option<Assigned>,
    /// Who processes run as; none if it cannot be known.
    pub runs: Option<Runs>,
    /// What acts, by name; none if it cannot be known.
    pub acting: Option<Acting>,
    /// Kind and name of a component → the versions in which it was introduced.
    pub introduced: BTreeMap<(String, String), Introduced>,
    /// The solutions themselves, to find out what differs in a component; none if they are not available.
    pub originals: Vec<Original>,
}

/// The name of a bundle's archive in [`Side::archives`].
pub const BUNDLE: &str = "bundle";

impl Side {
    /// A solution, and its zip where it is one.
    #[must_use]
    pub fn of_solution(label: &str, contents: &Contents, zip: Option<&[u8]>) -> Self {
        let mut side = Self { label: label.to_owned(), ..Self::default() };
        side.archives = zip.map(|zip| BTreeMap::from([(contents.identity.name.clone(), sha256(zip))]));
        side.add_solution(contents);
        if let Some(zip) = zip {
            side.keep(zip, contents);
        }
        side
    }

    /// The same with a solution to look into.
    #[must_use]
    pub fn with_original(mut self, zip: &[u8], contents: &Contents) -> Self {
        self.keep(zip, contents);
        self
    }

    fn keep(&mut self, zip: &[u8], contents: &Contents) {
        self.originals.push(Original { zip: zip.into(), sources: contents.sources.clone() });
    }

    /// A bundle: its descriptor, its solutions, and its files.
    #[must_use]
    pub fn of_bundle(label: &str, descriptor: &Descriptor, solutions: &[Contents], entries: &[Entry]) -> Self {
        let assigned = Some(Assigned::from(descriptor));
        let mut side = Self { label: label.to_owned(), assigned, ..Self::default() };
        for (at, contents) in solutions.iter().enumerate() {
            side.add_solution(contents);
            let file = descriptor.solutions.get(at).map(|it| it.file.as_str());
            if let Some(zip) = entries.iter().find(|entry| Some(entry.name.as_str()) == file) {
                side.keep(&zip.bytes, contents);
            }
        }
        let archive = |it: &descriptor::Solution| (it.name.clone(), it.sha256.clone());
        side.archives = Some(descriptor.solutions.iter().map(archive).collect());
        let others = entries.iter().filter(|entry| !descriptor.solutions.iter().any(|it| it.file == entry.name));
        side.files = Some(others.map(|entry| (entry.name.clone(), sha256(&entry.bytes))).collect());
        for setting in &descriptor.settings {
            let value = match &setting.value {
                None if setting.shipped.is_some() => {
                    let shipped = setting.shipped.as_deref().unwrap_or_default();
                    let is_defined = setting.value_type.is_some();
                    let shown = if is_defined { shipped.to_owned() } else { perhaps_secret(shipped) };
                    format!("(the solution sets it: {shown})")
                }
                None if setting.required => "(the subscriber gives it)".to_owned(),
                None => "(the default)".to_owned(),
                // A text that could be mistaken for one of the words below is in quotes.
                Some(SettingValue::Text(text))
                    if text.starts_with(['(', '"'])
                        || text.starts_with("secret from ")
                        || text.starts_with("connection ") =>
                {
                    format!("{text:?}")
                }
                Some(SettingValue::Text(text)) => text.clone(),
                Some(SettingValue::Connection(id)) => format!("connection {id}"),
                Some(SettingValue::SecretFromEnv(name)) => format!("secret from the environment variable {name}"),
                Some(SettingValue::SecretFromFile(path)) => format!("secret from the file {path}"),
                Some(SettingValue::SecretFromKeyVault(id)) => format!("secret from {id}"),
            };
            side.settings.insert(setting.name.clone(), value);
        }
        let mut fact = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                side.facts.insert(name.to_owned(), value);
            }
        };
        let application = descriptor.application.as_ref();
        fact("application.clientId", application.map(|it| it.client_id.to_string()));
        fact("application.multiTenant", application.map(|it| it.multi_tenant.to_string()));
        let addresses = application.map(|it| it.redirect_uris.all().collect::<Vec<_>>().join(" "));
        fact("application.redirectUris", addresses.filter(|text| !text.is_empty()));
        if let Some(user) = &descriptor.application_user {
            let names: Vec<_> = user
                .roles
                .iter()
                .map(|id| {
                    descriptor
                        .roles
                        .iter()
                        .find(|role| role.id == *id)
                        .map_or_else(|| id.to_string(), |role| role.name.clone())
                })
                .collect();
            fact("applicationUser.roles", Some(names.join(", ")));
            fact("applicationUser.businessUnit", Some(assigned::business_unit(&user.business_unit)));
        }
        fact("requires.serverVersion", descriptor.requires.server_version.map(|version| version.to_string()));
        for solution in &descriptor.requires.solutions {
            let version = solution.version.map_or_else(|| "any version".to_owned(), |version| version.to_string());
            fact(&format!("requires {}", solution.name), Some(version));
        }
        side.add_descriptor(descriptor);
        side
    }

    /// Everything else that `bundle.json` says, by its path.
    fn add_descriptor(&mut self, descriptor: &Descriptor) {
        // Compared in their own terms, or only digests.
        const ELSEWHERE: [&str; 8] =
            ["format", "publisher", "solutions", "roles", "settings", "requires", "hosts", "connectors"];
        let json = serde_json::to_value(descriptor).unwrap_or_default();
        for (name, value) in json.as_object().into_iter().flatten() {
            if !ELSEWHERE.contains(&name.as_str()) {
                flatten_json(value, name, &mut self.facts);
            }
        }
        let ids = descriptor.roles.iter().map(|role| role.id.to_string()).collect();
        let settings = descriptor.settings.iter().map(|setting| setting.name.clone()).collect();
        let required = descriptor.requires.solutions.iter().map(|it| it.name.clone()).collect();
        // They are imported in this order.
        let solutions = descriptor.solutions.iter().map(|solution| solution.name.clone()).collect();
        for (list, names) in
            [("roles", ids), ("settings", settings), ("requires.solutions", required), ("solutions", solutions)]
        {
            self.orders.insert(format!("bundle.json/{list}"), names);
        }
        for role in &descriptor.roles {
            for (privilege, why) in role.privileges.iter().filter_map(|it| Some((&it.name, it.because.as_ref()?))) {
                self.facts.insert(format!("role {}: reason for {privilege}", role.id), why.clone());
            }
        }
    }

    fn add_solution(&mut self, contents: &Contents) {
        let identity = &contents.identity;
        let name = &identity.name;
        self.solutions.push(format!("{name} {}", identity.version_text));
        self.releases.push(Release::from(contents));
        self.deviations.extend(contents.deviations.iter().map(placed));
        self.facts.insert(format!("{name}: version"), identity.version_text.clone());
        self.facts.insert(format!("{name}: managed"), identity.managed.to_string());
        self.facts.insert(format!("{name}: publisher"), identity.publisher.name.clone());
        for element in contents.manifest.find("SolutionManifest").into_iter().flat_map(Element::elements) {
            if !["UniqueName", "Version", "Managed", "RootComponents"].contains(&element.name.as_str()) {
                flatten(element, &format!("{name}: {}", element.name), &mut self.facts);
            }
        }
        self.facts.remove(&format!("{name}: Publisher/UniqueName"));
        // The name of a list in solution.xml, so that what differs in its writing is known to be explained.
        let mut of_list = |list: &str, item: &str, value: String| {
            let entry = self.facts.entry(format!("{name}: {list}/{item}")).or_default();
            *entry = if entry.is_empty() { value } else { format!("{entry}, {value}") };
        };
        for root in &contents.root_components {
            of_list("RootComponents", &root.title(), root.extent());
        }
        for (needed, by) in missing(&contents.manifest) {
            of_list("MissingDependencies", &needed, format!("needed by {by}"));
        }
        for needed in &contents.dependencies {
            let version = needed.version.map_or_else(|| "any version".to_owned(), |version| version.to_string());
            self.facts.insert(format!("{name}: needs {}", needed.solution), version);
        }
        // Where data goes, and values that the import sets: of a solution by itself as of one in a bundle.
        for value in &contents.values {
            let is_defined = contents.variables.iter().any(|it| it.name.eq_ignore_ascii_case(&value.variable));
            let shown = if is_defined { value.value.clone() } else { perhaps_secret(&value.value) };
            self.facts.insert(format!("{name}: value of {}", value.variable), shown);
        }
        for (what, uses) in [("host", &contents.hosts.hosts), ("connector", &contents.hosts.connectors)] {
            for (key, from) in uses {
                let from: Vec<&str> = from.iter().map(String::as_str).collect();
                self.facts.insert(format!("{name}: {what} {key}"), from.join(", "));
            }
        }
        for (setting, value) in &contents.organization_settings {
            self.facts.insert(format!("{name}: organization setting {setting}"), value.clone());
        }
        let runs = self.runs.get_or_insert_default();
        for process in &contents.processes {
            assigned::add_runs(runs, process);
            // By its id, too: names of processes are not known to be unique.
            let what = format!("{name}: {} {} ({})", process.kind.word(), process.name, process.id);
            let state = [process.state().to_owned()].into_iter().chain(process.remarks()).collect::<Vec<_>>();
            self.facts.insert(what, state.join(", "));
        }
        let acting = self.acting.get_or_insert_default();
        contents.acting.iter().for_each(|act| acting.add(name, act));
        self.column_security.get_or_insert_default().append(contents.column_security.clone());
        for facts in &contents.roles {
            self.role_properties.insert(facts.role.id.to_string(), facts.properties.iter().cloned().collect());
            self.roles.push(facts.role.clone());
        }
        for (key, digest) in &contents.digests {
            let entry = self.components.entry(key.clone()).or_default();
            *entry = if entry.is_empty() { digest.clone() } else { sha256(format!("{entry}{digest}").as_bytes()) };
        }
        for unread in &contents.unread {
            let key = ("Not understood".to_owned(), unread.path.clone());
            let entry = self.components.entry(key).or_default();
            *entry = sha256(format!("{entry}{}", unread.content).as_bytes());
        }
        let path = |path: &String| format!("{name}: {path}");
        let writing = &contents.writing;
        self.forms.extend(writing.forms.iter().map(|(at, form)| (path(at), form.clone())));
        self.items.extend(writing.items.iter().map(|(at, form)| (path(at), form.clone())));
        self.orders.extend(writing.orders.iter().map(|(at, names)| (path(at), names.clone())));
        self.introduced.extend(writing.introduced.iter().map(|(key, versions)| (key.clone(), versions.clone())));
        self.facts.extend(contents.roots.iter().map(|(at, value)| (path(at), value.clone())));
        let parts = self.parts.get_or_insert_default();
        parts.extend(contents.parts.iter().map(|part| (format!("{name}: {}", part.name), part.sha256.clone())));
    }
}

/// A finding on one line, with its place.
fn placed(finding: &Diagnostic) -> String {
    let place = finding.place().map(|place| match place.line {
        Some(line) => format!("{}:{line}: ", place.file),
        None => format!("{}: ", place.file),
    });
    place.unwrap_or_default() + &finding.message
}

/// The value of a variable of which nothing says whether it is for secrets: a reference to one, else only a digest that
/// differs as the value does.
fn perhaps_secret(value: &str) -> String {
    if value.trim().is_empty() || is_key_vault_id(value) {
        return value.to_owned();
    }
    format!("{HIDDEN} (sha256 {:.16}…)", sha256(value.as_bytes()))
}

#[cfg(test)]
mod tests;
