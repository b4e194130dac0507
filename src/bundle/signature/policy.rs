//! Whom a subscriber trusts: keys, and what each of them may sign.
//!
//! Nothing is trusted at first sight: without a key or a policy a signature proves no origin.

use serde::Deserialize;

use super::key::PublicKey;
use super::{Bad, Signed, signatures};
use crate::bundle::{Bundle, Facts};
use crate::version::Version;

/// A policy file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Policy {
    /// The format, 1.
    #[serde(rename = "dvpackPolicy")]
    pub format: u32,
    /// The keys that are trusted.
    pub keys: Vec<TrustedKey>,
}

/// A key, and what it may sign.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrustedKey {
    /// What people call it.
    #[serde(default)]
    pub name: Option<String>,
    /// SHA-256 of its `SubjectPublicKeyInfo`, in hex.
    pub sha256: String,
    /// The unique names of solutions that it may sign; all of a bundle must be among them.
    pub solutions: Vec<String>,
    /// The customization prefixes of publishers that it may sign for.
    pub publisher_prefixes: Vec<String>,
    /// The lowest version that is taken, of every solution.
    #[serde(default)]
    pub minimum_version: Option<Version>,
    /// The repository that the provenance must name.
    #[serde(default)]
    pub repository: Option<String>,
    /// The builder that the provenance must name; a `*` at the end stands for anything.
    #[serde(default)]
    pub builder: Option<String>,
}

/// A policy file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("it is not a policy: {0}")]
pub struct PolicyError(String);

impl Policy {
    /// Reads YAML or JSON.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let mut policy: Self = serde_yaml::from_str(text).map_err(|error| PolicyError(error.to_string()))?;
        if policy.format != 1 {
            return Err(PolicyError(format!("`dvpackPolicy` is {}, but this dvpack reads 1", policy.format)));
        }
        if policy.keys.is_empty() {
            return Err(PolicyError("it trusts no key".to_owned()));
        }
        for key in &mut policy.keys {
            key.sha256 = key.sha256.replace(':', "").to_ascii_lowercase();
            if key.sha256.len() != 64 || !key.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(PolicyError(format!("`{}` is not a SHA-256 in hex", key.sha256)));
            }
            for (what, list) in [("solutions", &key.solutions), ("publisherPrefixes", &key.publisher_prefixes)] {
                if list.is_empty() {
                    return Err(PolicyError(format!("the key `{}` may sign nothing: `{what}` is empty", key.sha256)));
                }
            }
        }
        Ok(policy)
    }
}

/// What must hold.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// One of these keys must have signed; any, where there is a policy and this is empty.
    pub keys: Vec<PublicKey>,
    /// The policy that must allow it.
    pub policy: Option<Policy>,
}

/// A bundle is not trusted.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// There is no signature in it.
    #[error("the bundle is not signed")]
    Unsigned,
    /// A signature does not hold.
    #[error("the signature `{}` does not hold: {}", .0.entry, .0.why)]
    Bad(Bad),
    /// The signatures cannot be read.
    #[error("the bundle was changed after it was signed: {0}")]
    Changed(String),
    /// It is signed, but not by a key that is trusted.
    #[error("the bundle is signed by another key: {}", .0.join(", "))]
    OtherKey(Vec<String>),
    /// The key is trusted, but not for this.
    #[error("the policy does not allow it: {}", .0.join("; "))]
    Policy(Vec<String>),
}

/// Checks the signatures of a bundle against what is trusted, and gives those that count.
///
/// `bytes` must be what `bundle` was read from. Without keys and policy every signature must hold, and an
/// unsigned bundle passes with none.
pub fn verify_policy(bytes: &[u8], bundle: &Bundle, trust: &Trust) -> Result<Vec<Signed>, Refusal> {
    let all = signatures(bytes, &trust.keys).map_err(|error| Refusal::Changed(error.to_string()))?;
    let asked = !trust.keys.is_empty() || trust.policy.is_some();
    // A trusted signature is not spoilt by a broken one beside it, but with none to trust a broken one tells more.
    let broken = || all.bad.first().cloned().map(Refusal::Bad);
    if !asked {
        return broken().map_or(Ok(all.good), Err);
    }
    if all.good.is_empty() {
        return Err(broken().unwrap_or(Refusal::Unsigned));
    }
    let digests: Vec<_> = all.good.iter().map(|signed| format!("sha256:{}", signed.key.digest())).collect();
    let mut counting = all.good;
    if !trust.keys.is_empty() {
        counting.retain(|signed| trust.keys.contains(&signed.key));
    }
    let Some(policy) = &trust.policy else {
        return if counting.is_empty() { Err(Refusal::OtherKey(digests)) } else { Ok(counting) };
    };
    counting.retain(|signed| policy.keys.iter().any(|key| key.sha256 == signed.key.digest()));
    if counting.is_empty() {
        return Err(Refusal::OtherKey(digests));
    }
    let mut reasons = Vec::new();
    counting.retain(|signed| {
        let mut rules = policy.keys.iter().filter(|key| key.sha256 == signed.key.digest());
        rules.any(|rule| {
            let against = rule.against(bundle, signed);
            reasons.extend(against.iter().cloned());
            against.is_empty()
        })
    });
    if counting.is_empty() { Err(Refusal::Policy(reasons)) } else { Ok(counting) }
}

impl TrustedKey {
    /// What speaks against a signature by this key.
    fn against(&self, bundle: &Bundle, signed: &Signed) -> Vec<String> {
        let name = self.name.as_deref().unwrap_or(&self.sha256);
        let descriptor = bundle.descriptor();
        let mut out = Vec::new();
        for solution in &descriptor.solutions {
            if !self.solutions.contains(&solution.name) {
                out.push(format!("the key `{name}` may not sign the solution `{}`", solution.name));
            }
            if let Some(minimum) = self.minimum_version.filter(|minimum| solution.version < *minimum) {
                out.push(format!("`{}` {} is older than {minimum}", solution.name, solution.version));
            }
        }
        // From the solutions themselves: they are what is installed.
        for solution in &descriptor.solutions {
            match bundle.solution_zip(solution).and_then(|zip| Facts::read(zip).ok()?.prefix) {
                Some(prefix) if self.publisher_prefixes.contains(&prefix) => {}
                Some(prefix) => out.push(format!("the key `{name}` may not sign for the prefix `{prefix}`")),
                None => out.push(format!("the solution `{}` names no publisher's prefix", solution.name)),
            }
        }
        let mut compare =
            |what: &str, wanted: Option<&String>, found: Option<&str>, fits: &dyn Fn(&str, &str) -> bool| {
                let Some(wanted) = wanted else { return };
                match found {
                    Some(found) if fits(wanted, found) => {}
                    Some(found) => out.push(format!("its {what} is `{found}`, not `{wanted}`")),
                    None => out.push(format!("it names no {what}, and `{wanted}` is required")),
                }
            };
        compare("repository", self.repository.as_ref(), signed.statement.repository(), &same_repository);
        compare("builder", self.builder.as_ref(), signed.statement.builder(), &|wanted, found| {
            wanted.strip_suffix('*').map_or(wanted == found, |start| found.starts_with(start))
        });
        out
    }
}

fn same_repository(wanted: &str, found: &str) -> bool {
    let plain = |uri: &str| uri.trim_end_matches('/').trim_end_matches(".git").to_owned();
    plain(wanted) == plain(found)
}
