//! Keyless signatures: a short-lived certificate of Sigstore's names who signed, and a public log says when.
//!
//! This file knows their form; [`super::roots`] checks them. Sources: docs.sigstore.dev, "Bundle format"; Fulcio,
//! `docs/oid-info.md`.

use std::collections::BTreeSet;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// Who signed, as the certificate authority checked it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// An e-mail address, or the URI of a workflow.
    pub subject: String,
    /// Who vouched for it: the OIDC issuer's URL.
    pub issuer: String,
    /// The source repository, where a pipeline signed.
    pub repository: Option<String>,
    /// The workflow that ran, where a pipeline signed.
    pub builder: Option<String>,
}

/// Whether JSON is a Sigstore bundle, by its form, with no member that such bundles do not have.
pub(super) fn check_form(json: &str) -> Result<(), String> {
    let why = |error: String| printable(&error);
    serde_json::from_str::<Known>(json).map_err(|error| why(error.to_string()))?;
    #[cfg(feature = "native")]
    sigstore_verify::types::Bundle::from_json(json).map_err(|error| why(error.to_string()))?;
    Ok(())
}

/// Every member of a Sigstore bundle (`sigstore_bundle.proto`, `sigstore_rekor.proto`, `sigstore_common.proto`).
const MEMBERS: [&str; 37] = [
    "mediaType",
    "verificationMaterial",
    "certificate",
    "x509CertificateChain",
    "certificates",
    "rawBytes",
    "publicKey",
    "hint",
    "tlogEntries",
    "logIndex",
    "logId",
    "keyId",
    "kindVersion",
    "kind",
    "version",
    "integratedTime",
    "inclusionPromise",
    "signedEntryTimestamp",
    "inclusionProof",
    "rootHash",
    "treeSize",
    "hashes",
    "checkpoint",
    "envelope",
    "canonicalizedBody",
    "timestampVerificationData",
    "rfc3161Timestamps",
    "signedTimestamp",
    "messageSignature",
    "messageDigest",
    "algorithm",
    "digest",
    "signature",
    "dsseEnvelope",
    "payload",
    "payloadType",
    "signatures",
];
/// The members of a DSSE signature.
const SIGNATURE_MEMBERS: [&str; 2] = ["sig", "keyid"];

/// JSON whose members are all known and occur once.
struct Known;

impl<'de> Deserialize<'de> for Known {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Known)
    }
}

impl<'de> Visitor<'de> for Known {
    type Value = Self;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a Sigstore bundle")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut met = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !MEMBERS.contains(&name.as_str()) && !SIGNATURE_MEMBERS.contains(&name.as_str()) {
                return Err(A::Error::custom(format!("`{name}` is not a member of a Sigstore bundle")));
            }
            map.next_value::<Self>()?;
            if let Some(twice) = met.replace(name) {
                return Err(A::Error::custom(format!("`{twice}` is there twice")));
            }
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }
}

/// A library's text about input from outside, safe for a terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_member_is_there_that_sigstore_does_not_have() {
        let refused = |json: &str| check_form(json).expect_err("refused");
        assert!(refused(r#"{"mediaType": "a", "note": "x"}"#).contains("`note` is not a member"));
        assert!(refused(r#"{"dsseEnvelope": {"signatures": [{"Sig": "x"}]}}"#).contains("`Sig` is not a member"));
        assert!(refused(r#"{"mediaType": "a", "mediaType": "b"}"#).contains("`mediaType` is there twice"));
        assert!(!refused(r#"{"mediaType": true}"#).is_empty());
    }
}
