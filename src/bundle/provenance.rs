//! Where a bundle comes from: an in-toto Statement v1 with SLSA build provenance v1.
//!
//! Sources: in-toto/attestation `spec/v1/statement.md`; slsa.dev/spec/v1.2/build-provenance; GitHub Docs,
//! "Variables reference"; Azure Pipelines, "Use predefined variables". No clock is read. What a pipeline says about
//! itself is repeated, not proved: `docs/signing.md` says how much it is worth.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::{Bundle, sha256};

/// Where signatures are in a bundle; statements do not cover them.
pub const SIGNATURES: &str = "signatures/";
/// The statement's type.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// The predicate's type.
pub const PREDICATE_TYPE: &str = "https://slsa.dev/provenance/v1";
/// How bundles are built; described in `docs/signing.md`.
pub const BUILD_TYPE: &str = "urn:dvpack:build:v1";
/// How GitHub's own attestations describe a build: <https://actions.github.io/buildtypes/workflow/v1>.
pub const GITHUB_BUILD_TYPE: &str = "https://actions.github.io/buildtypes/workflow/v1";
/// The builder outside known pipelines.
pub const LOCAL_BUILDER: &str = "urn:dvpack:builder:local";

/// What makes the compressed bytes: another one may give others for the same content. Behind the library: what is
/// compressed with it, and what is stored (`archive/sample.rs`).
pub const COMPRESSOR: &str = "zlib-rs 0.6.8, sampled";

/// An in-toto statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    /// [`STATEMENT_TYPE`].
    #[serde(rename = "_type")]
    pub statement_type: String,
    /// What it is about.
    pub subject: Vec<Subject>,
    /// [`PREDICATE_TYPE`].
    pub predicate_type: String,
    /// What it says.
    pub predicate: Value,
}

/// Something with a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// A name, for people.
    pub name: String,
    /// Its digest.
    pub digest: Digest,
}

/// A digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Digest {
    /// Lower-case hex.
    pub sha256: String,
}

impl Subject {
    /// Names bytes.
    #[must_use]
    pub fn of(name: impl Into<String>, bytes: &[u8]) -> Self {
        Self { name: name.into(), digest: Digest { sha256: sha256(bytes) } }
    }
}

/// The files that a bundle was built from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// The manifest.
    pub manifest: Option<Subject>,
    /// All other files, by their path from the manifest's folder.
    pub files: Vec<Subject>,
}

/// Who builds, as far as the process's environment shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Builder {
    /// A URI.
    pub id: String,
    /// The source repository.
    pub repository: Option<String>,
    /// The commit.
    pub commit: Option<String>,
    /// The branch or tag.
    pub reference: Option<String>,
    /// The run.
    pub invocation: Option<String>,
}

impl Builder {
    /// Reads the variables of GitHub Actions and Azure Pipelines; elsewhere the builder is local.
    #[must_use]
    pub fn detect(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let read = |name: &str| variable(name).filter(|value| !value.is_empty());
        let is_true = |name: &str| read(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let found = if is_true("GITHUB_ACTIONS") {
            Self::github(&read)
        } else if is_true("TF_BUILD") {
            Self::azure(&read)
        } else {
            None
        };
        found.unwrap_or_else(|| Self {
            id: LOCAL_BUILDER.to_owned(),
            repository: None,
            commit: None,
            reference: None,
            invocation: None,
        })
    }

    fn github(read: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let server = read("GITHUB_SERVER_URL").unwrap_or_else(|| "https://github.com".to_owned());
        let repository = format!("{server}/{}", read("GITHUB_REPOSITORY")?);
        let attempt = read("GITHUB_RUN_ATTEMPT").unwrap_or_else(|| "1".to_owned());
        Some(Self {
            id: bare(&format!("{server}/{}", read("GITHUB_WORKFLOW_REF")?))?,
            invocation: read("GITHUB_RUN_ID")
                .and_then(|run| bare(&format!("{repository}/actions/runs/{run}/attempts/{attempt}"))),
            repository: bare(&repository),
            commit: read("GITHUB_SHA"),
            reference: read("GITHUB_REF"),
        })
    }

    fn azure(read: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let project =
            format!("{}/{}", read("SYSTEM_COLLECTIONURI")?.trim_end_matches('/'), read("SYSTEM_TEAMPROJECT")?);
        Some(Self {
            id: bare(&format!("{project}/_build?definitionId={}", read("SYSTEM_DEFINITIONID")?))?,
            invocation: read("BUILD_BUILDID").and_then(|id| bare(&format!("{project}/_build/results?buildId={id}"))),
            repository: read("BUILD_REPOSITORY_URI").and_then(|uri| bare(&uri)),
            commit: read("BUILD_SOURCEVERSION"),
            reference: read("BUILD_SOURCEBRANCH"),
        })
    }
}

/// A URI without user and password, which pipelines write into addresses of repositories.
fn bare(uri: &str) -> Option<String> {
    let mut url = Url::parse(uri).ok()?;
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url.to_string())
}

