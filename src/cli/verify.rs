//! `dvpack verify`

use std::path::PathBuf;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::bundle::descriptor::Solution;
use crate::bundle::signature::{Names, Signed, Signer};
use crate::bundle::{Bundle, Unknown, secrets, sha256};
use crate::cli::document::Document;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::report::{Account, Ended, ReportArgs};
use crate::cli::shell::Shell;
use crate::cli::trust::TrustArgs;
use crate::deploy::report::cell;
use crate::deploy::report::junit::{Case, Outcome};

/// Verify a bundle: integrity, consistency with its solution, and signatures
///
/// Works offline. Checks the archive's structure and every digest, compares bundle.json with the solution, renders
/// scripts, page, settings and bill of materials again and compares them byte for byte, refuses any other file, and
/// checks every signature. Only --key, --identity or --policy say who made the bundle: without them, a signature
/// proves no more than the digest that is printed.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The bundle
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// Accept files that a newer dvpack rendered, and list them as not checked
    #[arg(long)]
    unchecked: bool,
    #[command(flatten)]
    trust: TrustArgs,
    #[command(flatten)]
    report: ReportArgs,
}

/// A bundle that was verified.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifyDocument {
    /// The bundle's SHA-256.
    sha256: String,
    /// How many files it has.
    files: usize,
    /// Whether a signature is valid.
    signed: bool,
    /// Whether the caller said whom to trust, and they signed.
    trusted: bool,
    /// The valid signatures.
    signatures: Vec<Signature>,
    /// The solutions.
    solutions: Vec<Solution>,
    /// Files that a newer dvpack rendered.
    unchecked: Vec<String>,
    /// Signatures that cannot be checked here.
    unchecked_signatures: Vec<UncheckedSignature>,
    /// Whether the PowerShell script has an Authenticode signature, which dvpack does not check.
    authenticode: bool,
    /// What has the form of a secret and is stored as plain text.
    secrets: Vec<String>,
}

impl Document for VerifyDocument {
    const VERB: &'static str = "verify";
}

/// A valid signature.
#[derive(Serialize, JsonSchema)]
struct Signature {
    /// The SHA-256 of the public key, where a key signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Who signed, where an identity did.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
    /// Who vouches for the identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    /// Who built.
    builder: Option<String>,
    /// The source repository.
    repository: Option<String>,
}

impl From<&Signed> for Signature {
    fn from(signed: &Signed) -> Self {
        let Names { key, identity, issuer } = signed.signer.names();
        Self {
            key,
            identity,
            issuer,
            builder: signed.builder().map(str::to_owned),
            repository: signed.repository().map(str::to_owned),
        }
    }
}

/// A signature that cannot be checked here.
#[derive(Serialize, JsonSchema)]
struct UncheckedSignature {
    /// Its file in the bundle.
    file: String,
    /// The reason.
    why: String,
}

/// Runs `dvpack verify`.
pub fn run(args: VerifyArgs, shell: &Shell) -> Result<Exit, Failure> {
    args.report.run(&args.bundle.display().to_string(), shell, || verify(&args, shell))
}

fn verify(args: &VerifyArgs, shell: &Shell) -> Result<Ended<VerifyDocument>, Failure> {
    let bytes = crate::files::read(&args.bundle, crate::bundle::LIMIT)?;
    let unknown = if args.unchecked { Unknown::Unchecked } else { Unknown::Refused };
    let bundle = Bundle::read(&bytes, &args.bundle.display().to_string(), unknown).map_err(Failure::invalid)?;
    let checked = args.trust.check(&bytes, &bundle)?;
    let signatures = checked.signatures;
    let digest = sha256(&bytes);
    let files = bundle.entries().len();
    let trusted = args.trust.is_asked();
    let secrets = secrets::find(Some(bundle.descriptor()), bundle.solutions(), &args.bundle.display().to_string());
    shell.findings(&secrets);
    bundle.solutions().iter().for_each(|it| shell.findings(&it.lookalikes()));
    let mut text = if bundle.unchecked().is_empty() {
        format!("{}: complete and consistent, {files} files\n", args.bundle.display())
    } else {
        format!(
            "{}: NOT FULLY CHECKED, a newer dvpack made {} of its {files} files\n",
            args.bundle.display(),
            bundle.unchecked().len()
        )
    };
    for file in bundle.unchecked() {
        text.push_str(&format!("  not checked: {file}\n"));
    }
    for solution in &bundle.descriptor().solutions {
        text.push_str(&format!("  solution {} {}, sha256 {}\n", solution.name, solution.version, solution.sha256));
    }
    text.push_str(&format!("  bundle sha256 {digest}\n"));
    if bundle.has_authenticode() {
        text.push_str(
            "  Apply-Package.ps1 has an Authenticode signature, which PowerShell checks and dvpack does not\n",
        );
    }
    for it in &checked.unchecked {
        text.push_str(&format!(
            "  a signature that cannot be checked here and proves nothing: {}: {}\n",
            it.entry, it.why
        ));
    }
    for signed in &signatures {
        let word = match (trusted, &signed.signer) {
            (true, Signer::Key(_)) => "by a trusted key",
            (true, Signer::Identity(_)) => "by a trusted identity",
            (false, Signer::Key(_)) => "by a key that is not trusted here",
            (false, Signer::Identity(_)) => "by an identity that nobody here asked for",
        };
        text.push_str(&format!("  signed {word}, {}\n", signed.signer));
        let from = signed.repository().map(|it| format!(", from {it}")).unwrap_or_default();
        text.push_str(&format!("    built by {}{from}\n", signed.builder().unwrap_or("nobody named")));
    }
    text.push_str(match (signatures.is_empty(), trusted) {
        (true, _) => "  not signed: compare the digest with the publisher's\n",
        (false, false) => "  compare the signer with the publisher's, then give --key, --identity or --policy\n",
        (false, true) => "",
    });
    let skipped = |what: &str, why: &str| Case::new(what, Outcome::Skipped(why.to_owned()));
    let mut cases = vec![Case::new("integrity", Outcome::Passed)];
    cases.extend(bundle.unchecked().iter().map(|file| skipped(file, "a newer dvpack made it: not checked")));
    cases.extend(signatures.iter().map(|it| Case::new(format!("signature of {}", it.signer), Outcome::Passed)));
    cases.extend(checked.unchecked.iter().map(|it| skipped(&it.entry, &it.why)));
    let (verdict, details) = text.split_once('\n').unwrap_or((&text, ""));
    Ok(Ended {
        exit: Exit::Done,
        account: Account {
            subject: args.bundle.display().to_string(),
            verdict: verdict.to_owned(),
            cases,
            markdown: details.lines().map(|line| format!("- {}\n", cell(line.trim()))).collect(),
            sarif: None,
        },
        document: VerifyDocument {
            sha256: digest,
            files,
            signed: !signatures.is_empty(),
            trusted,
            signatures: signatures.iter().map(Signature::from).collect(),
            solutions: bundle.descriptor().solutions.clone(),
            unchecked: bundle.unchecked().to_vec(),
            unchecked_signatures: checked
                .unchecked
                .into_iter()
                .map(|it| UncheckedSignature { file: it.entry, why: it.why })
                .collect(),
            authenticode: bundle.has_authenticode(),
            secrets: secrets.iter().map(|it| it.message.clone()).collect(),
        },
        text,
    })
}
