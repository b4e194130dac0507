//! Whom to trust: the arguments of `verify`, `plan` and `apply`, and how their refusals end.

use std::path::PathBuf;

use clap::Args;

use crate::bundle::Bundle;
use crate::bundle::signature::{Checked, Detached, KeyError, Policy, PublicKey, Refusal, Trust, verify_policy};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::diagnostic::Source;
use crate::files;

const POLICY_LIMIT: u64 = 1 << 20;
/// A Sigstore bundle around a statement about a thousand files has some 300 KiB.
pub const SIGNATURE_LIMIT: u64 = 16 << 20;

/// It is the heading of these options only: one for the whole struct would also cover what follows.
const HEADING: &str = "Trust";

/// Whom to trust.
#[derive(Clone, Debug, Default, Args)]
pub struct TrustArgs {
    /// The bundle must be signed by this public key (PEM)
    #[arg(help_heading = HEADING, long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The bundle must be signed by this identity (keyless): an e-mail address or a workflow's URI; a `*` at the end
    /// matches anything
    #[arg(help_heading = HEADING, long, value_name = "NAME", requires = "issuer")]
    identity: Option<String>,
    /// The issuer that vouches for the identity, for example `https://token.actions.githubusercontent.com`
    #[arg(help_heading = HEADING, long, value_name = "URL", requires = "identity")]
    issuer: Option<String>,
    /// The bundle must be signed as this policy requires
    #[arg(help_heading = HEADING, long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// A signature outside the bundle: a Sigstore bundle in JSON, or several, one per line; repeatable
    #[arg(help_heading = HEADING, long, value_name = "FILE")]
    signature: Vec<PathBuf>,
    /// The trusted root of another Sigstore instance (its `trusted_root.json`)
    #[arg(help_heading = HEADING, long, value_name = "FILE")]
    trusted_root: Option<PathBuf>,
    /// Refuse to continue without --key, --identity or --policy
    #[arg(help_heading = HEADING, long)]
    require_signature: bool,
}

impl TrustArgs {
    /// Whether a signature is required.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.require_signature || self.names_somebody()
    }

    fn names_somebody(&self) -> bool {
        self.key.is_some() || self.identity.is_some() || self.policy.is_some()
    }

    /// Checks the bundle that was read from `bytes`, and returns the signatures that count.
    pub fn check(&self, bytes: &[u8], bundle: &Bundle) -> Result<Checked, Failure> {
        if self.require_signature && !self.names_somebody() {
            return Err(Failure::usage("whose signature is required?").help(
                "name the publisher's public key with `--key FILE`, its identity with `--identity NAME --issuer URL`, \
                 or a policy with `--policy FILE`",
            ));
        }
        let keys = match &self.key {
            Some(path) => vec![PublicKey::read(path)?],
            None => Vec::new(),
        };
        let identities = self.identity.iter().cloned().zip(self.issuer.iter().cloned()).collect();
        let policy = match &self.policy {
            Some(path) => {
                let source = Source::new(path.display().to_string(), files::read_text(path, POLICY_LIMIT)?);
                Some(
                    Policy::parse(&source)
                        .map_err(|findings| Failure { exit: Exit::Usage, ..Failure::invalid(findings) })?,
                )
            }
            None => None,
        };
        let mut detached = Vec::new();
        for path in &self.signature {
            let text = files::read_text(path, SIGNATURE_LIMIT)?;
            detached.extend(documents(&text).map(|json| Detached { name: path.display().to_string(), json }));
        }
        let trusted_root = read_root(self.trusted_root.as_ref())?;
        Ok(verify_policy(bytes, bundle, &Trust { keys, identities, policy, detached, trusted_root })?)
    }
}

/// The text of a `trusted_root.json`.
pub fn read_root(path: Option<&PathBuf>) -> Result<Option<String>, Failure> {
    Ok(path.map(|path| files::read_text(path, SIGNATURE_LIMIT)).transpose()?)
}

/// The documents of a file: one, or one a line.
fn documents(text: &str) -> impl Iterator<Item = String> {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let by_line =
        lines().count() > 1 && lines().all(|line| line.trim_start().starts_with('{') && line.trim_end().ends_with('}'));
    let found: Vec<String> = if by_line { lines().map(str::to_owned).collect() } else { vec![text.to_owned()] };
    found.into_iter()
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
            Refusal::OtherSigner(_) => {
                (Exit::Invalid, "do not use it until the publisher confirms by another way who signs its releases")
            }
            Refusal::Root(_) => (Exit::Usage, "get a new `trusted_root.json` from whoever runs that Sigstore instance"),
            Refusal::Policy(_) => (Exit::Refused, "change the policy only if you know why this bundle breaks it"),
        };
        Self::new(exit, refusal.to_string()).help(help)
    }
}
