//! Signs bundles, and finds out who signed one. Nothing here uses the network.
//!
//! A signature is an entry after all others, `signatures/<key>.sigstore.json`, with the public key beside it.
//! What it signs is a statement about the bundle's bytes as they were before the first signature
//! ([`crate::archive::split`] returns them) and about every file in it.

#[cfg(feature = "native")]
mod check;
mod envelope;
mod key;
mod keyless;
#[cfg(feature = "native")]
mod policy;
#[cfg(feature = "native")]
pub mod policy_file;
#[cfg(feature = "native")]
mod provider;
#[cfg(feature = "native")]
mod roots;
#[cfg(feature = "native")]
mod signing_key;
#[cfg(test)]
mod tests;
#[cfg(feature = "native")]
mod trust;

#[cfg(feature = "native")]
pub use check::{SignError, attach, sign, unsigned};
pub use key::{KeyError, PublicKey};
pub use keyless::Identity;
#[cfg(feature = "native")]
pub use policy::{Checked, verify_policy};
#[cfg(feature = "native")]
pub use signing_key::SigningKey;
#[cfg(feature = "native")]
pub use trust::{Policy, Refusal, Rules, Trust, TrustedIdentity, TrustedKey};

use std::fmt;

use crate::archive::Entry;
use crate::bundle::provenance::Statement;
use crate::bundle::sha256;

use envelope::Document;

/// Where signatures are in a bundle.
pub use crate::bundle::provenance::SIGNATURES as FOLDER;
const DOCUMENT_END: &str = ".sigstore.json";
const KEY_END: &str = ".pub.pem";
/// How many digits of the key's digest are in the names of its files.
const NAME_DIGITS: usize = 16;
/// A statement about a thousand files has about 200 KiB.
const MAXIMUM_SIZE: usize = 16 << 20;

/// A valid signature: the bundle is what this signer signed.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Who.
    pub signer: Signer,
    /// The statement; `None` if only the file itself was signed.
    pub statement: Option<Statement>,
}

impl Signed {
    /// The source repository: a certificate's word counts before the signer's.
    #[must_use]
    pub fn repository(&self) -> Option<&str> {
        match &self.signer {
            Signer::Identity(who) => who.repository.as_deref(),
            Signer::Key(_) => self.statement.as_ref()?.repository(),
        }
    }

    /// Who built: a certificate's word counts before the signer's.
    #[must_use]
    pub fn builder(&self) -> Option<&str> {
        match &self.signer {
            Signer::Identity(who) => who.builder.as_deref(),
            Signer::Key(_) => self.statement.as_ref()?.builder(),
        }
    }
}

/// Who signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// The owner of a key.
    Key(PublicKey),
    /// Somebody that a Sigstore certificate names.
    Identity(Identity),
}

/// A signer by its name, for documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The digest of the key, where a key signed.
    pub key: Option<String>,
    /// Whom the certificate names, where an identity signed.
    pub identity: Option<String>,
    /// Who vouched for the identity.
    pub issuer: Option<String>,
}

impl Signer {
    /// Its name.
    #[must_use]
    pub fn names(&self) -> Names {
        let (key, who) = match self {
            Self::Key(key) => (Some(key.digest()), None),
            Self::Identity(who) => (None, Some(who)),
        };
        let (identity, issuer) = (who.map(|who| who.subject.clone()), who.map(|who| who.issuer.clone()));
        Names { key, identity, issuer }
    }
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "sha256:{}", key.digest()),
            Self::Identity(who) => write!(f, "{} (says {})", who.subject, who.issuer),
        }
    }
}

/// A Sigstore bundle that is outside the bundle.
#[derive(Clone, Debug)]
pub struct Detached {
    /// The file's name.
    pub name: String,
    /// Its JSON.
    pub json: String,
}

/// A signature that is not valid, or cannot be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// The entry.
    pub entry: String,
    /// The reason.
    pub why: String,
}

/// Whether an entry below [`FOLDER`] has exactly the form of a signature or its key. Whether the
/// signature is valid is not checked.
pub(in crate::bundle) fn check_entry(entry: &Entry, entries: &[Entry]) -> Result<(), String> {
    let name = entry.name.strip_prefix(FOLDER).unwrap_or_default();
    let end = [DOCUMENT_END, KEY_END].into_iter().find(|end| name.ends_with(end));
    let Some((end, stem)) = end.and_then(|end| Some((end, name.strip_suffix(end)?))) else {
        return Err("it is neither a signature nor a key".to_owned());
    };
    let digits = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if stem.len() != NAME_DIGITS || !stem.bytes().all(digits) {
        return Err(format!("it is not called by {NAME_DIGITS} hexadecimal digits"));
    }
    if entry.bytes.len() > MAXIMUM_SIZE {
        return Err("it is too large".to_owned());
    }
    let there = |end: &str| entries.iter().any(|other| other.name == format!("{FOLDER}{stem}{end}"));
    if end == KEY_END {
        let key = PublicKey::from_pem(&entry.bytes, &entry.name).map_err(|error| error.to_string())?;
        return if key.to_pem().as_bytes() != entry.bytes {
            Err("it contains more than a public key, or has it in another form".to_owned())
        } else if !key.digest().starts_with(stem) {
            Err("it is not called by its key's digest".to_owned())
        } else if !there(DOCUMENT_END) {
            Err("it is the key of no signature in the bundle".to_owned())
        } else {
            Ok(())
        };
    }
    let json = std::str::from_utf8(&entry.bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
    if is_keyless(json) {
        if !sha256(&entry.bytes).starts_with(stem) {
            return Err("it is not called by its digest".to_owned());
        }
        return keyless::check_form(json);
    }
    let document = Document::parse(&entry.bytes)?;
    if !document.is_normal(&entry.bytes) {
        return Err("it contains more than a signature, or has it in another form".to_owned());
    }
    Ok(())
}

/// Whether a Sigstore bundle brings a certificate rather than the hint of a key.
fn is_keyless(json: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(json).is_ok_and(|document| {
        let material = &document["verificationMaterial"];
        material.get("certificate").is_some() || material.get("x509CertificateChain").is_some()
    })
}
