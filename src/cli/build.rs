//! `dvpack build`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::archive::Timestamp;
use crate::bundle::{self, sha256, solution_file_name};
use crate::cli::check::ManifestArgs;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::diagnostic::Diagnostic;
use crate::{files, manifest, solution};

/// Build the managed solution and the release bundle
///
/// The same manifest gives the same bytes on any machine. Files in the bundle bear the time of
/// `SOURCE_DATE_EPOCH` if that is set, else 1980-01-01.
#[derive(Debug, Args)]
pub struct BuildArgs {
    #[command(flatten)]
    manifest: ManifestArgs,
    /// Where to write; without it, `dist` beside the manifest
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Runs `dvpack build`.
pub fn run(args: BuildArgs, shell: &Shell) -> Result<Exit, Failure> {
    let timestamp = timestamp(std::env::var("SOURCE_DATE_EPOCH").ok().as_deref())?;
    let loaded = manifest::load(&args.manifest.request()).map_err(Failure::invalid)?;
    let mut findings = loaded.findings;
    let assembled = match solution::assemble(&loaded.package) {
        Ok(assembled) => assembled,
        Err(errors) => {
            findings.extend(errors);
            return Err(Failure::invalid(findings));
        }
    };
    findings.extend(assembled.findings);
    shell.findings(&findings);
    let built = bundle::build(&loaded.package, &assembled.zip, timestamp)
        .map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;

    let output = args.output.unwrap_or_else(|| loaded.package.folder.join("dist"));
    let made = [
        ("solution", output.join(solution_file_name(&loaded.package)), &assembled.zip),
        ("bundle", output.join(&built.name), &built.bytes),
    ];
    let mut text = String::new();
    let mut documents = serde_json::Map::new();
    for (what, path, bytes) in &made {
        files::write(path, bytes)?;
        let digest = sha256(bytes);
        text.push_str(&format!("{what:<9} {} ({} bytes)\n          sha256 {digest}\n", path.display(), bytes.len()));
        documents.insert((*what).to_owned(), json!({ "file": path, "size": bytes.len(), "sha256": digest }));
    }
    let bundle = made[1].1.display();
    text.push_str(&format!(
        "next:     dvpack inspect {bundle}\n          dvpack plan {bundle} --url https://YOUR-ORG.crm.dynamics.com\n"
    ));
    documents.insert("ok".to_owned(), json!(true));
    documents.insert("diagnostics".to_owned(), json!(findings.iter().map(Diagnostic::to_record).collect::<Vec<_>>()));
    shell.json(&documents);
    shell.result(&text);
    Ok(Exit::Done)
}

/// The time that entries of the bundle bear.
fn timestamp(source_date_epoch: Option<&str>) -> Result<Timestamp, Failure> {
    match source_date_epoch {
        None | Some("") => Ok(Timestamp::FIRST),
        Some(text) => text
            .parse()
            .map(Timestamp::from_unix)
            .map_err(|_| Failure::usage(format!("`SOURCE_DATE_EPOCH` is `{text}`, which is not a number of seconds"))),
    }
}
