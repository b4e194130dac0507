//! Whether `bundle.json` agrees with its solutions.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::contents::Contents;
use super::descriptor::{Descriptor, Role, Setting, SettingKind};
use super::hosts::{connectors, hosts};
use crate::manifest::prefix;
use crate::version::Version;

/// Something in `bundle.json` that contradicts the solution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lie {
    /// The diagnostic's code.
    pub(super) code: &'static str,
    /// The path in `bundle.json`.
    pub(super) path: String,
    /// What it is.
    pub(super) why: String,
}

/// Everything that differs. `contents` are those of the descriptor's solutions, in their order.
pub(super) fn lies(descriptor: &Descriptor, contents: &[Contents]) -> Vec<Lie> {
    let mut lies = Vec::new();
    for (at, (said, found)) in descriptor.solutions.iter().zip(contents).enumerate() {
        let mut compare = |path: String, said: &str, found: &str| {
            if said != found {
                let why = format!(
                    "it is `{said}`, but in `{}` it is `{found}`",
                    super::descriptor::shown(&contents[at].file, "")
                );
                lies.push(Lie { code: "solution-differs", path, why });
            }
        };
        let path = |member: &str| format!("solutions[{at}].{member}");
        if !is_named_after(&said.file, found) {
            let file = format!("solutions/{}_{}_managed.zip", found.name(), found.version.file_form());
            compare(path("file"), &said.file, &file);
        }
        compare(path("name"), &said.name, found.name());
        compare(path("displayName"), &said.display_name, &found.display_name());
        compare(path("version"), &said.version.to_string(), &found.version.to_string());
        compare(path("managed"), &said.managed.to_string(), &found.solution.identity.managed.to_string());
        let (ours, theirs) = (&descriptor.publisher, found.publisher());
        compare("publisher.name".to_owned(), &ours.name, &theirs.name);
        compare("publisher.displayName".to_owned(), &ours.display_name, &theirs.display_name);
        compare("publisher.prefix".to_owned(), &ours.prefix, &theirs.prefix);
        let optional = |text: &Option<String>| text.clone().unwrap_or_else(|| "(none)".to_owned());
        compare("publisher.email".to_owned(), &optional(&ours.email), &optional(&theirs.email));
        compare("publisher.website".to_owned(), &optional(&ours.website), &optional(&theirs.website));
    }
    roles(descriptor, contents, &mut lies);
    profiles(descriptor, contents, &mut lies);
    settings(descriptor, contents, &mut lies);
    if descriptor.hosts != hosts(contents) {
        let why = "these are not the hosts that the solution names".to_owned();
        lies.push(Lie { code: "hosts-differ", path: "hosts".to_owned(), why });
    }
    if descriptor.connectors != connectors(contents) {
        let why = "these are not the connectors that the solution uses".to_owned();
        lies.push(Lie { code: "hosts-differ", path: "connectors".to_owned(), why });
    }
    lies
}

/// Whether a solution's file is named after its name and version, as exports are; `1_3` and `1_3_0_0` are one version.
fn is_named_after(file: &str, found: &Contents) -> bool {
    let version = file
        .strip_prefix("solutions/")
        .and_then(|rest| rest.strip_prefix(found.name())?.strip_prefix('_')?.strip_suffix("_managed.zip"));
    version
        .and_then(|text| text.replace('_', ".").parse().ok())
        .is_some_and(|version: Version| version == found.version)
}

/// Every role of the solutions must be shown with exactly its privileges, and no other role.
fn roles(descriptor: &Descriptor, contents: &[Contents], lies: &mut Vec<Lie>) {
    let inside: Vec<Role> = contents.iter().flat_map(Contents::roles).collect();
    // Of two roles with one id the first counts; the second is reported below.
    let by_id: BTreeMap<Uuid, &Role> = inside.iter().rev().map(|role| (role.id, role)).collect();
    for (at, said) in descriptor.roles.iter().enumerate() {
        let path = |member: &str| format!("roles[{at}]{member}");
        let mut report = |code, path, why: String| lies.push(Lie { code, path, why });
        let Some(found) = by_id.get(&said.id) else {
            report("role-missing", path(""), format!("the role `{}` is in no solution of the bundle", said.name));
            continue;
        };
        if found.name != said.name {
            let why = format!("the role `{}` is called `{}` in the solution", said.name, found.name);
            report("role-differs", path(".name"), why);
        }
        let rows = |role: &Role| role.privileges.iter().map(|it| (it.name.clone(), it.level)).collect::<Vec<_>>();
        if rows(found) != rows(said) {
            let why = format!("the role `{}` has other privileges in the solution than shown here", said.name);
            report("role-differs", path(".privileges"), why);
        }
    }
    let mut met = BTreeSet::new();
    let shown: BTreeSet<Uuid> = descriptor.roles.iter().map(|role| role.id).collect();
    for role in &inside {
        let mut report = |code, why: String| lies.push(Lie { code, path: "roles".to_owned(), why });
        if !met.insert(role.id) {
            report("role-twice", format!("the solutions contain the role `{}` twice", role.id));
        }
        if !shown.contains(&role.id) {
            report("role-hidden", format!("the solution contains the role `{}`, which is not shown here", role.name));
        }
    }
}

