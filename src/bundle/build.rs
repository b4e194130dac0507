//! Makes a bundle from a checked manifest and its assembled solution.

use uuid::Uuid;

use super::contents::Contents;
use super::descriptor::{
    Application, ApplicationUser, BusinessUnit, ColumnSecurityProfile, Descriptor, Environment, ExpectedSigner, FORMAT,
    RedirectUris, RequiredSolution, Requires, Role, Setting, SettingKind, SettingValue, Solution, Tool, faults,
    to_bytes,
};
use super::hosts::{connectors, hosts};
use super::provenance::COMPRESSOR;
use super::templates::{self, RenderError};
use super::{checksums, sha256, truth};
use crate::archive::{self, Entry, Timestamp, WriteError};
use crate::diagnostic::Diagnostic;
use crate::manifest::package::application::Audience;
use crate::manifest::package::settings::{self, SecretReference};
use crate::manifest::package::{Package, application_user, signer};
use crate::solution;

/// A bundle, ready to be written.
#[derive(Clone, Debug)]
pub struct Built {
    /// The file name, `<Name>_<v>[_<environment>].dvpack`.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
    /// What its `bundle.json` says.
    pub descriptor: Descriptor,
}

/// Why the bundle could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The assembled solution cannot be read back.
    #[error("the solution that was assembled cannot be read back: {}", first(.0))]
    Solution(Vec<Diagnostic>),
    /// The solution is not what the manifest describes.
    #[error("the solution that was assembled is `{found}`, but the manifest describes `{meant}`")]
    Different {
        /// Name and version in the zip.
        found: String,
        /// Name and version in the manifest.
        meant: String,
    },
    /// A bundle cannot contain what the manifest or the solution says.
    #[error("{}", first(.0))]
    Unfit(Vec<Diagnostic>),
    /// The archive cannot be written.
    #[error(transparent)]
    Archive(#[from] WriteError),
    /// A template or document cannot be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
}

impl BuildError {
    /// Findings with their places in the manifest, if the manifest is at fault.
    #[must_use]
    pub fn findings(self) -> Vec<Diagnostic> {
        match self {
            Self::Solution(findings) | Self::Unfit(findings) => findings,
            other => vec![Diagnostic::error("cannot-build", other.to_string())],
        }
    }
}

fn first(findings: &[Diagnostic]) -> String {
    findings.first().map(ToString::to_string).unwrap_or_default()
}

/// The file name of the solution zip, in the form of exports.
#[must_use]
pub fn solution_file_name(package: &Package) -> String {
    format!("{}_{}_managed.zip", package.solution.name, package.solution.version.file_form())
}

/// The file name of the bundle.
#[must_use]
pub fn file_name(package: &Package) -> String {
    let environment = package.environment.as_ref().map(|it| format!("_{}", it.name)).unwrap_or_default();
    format!("{}_{}{environment}.dvpack", package.solution.name, package.solution.version.file_form())
}

/// Makes a bundle around the solution zip; `granted` are the manifest's roles with their rows, and every entry has this
/// `timestamp`.
///
/// # Errors
/// A [`BuildError`] if the zip is not the solution of the manifest, or cannot be in a bundle.
pub fn build(
    package: &Package,
    solution_zip: &[u8],
    granted: &[solution::role::Role],
    timestamp: Timestamp,
) -> Result<Built, BuildError> {
    let file = format!("solutions/{}", solution_file_name(package));
    let contents = Contents::read(&file, solution_zip).map_err(BuildError::Solution)?;
    if contents.name() != package.solution.name || contents.version != package.solution.version {
        return Err(BuildError::Different {
            found: format!("{} {}", contents.name(), contents.version),
            meant: format!("{} {}", package.solution.name, package.solution.version),
        });
    }
    let contents = [contents];
    let descriptor = describe(package, &contents, solution_zip, granted);
    let unfit = unfit(package, &descriptor, &contents);
    if !unfit.is_empty() {
        return Err(BuildError::Unfit(unfit));
    }
    let json = to_bytes(&descriptor)
        .map_err(|error| RenderError { file: "bundle.json", why: error.to_string() })
        .map_err(BuildError::Render)?;
    let mut entries = vec![Entry::new("bundle.json", json), Entry::new(file, solution_zip)];
    let current = templates::generation(templates::CURRENT);
    entries.extend(current.map(|it| it.render(&descriptor, &contents)).transpose()?.unwrap_or_default());
    let sums = checksums::render(&entries);
    entries.push(Entry::new(checksums::NAME, sums));
    Ok(Built { name: file_name(package), bytes: archive::write_at(&entries, timestamp)?, descriptor })
}

