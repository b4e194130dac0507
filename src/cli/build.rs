//! `dvpack build`

use std::path::{Path, PathBuf};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use crate::archive::{self, Limits, Timestamp};
use crate::bundle::diff::Change;
use crate::bundle::{self, Built, Bundle, LIMIT, PLACEHOLDER, sha256, solution_file_name};
use crate::cli::check::{DenyArgs, denied_words};
use crate::cli::document::{Document, Ending};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::manifest_args::ManifestArgs;
use crate::cli::shell::Shell;
use crate::cli::source_line;
use crate::cli::wrong_file;
use crate::diagnostic::{Diagnostic, Record};
use crate::version::Version;
use crate::{files, manifest, solution};

/// Build the managed solution and the release bundle
///
/// The same manifest gives the same bytes on any machine. Files in the bundle have the time of
/// `SOURCE_DATE_EPOCH` if that is set, otherwise 1980-01-01.
#[derive(Debug, Args)]
pub struct BuildArgs {
    #[command(flatten)]
    manifest: ManifestArgs,
    /// The folder to write to; by default, `dist` beside the manifest
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Replace existing files with these names, whatever they are
    #[arg(long)]
    force: bool,
    /// Build again without writing anything, and report where this bundle differs
    #[arg(long, value_name = "BUNDLE", conflicts_with_all = ["output", "force"])]
    check: Option<PathBuf>,
    #[command(flatten)]
    deny: DenyArgs,
}

/// What was built.
#[derive(Serialize, JsonSchema)]
pub struct BuildDocument {
    /// The managed solution.
    solution: BuiltFile,
    /// The release bundle.
    bundle: BuiltFile,
    /// Every finding.
    diagnostics: Vec<Record>,
}

impl Document for BuildDocument {
    const VERB: &'static str = "build";
}

/// A file that was written.
#[derive(Serialize, JsonSchema)]
struct BuiltFile {
    /// Where.
    file: PathBuf,
    /// Its size in bytes.
    size: usize,
    /// Its SHA-256.
    sha256: String,
}

/// Whether a bundle is what its manifest builds.
#[derive(Serialize, JsonSchema)]
pub struct RebuildDocument {
    /// The bundle.
    file: String,
    /// The first difference, in words.
    difference: Option<String>,
    /// Where in the sources it comes from: `file:line`.
    source: Option<String>,
    /// The first difference; empty if there is none.
    differences: Vec<Change>,
    /// What to do about it.
    #[serde(skip)]
    help: Vec<String>,
}

impl Document for RebuildDocument {
    const VERB: &'static str = "build";

    fn ending(&self) -> Ending {
        match &self.difference {
            None => Ending::default(),
            Some(difference) => Ending::of(Exit::Differs, difference.as_str()).help(self.help.clone()),
        }
    }
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
    if args.deny.refuses(&findings) {
        let message = denied_words(&findings);
        return Err(Failure { message, ..Failure::invalid(findings) });
    }
    shell.findings(&findings);
    let built = bundle::build(&loaded.package, &assembled.zip, &assembled.roles, timestamp)
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
        if args.deny.refuses(std::slice::from_ref(&finding)) {
            let message = denied_words(std::slice::from_ref(&finding));
            return Err(Failure { message, ..Failure::invalid(vec![finding]) });
        }
        shell.findings(std::slice::from_ref(&finding));
        findings.push(finding);
    }
    let mut text = String::new();
    for (what, path, bytes) in &made {
        files::write(path, bytes)?;
        let digest = sha256(bytes);
        text.push_str(&format!("{what:<9} {} ({} bytes)\n          sha256 {digest}\n", path.display(), bytes.len()));
    }
    let bundle = made[1].1.display();
    let environment = loaded.package.environment.as_ref().and_then(|environment| environment.url.as_ref());
    let url = environment.map_or(PLACEHOLDER, Url::as_str).trim_end_matches('/');
    text.push_str(&format!("next:     dvpack inspect {bundle}\n          dvpack plan {bundle} --url {url}\n"));
    let [solution, bundle] = made.map(|(_, file, bytes)| BuiltFile { file, size: bytes.len(), sha256: sha256(bytes) });
    shell.json(&BuildDocument { solution, bundle, diagnostics: findings.iter().map(Diagnostic::to_record).collect() });
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
    if solution::identify(&bytes).is_some_and(|(found, _)| found == solution) || is_bundle() {
        return Ok(());
    }
    Err(Failure::new(Exit::Failed, format!("`{name}` already exists and is not a build of `{solution}`"))
        .help("move it away, choose another folder with `--output`, or replace it with `--force`"))
}

/// Compares an earlier bundle with the one built now from the files in `folder`.
fn check(published: &Path, built: &Built, folder: &Path, shell: &Shell) -> Result<Exit, Failure> {
    let name = published.display().to_string();
    let bytes = files::read(published, LIMIT)?;
    wrong_file::for_bundle(published, &bytes)?;
    let unreadable = |refusal: archive::Refusal| {
        Failure::invalid(vec![Diagnostic::error("unreadable-zip", refusal.to_string()).in_file(name.as_str(), None)])
    };
    let difference = if bundle::signature::unsigned(&bytes).is_ok_and(|unsigned| unsigned == built.bytes) {
        None
    } else {
        let theirs = archive::read(&bytes, &Limits::default()).map_err(unreadable)?;
        let ours = archive::read(&built.bytes, &Limits::default()).map_err(unreadable)?;
        Some(bundle::first_difference(&theirs, &ours).unwrap_or_else(bundle::Difference::packed))
    };
    let line = difference.as_ref().and_then(|difference| difference.line.as_ref());
    let source = line.and_then(|line| source_line::find(folder, line));
    let source = source.map(|(path, line)| format!("{}:{line}", path.display()));
    shell.result(&match &difference {
        None if bytes == built.bytes => format!("{name}: the same, byte for byte\n"),
        None => format!("{name}: the same, byte for byte, and signatures behind it\n"),
        Some(difference) => {
            let arrow: String = source.iter().map(|source| format!("--> {source}\n")).collect();
            let help: String = difference.help.iter().map(|line| format!(" help: {line}\n")).collect();
            format!("{name}: {}\n{arrow}{help}", difference.words)
        }
    });
    let exit = if difference.is_none() { Exit::Done } else { Exit::Differs };
    shell.json(&RebuildDocument {
        file: name,
        difference: difference.as_ref().map(|difference| difference.words.clone()),
        source,
        differences: difference.iter().map(bundle::Difference::change).collect(),
        help: difference.iter().flat_map(|difference| &difference.help).map(ToString::to_string).collect(),
    });
    Ok(exit)
}

/// The time stamp of the bundle's entries.
fn timestamp(source_date_epoch: Option<&str>) -> Result<Timestamp, Failure> {
    match source_date_epoch {
        None | Some("") => Ok(Timestamp::FIRST),
        Some(text) => text
            .parse()
            .map(Timestamp::from_unix)
            .map_err(|_| Failure::usage(format!("`SOURCE_DATE_EPOCH` is `{text}`, which is not a number of seconds"))),
    }
}
