//! `signers:`

use serde_json::json;

use crate::diagnostic::Diagnostic;
use crate::manifest::leaf::WebAddress;
use crate::yaml::leaf::{Words, parsed};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, head};

record! {
    /// Who is expected to sign: the owner of a key, or an identity and who vouches for it.
    pub struct WrittenExpectedSigner => {
        /// SHA-256 of the public key, as `dvpack sign` prints it.
        "key" optional key: At<KeyDigest>,
        /// An e-mail address or the URI of a workflow, as Sigstore certifies it.
        "identity" optional identity: At<Words> => "release@contoso.com",
        /// The OIDC issuer that vouches for the identity.
        "issuer" optional issuer: At<WebAddress> => "https://accounts.google.com",
    }
}

parsed!(
    /// The digest of a public key, as lower-case hex.
    KeyDigest(String), "key-digest", "the digest of a public key",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    |text| {
        let digest = text.strip_prefix("sha256:").ok_or("it must start with `sha256:`")?.to_ascii_lowercase();
        let good = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
        if good { Ok(digest) } else { Err("64 hexadecimal digits are expected after `sha256:`".into()) }
    },
    json!({ "type": "string", "pattern": "\\$\\{\\{|^sha256:[0-9a-fA-F]{64}$" })
);

/// Who is expected to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedSigner {
    /// The owner of the key with this SHA-256, in lower-case hex.
    Key(String),
    /// Somebody that a Sigstore certificate names.
    Identity {
        /// An e-mail address or the URI of a workflow.
        subject: String,
        /// The OIDC issuer that vouches for it.
        issuer: String,
    },
}

/// Who is expected to sign.
pub fn signers(written: Option<&List<WrittenExpectedSigner>>, findings: &mut Vec<Diagnostic>) -> Vec<ExpectedSigner> {
    let mut signers = Vec::new();
    for signer in written.iter().flat_map(|list| &list.items) {
        let found = match (&signer.key, &signer.identity, &signer.issuer) {
            (Some(key), None, None) => ExpectedSigner::Key(key.value.0.clone()),
            (None, Some(identity), Some(issuer)) => ExpectedSigner::Identity {
                subject: identity.value.0.clone(),
                // As Sigstore's certificates spell it: without the `/` that ends the address of a host.
                issuer: issuer.value.0.as_str().trim_end_matches('/').to_owned(),
            },
            _ => {
                findings.push(
                    Diagnostic::error(
                        "ambiguous-signer",
                        "a signer has either a `key`, or an `identity` and its `issuer`",
                    )
                    .at(&head(&signer.span))
                    .help("write `{ key: sha256:… }` or `{ identity: …, issuer: https://… }`"),
                );
                continue;
            }
        };
        if signers.contains(&found) {
            findings.push(
                Diagnostic::error("duplicate-signer", "this signer is listed twice")
                    .at(&head(&signer.span))
                    .help("keep one of the two"),
            );
        } else {
            signers.push(found);
        }
    }
    signers
}
