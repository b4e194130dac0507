//! Signing bundles, and telling who signed one. Nothing here uses the network.
//!
//! A signature is an entry behind all others, `signatures/<key>.sigstore.json`, with the public key beside it.
//! What it signs is a statement about the bundle's bytes as they were before the first signature
//! ([`crate::archive::split`] gives them back) and about every file in it.

mod envelope;
mod key;
mod policy;

pub use key::{KeyError, PublicKey, SigningKey};
pub use policy::{Policy, PolicyError, Refusal, Trust, verify_policy};

use crate::archive::{self, Entry, Limits, Split, TailError};
use crate::bundle::provenance::{PREDICATE_TYPE, STATEMENT_TYPE, Statement};
use crate::bundle::sha256;

use envelope::Document;

/// Where signatures are in a bundle.
pub const FOLDER: &str = "signatures/";
const DOCUMENT_END: &str = ".sigstore.json";
const KEY_END: &str = ".pub.pem";
/// How many digits of the key's digest are in the names of its files.
const NAME_DIGITS: usize = 16;
/// More entries than this below the folder are refused.
const MAXIMUM_ENTRIES: usize = 64;
/// A statement about a thousand files has about 200 KiB.
const MAXIMUM_SIZE: usize = 16 << 20;

/// A bundle cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// Its signatures cannot be taken off.
    #[error(transparent)]
    Tail(#[from] TailError),
    /// The system has no randomness to give.
    #[error("the system gives no random numbers to sign with")]
    Random,
}

/// A signature that holds: the bundle is what this key's owner signed.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The key.
    pub key: PublicKey,
    /// What its owner states.
    pub statement: Statement,
}

/// A signature that does not hold, or that nobody can check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// The entry.
    pub entry: String,
    /// The reason.
    pub why: String,
}

/// All signatures of a bundle.
#[derive(Clone, Debug, Default)]
pub struct Signatures {
    /// Those that hold.
    pub good: Vec<Signed>,
    /// Those that do not.
    pub bad: Vec<Bad>,
}

/// Adds a signature to a bundle that was read before; one by the same key is replaced.
pub fn sign(bytes: &[u8], statement: &Statement, key: &SigningKey) -> Result<Vec<u8>, SignError> {
    let Split { archive, mut tail } = archive::split(bytes, FOLDER, &Limits::default())?;
    let payload = serde_json::to_vec(statement).unwrap_or_default();
    let document = Document::sign(&payload, key).ok_or(SignError::Random)?;
    let stem = format!("{FOLDER}{}", &key.public().digest()[..NAME_DIGITS]);
    tail.retain(|entry| !entry.name.starts_with(&stem));
    tail.push(Entry::new(format!("{stem}{KEY_END}"), key.public().to_pem()));
    tail.push(Entry::new(format!("{stem}{DOCUMENT_END}"), document.to_json()));
    tail.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(archive::append(&archive, &tail)?)
}

/// The bundle's bytes as they were before the first signature.
pub fn unsigned(bytes: &[u8]) -> Result<Vec<u8>, TailError> {
    Ok(archive::split(bytes, FOLDER, &Limits::default())?.archive)
}

/// Checks every signature, by the keys that lie beside them and by `known` ones. That a signature holds says
/// nothing about whose key it is.
pub fn signatures(bytes: &[u8], known: &[PublicKey]) -> Result<Signatures, TailError> {
    let Split { archive, tail } = archive::split(bytes, FOLDER, &Limits::default())?;
    let digest = sha256(&archive);
    let mut out = Signatures::default();
    if tail.len() > MAXIMUM_ENTRIES {
        return Err(TailError::Altered(FOLDER.to_owned()));
    }
    for entry in &tail {
        let Some(stem) = entry.name.strip_suffix(DOCUMENT_END) else {
            if !entry.name.ends_with(KEY_END) {
                out.bad.push(bad(entry, "it is neither a signature nor a key"));
            }
            continue;
        };
        let beside = tail
            .iter()
            .find(|other| other.name.strip_suffix(KEY_END) == Some(stem))
            .map(|other| PublicKey::from_pem(&other.bytes, &other.name));
        let mut keys = known.to_vec();
        match beside {
            Some(Ok(key)) => keys.push(key),
            Some(Err(error)) => out.bad.push(Bad { entry: entry.name.clone(), why: error.to_string() }),
            None => {}
        }
        match check(entry, &keys, &digest) {
            Ok(signed) => out.good.push(signed),
            Err(why) => out.bad.push(Bad { entry: entry.name.clone(), why }),
        }
    }
    Ok(out)
}

fn bad(entry: &Entry, why: &str) -> Bad {
    Bad { entry: entry.name.clone(), why: why.to_owned() }
}

fn check(entry: &Entry, keys: &[PublicKey], digest: &str) -> Result<Signed, String> {
    if entry.bytes.len() > MAXIMUM_SIZE {
        return Err("it is too large".to_owned());
    }
    let document = Document::parse(&entry.bytes)?;
    let (key, payload) = keys
        .iter()
        .find_map(|key| Some((key, document.verified(key)?)))
        .ok_or_else(|| if keys.is_empty() { "its key is not known" } else { "it does not fit its key" }.to_owned())?;
    let statement: Statement =
        serde_json::from_slice(&payload).map_err(|error| format!("what it signs is no statement: {error}"))?;
    if statement.statement_type != STATEMENT_TYPE || statement.predicate_type != PREDICATE_TYPE {
        return Err("what it signs is not build provenance".to_owned());
    }
    if !statement.is_about(digest) {
        return Err("it is about another bundle, or this one was changed after it was signed".to_owned());
    }
    Ok(Signed { key: key.clone(), statement })
}
