//! Public keys: ECDSA P-256 and Ed25519, in PEM.
//!
//! Sources: RFC 5480 and RFC 8410. A key is named by the SHA-256 of its `SubjectPublicKeyInfo`, as sigstore and
//! `openssl` do.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};

use crate::bundle::sha256;
use crate::files;

pub(super) const FILE_LIMIT: u64 = 64 << 10;
/// `SubjectPublicKeyInfo` up to the 65 bytes of an uncompressed point on P-256.
pub(super) const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// `SubjectPublicKeyInfo` up to the 32 bytes of an Ed25519 key.
pub(super) const ED25519_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// A key cannot be used. Never contains a part of it.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the key `{file}`: {why}")]
pub struct KeyError {
    /// The file.
    pub file: String,
    /// The reason.
    pub why: String,
    /// What to do.
    pub help: Option<String>,
}

impl KeyError {
    pub(super) fn new(file: &str, why: impl Into<String>) -> Self {
        Self { file: file.to_owned(), why: why.into(), help: None }
    }

    pub(super) fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    P256,
    Ed25519,
}

/// A public key.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    pub(super) algorithm: Algorithm,
    pub(super) spki: Vec<u8>,
}

impl PublicKey {
    /// Reads a `BEGIN PUBLIC KEY` file.
    ///
    /// # Errors
    /// A [`KeyError`] if the file cannot be read, or has no public key that is supported.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let name = path.display().to_string();
        let bytes = files::read(path, FILE_LIMIT).map_err(|error| KeyError::new(&name, error.source.to_string()))?;
        Self::from_pem(&bytes, &name)
    }

    /// Reads PEM; `name` is its name in errors.
    ///
    /// # Errors
    /// A [`KeyError`] if it has no public key that is supported.
    pub fn from_pem(pem: &[u8], name: &str) -> Result<Self, KeyError> {
        let wrong = |why: &str| KeyError::new(name, why);
        let spki = SubjectPublicKeyInfoDer::from_pem_slice(pem).map_err(|_| {
            if PrivateKeyDer::from_pem_slice(pem).is_ok() {
                wrong("it is a private key, and a public one is wanted").help(
                    "keep it where it is; make the public one with: openssl pkey -in KEY.pem -pubout -out KEY.pub",
                )
            } else {
                wrong("it contains no `BEGIN PUBLIC KEY` block")
            }
        })?;
        Self::from_spki(spki.as_ref()).ok_or_else(|| wrong("it is neither an ECDSA P-256 nor an Ed25519 key"))
    }

    pub(super) fn from_spki(spki: &[u8]) -> Option<Self> {
        let algorithm = match spki.len() {
            91 if spki.starts_with(&P256_PREFIX) && spki.get(26) == Some(&4) => Algorithm::P256,
            44 if spki.starts_with(&ED25519_PREFIX) => Algorithm::Ed25519,
            _ => return None,
        };
        Some(Self { algorithm, spki: spki.to_vec() })
    }

    /// SHA-256 of the `SubjectPublicKeyInfo`, in lower-case hex.
    #[must_use]
    pub fn digest(&self) -> String {
        sha256(&self.spki)
    }

    /// The same digest in base64, as in sigstore's key hints.
    #[must_use]
    pub fn hint(&self) -> String {
        use sha2::Digest as _;
        STANDARD.encode(sha2::Sha256::digest(&self.spki))
    }

    /// The key as PEM.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let text = STANDARD.encode(&self.spki);
        let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?} {})", self.algorithm, self.digest())
    }
}
