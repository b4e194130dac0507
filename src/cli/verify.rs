//! `dvpack verify`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::bundle::{Bundle, sha256};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// Check that a bundle is whole, unchanged, and says the truth about its solution
///
/// Checks the archive's structure, every digest, and that name, version and roles shown in bundle.json
/// are those in the solution. It does not tell who made the bundle: compare the digest that is
/// printed with the one that the publisher gives.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The bundle
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
}

/// Runs `dvpack verify`.
pub fn run(args: VerifyArgs, shell: &Shell) -> Result<Exit, Failure> {
    let bytes = crate::files::read(&args.bundle, crate::bundle::LIMIT)?;
    let bundle = Bundle::from_bytes(&bytes, &args.bundle.display().to_string()).map_err(Failure::invalid)?;
    let digest = sha256(&bytes);
    let files = bundle.entries().len();
    shell.json(&json!({
        "ok": true,
        "sha256": digest,
        "files": files,
        "signed": false,
        "solutions": bundle.descriptor().solutions,
    }));
    let mut text = format!("{}: whole and unchanged since it was built, {files} files\n", args.bundle.display());
    for solution in &bundle.descriptor().solutions {
        text.push_str(&format!("  solution {} {}, sha256 {}\n", solution.name, solution.version, solution.sha256));
    }
    text.push_str(&format!("  bundle sha256 {digest}\n"));
    text.push_str("  signatures were not checked: compare the digest with the publisher's\n");
    shell.result(&text);
    Ok(Exit::Done)
}
