//! A signature as it is in a bundle: a DSSE envelope in a Sigstore bundle v0.3.
//!
//! Sources: DSSE 1.0.2 (protocol.md), sigstore `protobuf-specs` (`sigstore_bundle.proto`). Unknown members of a
//! signature beside the bundle are ignored; in a bundle there must be none ([`Document::is_normal`]). Key ids help to
//! find a key, but decide nothing.

use base64::Engine as _;
#[cfg(feature = "native")]
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose;
#[cfg(feature = "native")]
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Serialize};

#[cfg(feature = "native")]
use super::{PublicKey, SigningKey};
use crate::bundle::provenance::Statement;

pub(super) const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// In bytes; that of an RSA key of 16,384 bits has 2,048.
const LONGEST_SIGNATURE: usize = 2048;
const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// The whole document.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    media_type: String,
    verification_material: Material,
    dsse_envelope: Envelope,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_key: Option<Hint>,
    /// Empty: there is no transparency log; other tools want the member.
    #[serde(default)]
    tlog_entries: Vec<serde_json::Value>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Hint {
    #[serde(default)]
    hint: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<Signature>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Signature {
    sig: String,
    #[serde(default)]
    keyid: String,
}

impl Document {
    #[cfg(feature = "native")]
    /// Signs a payload; `None` only if the system provides no random numbers.
    pub(super) fn sign(payload: &[u8], key: &SigningKey) -> Option<Self> {
        let signature = key.sign(&pre_authentication(PAYLOAD_TYPE, payload))?;
        let encode = |bytes: &[u8]| general_purpose::STANDARD.encode(bytes);
        Some(Self {
            media_type: MEDIA_TYPE.to_owned(),
            verification_material: Material {
                public_key: Some(Hint { hint: key.public().hint() }),
                tlog_entries: Vec::new(),
            },
            dsse_envelope: Envelope {
                payload: encode(payload),
                payload_type: PAYLOAD_TYPE.to_owned(),
                signatures: vec![Signature { sig: encode(&signature), keyid: key.public().digest() }],
            },
        })
    }

    /// Reads a document.
    pub(super) fn parse(json: &[u8]) -> Result<Self, String> {
        let document: Self = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        if document.media_type != MEDIA_TYPE {
            return Err(format!("it has the media type `{}`, not `{MEDIA_TYPE}`", document.media_type));
        }
        if document.dsse_envelope.payload_type != PAYLOAD_TYPE {
            return Err(format!("its payload is `{}`, not `{PAYLOAD_TYPE}`", document.dsse_envelope.payload_type));
        }
        Ok(document)
    }

    /// Whether `json` is exactly what dvpack writes for this document, so that nothing else is in it: base64 of a
    /// statement, one signature, and a key by its digest.
    pub(super) fn is_normal(&self, json: &[u8]) -> bool {
        let standard = |text: &str| general_purpose::STANDARD.decode(text).ok();
        let is_statement = |payload: Vec<u8>| serde_json::from_slice::<Statement>(&payload).is_ok();
        let [signature] = self.dsse_envelope.signatures.as_slice() else { return false };
        let hint = self.verification_material.public_key.as_ref().map_or("", |key| key.hint.as_str());
        self.to_json().as_bytes() == json
            && self.verification_material.tlog_entries.is_empty()
            && standard(&self.dsse_envelope.payload).is_some_and(is_statement)
            && standard(&signature.sig).is_some_and(|sig| (1..=LONGEST_SIGNATURE).contains(&sig.len()))
            && signature.keyid.len() == 64
            && signature.keyid.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
            && standard(hint).is_some_and(|digest| digest.len() == 32)
    }

    /// As text.
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).map(|text| text + "\n").unwrap_or_default()
    }

    #[cfg(feature = "native")]
    /// The payload, if one of the signatures is by `key`.
    pub(super) fn verified(&self, key: &PublicKey) -> Option<Vec<u8>> {
        let payload = decode(&self.dsse_envelope.payload)?;
        let message = pre_authentication(&self.dsse_envelope.payload_type, &payload);
        let good = |signature: &Signature| decode(&signature.sig).is_some_and(|sig| key.verifies(&message, &sig));
        self.dsse_envelope.signatures.iter().take(16).any(good).then_some(payload)
    }
}

/// The bytes that are actually signed.
#[cfg(feature = "native")]
fn pre_authentication(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

/// DSSE requires readers to accept both alphabets of base64.
#[cfg(feature = "native")]
fn decode(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let read = |alphabet| GeneralPurpose::new(alphabet, config).decode(text).ok();
    read(&STANDARD).or_else(|| read(&URL_SAFE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_that_is_signed_is_that_of_the_specification() {
        let encoded = pre_authentication("http://example.com/HelloWorld", b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn both_alphabets_are_read() {
        assert_eq!((decode("+/8="), decode("-_8")), (Some(vec![0xfb, 0xff]), Some(vec![0xfb, 0xff])));
    }
}
