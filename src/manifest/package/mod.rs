//! The parts of a manifest beside its components: each file has the keys of one, its rules and what it means.
//!
//! One manifest (already overlaid for an environment) gives one [`Package`], or the findings why not. Later modules see
//! only what is meant, so an unchecked manifest cannot be built.

pub mod application;
pub mod application_user;
pub mod environment;
pub mod publisher;
pub mod role;
pub mod settings;
pub mod signer;
pub mod solution;

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::diagnostic::Diagnostic;
use crate::manifest::components::scope::Scope;
use crate::manifest::components::{self, Components, WrittenComponents};
use crate::manifest::leaf::LanguageVersion;
use crate::manifest::package::application::{Application, WrittenApplication};
use crate::manifest::package::application_user::{ApplicationUser, WrittenApplicationUser};
use crate::manifest::package::environment::{Environment, Requires, WrittenEnvironment, WrittenRequires};
use crate::manifest::package::publisher::{Publisher, WrittenPublisher};
use crate::manifest::package::role::{Role, WrittenRole};
use crate::manifest::package::settings::{Setting, WrittenSettingValue};
use crate::manifest::package::signer::{ExpectedSigner, WrittenExpectedSigner};
use crate::manifest::package::solution::{Solution, WrittenSolution};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, Map, head};

record! {
    /// A dvpack manifest: one managed Dataverse solution, its security roles, and the application user that needs them.
    pub struct Manifest => {
        /// The version of the manifest language: 1.
        "dvpack" required dvpack: At<LanguageVersion>,
        /// Who publishes the solution.
        "publisher" required publisher: WrittenPublisher,
        /// The solution itself.
        "solution" required solution: WrittenSolution,
        /// The Entra application that signs in to the subscriber's environment.
        "application" optional application: WrittenApplication,
        /// Custom security roles that the solution brings.
        "roles" optional roles: List<WrittenRole>,
        /// The application user that `dvpack apply` creates or adopts.
        "applicationUser" optional application_user: WrittenApplicationUser,
        /// What else the solution contains, by kind.
        "components" optional components: WrittenComponents,
        /// Values for environment variables and connection references, by their names.
        "settings" optional settings: Map<WrittenSettingValue>,
        /// What the environment must already have.
        "requires" optional requires: WrittenRequires,
        /// Who is expected to sign the bundle: shown to the subscriber, who decides whom to trust.
        "signers" optional signers: List<WrittenExpectedSigner>,
        /// Environments by name; each may change `settings`, `applicationUser` and `application`, key by key.
        "environments" optional environments: Map<WrittenEnvironment>,
    }
}

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
    /// What else the solution contains.
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
pub fn package(written: &Manifest, around: &Surroundings<'_>, findings: &mut Vec<Diagnostic>) -> Option<Package> {
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
        roles: &roles,
        findings,
    };
    let components = components::components(written.components.as_ref(), &mut scope);
    let requires_solutions =
        written.requires.as_ref().and_then(|it| it.solutions.as_ref()).is_some_and(|it| !it.items.is_empty());
    let required_prefix = prefix.filter(|_| requires_solutions);
    let settings =
        settings::settings(written.settings.as_ref(), written.components.as_ref(), required_prefix, findings);
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
    let (environment, environment_names) =
        environment::environments(written.environments.as_ref(), around.environment, findings);
    Some(Package {
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
