//! Whom a subscriber trusts: keys and identities, and what each of them may sign; and why a bundle is not trusted.

use super::key::PublicKey;
use super::keyless::Identity;
use super::{Bad, Detached, Signer};
use crate::version::Version;

/// A policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The keys that are trusted.
    pub keys: Vec<TrustedKey>,
    /// The identities that are trusted.
    pub identities: Vec<TrustedIdentity>,
}

/// A key, and what it may sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedKey {
    /// SHA-256 of its `SubjectPublicKeyInfo`, in lower-case hex.
    pub sha256: String,
    /// What it may sign.
    pub rules: Rules,
}

/// An identity, and what it may sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedIdentity {
    /// An e-mail address or a workflow's URI; a `*` at the end stands for anything.
    pub subject: String,
    /// The OIDC issuer that vouches for it.
    pub issuer: String,
    /// What it may sign.
    pub rules: Rules,
}

/// What a signer may sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The signer's name, for people.
    pub name: String,
    /// The unique names of solutions; all of a bundle must be among them.
    pub solutions: Vec<String>,
    /// The customization prefixes of publishers.
    pub publisher_prefixes: Vec<String>,
    /// The lowest version that is accepted, for every solution.
    pub minimum_version: Option<Version>,
    /// The repository that the provenance or the certificate must name.
    pub repository: Option<String>,
    /// The builder that the provenance or the certificate must name; a `*` at the end stands for anything.
    pub builder: Option<String>,
}

/// What must be true.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// One of these keys must have signed, or one of the identities; anybody, if both are empty.
    pub keys: Vec<PublicKey>,
    /// Subject and issuer of identities; a `*` at the end of the subject stands for anything.
    pub identities: Vec<(String, String)>,
    /// The policy that must allow it.
    pub policy: Option<Policy>,
    /// Signatures beside the bundle.
    pub detached: Vec<Detached>,
    /// A `trusted_root.json` in place of the one of Sigstore's public instance.
    pub trusted_root: Option<String>,
}

impl Trust {
    /// Whether somebody must have signed.
    pub(super) fn is_asked(&self) -> bool {
        !self.keys.is_empty() || !self.identities.is_empty() || self.policy.is_some()
    }

    pub(super) fn names(&self, signer: &Signer) -> bool {
        match signer {
            Signer::Key(key) => self.keys.contains(key),
            Signer::Identity(who) => self.identities.iter().any(|(subject, issuer)| is(who, subject, issuer)),
        }
    }
}

impl Policy {
    /// What it says of a signer.
    pub(super) fn rules<'a>(&'a self, signer: &'a Signer) -> Vec<&'a Rules> {
        match signer {
            Signer::Key(key) => {
                let digest = key.digest();
                self.keys.iter().filter(|trusted| trusted.sha256 == digest).map(|trusted| &trusted.rules).collect()
            }
            Signer::Identity(who) => {
                let fits = |trusted: &&TrustedIdentity| is(who, &trusted.subject, &trusted.issuer);
                self.identities.iter().filter(fits).map(|trusted| &trusted.rules).collect()
            }
        }
    }
}

/// Whether a certificate names exactly this subject and issuer.
fn is(who: &Identity, subject: &str, issuer: &str) -> bool {
    who.issuer == issuer && starred(subject, &who.subject)
}

/// Whether two texts are equal; a `*` at the end of `wanted` stands for anything.
pub(super) fn starred(wanted: &str, found: &str) -> bool {
    wanted.strip_suffix('*').map_or(wanted == found, |start| found.starts_with(start))
}

/// A bundle is not trusted.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It has no signature.
    #[error("the bundle is not signed")]
    Unsigned,
    /// A signature is not valid.
    #[error("the signature `{}` is not valid: {}", .0.entry, .0.why)]
    Bad(Bad),
    /// The signatures cannot be read.
    #[error("the bundle was changed after it was signed: {0}")]
    Changed(String),
    /// It is signed, but not by a key that is trusted.
    #[error("the bundle is signed by another key: {}", .0.join(", "))]
    OtherKey(Vec<String>),
    /// It is signed, but not by anybody who is trusted.
    #[error("the bundle is signed by somebody else: {}", .0.join(", "))]
    OtherSigner(Vec<String>),
    /// The signer is trusted, but not for this.
    #[error("the policy does not allow it: {}", .0.join("; "))]
    Policy(Vec<String>),
    /// The trusted root cannot be used.
    #[error("cannot use the trusted root: {0}")]
    Root(String),
}
