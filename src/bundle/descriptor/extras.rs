//! What `bundle.json` says beyond solutions, roles, users and settings: hosts, page, packages, an earlier bundle, signers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::version::Version;

/// A host that the solution sends data to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Its name, such as `api.contoso.com`.
    pub host: String,
    /// The parts of the solution that name it.
    pub from: Vec<String>,
}

/// A connector that the solution uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Connector {
    /// Its short name, such as `shared_sharepointonline`.
    pub connector: String,
    /// The parts of the solution that use it.
    pub from: Vec<String>,
}

/// How a page for the subscriber looks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Address of a logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<Url>,
    /// Where to ask for help: a web address or an e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<String>,
    /// A colour, `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent: Option<String>,
    /// Where the result is reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<Url>,
    /// The publisher's own texts, by language code (LCID).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<String, PageText>,
}

/// The publisher's texts in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageText {
    /// What the package does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// What happens to the subscriber's data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Where to ask for help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<String>,
}

/// File names of other package formats.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Packages {
    /// Package Deployer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployer: Option<String>,
    /// Microsoft's commercial marketplace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marketplace: Option<String>,
    /// The catalog in Power Platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalog: Option<String>,
}

/// What changed since an earlier bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Since {
    /// Digest of the earlier bundle.
    pub sha256: String,
    /// Version of its solution.
    pub version: Version,
    /// Privileges of the roles.
    pub privileges: ChangedPrivileges,
    /// Components of the solution.
    pub components: ChangedComponents,
}

/// Privileges that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedPrivileges {
    /// New or deeper.
    pub gained: Vec<String>,
    /// Gone or less deep.
    pub lost: Vec<String>,
}

/// Components that changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedComponents {
    /// New.
    pub added: Vec<String>,
    /// Gone.
    pub removed: Vec<String>,
    /// Different.
    pub changed: Vec<String>,
}

/// Who is expected to sign: the owner of a key, or an identity and who vouches for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedSigner {
    /// `sha256:` and the digest of the public key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// An e-mail address or the URI of a workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// The OIDC issuer that vouches for the identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

impl std::fmt::Display for ExpectedSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.key, &self.identity, &self.issuer) {
            (Some(key), ..) => write!(f, "the key {key}"),
            (None, Some(identity), Some(issuer)) => write!(f, "{identity}, according to {issuer}"),
            _ => f.write_str("nobody"),
        }
    }
}
