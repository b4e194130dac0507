//! Keys that sign, and the check of what they signed.
//!
//! Sources: RFC 5958 (PKCS#8), RFC 5915 (SEC1 keys).

use std::fmt;
use std::path::Path;

use pkcs8::SecretDocument;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;

use super::key::{Algorithm, ED25519_PREFIX, FILE_LIMIT, KeyError, P256_PREFIX, PublicKey};
use crate::files;
use crate::secret::Secret;

/// What comes before a SEC1 key in PKCS#8, after the outer length: version 0 and the algorithm.
const P256_PKCS8_MIDDLE: [u8; 24] = [
    0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 0x03, 0x01, 0x07,
];

impl PublicKey {
    /// Whether `signature` over `message` was made with the private half.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self.algorithm {
            Algorithm::P256 => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.spki[P256_PREFIX.len()..])
                .verify(message, signature)
                .is_ok(),
            Algorithm::Ed25519 => {
                UnparsedPublicKey::new(&ED25519, &self.spki[ED25519_PREFIX.len()..]).verify(message, signature).is_ok()
            }
        }
    }
}

/// A private key, ready to sign.
pub struct SigningKey {
    pair: Pair,
    public: PublicKey,
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// Refuses a key that others on this machine can read or replace.
fn refuse_shared(path: &Path, name: &str) -> Result<(), KeyError> {
    let metadata = files::metadata(path).map_err(|error| KeyError::new(name, error.to_string()))?;
    match files::shared(&metadata) {
        None => Ok(()),
        Some(others) => {
            Err(KeyError::new(name, format!("it is a private key {others}")).help(files::keep_to_yourself(path)))
        }
    }
}

impl SigningKey {
    /// Reads a PEM file, which on Unix nobody but its owner may read; `passphrase` is asked for only if the key is
    /// encrypted.
    ///
    /// # Errors
    /// A [`KeyError`] if the file cannot be read, others can read it, or it has no private key that is supported.
    pub fn read(path: &Path, passphrase: &mut dyn FnMut() -> Option<Secret>) -> Result<Self, KeyError> {
        let name = path.display().to_string();
        let bytes = files::read(path, FILE_LIMIT).map_err(|error| KeyError::new(&name, error.source.to_string()))?;
        let pem = Secret::new(String::from_utf8(bytes).map_err(|_| KeyError::new(&name, "it is not a PEM file"))?);
        if pem.reveal().contains("PRIVATE KEY-----") {
            refuse_shared(path, &name)?;
        }
        Self::from_pem(&pem, &name, passphrase)
    }

    /// Reads PEM; `name` is its name in errors.
    ///
    /// # Errors
    /// A [`KeyError`] if it has no private key that is supported.
    pub fn from_pem(
        pem: &Secret,
        name: &str,
        passphrase: &mut dyn FnMut() -> Option<Secret>,
    ) -> Result<Self, KeyError> {
        let wrong = |why: &str| KeyError::new(name, why);
        let text = pem.reveal();
        if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
            let passphrase = passphrase().ok_or_else(|| {
                wrong("it is encrypted, and no passphrase was given")
                    .help("set `DVPACK_KEY_PASSPHRASE`, or run this in a terminal to be asked")
            })?;
            return Self::from_pkcs8(decrypted(text, &passphrase, name)?.as_bytes()).ok_or_else(|| neither(name));
        }
        if text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(wrong("it is encrypted in OpenSSL's old format")
                .help("convert it: openssl pkcs8 -topk8 -in OLD.pem -out KEY.pem"));
        }
        if text.contains("ENCRYPTED SIGSTORE PRIVATE KEY") || text.contains("ENCRYPTED COSIGN PRIVATE KEY") {
            return Err(wrong("it is in cosign's own format")
                .help("import a PEM key into cosign instead: cosign import-key-pair --key KEY.pem"));
        }
        match PrivateKeyDer::from_pem_slice(text.as_bytes()) {
            Ok(PrivateKeyDer::Pkcs8(der)) => Self::from_pkcs8(der.secret_pkcs8_der()),
            Ok(PrivateKeyDer::Sec1(der)) => Self::from_pkcs8(&pkcs8_of_sec1(der.secret_sec1_der())),
            Ok(_) => None,
            Err(_) => {
                return Err(wrong("it contains no `BEGIN PRIVATE KEY` block").help(
                    "make a key with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out KEY.pem",
                ));
            }
        }
        .ok_or_else(|| neither(name))
    }

    fn from_pkcs8(der: &[u8]) -> Option<Self> {
        let random = SystemRandom::new();
        if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der, &random) {
            let spki = [&P256_PREFIX[..], pair.public_key().as_ref()].concat();
            return Some(Self { public: PublicKey::from_spki(&spki)?, pair: Pair::P256(pair) });
        }
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok()?;
        let spki = [&ED25519_PREFIX[..], pair.public_key().as_ref()].concat();
        Some(Self { public: PublicKey::from_spki(&spki)?, pair: Pair::Ed25519(pair) })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs; `None` only if the system provides no random numbers.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match &self.pair {
            Pair::P256(pair) => Some(pair.sign(&SystemRandom::new(), message).ok()?.as_ref().to_vec()),
            Pair::Ed25519(pair) => Some(pair.sign(message).as_ref().to_vec()),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public.digest())
    }
}

fn neither(name: &str) -> KeyError {
    KeyError::new(name, "it is neither an ECDSA P-256 nor an Ed25519 key")
        .help("make a key with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out KEY.pem")
}

/// The PKCS#8 key inside an encrypted one (PBES2: PBKDF2 or scrypt, AES).
fn decrypted(pem: &str, passphrase: &Secret, name: &str) -> Result<SecretDocument, KeyError> {
    let (_, document) = SecretDocument::from_pem(pem)
        .map_err(|_| KeyError::new(name, "its `ENCRYPTED PRIVATE KEY` block is damaged"))?;
    let info = pkcs8::EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|_| {
        KeyError::new(name, "its encryption is not supported")
            .help("encrypt it again: openssl pkcs8 -topk8 -v2 aes-256-cbc -in KEY.pem -out NEW.pem")
    })?;
    info.decrypt(passphrase.reveal())
        .map_err(|_| KeyError::new(name, "the passphrase does not open it, or its encryption is not supported"))
}

/// Wraps a SEC1 key for P-256 into PKCS#8.
fn pkcs8_of_sec1(sec1: &[u8]) -> Vec<u8> {
    let octets = [&[0x04][..], &length(sec1.len()), sec1].concat();
    let inside = [&P256_PKCS8_MIDDLE[..], &octets].concat();
    [&[0x30][..], &length(inside.len()), &inside].concat()
}

/// A length in DER.
fn length(value: usize) -> Vec<u8> {
    let bytes: Vec<u8> = value.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    match bytes.as_slice() {
        [] => vec![0],
        [one @ 0..=0x7f] => vec![*one],
        // Eight bytes at most, so the count fits into the lower bits.
        more => [&[0x80 | u8::try_from(more.len()).unwrap_or_default()][..], more].concat(),
    }
}