/// What a bundle must not say, with its place in the manifest if it comes from there.
fn unfit(package: &Package, descriptor: &Descriptor, contents: &[Contents]) -> Vec<Diagnostic> {
    let faults = faults(descriptor).into_iter().map(|fault| ("unfit-for-bundle", fault.path, fault.why));
    let lies = truth::lies(descriptor, contents).into_iter().map(|lie| (lie.code, lie.path, lie.why));
    let mut findings = Vec::new();
    for (code, path, why) in faults.chain(lies) {
        let index = path.strip_prefix("settings[").and_then(|rest| rest.split(']').next()?.parse::<usize>().ok());
        let name = index.and_then(|at| descriptor.settings.get(at)).map(|setting| &setting.name);
        let span = package
            .settings
            .iter()
            .find(|setting| name.is_some_and(|name| setting.name.eq_ignore_ascii_case(name)))
            .map(|setting| &setting.span);
        findings.push(match span {
            Some(span) if code == "setting-foreign" => Diagnostic::error(code, why).at(span).help(format!(
                "set it in the package that brings it; a name with `{}_` may also be of a solution that \
                 `requires.solutions` lists and that the package's solution.xml needs components of",
                descriptor.publisher.prefix
            )),
            Some(span) => Diagnostic::error(code, why).at(span),
            None => Diagnostic::error(code, format!("`{path}`: {why}")).in_file("bundle.json", None),
        });
    }
    findings
}

fn describe(package: &Package, contents: &[Contents], zip: &[u8], granted: &[solution::role::Role]) -> Descriptor {
    let inside = &contents[0];
    Descriptor {
        format: FORMAT,
        tool: Tool {
            name: "dvpack".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            compressor: Some(COMPRESSOR.into()),
        },
        templates: templates::CURRENT,
        publisher: inside.publisher(),
        solutions: vec![Solution {
            file: inside.file.clone(),
            sha256: sha256(zip),
            size: zip.len() as u64,
            name: inside.name().to_owned(),
            display_name: inside.display_name(),
            version: inside.version,
            managed: inside.solution.identity.managed,
        }],
        application: package.application.as_ref().map(|application| Application {
            client_id: application.client_id,
            unique_name: application.unique_name.clone(),
            name: application.name.clone(),
            multi_tenant: application.audience == Audience::MultiTenant,
            redirect_uris: RedirectUris {
                web: application.redirect_uris.web.clone(),
                spa: application.redirect_uris.spa.clone(),
                public_client: application.redirect_uris.public_client.clone(),
            },
            secret_expires: application.secret_expires,
        }),
        roles: inside.roles().iter().map(|role| with_reasons(role, granted)).collect(),
        application_user: package.application_user.as_ref().map(|user| ApplicationUser {
            roles: assigned(user, &inside.roles()),
            business_unit: match &user.business_unit {
                application_user::BusinessUnit::Root => BusinessUnit::Root,
                application_user::BusinessUnit::Id(id) => BusinessUnit::Id(*id),
                application_user::BusinessUnit::Name(name) => BusinessUnit::Name(name.clone()),
            },
            email: user.email.clone(),
            column_security_profiles: profiles(user, inside),
            only_declared_roles: user.only_declared_roles,
        }),
        settings: settings(package, inside),
        hosts: hosts(contents),
        connectors: connectors(contents),
        page: None,
        packages: None,
        since: None,
        signers: package.signers.iter().map(expected_signer).collect(),
        requires: Requires {
            server_version: package.requires.server_version,
            solutions: package
                .requires
                .solutions
                .iter()
                .map(|(name, version)| RequiredSolution { name: name.clone(), version: *version })
                .collect(),
        },
        environment: package
            .environment
            .as_ref()
            .map(|environment| Environment { name: environment.name.clone(), url: environment.url.clone() }),
    }
}

