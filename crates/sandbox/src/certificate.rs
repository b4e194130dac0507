//! Client assertions that are signed with a registered certificate.
//! Facts: the identity platform's "Application authentication certificate credentials".

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, UnparsedPublicKey};
use rustls::pki_types::CertificateDer;
use rustls::server::ParsedCertificate;
use serde_json::Value;

use super::tokens;

/// Why an assertion is refused: Entra's number and words.
pub(super) type Refusal = (u32, &'static str);

/// How far two clocks may differ, in seconds.
const SKEW: i64 = 300;

/// Checks an assertion by `client` for the token endpoint `audience` against its certificates (DER).
pub(super) fn check(assertion: &str, certificates: &[Vec<u8>], client: &str, audience: &str) -> Result<(), Refusal> {
    const MALFORMED: Refusal = (50_027, "JWT token is invalid or malformed.");
    const SIGNATURE: Refusal = (700_027, "Client assertion failed signature validation.");
    let (signed, signature) = assertion.rsplit_once('.').ok_or(MALFORMED)?;
    let head = signed.split('.').next().and_then(|head| URL_SAFE_NO_PAD.decode(head).ok()).ok_or(MALFORMED)?;
    let head: Value = serde_json::from_slice(&head).map_err(|_| MALFORMED)?;
    let claims = tokens::payload(assertion).ok_or(MALFORMED)?;

    let algorithm: &RsaParameters = match head["alg"].as_str() {
        Some("PS256") => &RSA_PSS_2048_8192_SHA256,
        Some("RS256") => &RSA_PKCS1_2048_8192_SHA256,
        _ => return Err(MALFORMED),
    };
    // The thumbprint by SHA-256; libraries still send the one by SHA-1, too, and some pad either.
    let named = |certificate: &Vec<u8>| match (head["x5t#S256"].as_str(), head["x5t"].as_str()) {
        (Some(thumbprint), _) => {
            URL_SAFE_NO_PAD.encode(digest(&SHA256, certificate)) == thumbprint.trim_end_matches('=')
        }
        (None, Some(thumbprint)) => {
            let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate);
            URL_SAFE_NO_PAD.encode(sha1) == thumbprint.trim_end_matches('=')
        }
        (None, None) => false,
    };
    let certificate = certificates.iter().find(|certificate| named(certificate)).ok_or(SIGNATURE)?;
    let key = public_key(certificate).ok_or(SIGNATURE)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| SIGNATURE)?;
    UnparsedPublicKey::new(algorithm, key).verify(signed.as_bytes(), &signature).map_err(|_| SIGNATURE)?;

    if claims["iss"] != claims["sub"] || claims["iss"].as_str() != Some(client) {
        return Err((50_048, "Subject mismatches Issuer claim in the client assertion."));
    }
    if claims["aud"].as_str() != Some(audience) || claims["jti"].as_str().is_none_or(str::is_empty) {
        return Err(MALFORMED);
    }
    let now = tokens::seconds();
    // A NumericDate may have a fraction (RFC 7519 §2).
    let whole = |seconds: f64| format!("{seconds:.0}").parse::<i64>().ok();
    let time = |name: &str| claims[name].as_i64().or_else(|| claims[name].as_f64().and_then(whole));
    let begun = time("nbf").or(time("iat")).is_some_and(|from| from <= now + SKEW);
    let ended = time("exp").is_none_or(|until| until <= now - SKEW);
    if begun && !ended { Ok(()) } else { Err((700_024, "Client assertion is not within its valid time range.")) }
}

/// The RSA public key of a certificate: the content of the bit string in its `SubjectPublicKeyInfo`.
fn public_key(certificate: &[u8]) -> Option<Vec<u8>> {
    let certificate = CertificateDer::from(certificate);
    let info = ParsedCertificate::try_from(&certificate).ok()?.subject_public_key_info();
    let (fields, _) = element(&info, 0x30)?;
    let (_, rest) = element(fields, 0x30)?;
    let (bits, _) = element(rest, 0x03)?;
    // The first byte counts the unused bits of the last: none in a key.
    let (0, key) = bits.split_first()? else { return None };
    Some(key.to_vec())
}

/// The content of the DER element with this tag at the start, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, length], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81 => rest.split_first().map(|(length, rest)| (usize::from(*length), rest))?,
        0x82 => rest.split_first_chunk::<2>().map(|(length, rest)| (usize::from(u16::from_be_bytes(*length)), rest))?,
        _ => return None,
    };
    if found == tag { rest.split_at_checked(length) } else { None }
}
