//! An application's certificate: a PS256 assertion signed with its private key.
//!
//! Source: Microsoft identity platform, "Application authentication certificate credentials". The file is
//! PEM with certificate and RSA key, in the clear or under a password (PKCS #8), or PFX (PKCS #12, `pfx.rs`).
//! ring signs, since the `rsa` crate has an unfixed timing flaw (RUSTSEC-2023-0071).

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use pkcs8::EncryptedPrivateKeyInfoRef;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PSS_SHA256, RsaKeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::clock;
use crate::entra::assertion::with_assertion;
use crate::entra::pfx;
use crate::entra::random::random_text;
use crate::entra::{Answer, Challenge, SignInError, TokenSource};
use crate::files;
use crate::http::Http;
use crate::secret::Secret;

/// How long an assertion is good for.
const LIFE: Duration = Duration::from_secs(300);
const FILE_LIMIT: u64 = 1 << 20;
const CONVERT_PFX: &str = "convert it: openssl pkcs12 -legacy -in certificate.pfx -out certificate.pem; that asks for a new password for the key";

/// Client id, certificate and private key.
pub(crate) struct Certificate {
    http: Http,
    client_id: String,
    thumbprint: String,
    key: RsaKeyPair,
}

/// What a private key in PEM begins with, of whatever kind.
const KEY_MARK: &[u8] = b"PRIVATE KEY-----";

impl Certificate {
    /// Reads a PEM or PFX file. `password` opens its private key, where that is encrypted.
    pub(crate) fn read(
        http: Http,
        client_id: String,
        path: &Path,
        password: Option<&Secret>,
    ) -> Result<Self, SignInError> {
        let wrong = |why: &str| SignInError::new(format!("cannot use the certificate `{}`: {why}", path.display()));
        let metadata = files::metadata(path).map_err(|error| wrong(&error.to_string()))?;
        if metadata.len() > FILE_LIMIT {
            return Err(wrong("the file is too large"));
        }
        let bytes = Zeroizing::new(files::read(path, FILE_LIMIT).map_err(|error| wrong(&error.source.to_string()))?);
        let has_key = pfx::is_one(&bytes) || bytes.windows(KEY_MARK.len()).any(|window| window == KEY_MARK);
        if let Some(others) = files::shared(&metadata).filter(|_| has_key) {
            return Err(wrong(&format!("it contains a private key {others}")).help(files::keep_to_yourself(path)));
        }
        let (key, certificates) = if pfx::is_one(&bytes) {
            let opened = pfx::open(&bytes, password).map_err(|problem| match problem {
                pfx::Problem::Password if password.is_none() => {
                    wrong("it is encrypted").help("set AZURE_CLIENT_CERTIFICATE_PASSWORD to its password")
                }
                pfx::Problem::Password => {
                    wrong("its password is wrong").help("check AZURE_CLIENT_CERTIFICATE_PASSWORD")
                }
                pfx::Problem::Unreadable(why) => {
                    wrong(&format!("the PFX file cannot be read: {why}")).help(CONVERT_PFX)
                }
                pfx::Problem::NoKey => {
                    wrong("it contains no private key").help("export the certificate together with its private key")
                }
            })?;
            (RsaKeyPair::from_pkcs8(&opened.key), opened.certificates)
        } else {
            let text = std::str::from_utf8(&bytes).unwrap_or_default();
            if !text.contains("-----BEGIN ") {
                return Err(wrong("it is neither a PEM nor a PFX file"));
            }
            let certificates =
                CertificateDer::pem_slice_iter(text.as_bytes()).flatten().map(|one| one.to_vec()).collect();
            (Self::pem_key(text, password, &wrong)?, certificates)
        };
        let key = key.map_err(|_| wrong("its private key is not an RSA key of 2048 to 4096 bits"))?;
        if certificates.is_empty() {
            return Err(wrong("it contains no certificate"));
        }
        // A file may hold the issuers' certificates too, in any order: the right one bears the key.
        let public = key.public().as_ref();
        let certificate = certificates
            .iter()
            .find(|certificate| certificate.windows(public.len()).any(|part| part == public))
            .ok_or_else(|| wrong("none of its certificates belongs to its private key"))?;
        let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(certificate));
        Ok(Self { http, client_id, thumbprint, key })
    }

    /// The private key of a PEM file.
    fn pem_key(
        text: &str,
        password: Option<&Secret>,
        wrong: &dyn Fn(&str) -> SignInError,
    ) -> Result<Result<RsaKeyPair, ring::error::KeyRejected>, SignInError> {
        if let Some(encrypted) = block(text, "ENCRYPTED PRIVATE KEY") {
            let password = password.ok_or_else(|| {
                wrong("its private key is encrypted").help("set AZURE_CLIENT_CERTIFICATE_PASSWORD to its password")
            })?;
            let key = decrypt(encrypted, password).ok_or_else(|| {
                wrong("its private key cannot be decrypted")
                    .help("check AZURE_CLIENT_CERTIFICATE_PASSWORD")
                    .help("keys under PBES2 with AES are read; convert others: openssl pkcs8 -topk8 -v2 aes256 -in key.pem -out new.pem")
            })?;
            Ok(RsaKeyPair::from_pkcs8(key.as_bytes()))
        } else if text.contains("Proc-Type: 4,ENCRYPTED") {
            Err(wrong("its private key is encrypted in the old way of OpenSSL")
                .help("convert the key: openssl pkcs8 -topk8 -v2 aes256 -in key.pem -out new.pem"))
        } else {
            match PrivateKeyDer::from_pem_slice(text.as_bytes()) {
                Ok(PrivateKeyDer::Pkcs8(der)) => Ok(RsaKeyPair::from_pkcs8(der.secret_pkcs8_der())),
                Ok(PrivateKeyDer::Pkcs1(der)) => Ok(RsaKeyPair::from_der(der.secret_pkcs1_der())),
                Ok(_) => Err(wrong("its private key is not an RSA key")),
                Err(_) => Err(wrong("it contains no `BEGIN PRIVATE KEY` block")),
            }
        }
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

/// The base64 text of the first PEM block with this label.
fn block<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    Some(rest.split_once(&format!("-----END {label}-----"))?.0)
}

