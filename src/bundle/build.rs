//! Makes a bundle from a checked manifest and its assembled solution.

use uuid::Uuid;

use super::descriptor::{
    Application, ApplicationUser, BusinessUnit, Descriptor, Environment, FORMAT, Publisher, RequiredSolution, Requires,
    Role, Setting, SettingKind, SettingValue, Solution, Tool,
};
use super::facts::{Facts, NotASolution, Variable};
use super::provenance::COMPRESSOR;
use super::{checksums, deployment_settings, install, sbom, sha256};
use crate::archive::{self, Entry, Timestamp, WriteError};
use crate::diagnostic::Diagnostic;
use crate::manifest::meant::{self, Audience, Package, SecretReference, VariableKind};
use crate::manifest::written::with_scheme;
use crate::solution::read_zip;
use crate::solution::role::{OwnTables, expand};

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

/// Why no bundle could be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The assembled solution cannot be read back.
    #[error("the solution that was assembled cannot be read back: {0}")]
    Solution(#[from] NotASolution),
    /// The solution's parts cannot be read back.
    #[error("the solution that was assembled cannot be read back: {}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Package(Vec<Diagnostic>),
    /// The solution is not what the manifest describes.
    #[error("the solution that was assembled is `{found}`, but the manifest describes `{meant}`")]
    Different {
        /// Name and version in the zip.
        found: String,
        /// Name and version in the manifest.
        meant: String,
    },
    /// The archive cannot be written.
    #[error(transparent)]
    Archive(#[from] WriteError),
    /// A template or document cannot be rendered.
    #[error("cannot render `{file}`: {why}")]
    Render {
        /// The file in the bundle.
        file: &'static str,
        /// The reason.
        why: String,
    },
}

/// The file name of the solution zip, as exports are called.
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

/// Makes a bundle around the solution zip; every entry bears `timestamp`.
pub fn build(package: &Package, solution_zip: &[u8], timestamp: Timestamp) -> Result<Built, BuildError> {
    let facts = Facts::read(solution_zip)?;
    if facts.name != package.solution.name || facts.version != package.solution.version {
        return Err(BuildError::Different {
            found: format!("{} {}", facts.name, facts.version),
            meant: format!("{} {}", package.solution.name, package.solution.version),
        });
    }
    let descriptor = describe(package, &facts, solution_zip);
    let solution = format!("solutions/{}", solution_file_name(package));
    let mut entries = vec![
        Entry::new("bundle.json", json("bundle.json", &descriptor)?),
        Entry::new(solution, solution_zip),
        Entry::new(
            "deploymentSettings.json",
            json("deploymentSettings.json", &deployment_settings::render(&descriptor.settings))?,
        ),
        Entry::new("post-import/apply.sh", include_str!("../../templates/post-import/apply.sh")),
        Entry::new("post-import/Apply-Package.ps1", include_str!("../../templates/post-import/Apply-Package.ps1")),
    ];
    let page =
        install::render(&descriptor, &entries).map_err(|why| BuildError::Render { file: "INSTALL.html", why })?;
    entries.push(Entry::new("INSTALL.html", page));
    let assembled = read_zip(solution_zip, &solution_file_name(package)).map_err(BuildError::Package)?;
    let bill = sbom::render(&descriptor, &entries, &facts, &assembled);
    entries.push(Entry::new("sbom.cdx.json", json("sbom.cdx.json", &bill)?));
    let sums = checksums::render(&entries);
    entries.push(Entry::new(checksums::NAME, sums));
    Ok(Built { name: file_name(package), bytes: archive::write_at(&entries, timestamp)?, descriptor })
}

/// Without line breaks and other control characters, which a bundle must not hold where names are shown.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn json(file: &'static str, value: &impl serde::Serialize) -> Result<Vec<u8>, BuildError> {
    let mut text =
        serde_json::to_vec_pretty(value).map_err(|error| BuildError::Render { file, why: error.to_string() })?;
    text.push(b'\n');
    Ok(text)
}

