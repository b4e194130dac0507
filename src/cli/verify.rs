//! `dvpack verify`

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::bundle::signature::{Signed, Signer};
use crate::bundle::{Bundle, sha256};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::cli::trust::TrustArgs;

/// Check that a bundle is whole, unchanged, says the truth about its solution, and who signed it
///
/// Checks the archive's structure, every digest, that name, version and roles shown in bundle.json are those in
/// the solution, and every signature; offline. Only with --key, --identity or --policy it tells who made the bundle:
/// a signature by an unknown key is worth no more than the digest that is printed.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The bundle
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    #[command(flatten)]
    trust: TrustArgs,
}

/// Runs `dvpack verify`.
pub fn run(args: VerifyArgs, shell: &Shell) -> Result<Exit, Failure> {
    let bytes = crate::files::read(&args.bundle, crate::bundle::LIMIT)?;
    let bundle = Bundle::from_bytes(&bytes, &args.bundle.display().to_string()).map_err(Failure::invalid)?;
    let signatures = args.trust.check(&bytes, &bundle)?;
    let digest = sha256(&bytes);
    let files = bundle.entries().len();
    let trusted = args.trust.is_asked();
    shell.json(&json!({
        "ok": true,
        "sha256": digest,
        "files": files,
        "signed": !signatures.is_empty(),
        "trusted": trusted,
        "signatures": signatures.iter().map(record).collect::<Vec<_>>(),
        "solutions": bundle.descriptor().solutions,
    }));
    let mut text = format!("{}: whole and unchanged since it was built, {files} files\n", args.bundle.display());
    for solution in &bundle.descriptor().solutions {
        text.push_str(&format!("  solution {} {}, sha256 {}\n", solution.name, solution.version, solution.sha256));
    }
    text.push_str(&format!("  bundle sha256 {digest}\n"));
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
