//! Signing a bundle, and checking every signature of one.

use super::envelope::Document;
use super::roots::Roots;
use super::signing_key::SigningKey;
use super::trust::{Refusal, Trust};
use super::{
    Bad, DOCUMENT_END, Detached, FOLDER, KEY_END, MAXIMUM_SIZE, NAME_DIGITS, PublicKey, Signed, Signer, is_keyless,
};
use crate::archive::{self, Entry, Limits, Split, TailError};
use crate::bundle::provenance::{PREDICATE_TYPE, STATEMENT_TYPE, Statement};
use crate::bundle::sha256;

/// More entries than this below the folder are refused.
pub(super) const MAXIMUM_ENTRIES: usize = 64;

/// A bundle cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// Its signatures cannot be removed.
    #[error(transparent)]
    Tail(#[from] TailError),
    /// The system provides no random numbers.
    #[error("the system gives no random numbers to sign with")]
    Random,
}

/// All signatures of a bundle.
#[derive(Clone, Debug, Default)]
pub struct Signatures {
    /// The valid ones.
    pub good: Vec<Signed>,
    /// Invalid ones in the bundle whose key is beside them: something was changed.
    pub broken: Vec<Bad>,
    /// Those that cannot be checked here, or are not valid by what is trusted here.
    pub bad: Vec<Bad>,
}

/// Adds a signature to a bundle that was read before; one by the same key is replaced.
///
/// # Errors
/// A [`SignError`] if the key cannot sign, or the bundle has no place for the signature.
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
///
/// # Errors
/// A [`TailError`] if the archive is refused, or its signatures are not written as they are here.
pub fn unsigned(bytes: &[u8]) -> Result<Vec<u8>, TailError> {
    Ok(archive::split(bytes, FOLDER, &Limits::default())?.archive)
}

/// Puts a keyless signature that was made elsewhere into a bundle; it must be about this bundle, and valid.
pub fn attach(bytes: &[u8], json: &str, trusted_root: Option<&str>) -> Result<(Vec<u8>, Signed), Refusal> {
    let Split { archive, mut tail } = split(bytes)?;
    let refuse = |why| Refusal::Bad(Bad { entry: "the one to attach".to_owned(), why });
    if json.len() > MAXIMUM_SIZE {
        return Err(refuse("it is too large".to_owned()));
    }
    let roots = Roots::new(trusted_root).map_err(Refusal::Root)?;
    // Inside, it can only be about the bundle without signatures: it cannot contain its own digest.
    let signed = keyless(&roots, json, &[&archive]).map_err(refuse)?;
    let name = format!("{FOLDER}{}{DOCUMENT_END}", &sha256(json.as_bytes())[..NAME_DIGITS]);
    tail.retain(|entry| entry.name != name);
    tail.push(Entry::new(name, json));
    tail.sort_by(|a, b| a.name.cmp(&b.name));
    let out = archive::append(&archive, &tail).map_err(|error| Refusal::Changed(error.to_string()))?;
    Ok((out, signed))
}

pub(super) fn split(bytes: &[u8]) -> Result<Split, Refusal> {
    archive::split(bytes, FOLDER, &Limits::default()).map_err(|error| Refusal::Changed(error.to_string()))
}