/// The PKCS #8 key in an encrypted block, wiped when dropped.
fn decrypt(block: &str, password: &Secret) -> Option<pkcs8::SecretDocument> {
    let base64: String = block.split_whitespace().collect();
    let der = STANDARD.decode(base64).ok()?;
    EncryptedPrivateKeyInfoRef::try_from(der.as_slice()).ok()?.decrypt(password.reveal()).ok()
}

impl TokenSource for Certificate {
    fn describe(&self) -> String {
        format!("certificate of application {}", self.client_id)
    }

    fn client_id(&self) -> Option<&str> {
        Some(&self.client_id)
    }

    fn token<'a>(&'a self, challenge: &'a Challenge) -> Answer<'a> {
        Box::pin(async move {
            let audience = challenge.endpoint("oauth2/v2.0/token");
            let assertion = self.assertion(audience.as_str(), clock::timestamp().as_second())?;
            with_assertion(&self.http, challenge, &self.client_id, &assertion).await
        })
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;

    /// A folder with `key.pem` and `certificate.pem`, or `None` (and a line that says so) without openssl.
    fn made() -> Option<tempfile::TempDir> {
        let folder = tempfile::tempdir().expect("a folder");
        if openssl(
            &folder,
            "req -x509 -newkey rsa:2048 -nodes -subj /CN=test -days 2 -keyout key.pem -out certificate.pem",
        ) {
            Some(folder)
        } else {
            println!("skipped: no openssl to make a key with");
            None
        }
    }

    fn openssl(folder: &tempfile::TempDir, line: &str) -> bool {
        let command = std::process::Command::new("openssl").args(line.split(' ')).current_dir(folder.path()).output();
        command.is_ok_and(|output| output.status.success())
    }

    fn mode(path: &Path, mode: u32) {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
        }
        #[cfg(not(unix))]
        let _ = (path, mode);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_or_replace_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("it's.pem");
        std::fs::write(&path, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").expect("written");
        let read = || Certificate::read(Http::new(None).expect("a client"), "app".into(), &path, None).err();
        for (given, words) in
            [(0o644, "can read (mode 0644)"), (0o640, "read"), (0o620, "can replace"), (0o602, "replace")]
        {
            mode(&path, given);
            let error = read().expect("refused");
            assert!(
                error.message.contains("it contains a private key that") && error.message.contains(words),
                "{error:?}"
            );
            assert!(error.help[0].contains("chmod 600 -- '") && error.help[0].contains("it'\\''s.pem"), "{error:?}");
        }
        mode(&path, 0o600);
        assert!(!read().expect("no key").message.contains("other users"));
    }

    /// Reads the files as one.
    fn read(folder: &tempfile::TempDir, names: &[&str], password: Option<&str>) -> Result<Certificate, SignInError> {
        let text: String =
            names.iter().map(|name| std::fs::read_to_string(folder.path().join(name)).expect(name)).collect();
        let path = folder.path().join("app.pem");
        std::fs::write(&path, text).expect("written");
        mode(&path, 0o600);
        let password = password.map(Secret::new);
        Certificate::read(Http::new(None).expect("a client"), "app".into(), &path, password.as_ref())
    }

    #[test]
    fn the_assertion_verifies_with_the_public_key() {
        let Some(folder) = made() else { return };
        let certificate = read(&folder, &["key.pem", "certificate.pem"], None).expect("read");
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

    #[test]
    fn an_encrypted_key_opens_with_its_password_only() {
        let Some(folder) = made() else { return };
        assert!(openssl(&folder, "pkcs8 -topk8 -v2 aes256 -in key.pem -out locked.pem -passout pass:hunter2"));
        let plain = read(&folder, &["key.pem", "certificate.pem"], None).expect("read");
        let opened = read(&folder, &["certificate.pem", "locked.pem"], Some("hunter2")).expect("opened");
        assert_eq!((opened.thumbprint, opened.key.public().as_ref()), (plain.thumbprint, plain.key.public().as_ref()));
        let refused = |password| {
            let error = read(&folder, &["certificate.pem", "locked.pem"], password).err().expect("refused");
            assert!(error.help[0].contains("AZURE_CLIENT_CERTIFICATE_PASSWORD"), "{error:?}");
            error.message
        };
        assert!(refused(None).ends_with("its private key is encrypted"));
        assert!(refused(Some("hunter3")).ends_with("cannot be decrypted"));
        assert!(openssl(&folder, "rsa -traditional -aes128 -in key.pem -out old.pem -passout pass:hunter2"));
        let error = read(&folder, &["certificate.pem", "old.pem"], Some("hunter2")).err().expect("refused");
        assert!(error.message.contains("old way") && error.help[0].contains("pkcs8 -topk8"), "{error:?}");
    }

    #[test]
    fn the_certificate_is_the_one_that_bears_the_key() {
        let Some(folder) = made() else { return };
        assert!(openssl(
            &folder,
            "req -x509 -newkey rsa:2048 -nodes -subj /CN=other -days 2 -keyout other-key.pem -out other.pem"
        ));
        let alone = read(&folder, &["key.pem", "certificate.pem"], None).expect("read");
        let among = read(&folder, &["other.pem", "certificate.pem", "key.pem"], None).expect("read");
        assert_eq!(alone.thumbprint, among.thumbprint);
        let error = read(&folder, &["other.pem", "key.pem"], None).err().expect("refused");
        assert!(error.message.contains("none of its certificates belongs to its private key"), "{error}");
    }

    #[test]
    fn a_pfx_file_opens_with_its_password_whatever_it_was_encrypted_with() {
        let Some(folder) = made() else { return };
        let plain = read(&folder, &["key.pem", "certificate.pem"], None).expect("read");
        let open = |password: Option<&str>| {
            let http = Http::new(None).expect("a client");
            let password = password.map(Secret::new);
            Certificate::read(http, "app".into(), &folder.path().join("app.pfx"), password.as_ref())
        };
        let pack = "pkcs12 -export -in certificate.pem -inkey key.pem -out app.pfx -name app";
        for (how, password) in [
            // OpenSSL 3: PBES2 with AES-256; SHA-256 over it.
            ("-passout pass:hunter2", "hunter2"),
            // Windows before Server 2019, and OpenSSL 1: 3DES for the key, RC2 for the certificates, SHA-1 over it.
            ("-legacy -passout pass:hunter2", "hunter2"),
            ("-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -passout pass:hunter2", "hunter2"),
            ("-keypbe AES-128-CBC -certpbe NONE -macalg sha512 -passout pass:hunter2", "hunter2"),
            ("-passout pass:", ""),
        ] {
            if !openssl(&folder, &format!("{pack} {how}")) {
                println!("skipped: openssl makes no PFX file with {how}");
                continue;
            }
            let opened = open(Some(password)).unwrap_or_else(|error| panic!("{how}: {error}"));
            assert_eq!(opened.thumbprint, plain.thumbprint, "{how}");
            assert_eq!(opened.key.public().as_ref(), plain.key.public().as_ref(), "{how}");
            if password.is_empty() {
                open(None).expect("no password is the empty one");
                continue;
            }
            let error = open(None).err().expect("refused");
            assert!(error.message.ends_with("it is encrypted"), "{how}: {error:?}");
            let error = open(Some("hunter3")).err().expect("refused");
            assert!(error.message.ends_with("its password is wrong"), "{how}: {error:?}");
            assert!(!format!("{error:?}").contains("hunter"));
        }
        assert!(openssl(&folder, "pkcs12 -export -nokeys -in certificate.pem -out app.pfx -passout pass:hunter2"));
        assert!(open(Some("hunter2")).err().expect("refused").message.ends_with("it contains no private key"));
        let whole = std::fs::read(folder.path().join("app.pfx")).expect("read");
        std::fs::write(folder.path().join("app.pfx"), &whole[..whole.len() / 2]).expect("written");
        assert!(open(Some("hunter2")).err().expect("refused").message.contains("the PFX file cannot be read"));
    }

    #[test]
    fn what_is_neither_pem_nor_pfx_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("key.pem"), "hello").expect("written");
        let error = read(&folder, &["key.pem"], None).err().expect("refused");
        assert!(error.message.ends_with("it is neither a PEM nor a PFX file"), "{error}");
    }
}
