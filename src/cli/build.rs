//! `dvpack build`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::archive::{self, Limits, Timestamp};
use crate::bundle::{self, Built, Bundle, LIMIT, sha256, solution_file_name};
use crate::cli::check::ManifestArgs;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::cli::source_line;
use crate::diagnostic::Diagnostic;
use crate::version::Version;
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
    /// Replace files of these names even if they are something else
    #[arg(long)]
    force: bool,
    /// Write nothing: build again, and say where this bundle differs
    #[arg(long, value_name = "BUNDLE", conflicts_with_all = ["output", "force"])]
    check: Option<PathBuf>,
}

/// Runs `dvpack build`.
pub fn run(args: BuildArgs, shell: &Shell) -> Result<Exit, Failure> {
    let timestamp = timestamp(std::env::var("SOURCE_DATE_EPOCH").ok().as_deref())?;
    args.manifest.is_manifest()?;
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
        .map_err(|error| Failure::invalid(error.findings()))?;

    if let Some(published) = &args.check {
        return check(published, &built, &loaded.package.folder, shell);
    }
    let output = args.output.unwrap_or_else(|| loaded.package.folder.join("dist"));
    let made = [
        ("solution", output.join(solution_file_name(&loaded.package)), &assembled.zip),
        ("bundle", output.join(&built.name), &built.bytes),
    ];
    if !args.force {
        for (_, path, _) in &made {
            replaceable(path, &loaded.package.solution.name)?;
        }
    }
    let name = &loaded.package.solution.name;
    if let Some(later) = later_version(&output, name, loaded.package.solution.version) {
        let message = format!("version {} is built beside version {later}", loaded.package.solution.version);
        let finding = Diagnostic::warning("version-downgrade", message).at(&loaded.package.solution.name_span).help(
            "an update needs a later version: raise `solution.version`, or remove the later build if nobody has it",
        );
        shell.findings(std::slice::from_ref(&finding));
        findings.push(finding);
    }
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

/// The latest version of the solution that was built into `folder` before, if it is later than `version`.
fn later_version(folder: &Path, solution: &str, version: Version) -> Option<Version> {
    let of_file = |name: &str| {
        let parts = name.strip_prefix(solution)?.strip_prefix('_')?.strip_suffix("_managed.zip")?;
        parts.replace('_', ".").parse::<Version>().ok()
    };
    let entries = folder.read_dir().ok()?.flatten();
    entries.filter_map(|entry| of_file(entry.file_name().to_str()?)).filter(|other| *other > version).max()
}

/// Refuses to replace a file that is neither a bundle nor a solution of the same name.
fn replaceable(path: &Path, solution: &str) -> Result<(), Failure> {
    if !path.exists() {
        return Ok(());
    }
    let bytes = files::read(path, LIMIT)?;
    let name = path.display().to_string();
    let is_bundle = || {
        Bundle::from_bytes(&bytes, &name)
            .is_ok_and(|bundle| bundle.descriptor().solutions.iter().any(|it| it.name == solution))
    };
    if solution::read_zip(&bytes, &name).is_ok_and(|package| package.unique_name() == solution) || is_bundle() {
        return Ok(());
    }
    Err(Failure::new(Exit::Failed, format!("`{name}` is there already, and is no build of `{solution}`"))
        .help("move it away, choose another folder with `--output`, or replace it with `--force`"))
}

/// Compares a bundle that was built before with the one that was built now, from what lies in `folder`.
fn check(published: &Path, built: &Built, folder: &Path, shell: &Shell) -> Result<Exit, Failure> {
    let name = published.display().to_string();
    let bytes = files::read(published, LIMIT)?;
    let unreadable = |refusal: archive::Refusal| {
        Failure::invalid(vec![Diagnostic::error("unreadable-zip", refusal.to_string()).in_file(name.as_str(), None)])
    };
    let mut source = None;
    let difference = if bundle::signature::unsigned(&bytes).is_ok_and(|unsigned| unsigned == built.bytes) {
        None
    } else {
        let theirs = archive::read(&bytes, &Limits::default()).map_err(unreadable)?;
        let ours = archive::read(&built.bytes, &Limits::default()).map_err(unreadable)?;
        Some(match bundle::first_difference(&theirs, &ours) {
            None => "the same parts are packed in another way, or bear another time".to_owned(),
            Some(difference) => {
                source = difference.line.and_then(|line| source_line::find(folder, &line));
                difference.words
            }
        })
    };
    let source = source.map(|(path, line)| format!("{}:{line}", path.display()));
    shell.json(&json!({ "ok": difference.is_none(), "file": name, "difference": difference, "source": source }));
    shell.result(&match (&difference, source) {
        (None, _) if bytes == built.bytes => format!("{name}: the same, byte for byte\n"),
        (None, _) => format!("{name}: the same, byte for byte, and signatures behind it\n"),
        (Some(difference), None) => format!("{name}: {difference}\n"),
        (Some(difference), Some(source)) => format!("{name}: {difference}\n--> {source}\n"),
    });
    Ok(if difference.is_none() { Exit::Done } else { Exit::Differs })
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
