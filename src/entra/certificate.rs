//! An application's certificate: a PS256 assertion signed with its private key.
//!
//! Source: Microsoft identity platform, "Application authentication certificate credentials". The file is
//! PEM with certificate and unencrypted RSA key; PFX and encrypted keys are refused with the command that converts
//! them. ring signs, since the `rsa` crate has an unfixed timing flaw (RUSTSEC-2023-0071).

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PSS_SHA256, RsaKeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::entra::assertion::with_assertion;
use crate::entra::random::random_text;
use crate::entra::{Answer, Challenge, SignInError, TokenSource};
use crate::http::Http;
use crate::secret::Secret;

/// How long an assertion is good for.
const LIFE: Duration = Duration::from_secs(300);
const FILE_LIMIT: u64 = 1 << 20;

/// Client id, certificate and private key.
pub(crate) struct Certificate {
    http: Http,
    client_id: String,
    thumbprint: String,
    key: RsaKeyPair,
}

impl Certificate {
    /// Reads a PEM file.
    pub(crate) fn read(http: Http, client_id: String, path: &Path) -> Result<Self, SignInError> {
        let wrong = |why: &str| SignInError::new(format!("cannot use the certificate `{}`: {why}", path.display()));
        let size = std::fs::metadata(path).map_err(|error| wrong(&error.to_string()))?.len();
        if size > FILE_LIMIT {
            return Err(wrong("the file is too large"));
        }
        let bytes = std::fs::read(path).map_err(|error| wrong(&error.to_string()))?;
        let bytes = as_secret_text(bytes);
        let text = bytes.reveal();
        if text.is_empty() {
            return Err(wrong("it is not a PEM file")
                .help("convert a PFX file: openssl pkcs12 -in certificate.pfx -nodes -out certificate.pem"));
        }
        if text.contains("ENCRYPTED") {
            return Err(wrong("its private key is encrypted").help(
                "decrypt it: openssl pkcs8 -in certificate.pem -out key.pem, and keep key and certificate in one file",
            ));
        }
        let certificate = CertificateDer::from_pem_slice(text.as_bytes())
            .map_err(|_| wrong("it holds no `BEGIN CERTIFICATE` block"))?;
        let key = match PrivateKeyDer::from_pem_slice(text.as_bytes()) {
            Ok(PrivateKeyDer::Pkcs8(der)) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            Ok(PrivateKeyDer::Pkcs1(der)) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            Ok(_) => return Err(wrong("its private key is not an RSA key")),
            Err(_) => return Err(wrong("it holds no `BEGIN PRIVATE KEY` block")),
        };
        let key = key.map_err(|_| wrong("its private key is not an RSA key of 2048 to 4096 bits"))?;
        let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(certificate.as_ref()));
        Ok(Self { http, client_id, thumbprint, key })
    }

    /// The signed assertion for one token endpoint.
    fn assertion(&self, audience: &str, now: i64) -> Result<Secret, SignInError> {
        let life = i64::try_from(LIFE.as_secs()).unwrap_or_default();
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let claims = json!({
            "aud": audience, "iss": self.client_id, "sub": self.client_id, "jti": random_text::<16>()?,
            "nbf": now, "iat": now, "exp": now + life,
        });
        let mut text =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PSS_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| SignInError::new("cannot sign with the certificate's private key"))?;
        text.push('.');
        text.push_str(&URL_SAFE_NO_PAD.encode(signature));
        Ok(Secret::new(text))
    }
}

/// The file's text, wiped when dropped; empty where it is not text.
fn as_secret_text(bytes: Vec<u8>) -> Secret {
    Secret::new(String::from_utf8(bytes).unwrap_or_default())
}

impl TokenSource for Certificate {
    fn describe(&self) -> String {
        format!("certificate of application {}", self.client_id)
    }

    fn token<'a>(&'a self, challenge: &'a Challenge) -> Answer<'a> {
        Box::pin(async move {
            let audience = challenge.endpoint("oauth2/v2.0/token");
            let assertion = self.assertion(audience.as_str(), jiff::Timestamp::now().as_second())?;
            with_assertion(&self.http, challenge, &self.client_id, &assertion).await
        })
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;

    #[test]
    fn the_assertion_verifies_with_the_public_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("app.pem");
        let made = std::process::Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-days", "2"])
            .arg("-keyout")
            .arg(folder.path().join("key.pem"))
            .arg("-out")
            .arg(folder.path().join("certificate.pem"))
            .output();
        if !made.is_ok_and(|output| output.status.success()) {
            println!("skipped: no openssl to make a key with");
            return;
        }
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect(name);
        std::fs::write(&path, read("key.pem") + &read("certificate.pem")).expect("written");
        let http = Http::new(None).expect("a client");
        let certificate = Certificate::read(http, "app".into(), &path).expect("read");
        let assertion = certificate.assertion("https://login/token", 1_000).expect("signed");
        let (signed, signature) = assertion.reveal().rsplit_once('.').expect("three parts");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, certificate.key.public().as_ref())
            .verify(signed.as_bytes(), &signature)
            .expect("verified");
        let claims = URL_SAFE_NO_PAD.decode(signed.split('.').nth(1).expect("claims")).expect("base64url");
        let claims: serde_json::Value = serde_json::from_slice(&claims).expect("JSON");
        assert_eq!((&claims["aud"], &claims["exp"]), (&json!("https://login/token"), &json!(1_300)));
    }
}
