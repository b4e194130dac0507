//! `dvpack check`

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::document::{Document, Ending};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::manifest_args::ManifestArgs;
use crate::cli::report::{Account, Ended, ReportArgs};
use crate::cli::sarif;
use crate::cli::shell::Shell;
use crate::deploy::report::cell;
use crate::deploy::report::junit::{Case, Outcome};
use crate::diagnostic::{Diagnostic, Record, Severity, has_errors};
use crate::manifest;
use crate::solution::components::unproven;
use crate::solution::{self, checkout};

/// Check a manifest and report every mistake at once
///
/// Checks all environments, not only the chosen one.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    manifest: ManifestArgs,
    #[command(flatten)]
    deny: DenyArgs,
    #[command(flatten)]
    report: ReportArgs,
}

/// What is wrong with a manifest.
#[derive(Serialize, JsonSchema)]
pub struct CheckDocument {
    /// Every finding.
    diagnostics: Vec<Record>,
    /// How it ended.
    #[serde(skip)]
    ending: Ending,
}

impl Document for CheckDocument {
    const VERB: &'static str = "check";

    fn ending(&self) -> Ending {
        self.ending.clone()
    }
}

/// Runs `dvpack check`.
pub fn run(args: CheckArgs, shell: &Shell) -> Result<Exit, Failure> {
    args.report.run(&args.manifest.name(), shell, || check(&args, shell))
}

fn check(args: &CheckArgs, shell: &Shell) -> Result<Ended<CheckDocument>, Failure> {
    args.manifest.is_manifest()?;
    let (ok, findings, subject) = match manifest::load(&args.manifest.request()) {
        Ok(loaded) => {
            let package = loaded.package;
            // Everything that `build` would report, including components and the review of roles.
            let (ok, found) = match solution::assemble(&package) {
                Ok(assembled) => (true, assembled.findings),
                Err(findings) => (!has_errors(&findings), findings),
            };
            let mut findings = loaded.findings;
            findings.extend(found);
            findings.extend(checkout::line_endings(&package));
            findings.extend(unproven::notes(&package));
            (ok, findings, format!("{} {}", package.solution.name, package.solution.version))
        }
        Err(findings) => (false, findings, args.manifest.name()),
    };
    shell.findings(&findings);
    let count = count(&findings);
    let denied = ok && args.deny.refuses(&findings);
    let passed = ok && !denied;
    let verdict = match (ok, count.is_empty()) {
        (true, true) => format!("{subject}: no errors"),
        (true, false) => format!("{subject}: no errors, {count}"),
        (false, _) => count.clone(),
    };
    if denied {
        shell.say(&denied_words(&findings));
    } else if !ok {
        shell.say(&count);
    }
    let diagnostics = findings.iter().map(Diagnostic::to_record).collect();
    let message = if denied { denied_words(&findings) } else { String::new() };
    let ending = if passed {
        Ending::default()
    } else {
        Ending::failed(&Failure { message, ..Failure::invalid(findings.clone()) })
    };
    Ok(Ended {
        exit: ending.exit,
        text: if passed { format!("{verdict}\n") } else { String::new() },
        account: Account {
            subject: args.manifest.name(),
            verdict,
            cases: findings.iter().map(|finding| case(finding, denied)).collect(),
            markdown: markdown(&findings),
            sarif: Some(sarif::log(&findings)),
        },
        document: CheckDocument { diagnostics, ending },
    })
}

/// Whether warnings are tolerated.
#[derive(Clone, Copy, Debug, Args)]
pub struct DenyArgs {
    /// Exit with 3 if there is a warning
    #[arg(long)]
    deny_warnings: bool,
}

impl DenyArgs {
    /// Whether the findings contain a warning that is not tolerated.
    pub fn refuses(self, findings: &[Diagnostic]) -> bool {
        self.deny_warnings && findings.iter().any(|finding| finding.severity == Severity::Warning)
    }
}

/// The failure that warnings cause.
pub fn denied_words(findings: &[Diagnostic]) -> String {
    format!("{}, and `--deny-warnings` was given", count(findings))
}

/// For test reports.
fn case(finding: &Diagnostic, denied: bool) -> Case {
    let fails = finding.severity == Severity::Error || denied && finding.severity == Severity::Warning;
    let outcome = if fails {
        Outcome::Failed(finding.message.clone(), finding.help.join("\n"))
    } else {
        Outcome::Skipped(finding.message.clone())
    };
    Case::new(format!("{finding} [{}]", finding.code), outcome)
}

/// The findings as a table.
fn markdown(findings: &[Diagnostic]) -> String {
    let row = |finding: &Diagnostic| {
        let severity = format!("{:?}", finding.severity).to_lowercase();
        let help: String = finding.help.iter().map(|line| format!(" ({line})")).collect();
        format!("| {severity} | {} | {}{} |\n", cell(&finding.code), cell(&finding.to_string()), cell(&help))
    };
    let rows: String = findings.iter().map(row).collect();
    if rows.is_empty() { rows } else { format!("\n| Severity | Code | Finding |\n|---|---|---|\n{rows}") }
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