/// Checks every signature, with the keys beside them, with trusted keys and with Sigstore's trusted
/// root. A valid signature says nothing about who made it.
pub(super) fn signatures(bytes: &[u8], trust: &Trust) -> Result<Signatures, Refusal> {
    let Split { archive, tail } = split(bytes)?;
    let digest = sha256(&archive);
    let mut out = Signatures::default();
    if tail.len() > MAXIMUM_ENTRIES {
        return Err(Refusal::Changed(format!("there are more than {MAXIMUM_ENTRIES} files below `{FOLDER}`")));
    }
    let mut roots = None;
    let mut check_keyless = |json: &str, artifacts: &[&[u8]]| match roots {
        Some(ref roots) => keyless(roots, json, artifacts),
        None => {
            let made = Roots::new(trust.trusted_root.as_deref())?;
            keyless(roots.insert(made), json, artifacts)
        }
    };
    for entry in &tail {
        let Some(stem) = entry.name.strip_suffix(DOCUMENT_END) else {
            if !entry.name.ends_with(KEY_END) {
                out.bad.push(bad(entry, "it is neither a signature nor a key"));
            }
            continue;
        };
        if entry.bytes.len() > MAXIMUM_SIZE {
            out.bad.push(bad(entry, "it is too large"));
            continue;
        }
        let mut has_key = false;
        let checked = match std::str::from_utf8(&entry.bytes) {
            Err(_) => Err("it is not UTF-8 text".to_owned()),
            Ok(json) if is_keyless(json) => check_keyless(json, &[&archive]),
            Ok(_) => {
                let beside = tail
                    .iter()
                    .find(|other| other.name.strip_suffix(KEY_END) == Some(stem))
                    .map(|other| PublicKey::from_pem(&other.bytes, &other.name));
                let mut keys = trust.keys.clone();
                match beside {
                    Some(Ok(key)) => {
                        has_key = true;
                        keys.push(key);
                    }
                    Some(Err(error)) => out.bad.push(Bad { entry: entry.name.clone(), why: error.to_string() }),
                    None => {}
                }
                by_key(&entry.bytes, &keys, &[digest.as_str()])
            }
        };
        match checked {
            Ok(signed) => out.good.push(signed),
            Err(why) if has_key => out.broken.push(Bad { entry: entry.name.clone(), why }),
            Err(why) => out.bad.push(Bad { entry: entry.name.clone(), why }),
        }
    }
    for Detached { name, json } in &trust.detached {
        // Beside the bundle it may be about the file as it is, with signatures, or without them.
        let whole = sha256(bytes);
        let checked = if is_keyless(json) {
            check_keyless(json, &[bytes, &archive])
        } else {
            by_key(json.as_bytes(), &trust.keys, &[whole.as_str(), digest.as_str()])
        };
        match checked {
            Ok(signed) => out.good.push(signed),
            Err(why) => out.bad.push(Bad { entry: name.clone(), why }),
        }
    }
    Ok(out)
}

fn bad(entry: &Entry, why: &str) -> Bad {
    Bad { entry: entry.name.clone(), why: why.to_owned() }
}

fn by_key(json: &[u8], keys: &[PublicKey], digests: &[&str]) -> Result<Signed, String> {
    let document = Document::parse(json)?;
    let (key, payload) = keys
        .iter()
        .find_map(|key| Some((key, document.verified(key)?)))
        .ok_or_else(|| if keys.is_empty() { "its key is not known" } else { "it does not fit its key" }.to_owned())?;
    let statement = statement(&payload)?;
    if !digests.iter().any(|digest| statement.is_about(digest)) {
        return Err("it is about another bundle, or this one was changed after it was signed".to_owned());
    }
    Ok(Signed { signer: Signer::Key(key.clone()), statement: Some(statement) })
}

fn keyless(roots: &Roots, json: &str, artifacts: &[&[u8]]) -> Result<Signed, String> {
    let verified = roots.verify(json, artifacts)?;
    let who = &verified.identity;
    for claim in [Some(&who.subject), Some(&who.issuer), who.repository.as_ref(), who.builder.as_ref()] {
        if claim.is_some_and(|text| is_unprintable(text)) {
            return Err("its certificate contains control characters".to_owned());
        }
    }
    let statement = verified.payload.map(|payload| statement(&payload)).transpose()?;
    Ok(Signed { signer: Signer::Identity(verified.identity), statement })
}

/// The statement in bytes that were signed.
fn statement(payload: &[u8]) -> Result<Statement, String> {
    let statement: Statement =
        serde_json::from_slice(payload).map_err(|error| format!("what it signs is not a statement: {error}"))?;
    if statement.statement_type != STATEMENT_TYPE || statement.predicate_type != PREDICATE_TYPE {
        return Err("what it signs is not build provenance".to_owned());
    }
    // An untrusted signer must not be able to control the terminal, either.
    if [statement.builder(), statement.repository(), statement.build_type()].into_iter().flatten().any(is_unprintable)
        || statement.parameters().any(is_unprintable)
    {
        return Err("what it signs contains control characters".to_owned());
    }
    Ok(statement)
}

fn is_unprintable(text: &str) -> bool {
    text.chars().any(char::is_control)
}