fn expected_signer(signer: &signer::ExpectedSigner) -> ExpectedSigner {
    match signer {
        signer::ExpectedSigner::Key(digest) => {
            ExpectedSigner { key: Some(format!("sha256:{digest}")), identity: None, issuer: None }
        }
        signer::ExpectedSigner::Identity { subject, issuer } => {
            ExpectedSigner { key: None, identity: Some(subject.clone()), issuer: Some(issuer.clone()) }
        }
    }
}

/// The roles to assign: those of the manifest, then those of its sources.
fn assigned(user: &application_user::ApplicationUser, found: &[Role]) -> Vec<Uuid> {
    let mut roles = user.roles.clone();
    for named in &user.of_sources {
        let found = found.iter().find(|role| named.means(role.id, &role.name));
        roles.extend(found.map(|role| role.id).filter(|id| !roles.contains(id)));
    }
    roles
}

/// The column security profiles to assign, each once, as the solution has them.
fn profiles(user: &application_user::ApplicationUser, inside: &Contents) -> Vec<ColumnSecurityProfile> {
    let mut profiles: Vec<ColumnSecurityProfile> = Vec::new();
    for named in &user.column_security_profiles {
        let found = inside.column_security_profiles().find(|(id, name)| named.means(*id, name));
        let found = found.map(|(id, name)| ColumnSecurityProfile { id, name: name.to_owned() });
        profiles.extend(found.filter(|found| profiles.iter().all(|known| known.id != found.id)));
    }
    profiles
}

/// The role as it is in the zip, with the author's reasons for privileges that the manifest grants.
fn with_reasons(role: &Role, granted: &[solution::role::Role]) -> Role {
    let mut role = role.clone();
    let Some(granted) = granted.iter().find(|it| it.id == role.id) else { return role };
    for privilege in &mut role.privileges {
        let row = granted.rows.iter().find(|row| row.name.eq_ignore_ascii_case(&privilege.name));
        privilege.because = row.and_then(|row| row.because.clone());
    }
    role
}

/// Every environment variable and connection reference of the solution with the manifest's values, and the settings
/// that only the manifest has.
fn settings(package: &Package, contents: &Contents) -> Vec<Setting> {
    let mut settings: Vec<Setting> = contents.settings().collect();
    for given in &package.settings {
        let value = value(&given.value);
        let mut own = settings.iter_mut().filter(|setting| setting.name.eq_ignore_ascii_case(&given.name));
        if let Some(own) = own.next() {
            // The solution says whether a plain text is a connection: a source may contain the reference.
            own.value = Some(match value {
                SettingValue::Text(id) if own.kind == SettingKind::ConnectionReference => SettingValue::Connection(id),
                other => other,
            });
            continue;
        }
        let kind = match value {
            SettingValue::Connection(_) => SettingKind::ConnectionReference,
            _ => SettingKind::EnvironmentVariable,
        };
        settings.push(Setting { value: Some(value), ..Setting::new(&given.name, kind) });
    }
    settings
}

fn value(value: &settings::SettingValue) -> SettingValue {
    match value {
        settings::SettingValue::Text(text) => SettingValue::Text(text.clone()),
        settings::SettingValue::Connection { id } => SettingValue::Connection(id.clone()),
        settings::SettingValue::Secret(SecretReference::Env(name)) => SettingValue::SecretFromEnv(name.clone()),
        settings::SettingValue::Secret(SecretReference::File(path)) => {
            SettingValue::SecretFromFile(path.to_string_lossy().into_owned())
        }
        settings::SettingValue::Secret(SecretReference::KeyVault(id)) => SettingValue::SecretFromKeyVault(id.clone()),
    }
}

#[cfg(test)]
pub(super) mod tests;