/// Makes the statement about a bundle; `unsigned` are the bundle's bytes without signatures.
#[must_use]
pub fn statement(bundle: &Bundle, unsigned: &[u8], inputs: &Inputs, builder: &Builder) -> Statement {
    let descriptor = bundle.descriptor();
    let solutions: Vec<_> = descriptor
        .solutions
        .iter()
        .map(|solution| json!({ "name": solution.name, "version": solution.version }))
        .collect();
    let mut name = String::from("bundle");
    if let Some(solution) = descriptor.solutions.first() {
        name = format!("{}_{}", solution.name, solution.version.file_form());
    }
    if let Some(environment) = &descriptor.environment {
        let _ = write!(name, "_{}", environment.name);
    }
    let mut subject = vec![Subject::of(format!("{name}.dvpack"), unsigned)];
    subject.extend(
        bundle
            .entries()
            .iter()
            .filter(|entry| !entry.name.starts_with(SIGNATURES))
            .map(|entry| Subject::of(&entry.name, &entry.bytes)),
    );
    let mut dependencies: Vec<Value> = Vec::new();
    if let (Some(repository), Some(commit)) = (&builder.repository, &builder.commit) {
        let reference = builder.reference.as_ref().map(|it| format!("@{it}")).unwrap_or_default();
        dependencies.push(json!({ "uri": format!("git+{repository}{reference}"), "digest": { "gitCommit": commit } }));
    }
    dependencies.extend(inputs.manifest.iter().chain(&inputs.files).map(|it| json!(it)));
    let mut parameters = json!({
        "solutions": solutions,
        "environment": descriptor.environment.as_ref().map(|environment| &environment.name),
        "manifest": inputs.manifest,
        "repository": builder.repository,
    });
    let mut metadata = json!({ "invocationId": builder.invocation });
    for value in [&mut parameters, &mut metadata] {
        if let Some(members) = value.as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
    }
    Statement {
        statement_type: STATEMENT_TYPE.to_owned(),
        subject,
        predicate_type: PREDICATE_TYPE.to_owned(),
        predicate: json!({
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": parameters,
                "internalParameters": {
                    "sourceVerified": inputs.manifest.is_some(),
                    "compressor": COMPRESSOR,
                },
                "resolvedDependencies": dependencies,
            },
            "runDetails": {
                "builder": { "id": builder.id, "version": { descriptor.tool.name.clone(): descriptor.tool.version } },
                "metadata": metadata,
            },
        }),
    }
}

impl Statement {
    /// Whether it is about a file with this digest.
    #[must_use]
    pub fn is_about(&self, digest: &str) -> bool {
        self.subject.iter().any(|subject| subject.digest.sha256 == digest)
    }

    /// The builder's URI.
    #[must_use]
    pub fn builder(&self) -> Option<&str> {
        self.predicate.pointer("/runDetails/builder/id")?.as_str()
    }

    /// How it was built.
    #[must_use]
    pub fn build_type(&self) -> Option<&str> {
        self.predicate.pointer("/buildDefinition/buildType")?.as_str()
    }

    /// The names of the parameters that whoever started the build could choose.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.parameter("").and_then(Value::as_object).into_iter().flat_map(|map| map.keys().map(String::as_str))
    }

    fn parameter(&self, pointer: &str) -> Option<&Value> {
        self.predicate.pointer(&format!("/buildDefinition/externalParameters{pointer}"))
    }

    /// The source repository.
    #[must_use]
    pub fn repository(&self) -> Option<&str> {
        self.parameter("/repository").or_else(|| self.parameter("/workflow/repository"))?.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(variables: &[(&str, &str)]) -> Builder {
        Builder::detect(&|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_compressor_is_the_one_that_is_pinned() {
        let (library, _) = COMPRESSOR.split_once(", ").expect("a library, and how it is used");
        let pinned = library.replace("zlib-rs ", "zlib-rs = { version = \"=");
        assert!(include_str!("../../Cargo.toml").contains(&format!("{pinned}\"")), "{pinned}");
    }

    #[test]
    fn a_build_outside_of_pipelines_says_that_it_is_local() {
        assert_eq!(detect(&[("GITHUB_REPOSITORY", "contoso/widgets")]).id, LOCAL_BUILDER);
        assert_eq!(detect(&[("GITHUB_ACTIONS", "true")]).id, LOCAL_BUILDER);
    }

    #[test]
    fn github_actions_names_workflow_repository_and_run() {
        let builder = detect(&[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "contoso/widgets"),
            ("GITHUB_WORKFLOW_REF", "contoso/widgets/.github/workflows/release.yml@refs/tags/v1"),
            ("GITHUB_RUN_ID", "17"),
            ("GITHUB_SHA", "abc"),
        ]);
        assert_eq!(builder.id, "https://github.com/contoso/widgets/.github/workflows/release.yml@refs/tags/v1");
        assert_eq!(
            builder.invocation.as_deref(),
            Some("https://github.com/contoso/widgets/actions/runs/17/attempts/1")
        );
        assert_eq!(builder.repository.as_deref(), Some("https://github.com/contoso/widgets"));
    }

    #[test]
    fn azure_pipelines_repository_loses_its_password() {
        let builder = detect(&[
            ("TF_BUILD", "True"),
            ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/contoso/"),
            ("SYSTEM_TEAMPROJECT", "Widgets"),
            ("SYSTEM_DEFINITIONID", "3"),
            ("BUILD_REPOSITORY_URI", "https://build:hunter2@dev.azure.com/contoso/Widgets/_git/widgets"),
        ]);
        assert_eq!(builder.id, "https://dev.azure.com/contoso/Widgets/_build?definitionId=3");
        assert_eq!(builder.repository.as_deref(), Some("https://dev.azure.com/contoso/Widgets/_git/widgets"));
    }
}
