//! Written → meant: defaults are applied, names resolved, rules between parts checked.
//!
//! One written manifest (already overlaid for an environment) gives one [`meant::Package`], or the
//! findings why not.

pub mod components;
pub mod identity;
pub mod role;
pub mod settings;

use std::path::Path;

use jiff::civil::Date;
use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::manifest::written::application::Application;
use crate::manifest::written::package::{ApplicationUser, Manifest, Requires};
use crate::manifest::{meant, prefix};
use crate::yaml::shape::{At, head};

/// A written manifest's surroundings.
#[derive(Debug)]
pub struct Surroundings<'a> {
    /// The manifest's folder.
    pub folder: &'a Path,
    /// Today, for expiry.
    pub today: Date,
    /// The environment that the overlay was taken from.
    pub environment: Option<&'a str>,
}

/// The meaning of a manifest. `None` where something is missing that has been reported.
pub fn package(
    written: &Manifest,
    around: &Surroundings<'_>,
    findings: &mut Vec<Diagnostic>,
) -> Option<meant::Package> {
    let languages = written.solution.as_ref().map_or_else(Vec::new, |solution| identity::languages(solution, findings));
    let publisher =
        written.publisher.as_ref().and_then(|publisher| identity::publisher(publisher, &languages, findings));
    let prefix = written.publisher.as_ref().and_then(|p| p.prefix.as_ref()).map(|p| p.value.0.as_str());
    let solution = written.solution.as_ref().and_then(|solution| identity::solution(solution, &languages, findings));
    let application = written.application.as_ref().and_then(|it| application(it, around.today, findings));
    let publisher_name = publisher.as_ref().map_or("", |publisher| publisher.name.as_str());
    let roles = role::roles(written, publisher_name, findings);
    let mut scope = components::Scope {
        folder: around.folder,
        prefix,
        option_value_prefix: publisher.as_ref().map_or(10_000, |publisher| publisher.option_value_prefix),
        languages: &languages,
        findings,
    };
    let components = components::components(written.components.as_ref(), &roles, &mut scope);
    let settings = settings::settings(written, findings);
    let signers = identity::signers(written, findings);
    let application_user =
        written.application_user.as_ref().map(|user| application_user(user, written, &roles, &components, findings));
    if let (Some(user), None) = (&written.application_user, &written.application) {
        findings.push(
            Diagnostic::error("application-missing", "`applicationUser` without `application`")
                .at(&head(&user.span))
                .help("add `application: { clientId: … }`: the user is found and created by the client ID"),
        );
    }
    let environments = written.environments.as_ref().map_or(&[][..], |map| &map.entries[..]);
    for (name, span, _) in environments {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
            findings.push(
                Diagnostic::error("environment-name", format!("`{name}` is not a name for an environment"))
                    .at(span)
                    .help("use letters, digits, `-` and `_`: the name becomes part of file names"),
            );
        }
    }
    let chosen = environments.iter().find(|(name, ..)| Some(name.as_str()) == around.environment);
    let environment = chosen.map(|(name, _, environment)| meant::Environment {
        name: name.clone(),
        url: environment.url.as_ref().map(|url| url.value.0.clone()),
    });
    Some(meant::Package {
        folder: around.folder.to_owned(),
        publisher: publisher?,
        solution: solution?,
        application,
        roles,
        application_user,
        components,
        settings,
        requires: written.requires.as_ref().map(requires).unwrap_or_default(),
        signers,
        environment,
        environment_names: environments.iter().map(|(name, ..)| name.clone()).collect(),
    })
}

/// The code of the finding about a client ID that `dvpack init` made up.
pub(crate) const PLACEHOLDER: &str = "placeholder-client-id";

/// Whether an id is made up: Entra ID never gives one whose digits before the last group are all zero.
fn is_placeholder(id: Uuid) -> bool {
    id.as_bytes().starts_with(&[0; 10])
}

fn application(written: &Application, today: Date, findings: &mut Vec<Diagnostic>) -> Option<meant::Application> {
    if let Some(day) = &written.secret_expires {
        let left = today.until(day.value.0).map_or(i32::MAX, |span| span.get_days());
        let finding = match left {
            ..0 => Some(Diagnostic::warning("secret-expiry", format!("the client secret expired on {}", day.value.0))),
            0..=30 => Some(Diagnostic::note("secret-expiry", format!("the client secret expires in {left} days"))),
            _ => None,
        };
        if let Some(finding) = finding {
            findings.push(finding.at(&day.span).help("make a new client secret in Entra ID, then write its day here"));
        }
    }
    if let Some(id) = written.client_id.as_ref().filter(|id| is_placeholder(id.value.0)) {
        findings.push(
            Diagnostic::error(PLACEHOLDER, format!("`{}` is the placeholder of `dvpack init`", id.value.0))
                .at(&id.span)
                .help("write the application (client) ID of your app registration: the Entra admin center shows it under App registrations > your application > Overview"),
        );
    }
    Some(meant::Application {
        client_id: written.client_id.as_ref()?.value.0,
        name: written.name.as_ref().map(|name| name.value.0.clone()),
        audience: written.audience.as_ref().map_or_else(Default::default, |audience| audience.value.0),
        unique_name: written.unique_name.as_ref().map(|name| name.value.0.clone()),
        redirect_uris: written
            .redirect_uris
            .as_ref()
            .map(|uris| identity::redirect_uris(uris, findings))
            .unwrap_or_default(),
        secret_expires: written.secret_expires.as_ref().map(|day| day.value.0),
        uses: written
            .uses
            .as_ref()
            .map(|list| list.items.iter().map(|table| (table.value.0.clone(), table.span.clone())).collect()),
    })
}

