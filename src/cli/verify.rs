//! `dvpack verify`

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::bundle::signature::{Signed, Signer};
use crate::bundle::{Bundle, Unknown, secrets, sha256};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::cli::trust::TrustArgs;

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
}

/// Runs `dvpack verify`.
pub fn run(args: VerifyArgs, shell: &Shell) -> Result<Exit, Failure> {
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
    shell.json(&json!({
        "ok": true,
        "sha256": digest,
        "files": files,
        "signed": !signatures.is_empty(),
        "trusted": trusted,
        "signatures": signatures.iter().map(record).collect::<Vec<_>>(),
        "solutions": bundle.descriptor().solutions,
        "unchecked": bundle.unchecked(),
        "uncheckedSignatures": checked.unchecked.iter().map(|it| json!({ "file": it.entry, "why": it.why })).collect::<Vec<_>>(),
        "authenticode": bundle.has_authenticode(),
        "secrets": secrets.iter().map(|it| &it.message).collect::<Vec<_>>(),
    }));
    let mut text = if bundle.unchecked().is_empty() {
        format!("{}: whole and unchanged since it was built, {files} files\n", args.bundle.display())
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
            (false, Signer::Key(_)) => "by a key that nothing here vouches for",
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
    shell.result(&text);
    Ok(Exit::Done)
}

fn record(signed: &Signed) -> Value {
    let mut record = match &signed.signer {
        Signer::Key(key) => json!({ "key": key.digest() }),
        Signer::Identity(who) => json!({ "identity": who.subject, "issuer": who.issuer }),
    };
    record["builder"] = json!(signed.builder());
    record["repository"] = json!(signed.repository());
    record
}
