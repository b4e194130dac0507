//! `environments:` and `requires:`

use serde_json::{Value, json};
use url::Url;

use crate::diagnostic::Diagnostic;
use crate::manifest::leaf::{SolutionName, TableName, WebAddress};
use crate::manifest::package::application::WrittenApplication;
use crate::manifest::package::application_user::WrittenApplicationUser;
use crate::manifest::package::settings::WrittenSettingValue;
use crate::version::Version;
use crate::yaml::leaf::{Given, VersionText};
use crate::yaml::node::Node;
use crate::yaml::record::record;
use crate::yaml::shape::{At, Definitions, List, Map, Reader, Shape};

record! {
    /// What the environment must already have.
    pub struct WrittenRequires => {
        /// Lowest server version.
        "serverVersion" optional server_version: At<VersionText>,
        /// Solutions that must be installed.
        "solutions" optional solutions: List<RequiredSolution>,
        /// Tables of other solutions that grants may name.
        "tables" optional tables: List<At<TableName>> => "msdyn_workorder",
    }
}

record! {
    /// A solution that must be installed.
    pub struct RequiredSolution => {
        /// Unique name.
        "name" required name: At<SolutionName>,
        /// Lowest version. Default: any.
        "version" optional version: At<VersionText>,
    }
}

record! {
    /// One environment and what is different there.
    pub struct WrittenEnvironment => {
        /// Address of the environment, such as `https://contoso-uat.crm.dynamics.com`.
        "url" optional url: At<WebAddress> => "https://contoso-uat.crm.dynamics.com",
        /// Settings that are different or only there.
        "settings" optional settings: Map<WrittenSettingValue>,
        /// Keys of `applicationUser` that are different.
        "applicationUser" optional application_user: Overlay<WrittenApplicationUser>,
        /// Keys of `application` that are different.
        "application" optional application: Overlay<WrittenApplication>,
    }
}

/// Some keys of a group: read only when laid over the whole.
#[derive(Clone, Debug)]
pub struct Overlay<T> {
    kind: std::marker::PhantomData<T>,
}

impl<T: Shape> Shape for Overlay<T> {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        reader.mapping(node, "the keys that are different here")?;
        Some(Self { kind: std::marker::PhantomData })
    }

    fn schema(definitions: &mut Definitions) -> Value {
        let reference = T::schema(definitions);
        let name = reference["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_owned();
        let overlay = format!("{name}Overlay");
        let mut schema = definitions.get(&name).cloned().unwrap_or_default();
        if let Some(object) = schema.as_object_mut() {
            object.shift_remove("required");
        }
        definitions.insert(overlay.clone(), schema);
        json!({ "$ref": format!("#/$defs/{overlay}") })
    }
}

/// The keys of an environment, for messages.
pub const ENVIRONMENT_KEYS: [&str; 3] = ["settings", "applicationUser", "application"];

/// `requires:`
#[derive(Clone, Debug, Default)]
pub struct Requires {
    /// The lowest server version.
    pub server_version: Option<Version>,
    /// Solutions that must be installed, and their lowest versions.
    pub solutions: Vec<(String, Option<Version>)>,
    /// Tables of other solutions that grants may name.
    pub tables: Vec<String>,
}

/// One of `environments:`
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name in the manifest.
    pub name: String,
    /// `https://org.crm.dynamics.com`
    pub url: Option<Url>,
}

/// What the environment must have.
pub fn requires(written: &WrittenRequires) -> Requires {
    let solutions = written.solutions.iter().flat_map(|list| &list.items);
    Requires {
        server_version: written.server_version.value(),
        solutions: solutions.filter_map(|it| Some((it.name.as_ref()?.value.0.clone(), it.version.value()))).collect(),
        tables: written.tables.iter().flat_map(|list| &list.items).map(|table| table.value.0.clone()).collect(),
    }
}

/// The chosen environment, and the names of all.
pub fn environments(
    written: Option<&Map<WrittenEnvironment>>,
    chosen: Option<&str>,
    findings: &mut Vec<Diagnostic>,
) -> (Option<Environment>, Vec<String>) {
    let environments = written.map_or(&[][..], |map| &map.entries[..]);
    for (name, span, _) in environments {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
            findings.push(
                Diagnostic::error("environment-name", format!("`{name}` is not a name for an environment"))
                    .at(span)
                    .help("use letters, digits, `-` and `_`: the name becomes part of file names"),
            );
        }
    }
    let found = environments.iter().find(|(name, ..)| Some(name.as_str()) == chosen);
    let environment =
        found.map(|(name, _, environment)| Environment { name: name.clone(), url: environment.url.value() });
    (environment, environments.iter().map(|(name, ..)| name.clone()).collect())
}
