//! `signers:`

use crate::diagnostic::Diagnostic;
use crate::manifest::meant;
use crate::manifest::written::application::ExpectedSigner;
use crate::yaml::shape::{List, head};

/// Who is expected to sign.
pub fn signers(written: Option<&List<ExpectedSigner>>, findings: &mut Vec<Diagnostic>) -> Vec<meant::ExpectedSigner> {
    let mut signers = Vec::new();
    for signer in written.iter().flat_map(|list| &list.items) {
        let found = match (&signer.key, &signer.identity, &signer.issuer) {
            (Some(key), None, None) => meant::ExpectedSigner::Key(key.value.0.clone()),
            (None, Some(identity), Some(issuer)) => meant::ExpectedSigner::Identity {
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