fn describe(package: &Package, facts: &Facts, zip: &[u8]) -> Descriptor {
    Descriptor {
        format: FORMAT,
        tool: Tool {
            name: "dvpack".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            compressor: Some(COMPRESSOR.into()),
        },
        publisher: Publisher {
            name: package.publisher.name.clone(),
            display_name: package.publisher.display_name.base().to_owned(),
            prefix: package.publisher.prefix.clone(),
            email: package.publisher.email.clone(),
            website: package.publisher.website.as_deref().map(with_scheme),
        },
        solutions: vec![Solution {
            file: format!("solutions/{}", solution_file_name(package)),
            sha256: sha256(zip),
            size: zip.len() as u64,
            name: facts.name.clone(),
            display_name: one_line(&facts.display_name),
            version: facts.version,
            managed: facts.managed,
        }],
        application: package.application.as_ref().map(|application| Application {
            client_id: application.client_id,
            name: application.name.clone(),
            multi_tenant: application.audience == Audience::MultiTenant,
            redirect_uris: application.redirect_uris.clone(),
            secret_expires: application.secret_expires,
        }),
        roles: facts.roles.iter().map(|role| with_reasons(role, package)).collect(),
        application_user: package.application_user.as_ref().map(|user| ApplicationUser {
            roles: assigned(user, facts),
            business_unit: match &user.business_unit {
                meant::BusinessUnit::Root => BusinessUnit::Root,
                meant::BusinessUnit::Id(id) => BusinessUnit::Id(*id),
                meant::BusinessUnit::Name(name) => BusinessUnit::Name(name.clone()),
            },
            email: user.email.clone(),
        }),
        settings: settings(package, facts),
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

/// The roles to assign: those of the manifest, then those that its sources have brought.
fn assigned(user: &meant::ApplicationUser, facts: &Facts) -> Vec<Uuid> {
    let mut roles = user.roles.clone();
    for named in &user.of_sources {
        let found = facts.roles.iter().find(|role| named.means(role.id, &role.name));
        roles.extend(found.map(|role| role.id).filter(|id| !roles.contains(id)));
    }
    roles
}

/// The role as it stands in the zip, with the author's reasons where the manifest grants a privilege.
fn with_reasons(role: &Role, package: &Package) -> Role {
    let mut role = role.clone();
    let Some(meant) = package.roles.iter().find(|meant| meant.id == role.id) else { return role };
    let (granted, _) = expand(meant, &OwnTables::of_manifest(package));
    for privilege in &mut role.privileges {
        let row = granted.rows.iter().find(|row| row.name.eq_ignore_ascii_case(&privilege.name));
        privilege.because = row.and_then(|row| row.because.clone());
    }
    role
}

/// Every environment variable and connection reference of the solution, with the manifest's values.
fn settings(package: &Package, facts: &Facts) -> Vec<Setting> {
    let value_of = |name: &str| {
        let setting = package.settings.iter().find(|setting| setting.name.eq_ignore_ascii_case(name))?;
        Some(match &setting.value {
            meant::SettingValue::Text(text) => SettingValue::Text(text.clone()),
            meant::SettingValue::Connection { id } => SettingValue::Connection(id.clone()),
            meant::SettingValue::Secret(SecretReference::Env(name)) => SettingValue::SecretFromEnv(name.clone()),
            meant::SettingValue::Secret(SecretReference::File(path)) => {
                SettingValue::SecretFromFile(path.to_string_lossy().into_owned())
            }
            meant::SettingValue::Secret(SecretReference::KeyVault(id)) => SettingValue::SecretFromKeyVault(id.clone()),
        })
    };
    let variables = facts.variables.iter().map(|variable| Setting {
        name: variable.name.clone(),
        kind: SettingKind::EnvironmentVariable,
        value_type: Some(word(variable).to_owned()),
        connector: None,
        required: variable.required && !variable.has_default,
        value: value_of(&variable.name),
    });
    let connections = facts.connections.iter().map(|(name, connector)| Setting {
        name: name.clone(),
        kind: SettingKind::ConnectionReference,
        value_type: None,
        connector: connector.clone(),
        required: true,
        value: value_of(name),
    });
    variables.chain(connections).collect()
}

fn word(variable: &Variable) -> &'static str {
    VariableKind::ALL.into_iter().find(|(kind, _)| kind.number() == variable.kind).map_or("string", |(_, word)| word)
}

#[cfg(test)]
pub(super) mod tests;