/// The column security profiles of the application user must be the solutions' own, under the names that they have
/// there.
fn profiles(descriptor: &Descriptor, contents: &[Contents], lies: &mut Vec<Lie>) {
    let inside: BTreeMap<Uuid, &str> = contents.iter().flat_map(Contents::column_security_profiles).collect();
    let said = descriptor.application_user.iter().flat_map(|user| &user.column_security_profiles);
    for (at, profile) in said.enumerate() {
        let path = |member: &str| format!("applicationUser.columnSecurityProfiles[{at}].{member}");
        let mut differ = |member, why| lies.push(Lie { code: "profile-differs", path: path(member), why });
        match inside.get(&profile.id) {
            None => {
                let why = format!("the column security profile `{}` is in no solution of the bundle", profile.name);
                differ("id", why);
            }
            Some(name) if *name != profile.name => {
                let why = format!("the column security profile `{}` is called `{name}` in the solution", profile.name);
                differ("name", why);
            }
            Some(_) => {}
        }
    }
}

/// Every variable and connection reference must be listed as the solutions declare it; any other setting must belong
/// to a required solution of the same publisher.
fn settings(descriptor: &Descriptor, contents: &[Contents], lies: &mut Vec<Lie>) {
    let declared: Vec<Setting> = contents.iter().flat_map(Contents::settings).collect();
    let key = |it: &Setting| (it.kind == SettingKind::EnvironmentVariable, it.name.to_ascii_lowercase());
    let by_name: BTreeMap<_, &Setting> = declared.iter().rev().map(|it| (key(it), it)).collect();
    for (at, said) in descriptor.settings.iter().enumerate() {
        let mut report =
            |code, member: &str, why| lies.push(Lie { code, path: format!("settings[{at}].{member}"), why });
        let name = &said.name;
        let Some(found) = by_name.get(&key(said)) else {
            if let Some(why) = foreign(descriptor, contents, said) {
                report("setting-foreign", "name", why);
            }
            continue;
        };
        let mut compare = |member: &str, said: &str, found: &str| {
            if said != found {
                report("setting-differs", member, format!("it is `{said}`, but in the solution `{found}` (`{name}`)"));
            }
        };
        let optional = |text: &Option<String>| text.clone().unwrap_or_else(|| "(none)".to_owned());
        compare("name", &said.name, &found.name);
        compare("type", &optional(&said.value_type), &optional(&found.value_type));
        compare("connector", &optional(&said.connector), &optional(&found.connector));
        compare("shipped", &optional(&said.shipped), &optional(&found.shipped));
        compare("required", &said.required.to_string(), &found.required.to_string());
    }
    let said: BTreeSet<_> = descriptor.settings.iter().map(key).collect();
    let mut met = BTreeSet::new();
    for found in &declared {
        if !met.insert(key(found)) {
            let why = format!("the solutions contain the {} `{}` twice", noun(found.kind), found.name);
            lies.push(Lie { code: "setting-twice", path: "settings".to_owned(), why });
        }
        if !said.contains(&key(found)) {
            let what = noun(found.kind);
            let why = format!("the solution contains the {what} `{}`, which is not listed here", found.name);
            lies.push(Lie { code: "setting-hidden", path: "settings".to_owned(), why });
        }
    }
}

fn noun(kind: SettingKind) -> &'static str {
    match kind {
        SettingKind::EnvironmentVariable => "environment variable",
        SettingKind::ConnectionReference => "connection reference",
    }
}

/// The reasons against a setting that no solution of the bundle declares.
fn foreign(descriptor: &Descriptor, contents: &[Contents], setting: &Setting) -> Option<String> {
    let (name, own) = (&setting.name, &descriptor.publisher.prefix);
    let what = noun(setting.kind);
    if descriptor.requires.solutions.is_empty() {
        return Some(format!("the solution does not contain the {what} `{name}`, and requires no solution that could"));
    }
    if !prefix::is_own(name, own) {
        return Some(format!("the {what} `{name}` belongs to another publisher: it does not start with `{own}_`"));
    }
    // The bundle's list of requirements is only its own claim; Dataverse checks at import what the solution needs.
    let needed = |name: &str| contents.iter().any(|it| it.needs(name));
    let required = &descriptor.requires.solutions;
    if !required.iter().any(|it| needed(&it.name)) {
        let names: Vec<_> = required.iter().map(|it| format!("`{}`", it.name)).collect();
        return Some(format!(
            "the solution does not contain the {what} `{name}`, and its MissingDependencies name no component of {}, \
             which is required",
            names.join(" or ")
        ));
    }
    let plain = setting.shipped.is_none()
        && setting.value_type.is_none()
        && setting.connector.is_none()
        && setting.required
        && setting.value.is_some();
    (!plain).then(|| format!("the {what} `{name}` is of a required solution: only its value can be said of it"))
}
