//! One side of a comparison: what a release holds, as far as comparing it needs.

use std::collections::{BTreeMap, BTreeSet};

use crate::bundle::descriptor::{BusinessUnit, Descriptor, SettingValue};
use crate::bundle::sha256;
use crate::diagnostic::Diagnostic;
use crate::solution::role::Role;
use crate::solution::xml::{Element, write_fragment};
use crate::solution::{SolutionPackage, components};

/// What a release holds.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// What the person named.
    pub label: String,
    /// Unique names and versions of the solutions: `ContosoWidgets 1.4.0.0`.
    pub solutions: Vec<String>,
    /// The security roles.
    pub roles: Vec<Role>,
    /// Kind and name of each component → what tells whether it changed.
    pub components: BTreeMap<(String, String), String>,
    /// Settings and their values; a value that the subscriber gives is told as such.
    pub settings: BTreeMap<String, String>,
    /// Other facts: version, application, business unit, what is required.
    pub facts: BTreeMap<String, String>,
}

impl Side {
    /// A solution.
    pub fn of_solution(label: &str, package: &SolutionPackage) -> Result<Self, Vec<Diagnostic>> {
        let mut side = Self { label: label.to_owned(), ..Self::default() };
        side.add_solution(package)?;
        Ok(side)
    }

    /// A bundle: its descriptor and its solutions.
    pub fn of_bundle(
        label: &str,
        descriptor: &Descriptor,
        packages: &[SolutionPackage],
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut side = Self { label: label.to_owned(), ..Self::default() };
        for package in packages {
            side.add_solution(package)?;
        }
        for setting in &descriptor.settings {
            let value = match &setting.value {
                None if setting.required => "(the subscriber gives it)".to_owned(),
                None => "(the default)".to_owned(),
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
            fact(
                "applicationUser.businessUnit",
                Some(match &user.business_unit {
                    BusinessUnit::Root => "root".into(),
                    BusinessUnit::Id(id) => id.to_string(),
                    BusinessUnit::Name(name) => name.clone(),
                }),
            );
        }
        fact("requires.serverVersion", descriptor.requires.server_version.map(|version| version.to_string()));
        for solution in &descriptor.requires.solutions {
            let version = solution.version.map_or_else(|| "any version".to_owned(), |version| version.to_string());
            fact(&format!("requires {}", solution.name), Some(version));
        }
        Ok(side)
    }

    fn add_solution(&mut self, package: &SolutionPackage) -> Result<(), Vec<Diagnostic>> {
        let name = package.unique_name();
        self.solutions.push(format!("{name} {}", package.version_text()));
        self.facts.insert(format!("{name}: version"), package.version_text());
        self.facts.insert(format!("{name}: managed"), package.managed().to_string());
        self.facts.insert(format!("{name}: publisher"), package.publisher().name);
        self.roles.extend(package.roles()?);
        self.components.extend(digests(package));
        Ok(())
    }
}

/// The digest of every component: of its XML, and of the files that belong to it. A file that no
/// component claims stands for itself.
pub(in crate::bundle) fn digests(package: &SolutionPackage) -> BTreeMap<(String, String), String> {
    let places: BTreeMap<&str, &str> = components::all().into_iter().map(|kind| (kind.label(), kind.place())).collect();
    let files: Vec<(String, &str, String)> = package
        .files
        .iter()
        .map(|(name, bytes)| {
            let digest = match std::str::from_utf8(bytes) {
                Ok(text) => sha256(timeless(text).as_bytes()),
                Err(_) => sha256(bytes),
            };
            (name.to_lowercase(), name.as_str(), digest)
        })
        .collect();
    let mut sections: BTreeMap<&str, BTreeMap<String, Vec<&Element>>> = BTreeMap::new();
    let mut claimed: BTreeSet<&str> = BTreeSet::new();
    let mut found = BTreeMap::new();
    for component in package.components() {
        // Roles are compared by their privileges.
        if component.kind == "Security role" {
            continue;
        }
        let place = places.get(component.kind).copied().unwrap_or_default();
        let keys = [bare(&component.id), bare(&component.name)];
        let section = sections.entry(place).or_insert_with(|| by_key(package.section(place)));
        let elements = keys.iter().filter(|key| !key.is_empty()).find_map(|key| section.get(key));
        let mut text: String =
            elements.into_iter().flatten().map(|element| timeless(&write_fragment(element))).collect();
        let named: BTreeSet<String> =
            text.split(">/").skip(1).filter_map(|rest| rest.split('<').next()).map(str::to_owned).collect();
        let folder = place.strip_suffix('/').unwrap_or(place).to_lowercase() + "/";
        for (lower, name, digest) in &files {
            let in_folder = lower.strip_prefix(folder.as_str()).and_then(|rest| rest.split('/').next());
            let by_id = keys[0].len() == 36 && lower.contains(&keys[0]);
            if by_id || named.contains(*name) || in_folder.is_some_and(|part| keys.iter().any(|key| part == key)) {
                claimed.insert(name);
                text.push_str(&format!("\n{name} {digest}"));
            }
        }
        let title = if component.name.is_empty() { component.id } else { component.name };
        // Two forms may share a name: their digests are joined, so that a change of either is seen.
        let entry: &mut String = found.entry((component.kind.to_owned(), title)).or_default();
        *entry = sha256(format!("{entry}{text}").as_bytes());
    }
    for (_, name, digest) in files {
        if !claimed.contains(name) {
            found.insert(("File".to_owned(), name.to_owned()), digest);
        }
    }
    found
}

/// The elements of a section by what can name them: their attributes, and the plain texts right below.
fn by_key<'a>(section: impl Iterator<Item = &'a Element>) -> BTreeMap<String, Vec<&'a Element>> {
    let mut index: BTreeMap<String, Vec<&Element>> = BTreeMap::new();
    for element in section {
        let attributes = element.attributes.iter().map(|(_, value)| bare(value));
        let texts =
            element.elements().filter(|child| child.elements().next().is_none()).map(|child| bare(&child.content()));
        let keys: BTreeSet<String> = attributes.chain(texts).collect();
        for key in keys {
            index.entry(key).or_default().push(element);
        }
    }
    index
}

