//! Access tokens: signed JWTs (ES256, a key made at the start), and their check at the Web API.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::row::named;
use super::world::{PERSON, TENANT};

/// The signing key and the lifetime of what it signs.
pub(super) struct Tokens {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    lifetime: Duration,
    /// Tokens issued before this moment are refused (seconds since 1970).
    revoked: std::sync::atomic::AtomicI64,
    /// Tokens whose signature is known to be valid. Everything else about a token is checked each time.
    genuine: Mutex<HashSet<String>>,
}

/// So many tokens are remembered: one more, and all are looked at anew.
const REMEMBERED: usize = 256;

/// Who a token speaks for.
pub(super) struct Claims {
    /// The application, for tokens without a person.
    pub application: Option<Uuid>,
    /// The application that a person signed in with.
    pub of_person: Option<Uuid>,
}

pub(super) fn seconds() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// The part of a JWT between the dots, as JSON; the signature is not looked at.
pub(super) fn payload(token: &str) -> Option<Value> {
    let middle = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(middle).ok()?).ok()
}

impl Tokens {
    pub fn new(lifetime: Duration) -> Option<Self> {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).ok()?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).ok()?;
        Some(Self { pair, random, lifetime, revoked: std::sync::atomic::AtomicI64::new(0), genuine: Mutex::default() })
    }

    pub fn lifetime(&self) -> u64 {
        self.lifetime.as_secs()
    }

    /// Refuses all tokens issued so far.
    pub fn revoke(&self) {
        self.revoked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }

    fn generation(&self) -> i64 {
        self.revoked.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// The key set that the discovery document points to.
    pub fn key_set(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let half = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(point.get(range).unwrap_or_default());
        json!({"keys": [{"kty": "EC", "use": "sig", "crv": "P-256", "alg": "ES256", "kid": "sandbox", "x": half(1..33), "y": half(33..65)}]})
    }

    fn sign(&self, claims: &Value) -> String {
        let head = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256","kid":"sandbox"}"#);
        let text = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self
            .pair
            .sign(&self.random, text.as_bytes())
            .map(|s| URL_SAFE_NO_PAD.encode(s.as_ref()))
            .unwrap_or_default();
        format!("{text}.{signature}")
    }

    /// A token for a resource; `person`: on behalf of the sandbox's administrator.
    pub fn access(&self, issuer: &str, resource: &str, client: Uuid, person: bool) -> String {
        let now = seconds();
        let mut claims = json!({"aud": resource, "iss": format!("{issuer}/{TENANT}/v2.0"), "iat": now, "nbf": now, "exp": now + self.lifetime.as_secs().cast_signed(), "tid": TENANT, "appid": client, "ver": "1.0", "uti": Uuid::new_v4(), "generation": self.generation()});
        if person {
            claims["oid"] = json!(named("object admin@sandbox.example"));
            claims["scp"] = json!("user_impersonation");
            claims["upn"] = json!("admin@sandbox.example");
        } else {
            claims["oid"] = json!(named(&format!("object {client}")));
            claims["idtyp"] = json!("app");
        }
        claims["sub"] = claims["oid"].clone();
        self.sign(&claims)
    }

    /// An identity token of the sandbox's administrator.
    pub fn identity(&self, issuer: &str, client: Uuid, nonce: Option<&str>) -> String {
        let now = seconds();
        let mut claims = json!({"aud": client, "iss": format!("{issuer}/{TENANT}/v2.0"), "iat": now, "nbf": now, "exp": now + 3600, "tid": TENANT, "oid": named("object admin@sandbox.example"), "sub": PERSON, "preferred_username": "admin@sandbox.example", "name": "Sandbox Admin", "ver": "2.0"});
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        self.sign(&claims)
    }

    /// Nothing, unless the token was signed here.
    fn verify(&self, token: &str) -> Option<()> {
        let mut genuine = self.genuine.lock().unwrap_or_else(PoisonError::into_inner);
        if genuine.contains(token) {
            return Some(());
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.pair.public_key().as_ref());
        key.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        if genuine.len() >= REMEMBERED {
            genuine.clear();
        }
        genuine.insert(token.to_owned());
        Some(())
    }

    /// The claims of a token that is good for this resource now.
    pub fn check(&self, token: &str, resource: &str) -> Option<Claims> {
        self.verify(token)?;
        let claims = payload(token)?;
        let audience = claims["aud"].as_str()?.trim_end_matches('/');
        let fits = audience == resource
            && claims["tid"].as_str()? == TENANT.to_string()
            && claims["exp"].as_i64()? > seconds()
            && claims["generation"].as_i64() == Some(self.generation());
        let application = claims["appid"].as_str().and_then(|text| Uuid::try_parse(text).ok());
        let by_itself = claims["scp"].is_null();
        fits.then(|| Claims {
            application: application.filter(|_| by_itself),
            of_person: application.filter(|_| !by_itself),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remembered_token_is_refused_all_the_same_when_it_is_no_longer_good() {
        let tokens = Tokens::new(Duration::from_secs(600)).expect("a key");
        let resource = "http://127.0.0.1:1";
        let token = tokens.access("http://127.0.0.1:2", resource, Uuid::nil(), false);
        for _ in 0..2 {
            assert_eq!(tokens.check(&token, resource).map(|claims| claims.application), Some(Some(Uuid::nil())));
        }
        assert!(tokens.check(&token, "http://127.0.0.1:3").is_none());
        let (signed, signature) = token.rsplit_once('.').expect("three parts");
        let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
        assert!(tokens.check(&forged, resource).is_none());
        tokens.revoke();
        assert!(tokens.check(&token, resource).is_none());
        let brief = Tokens::new(Duration::ZERO).expect("a key");
        let late = brief.access("http://127.0.0.1:2", resource, Uuid::nil(), false);
        assert!(brief.check(&late, resource).is_none() && brief.check(&token, resource).is_none());
    }

    #[test]
    fn no_more_tokens_are_remembered_than_are_worth_it() {
        let tokens = Tokens::new(Duration::from_secs(600)).expect("a key");
        for number in 0..=REMEMBERED as u128 {
            let token = tokens.access("http://127.0.0.1:2", "http://127.0.0.1:1", Uuid::from_u128(number), false);
            assert!(tokens.check(&token, "http://127.0.0.1:1").is_some());
        }
        assert_eq!(tokens.genuine.lock().map(|genuine| genuine.len()).ok(), Some(1));
    }
}