fn application_user(
    user: &ApplicationUser,
    written: &Manifest,
    roles: &[meant::Role],
    components: &meant::Components,
    findings: &mut Vec<Diagnostic>,
) -> meant::ApplicationUser {
    let mut ids: Vec<Uuid> = Vec::new();
    let mut of_sources: Vec<meant::ByNameOrId> = Vec::new();
    let known: Vec<&str> = written
        .roles
        .iter()
        .flat_map(|list| &list.items)
        .filter_map(|role| Some(role.name.as_ref()?.value.0.as_str()))
        .collect();
    let named = user.roles.iter().flat_map(|list| &list.items);
    for name in named {
        let named = meant::ByNameOrId { text: name.value.0.clone(), span: name.span.clone() };
        if let Some(role) = roles.iter().find(|role| named.means(role.id, &role.name)) {
            if !ids.contains(&role.id) {
                ids.push(role.id);
            }
            continue;
        }
        if known.contains(&name.value.0.as_str()) {
            continue; // The role itself has been reported.
        }
        if role::is_built_in(&name.value.0) {
            findings.push(role::built_in(name));
            continue;
        }
        // Which roles the sources have is known when they are read: the review says where none has it.
        if !components.sources.is_empty() {
            if !of_sources.iter().any(|other| other.text == named.text) {
                of_sources.push(named);
            }
            continue;
        }
        let finding = Diagnostic::error("unknown-role", format!("`{}` is not a role of this manifest", name.shown))
            .at(&name.span);
        findings.push(match nearest(&name.value.0, known.iter().copied()) {
            Some(near) => finding.help(format!("write `{near}`")),
            None if known.is_empty() => finding.help("declare it under `roles`"),
            None => finding.help(format!("roles of this manifest: {}", known.join(", "))),
        });
    }
    if let Some(list) = &user.roles
        && list.items.is_empty()
    {
        findings.push(
            Diagnostic::error("no-roles", "an application user without a role can do nothing")
                .at(&head(&user.span))
                .help("name a role of this manifest under `roles`"),
        );
    }
    let business_unit = match user.business_unit.as_ref().map(|unit| unit.value.0.as_str()) {
        None | Some("root") => meant::BusinessUnit::Root,
        Some(text) => {
            Uuid::try_parse(text).map_or_else(|_| meant::BusinessUnit::Name(text.to_owned()), meant::BusinessUnit::Id)
        }
    };
    meant::ApplicationUser {
        roles: ids,
        of_sources,
        business_unit,
        email: user.email.as_ref().map(|email| email.value.0.clone()),
        column_security_profiles: profiles(user),
        only_declared_roles: user.only_declared_roles.as_ref().is_some_and(|flag| flag.value.0),
    }
}

/// The column security profiles that the user shall have. Which ones there are is known when the solution is put together.
fn profiles(user: &ApplicationUser) -> Vec<meant::ByNameOrId> {
    let named = user.column_security_profiles.iter().flat_map(|list| &list.items);
    named.map(|name| meant::ByNameOrId { text: name.value.0.clone(), span: name.span.clone() }).collect()
}

fn requires(written: &Requires) -> meant::Requires {
    let solutions = written.solutions.iter().flat_map(|list| &list.items);
    meant::Requires {
        server_version: written.server_version.as_ref().map(|version| version.value.0),
        solutions: solutions
            .filter_map(|it| Some((it.name.as_ref()?.value.0.clone(), it.version.as_ref().map(|v| v.value.0))))
            .collect(),
        tables: written.tables.iter().flat_map(|list| &list.items).map(|table| table.value.0.clone()).collect(),
    }
}

/// Checks that a component's name starts with the publisher's prefix.
fn check_prefix<T>(name: &At<T>, text: &str, prefix: Option<&str>, findings: &mut Vec<Diagnostic>) {
    let Some(prefix) = prefix else { return };
    if !prefix::is_own(text, prefix) {
        findings.push(
            Diagnostic::error("prefix-missing", format!("`{}` does not start with the publisher's prefix", name.shown))
                .at(&name.span)
                .help(format!("write `{}`", prefix::with(text, prefix))),
        );
    }
}

/// Reports names that occur twice (without regard to case, as Dataverse compares them).
fn check_unique<'a>(what: &str, names: impl IntoIterator<Item = (&'a str, &'a Span)>, findings: &mut Vec<Diagnostic>) {
    let mut seen: std::collections::HashMap<String, &Span> = std::collections::HashMap::new();
    for (name, span) in names {
        if let Some(first) = seen.get(&name.to_lowercase()) {
            let finding = Diagnostic::error("duplicate-name", format!("{what} `{name}` is declared twice")).at(span);
            findings.push(
                finding.label("again here").related(first, "first here").help("remove one or give it another name"),
            );
        } else {
            seen.insert(name.to_lowercase(), span);
        }
    }
}
