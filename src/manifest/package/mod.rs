//! Written → meant: defaults are applied, names resolved, rules between parts checked.
//!
//! One written manifest (already overlaid for an environment) gives one [`meant::Package`], or the
//! findings why not.

pub mod application;
pub mod application_user;
pub mod environment;
pub mod publisher;
pub mod role;
pub mod settings;
pub mod signer;
pub mod solution;

use std::path::Path;

use jiff::civil::Date;

use crate::diagnostic::Diagnostic;
use crate::manifest::components;
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::written::Manifest;
use crate::yaml::shape::head;

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
    let languages = written.solution.as_ref().map_or_else(Vec::new, |solution| solution::languages(solution, findings));
    let publisher =
        written.publisher.as_ref().and_then(|publisher| publisher::publisher(publisher, &languages, findings));
    let prefix = written.publisher.as_ref().and_then(|p| p.prefix.as_ref()).map(|p| p.value.0.as_str());
    let solution = written.solution.as_ref().and_then(|solution| solution::solution(solution, &languages, findings));
    let application = written.application.as_ref().and_then(|it| application::application(it, around.today, findings));
    let publisher_name = publisher.as_ref().map_or("", |publisher| publisher.name.as_str());
    let roles = role::roles(written.roles.as_ref(), publisher_name, findings);
    let mut scope = Scope {
        folder: around.folder,
        prefix,
        option_value_prefix: publisher.as_ref().map_or(10_000, |publisher| publisher.option_value_prefix),
        languages: &languages,
        findings,
    };
    let components = components::components(written.components.as_ref(), &roles, &mut scope);
    let requires_solutions =
        written.requires.as_ref().and_then(|it| it.solutions.as_ref()).is_some_and(|it| !it.items.is_empty());
    let required_prefix = prefix.filter(|_| requires_solutions);
    let settings = settings::settings(written.settings.as_ref(), written.components.as_ref(), required_prefix, findings);
    let signers = signer::signers(written.signers.as_ref(), findings);
    let application_user = written
        .application_user
        .as_ref()
        .map(|user| application_user::application_user(user, written.roles.as_ref(), &roles, &components, findings));
    if let (Some(user), None) = (&written.application_user, &written.application) {
        findings.push(
            Diagnostic::error("application-missing", "`applicationUser` without `application`")
                .at(&head(&user.span))
                .help("add `application: { clientId: … }`: the user is found and created by the client ID"),
        );
    }
    let (environment, environment_names) = environment::environments(written.environments.as_ref(), around.environment, findings);
    Some(meant::Package {
        folder: around.folder.to_owned(),
        publisher: publisher?,
        solution: solution?,
        application,
        roles,
        application_user,
        components,
        settings,
        requires: written.requires.as_ref().map(environment::requires).unwrap_or_default(),
        signers,
        environment,
        environment_names,
    })
}
