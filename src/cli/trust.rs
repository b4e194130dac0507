//! Whom to trust: the arguments of `verify`, `plan` and `apply`, and how their refusals end.

use std::path::PathBuf;

use clap::Args;

use crate::bundle::Bundle;
use crate::bundle::signature::{KeyError, Policy, PublicKey, Refusal, Signed, Trust, verify_policy};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::files;

const POLICY_LIMIT: u64 = 1 << 20;

/// Whom to trust.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Trust")]
pub struct TrustArgs {
    /// The bundle must be signed by this public key (PEM)
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The bundle must be signed as this policy wants it
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Refuse to go on without --key or --policy
    #[arg(long)]
    require_signature: bool,
}

impl TrustArgs {
    /// Whether a signature is wanted.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.require_signature || self.key.is_some() || self.policy.is_some()
    }

    /// Checks the bundle that was read from `bytes`; gives the signatures that count.
    pub fn check(&self, bytes: &[u8], bundle: &Bundle) -> Result<Vec<Signed>, Failure> {
        if self.require_signature && self.key.is_none() && self.policy.is_none() {
            return Err(Failure::usage("whose signature is required?")
                .help("name the publisher's public key with `--key FILE`, or a policy with `--policy FILE`"));
        }
        let keys = match &self.key {
            Some(path) => vec![PublicKey::read(path)?],
            None => Vec::new(),
        };
        let policy = match &self.policy {
            Some(path) => Some(
                Policy::parse(&files::read_text(path, POLICY_LIMIT)?)
                    .map_err(|error| Failure::usage(format!("cannot use the policy `{}`: {error}", path.display())))?,
            ),
            None => None,
        };
        Ok(verify_policy(bytes, bundle, &Trust { keys, policy })?)
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let failure = Self::usage(error.to_string());
        match error.help {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let (exit, help) = match &refusal {
            Refusal::Unsigned => (Exit::Invalid, "ask the publisher for a signed bundle"),
            Refusal::Bad(_) | Refusal::Changed(_) => (Exit::Invalid, "get the bundle again from its publisher"),
            Refusal::OtherKey(_) => {
                (Exit::Invalid, "do not use it until the publisher confirms the new key by another way")
            }
            Refusal::Policy(_) => (Exit::Refused, "change the policy only if you know why this bundle breaks it"),
        };
        Self::new(exit, refusal.to_string()).help(help)
    }
}