/// Without the version in which something was introduced: it says nothing of the thing itself.
fn timeless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let lower = text.to_ascii_lowercase();
    let (open, close) = ("<introducedversion>", "</introducedversion>");
    while let Some(start) = lower[text.len() - rest.len()..].find(open) {
        let Some(length) = lower[text.len() - rest.len() + start..].find(close) else { break };
        out.push_str(&rest[..start]);
        rest = &rest[start + length + close.len()..];
    }
    out.push_str(rest);
    out
}

/// In lower case, without braces.
fn bare(text: &str) -> String {
    text.trim().trim_matches(['{', '}']).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_introduction_is_no_change() {
        assert_eq!(timeless("<a><IntroducedVersion>1.0</IntroducedVersion>é<b/></a>"), "<a>é<b/></a>");
        assert_eq!(timeless("<introducedversion>1"), "<introducedversion>1");
    }

    const GUID: &str = "11111111-2222-3333-4444-555555555555";

    /// Two web resources, two environment variables, a flow, and a file that belongs to none of them.
    fn changed(from: &str, to: &str) -> BTreeMap<(String, String), String> {
        let edit = |text: &str| text.replacen(from, to, 1);
        let resource = |name: &str| {
            format!(
                "<WebResource><Name>contoso_/{name}.js</Name><DisplayName>{name} shown</DisplayName><FileName>/WebResources/contoso_{name}</FileName></WebResource>"
            )
        };
        let customizations = format!(
            "<ImportExportXml><WebResources>{}{}</WebResources><Workflows><Workflow WorkflowId=\"{{{GUID}}}\" Name=\"Flow\"><Category>5</Category><JsonFileName>/Workflows/Flow-{GUID}.json</JsonFileName></Workflow></Workflows></ImportExportXml>",
            resource("one"),
            resource("two"),
        );
        let solution = format!(
            "<ImportExportXml><SolutionManifest><UniqueName>W</UniqueName><Version>1.0</Version><Managed>1</Managed><Publisher><UniqueName>c</UniqueName></Publisher><RootComponents><RootComponent type=\"61\" schemaName=\"contoso_/one.js\" /><RootComponent type=\"61\" schemaName=\"contoso_/two.js\" /><RootComponent type=\"29\" id=\"{{{GUID}}}\" /><RootComponent type=\"380\" schemaName=\"contoso_A\" /><RootComponent type=\"380\" schemaName=\"contoso_B\" /></RootComponents></SolutionManifest></ImportExportXml>"
        );
        let variable = |name: &str| {
            let path = format!("environmentvariabledefinitions/{name}/environmentvariabledefinition.xml");
            let text = format!(
                "<environmentvariabledefinition schemaname=\"{name}\"><type>{name} type</type></environmentvariabledefinition>"
            );
            (path, text)
        };
        let mut files = vec![
            ("customizations.xml".to_owned(), customizations),
            ("solution.xml".to_owned(), solution),
            ("WebResources/contoso_one".to_owned(), "first file".to_owned()),
            ("WebResources/contoso_two".to_owned(), "second file".to_owned()),
            (format!("Workflows/Flow-{GUID}.json"), "{ \"flow\": 1 }".to_owned()),
            ("Other/readme.txt".to_owned(), "of nobody".to_owned()),
        ];
        files.extend(["contoso_A", "contoso_B"].map(variable));
        let entries: Vec<_> =
            files.into_iter().map(|(name, text)| crate::archive::Entry::new(name, edit(&text))).collect();
        let zip = crate::archive::write(&entries).expect("written");
        digests(&crate::solution::read_zip(&zip, "w.zip").expect("read"))
    }

    #[test]
    fn a_change_shows_at_the_component_that_it_belongs_to_and_nowhere_else() {
        let before = changed("", "");
        let names: Vec<String> = before.keys().map(|(kind, name)| format!("{kind} {name}")).collect();
        assert_eq!(
            names,
            [
                "Cloud flow Flow",
                "Environment variable contoso_A",
                "Environment variable contoso_B",
                "File Other/readme.txt",
                "Web resource contoso_/one.js",
                "Web resource contoso_/two.js"
            ]
        );
        for (from, to, name) in [
            ("first file", "other", "contoso_/one.js"),
            ("two shown", "other", "contoso_/two.js"),
            ("second file", "other", "contoso_/two.js"),
            ("\"flow\": 1", "\"flow\": 2", "Flow"),
            ("contoso_B type", "other", "contoso_B"),
            ("of nobody", "other", "Other/readme.txt"),
        ] {
            let after = changed(from, to);
            let differ: Vec<&str> = after
                .iter()
                .filter(|(key, digest)| before.get(key) != Some(digest))
                .map(|((_, it), _)| it.as_str())
                .collect();
            assert_eq!(differ, [name], "{from}");
            assert_eq!(after.len(), before.len());
        }
    }

    #[test]
    fn a_bundle_says_whom_it_is_for_and_who_gives_a_setting() {
        let mut descriptor = crate::bundle::build::tests::built().descriptor;
        let side = Side::of_bundle("old.dvpack", &descriptor, &[]).expect("a side");
        assert_eq!(side.label, "old.dvpack");
        assert_eq!(side.settings["contoso_Sql"], "(the subscriber gives it)");
        assert_eq!(side.settings["contoso_ApiBase"], "https://api.contoso.example/<x>");
        assert_eq!(side.facts["application.redirectUris"], "https://contoso.example/done?a=b");
        assert_eq!(side.facts["applicationUser.roles"], "Contoso Service");
        for setting in &mut descriptor.settings {
            setting.required = false;
        }
        descriptor.application.as_mut().expect("there").redirect_uris.web.clear();
        let side = Side::of_bundle("new.dvpack", &descriptor, &[]).expect("a side");
        assert_eq!(side.settings["contoso_Sql"], "(the default)");
        assert!(!side.facts.contains_key("application.redirectUris"));
    }
}
