//! A certificate with its private key in a PFX file (PKCS #12), as Windows and Azure Key Vault export it.
//!
//! RFC 7292, read by `p12-keystore`: PBES2 with AES, and what older systems wrote (3DES, RC2; HMAC-SHA-1).

use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// What is in the file.
pub(crate) struct Opened {
    /// The first private key, PKCS #8.
    pub(crate) key: Zeroizing<Vec<u8>>,
    /// All certificates, DER.
    pub(crate) certificates: Vec<Vec<u8>>,
}

/// Why it cannot be used.
pub(crate) enum Problem {
    Password,
    Unreadable(String),
    NoKey,
}

/// Whether the file is DER: a PFX file, if it is any certificate file.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    bytes.first() == Some(&0x30)
}

/// Opens the file.
pub(crate) fn open(bytes: &[u8], password: Option<&Secret>) -> Result<Opened, Problem> {
    let archive =
        Pkcs12Archive::from_pkcs12(bytes, password.map_or("", Secret::reveal)).map_err(|error| match error {
            Error::MacError(_) | Error::Pkcs5Error(_) | Error::UnpadError => Problem::Password,
            other => Problem::Unreadable(other.to_string()),
        })?;
    let key = archive.keys.first().ok_or(Problem::NoKey)?;
    let key = Zeroizing::new(key.key.as_der().to_vec());
    let certificates = archive.certs.iter().map(|bag| bag.cert.as_der().to_vec()).collect();
    Ok(Opened { key, certificates })
}
