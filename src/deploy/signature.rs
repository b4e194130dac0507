//! Who signed a bundle, as a plan says it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bundle::signature::{Names, Signed};

/// A valid signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Signature {
    /// The digest of the key, if a key signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whom the certificate names, if an identity signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Who vouched for the identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Whether somebody named this signer as one to trust (`--key`, `--identity`, `--policy`). Without that, a
    /// signature says no more than that nobody changed the bundle since.
    pub trusted: bool,
}

impl Signature {
    /// What a plan says about a signature that was checked.
    #[must_use]
    pub fn of(signed: &Signed, trusted: bool) -> Self {
        let Names { key, identity, issuer } = signed.signer.names();
        Self { key, identity, issuer, trusted }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, whom) = match (&self.key, self.trusted) {
            (Some(_), true) => ("key", "a trusted"),
            (None, true) => ("identity", "a trusted"),
            (Some(_), false) => ("key", "a"),
            (None, false) => ("identity", "an"),
        };
        let doubt = if self.trusted { "" } else { " that is not trusted here" };
        write!(f, "signed by {whom} {kind}{doubt}: ")?;
        match (&self.key, &self.identity, &self.issuer) {
            (Some(key), ..) => write!(f, "sha256:{key}"),
            (None, Some(identity), Some(issuer)) => write!(f, "{identity} (says {issuer})"),
            _ => f.write_str("somebody unknown"),
        }
    }
}
