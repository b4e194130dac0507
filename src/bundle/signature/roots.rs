//! The check of keyless signatures.
//!
//! All checks are those of the `sigstore-verify` crate, offline, against the trusted root that it carries or one that
//! the subscriber gives: certificate chain and its log (SCT), entry in the transparency log or time stamp, signature,
//! and that the entry is about this very signature.

use sigstore_verify::trust_root::{SIGSTORE_PRODUCTION_TRUSTED_ROOT, TrustedRoot};
use sigstore_verify::types::{Bundle, SignatureContent};
use sigstore_verify::{VerificationPolicy, Verifier};

use super::keyless::{Identity, printable};
use super::provider;

/// A valid signature.
#[derive(Debug)]
pub(super) struct Verified {
    pub(super) identity: Identity,
    /// The in-toto statement that was signed; `None` where the file itself was.
    pub(super) payload: Option<Vec<u8>>,
}

/// The trusted root of Sigstore's checks.
pub(super) struct Roots(Verifier);

impl Roots {
    /// From a `trusted_root.json`; without one, Sigstore's public instance.
    pub(super) fn new(json: Option<&str>) -> Result<Self, String> {
        provider::install();
        let root = TrustedRoot::from_json(json.unwrap_or(SIGSTORE_PRODUCTION_TRUSTED_ROOT));
        let root = root.map_err(|error| printable(&error.to_string()))?;
        Verifier::new(&root).map(Self).map_err(|error| printable(&error.to_string()))
    }

    /// Checks a Sigstore bundle against the first of `artifacts` that it is about.
    pub(super) fn verify(&self, json: &str, artifacts: &[&[u8]]) -> Result<Verified, String> {
        let document = Bundle::from_json(json).map_err(|error| printable(&error.to_string()))?;
        // The caller judges whose identity it is: several may be allowed.
        let policy = VerificationPolicy::any_identity();
        let mut why = "there is nothing that it could be about".to_owned();
        for artifact in artifacts {
            // Only a signature over the file itself is checked by its digest.
            let message =
                if matches!(document.content, SignatureContent::DsseEnvelope(_)) { &[][..] } else { *artifact };
            match provider::with_message(message, || self.0.verify(*artifact, &document, &policy)) {
                Ok(result) => {
                    if !(result.certificate_verified() && result.sct_verified() && result.tlog_verified()) {
                        return Err("not everything in it could be checked".to_owned());
                    }
                    let claims = result.certificate().map(|it| it.ci_claims.clone()).unwrap_or_default();
                    let identity = Identity {
                        subject: result.identity().map(|it| it.as_str().to_owned()).unwrap_or_default(),
                        issuer: result.issuer().unwrap_or_default().to_owned(),
                        repository: claims.source_repository_uri,
                        builder: claims.build_signer_uri,
                    };
                    let payload = match &document.content {
                        SignatureContent::DsseEnvelope(envelope) => Some(envelope.payload.as_bytes().to_vec()),
                        _ => None,
                    };
                    return Ok(Verified { identity, payload });
                }
                Err(error) => why = printable(&error.to_string()),
            }
        }
        Err(why)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const BEACON: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
    const ISSUER: &str = "https://token.actions.githubusercontent.com";

    #[test]
    fn the_trusted_root_that_is_built_in_can_be_used() {
        let roots = Roots::new(None).expect("roots");
        assert!(!roots.verify("{}", &[b"x"]).expect_err("refused").is_empty());
        assert!(Roots::new(Some("no JSON")).is_err());
    }

    /// The vectors of sigstore/sigstore-conformance, where a checkout is at hand: those that end with `_fail` must be
    /// refused, all others accepted. Vectors for managed keys are not about certificates.
    #[test]
    fn agrees_with_the_vectors_of_sigstore_conformance() {
        let Some(checkout) = std::env::var_os("DVPACK_SIGSTORE_CONFORMANCE") else { return };
        let folder = Path::new(&checkout).join("test/assets/bundle-verify");
        let (mut agreed, mut wrong) = (0, Vec::new());
        for entry in std::fs::read_dir(&folder).expect("a checkout") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if !path.is_dir() || name.starts_with("managed-key") {
                continue;
            }
            let text = |name: &str| std::fs::read_to_string(path.join(name)).ok();
            let artifact = std::fs::read(path.join("artifact"))
                .unwrap_or_else(|_| std::fs::read(folder.join("a.txt")).expect("an artifact"));
            let wanted = |name: &str, usual: &str| text(name).map_or(usual.to_owned(), |it| it.trim().to_owned());
            let good = text("bundle.sigstore.json").is_some_and(|json| {
                Roots::new(text("trusted_root.json").as_deref())
                    .and_then(|roots| roots.verify(&json, &[&artifact]))
                    .is_ok_and(|it| {
                        it.identity.subject == wanted("identity", BEACON)
                            && it.identity.issuer == wanted("issuer", ISSUER)
                    })
            });
            if good == name.ends_with("_fail") { wrong.push(name) } else { agreed += 1 }
        }
        assert!(wrong.is_empty(), "{agreed} agree, these do not: {wrong:?}");
        assert!(agreed > 60, "only {agreed} vectors were found");
        println!("{agreed} vectors agree");
    }
}
