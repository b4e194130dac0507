//! Checks the signatures of a bundle against the signers that a subscriber trusts.
//!
//! Nothing is trusted on first use: without a key, an identity or a policy, a signature proves no origin.

use super::check::signatures;
use super::trust::{Refusal, Rules, Trust, starred};
use super::{Bad, Signed, Signer};
use crate::bundle::Bundle;
use crate::bundle::provenance::{BUILD_TYPE, GITHUB_BUILD_TYPE, Statement};

/// The signatures of a bundle.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The valid ones; if somebody asked for a signer, only theirs.
    pub signatures: Vec<Signed>,
    /// Others that cannot be checked here: they prove nothing.
    pub unchecked: Vec<Bad>,
}

/// Checks the signatures of a bundle against what is trusted, and returns those that count.
///
/// `bytes` must be what `bundle` was read from. If no signer is named, every signature must be valid, and an
/// unsigned bundle passes without one.
///
/// # Errors
/// A [`Refusal`] if a signature is not valid, or none is sufficient.
pub fn verify_policy(bytes: &[u8], bundle: &Bundle, trust: &Trust) -> Result<Checked, Refusal> {
    let all = signatures(bytes, trust)?;
    if let Some(broken) = all.broken.into_iter().next() {
        return Err(Refusal::Bad(broken));
    }
    // One that cannot be checked here does not invalidate a trusted one, but without a trusted one it is the better
    // explanation.
    let first_bad = || all.bad.first().cloned().map(Refusal::Bad);
    if !trust.is_asked() {
        let signatures = all.good;
        return first_bad().map_or(Ok(Checked { signatures, unchecked: Vec::new() }), Err);
    }
    if all.good.is_empty() {
        return Err(first_bad().unwrap_or(Refusal::Unsigned));
    }
    let signatures = counting(all.good, bundle, trust)?;
    Ok(Checked { signatures, unchecked: all.bad })
}

/// The signatures that are trusted for this bundle.
fn counting(mut good: Vec<Signed>, bundle: &Bundle, trust: &Trust) -> Result<Vec<Signed>, Refusal> {
    let all_are_keys = good.iter().all(|signed| matches!(signed.signer, Signer::Key(_)));
    let signers: Vec<_> = good.iter().map(|signed| signed.signer.to_string()).collect();
    let nobody = || if all_are_keys { Refusal::OtherKey(signers) } else { Refusal::OtherSigner(signers) };
    if !trust.keys.is_empty() || !trust.identities.is_empty() {
        good.retain(|signed| trust.names(&signed.signer));
    }
    let Some(policy) = &trust.policy else {
        return if good.is_empty() { Err(nobody()) } else { Ok(good) };
    };
    good.retain(|signed| !policy.rules(&signed.signer).is_empty());
    if good.is_empty() {
        return Err(nobody());
    }
    let mut reasons = Vec::new();
    good.retain(|signed| {
        policy.rules(&signed.signer).iter().any(|rule| {
            let against = rule.against(bundle, signed);
            reasons.extend(against.iter().cloned());
            against.is_empty()
        })
    });
    if good.is_empty() { Err(Refusal::Policy(reasons)) } else { Ok(good) }
}

impl Rules {
    /// The reasons against a signature.
    fn against(&self, bundle: &Bundle, signed: &Signed) -> Vec<String> {
        let name = &self.name;
        let descriptor = bundle.descriptor();
        let mut out = Vec::new();
        for solution in &descriptor.solutions {
            if !self.solutions.contains(&solution.name) {
                out.push(format!("`{name}` may not sign the solution `{}`", solution.name));
            }
            if let Some(minimum) = self.minimum_version.filter(|minimum| solution.version < *minimum) {
                out.push(format!("`{}` {} is older than {minimum}", solution.name, solution.version));
            }
        }
        // From the solutions themselves, since these are installed.
        for contents in bundle.solutions() {
            let prefix = &contents.identity.publisher.prefix;
            if !self.publisher_prefixes.contains(prefix) {
                out.push(format!("`{name}` may not sign for the prefix `{prefix}`"));
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
        compare("repository", self.repository.as_ref(), signed.repository(), &same_repository);
        compare("builder", self.builder.as_ref(), signed.builder(), &starred);
        if let Some(statement) = &signed.statement {
            out.extend(unrecognised(statement, &signed.signer));
        }
        out
    }
}

/// What a statement says about the build that this program does not understand, or that its certificate contradicts:
/// a parameter that nobody checks could change what was built (SLSA 1.2, "Verifying artifacts").
pub(super) fn unrecognised(statement: &Statement, signer: &Signer) -> Vec<String> {
    let keyless = matches!(signer, Signer::Identity(_));
    let known: &[&str] = match statement.build_type() {
        Some(BUILD_TYPE) => &["solutions", "environment", "manifest", "repository"],
        Some(GITHUB_BUILD_TYPE) if keyless => &["workflow"],
        Some(other) => return vec![format!("its build type `{other}` is not known here")],
        None => return vec!["it names no build type".to_owned()],
    };
    let mut out: Vec<String> = statement
        .parameters()
        .filter(|name| !known.contains(name))
        .map(|name| format!("its build has the parameter `{name}`, which is not known here"))
        .collect();
    if let (Signer::Identity(who), Some(said)) = (signer, statement.repository())
        && let Some(certified) = &who.repository
        && !same_repository(certified, said)
    {
        out.push(format!("it names the repository `{said}`, but its certificate `{certified}`"));
    }
    out
}

fn same_repository(wanted: &str, found: &str) -> bool {
    let plain = |uri: &str| uri.trim_end_matches('/').trim_end_matches(".git").to_owned();
    plain(wanted) == plain(found)
}
