//! The manifest language: text → what is written → overlays → what is meant.
//!
//! Uses the ground floor and `catalog`'s words for rights and levels. Every mistake is reported, in
//! one run, for all environments: serde would stop at the first, so the text is read into a tree of
//! places ([`node`]), and typed readers ([`written`]) collect what they refuse.

mod expression;
mod meaning;
pub mod meant;
pub mod node;
mod overlay;
pub mod reference;
pub mod schema;
pub mod starter;
pub mod written;
mod yaml;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use crate::diagnostic::{Diagnostic, Severity, Source, Span, has_errors, nearest};
use crate::files;
use crate::manifest::expression::Scope;
use crate::manifest::meaning::Surroundings;
use crate::manifest::node::Node;
use crate::manifest::written::{Reader, Shape};

/// The usual name of a manifest.
pub const FILE_NAME: &str = "dvpack.yaml";

const MAXIMUM_BYTES: u64 = 4 * 1024 * 1024;

/// What to load.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The manifest, or the folder with a `dvpack.yaml`.
    pub path: PathBuf,
    /// The environment whose overlay is taken.
    pub environment: Option<String>,
    /// Values for `${{ set.* }}`.
    pub set: Vec<(String, String)>,
    /// Today, for warnings about expiry; absent means the clock's (UTC).
    pub today: Option<Date>,
}

impl Request {
    /// A manifest as it is, without overlay.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }
}

/// A checked manifest.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What is meant.
    pub package: meant::Package,
    /// Warnings and notes.
    pub findings: Vec<Diagnostic>,
}

/// Reads and checks a manifest, with the overlays of all its environments.
///
/// The error holds every finding (errors first met first), warnings included.
pub fn load(request: &Request) -> Result<Loaded, Vec<Diagnostic>> {
    let path = find(&request.path);
    let name = path.display().to_string();
    let text = files::read_text(&path, MAXIMUM_BYTES).map_err(|error| {
        let mut finding =
            Diagnostic::error("manifest-unreadable", format!("cannot read the manifest: {}", error.source));
        if error.source.kind() == std::io::ErrorKind::NotFound {
            finding = finding.help("name the manifest or its folder, or write one with `dvpack init`");
        }
        vec![finding.in_file(name.as_str(), None)]
    })?;
    load_text(&Source::new(name, text), path.parent().unwrap_or(Path::new("")), request)
}

/// Like [`load`], for a text at hand; relative paths start at `folder`.
pub fn load_text(source: &Arc<Source>, folder: &Path, request: &Request) -> Result<Loaded, Vec<Diagnostic>> {
    let mut findings = Vec::new();
    let Some(mut tree) = yaml::parse(source, &mut findings) else { return Err(findings) };
    expression::evaluate(&mut tree, &Scope::new(folder, &request.set), &mut findings);

    let today = request.today.unwrap_or_else(|| jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date());
    let mut read = |tree: &Node, environment: Option<&str>| {
        let mut reader = Reader::default();
        let written = written::Manifest::read(tree, &mut reader);
        findings.append(&mut reader.findings);
        let around = Surroundings { folder, today, environment };
        written.and_then(|written| meaning::package(&written, &around, &mut findings))
    };
    let base = read(&tree, None);
    let names: Vec<&str> =
        tree.get("environments").map_or(&[][..], Node::entries).iter().map(|e| e.key.as_str()).collect();
    let mut chosen = None;
    for name in &names {
        let package = read(&overlay::lay(&tree, name), Some(name));
        if request.environment.as_deref() == Some(name) {
            chosen = package;
        }
    }
    if let Some(wanted) = request.environment.as_deref()
        && !names.contains(&wanted)
    {
        findings.push(no_such_environment(wanted, &names, &tree.span));
    }
    let findings = settle(findings);
    let package = if request.environment.is_some() { chosen } else { base };
    match package {
        Some(package) if !has_errors(&findings) => Ok(Loaded { package, findings }),
        _ => Err(findings),
    }
}

fn find(path: &Path) -> PathBuf {
    if !path.is_dir() {
        return path.to_owned();
    }
    // `.` is the usual case; people know the file as `dvpack.yaml`, not `./dvpack.yaml`.
    let folder = if path == Path::new(".") { Path::new("") } else { path };
    let usual = folder.join(FILE_NAME);
    let short = folder.join("dvpack.yml");
    if !usual.exists() && short.exists() { short } else { usual }
}

fn no_such_environment(wanted: &str, names: &[&str], span: &Span) -> Diagnostic {
    let finding = Diagnostic::error("unknown-environment", format!("the manifest has no environment `{wanted}`"))
        .in_file(span.source.name.as_str(), None);
    match nearest(wanted, names.iter().copied()) {
        Some(near) => finding.help(format!("write `--environment {near}`")),
        None if names.is_empty() => finding.help("add it under `environments`"),
        None => finding.help(format!("it has: {}", names.join(", "))),
    }
}

/// Each finding once (environments repeat those of the base), in the order of the text.
fn settle(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut once: Vec<Diagnostic> = Vec::with_capacity(findings.len());
    let mut seen = std::collections::HashSet::new();
    // Line and column, which findings without a source line have too; others stand last.
    let start = |finding: &Diagnostic| {
        let place = finding.place().unwrap_or_default();
        (place.line.unwrap_or(usize::MAX), place.column.unwrap_or(usize::MAX))
    };
    for finding in findings {
        if seen.insert((start(&finding), finding.code.clone(), finding.message.clone())) {
            once.push(finding);
        }
    }
    once.sort_by_key(|finding| (start(finding), finding.severity != Severity::Error));
    once
}
