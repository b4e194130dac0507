//! The cryptography for the Sigstore crates: `ring`, which TLS needs anyway.
//!
//! Their own default is a second library in C. Only what verifying needs is here. `ring` has no function for a
//! signature over a digest: if one is asked for, the message with that digest must be available ([`with_message`]),
//! and the signature over the message is checked, which is the same.

use std::cell::RefCell;

use ring::digest::{Context, SHA256, SHA384, SHA512};
use ring::signature as algorithms;
use ring::signature::{UnparsedPublicKey, VerificationAlgorithm};
use sigstore_verify::crypto::{
    CryptoProvider, Error, HashContext, Result, SigningScheme, default_provider, install_default_provider,
};
use sigstore_verify::types::HashAlgorithm;

#[derive(Debug)]
struct Ring;

static RING: Ring = Ring;

/// Makes it the process's provider. Calling it again changes nothing.
pub(super) fn install() {
    // An error means that there already is one: the same, from an earlier call.
    let _ = install_default_provider(&RING);
    debug_assert!(format!("{:?}", default_provider()) == "Ring");
}

thread_local! {
    static MESSAGE: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Runs `work` with a message available.
pub(super) fn with_message<T>(message: &[u8], work: impl FnOnce() -> T) -> T {
    MESSAGE.set(Some(message.to_vec()));
    let out = work();
    MESSAGE.set(None);
    out
}

struct Hash(Context);

impl HashContext for Hash {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn finalize(self: Box<Self>) -> Vec<u8> {
        self.0.finish().as_ref().to_vec()
    }
}

impl CryptoProvider for Ring {
    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>> {
        let algorithm = match algorithm {
            HashAlgorithm::Sha2256 => &SHA256,
            HashAlgorithm::Sha2384 => &SHA384,
            HashAlgorithm::Sha2512 => &SHA512,
            other => return Err(Error::UnsupportedAlgorithm(other.to_string())),
        };
        Ok(Box::new(Hash(Context::new(algorithm))))
    }

    fn verify_raw(&self, scheme: SigningScheme, key: &[u8], data: &[u8], signature: &[u8]) -> Result<()> {
        let algorithm: &dyn VerificationAlgorithm = match scheme {
            SigningScheme::EcdsaP256Sha256 => &algorithms::ECDSA_P256_SHA256_ASN1,
            SigningScheme::EcdsaP256Sha384 => &algorithms::ECDSA_P256_SHA384_ASN1,
            SigningScheme::EcdsaP384Sha256 => &algorithms::ECDSA_P384_SHA256_ASN1,
            SigningScheme::EcdsaP384Sha384 => &algorithms::ECDSA_P384_SHA384_ASN1,
            SigningScheme::Ed25519 => &algorithms::ED25519,
            SigningScheme::RsaPssSha256 => &algorithms::RSA_PSS_2048_8192_SHA256,
            SigningScheme::RsaPssSha384 => &algorithms::RSA_PSS_2048_8192_SHA384,
            SigningScheme::RsaPssSha512 => &algorithms::RSA_PSS_2048_8192_SHA512,
            SigningScheme::RsaPkcs1Sha256 => &algorithms::RSA_PKCS1_2048_8192_SHA256,
            SigningScheme::RsaPkcs1Sha384 => &algorithms::RSA_PKCS1_2048_8192_SHA384,
            SigningScheme::RsaPkcs1Sha512 => &algorithms::RSA_PKCS1_2048_8192_SHA512,
            other => return Err(Error::UnsupportedAlgorithm(other.name().to_owned())),
        };
        UnparsedPublicKey::new(algorithm, key)
            .verify(data, signature)
            .map_err(|_| Error::Verification(format!("the {} signature is not valid", scheme.name())))
    }

    fn verify_prehashed(&self, scheme: SigningScheme, key: &[u8], digest: &[u8], signature: &[u8]) -> Result<()> {
        let unknown = || Error::UnsupportedAlgorithm(format!("{} over a digest of something else", scheme.name()));
        let mut hash = self.hash(scheme.hash_algorithm().ok_or_else(unknown)?)?;
        MESSAGE.with_borrow(|message| {
            let message = message.as_ref().ok_or_else(unknown)?;
            hash.update(message);
            if hash.finalize() != digest {
                return Err(unknown());
            }
            self.verify_raw(scheme, key, message, signature)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standard() {
        let hex = |algorithm| {
            let mut hash = RING.hash(algorithm).expect("known");
            hash.update(b"abc");
            hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        // FIPS 180-4, the examples for "abc".
        assert_eq!(hex(HashAlgorithm::Sha2256), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(hex(HashAlgorithm::Sha2384).starts_with("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"));
        assert!(hex(HashAlgorithm::Sha2512).starts_with("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea2"));
    }

    #[test]
    fn a_signature_over_a_digest_is_one_over_the_message_at_hand() {
        use ring::rand::SystemRandom;
        use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key");
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).expect("a key");
        let signature = pair.sign(&random, b"abc").expect("signed");
        let digest = ring::digest::digest(&SHA256, b"abc");
        let verify = |scheme, digest: &[u8]| {
            RING.verify_prehashed(scheme, pair.public_key().as_ref(), digest, signature.as_ref()).is_ok()
        };
        let scheme = SigningScheme::EcdsaP256Sha256;
        assert!(with_message(b"abc", || verify(scheme, digest.as_ref())));
        assert!(!with_message(b"abc", || verify(scheme, &[0; 32])));
        assert!(!with_message(b"abc", || verify(SigningScheme::Ed25519, digest.as_ref())));
        assert!(!with_message(b"abd", || verify(scheme, digest.as_ref())));
        assert!(!verify(scheme, digest.as_ref()), "no message is available any more");
    }
}
