//! `dvpack check`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::cli::wrong_file;
use crate::diagnostic::{Diagnostic, Severity, has_errors};
use crate::manifest::{self, Request};
use crate::solution;

/// Check a manifest and report every mistake at once
///
/// All environments are checked, also those that are not chosen.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    manifest: ManifestArgs,
}

/// Which manifest, and how it is evaluated.
#[derive(Clone, Debug, Args)]
pub struct ManifestArgs {
    /// The manifest, or the folder with a dvpack.yaml
    #[arg(default_value = ".", value_name = "DIR|FILE")]
    path: PathBuf,
    /// The environment whose settings are laid over the manifest's
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// A value for `${{ set.NAME }}`; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
}

impl ManifestArgs {
    /// Refuses a bundle or a solution.
    pub fn is_manifest(&self) -> Result<(), Failure> {
        wrong_file::for_manifest(&self.path)
    }

    /// The request to load it.
    #[must_use]
    pub fn request(self) -> Request {
        Request { path: self.path, environment: self.environment, set: self.set, today: None }
    }
}

/// Reads `NAME=VALUE`.
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".into()),
    }
}

/// Runs `dvpack check`.
pub fn run(args: CheckArgs, shell: &Shell) -> Result<Exit, Failure> {
    args.manifest.is_manifest()?;
    let (ok, findings, subject) = match manifest::load(&args.manifest.request()) {
        Ok(loaded) => {
            let package = loaded.package;
            // Everything that `build` would say, components and the review of roles included.
            let (ok, found) = match solution::assemble(&package) {
                Ok(assembled) => (true, assembled.findings),
                Err(findings) => (!has_errors(&findings), findings),
            };
            let findings = loaded.findings.into_iter().chain(found).collect();
            (ok, findings, format!("{} {}", package.solution.name, package.solution.version))
        }
        Err(findings) => (false, findings, String::new()),
    };
    shell.findings(&findings);
    let records: Vec<_> = findings.iter().map(Diagnostic::to_record).collect();
    shell.json(&json!({ "ok": ok, "diagnostics": records }));
    let count = count(&findings);
    if ok {
        let tail = if count.is_empty() { String::new() } else { format!(", {count}") };
        shell.result(&format!("{subject}: no errors{tail}\n"));
        return Ok(Exit::Done);
    }
    shell.say(&count);
    Ok(Exit::Invalid)
}

/// Such as `10 errors, 1 warning`.
fn count(findings: &[Diagnostic]) -> String {
    [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")]
        .into_iter()
        .filter_map(|(severity, word)| match findings.iter().filter(|f| f.severity == severity).count() {
            0 => None,
            1 => Some(format!("1 {word}")),
            many => Some(format!("{many} {word}s")),
        })
        .collect::<Vec<_>>()
        .join(", ")
}
