//! A file for another verb: what it is, and which verb reads it.

use std::path::Path;

use crate::archive::{self, Limits};
use crate::bundle::{LIMIT, not_a_bundle};
use crate::cli::failure::Failure;
use crate::diagnostic::Diagnostic;
use crate::files;

/// What a zip is.
enum Kind {
    Bundle {
        /// The names of its solution files.
        solutions: Vec<String>,
    },
    Solution,
    /// A zip with neither a bundle nor a solution.
    Other,
}

fn kind(bytes: &[u8]) -> Option<Kind> {
    if !bytes.starts_with(b"PK") {
        return None;
    }
    let names = archive::names(bytes, &Limits::of_solutions()).unwrap_or_default();
    let has = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
    Some(if has("bundle.json") {
        let is_solution = |name: &&String| name.starts_with("solutions/") && name.to_lowercase().ends_with(".zip");
        Kind::Bundle { solutions: names.iter().filter(is_solution).cloned().collect() }
    } else if has("solution.xml") {
        Kind::Solution
    } else {
        Kind::Other
    })
}

/// Whether a path means a manifest: a folder, or a file that has a manifest's name and is not a zip.
pub(super) fn is_manifest(path: &Path) -> bool {
    files::is_dir(path) || is_manifest_file(path)
}

/// The same of a file.
pub(super) fn is_manifest_file(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    matches!(ending, "yaml" | "yml") && !is_zip(path)
}

fn is_zip(path: &Path) -> bool {
    files::head(path, 2).is_ok_and(|start| start == b"PK")
}

/// Whether these are the bytes of a bundle, whatever its file is called.
pub(super) fn is_bundle(bytes: &[u8]) -> bool {
    matches!(kind(bytes), Some(Kind::Bundle { .. }))
}

/// Refuses a solution zip in place of a bundle.
pub(super) fn for_bundle(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let names = archive::names(bytes, &Limits::of_solutions()).unwrap_or_default();
    if names.is_empty() || names.iter().any(|name| name == "bundle.json") {
        return Ok(());
    }
    let name = path.display().to_string();
    Err(Failure::invalid(vec![not_a_bundle(names.iter().map(String::as_str), &name)]))
}

/// Refuses a zip in place of a manifest.
pub(super) fn for_manifest(path: &Path) -> Result<(), Failure> {
    if !files::is_file(path) {
        return Ok(());
    }
    // A manifest is small text; a file that cannot be read is reported by its reader.
    let Ok(bytes) = files::read(path, LIMIT) else { return Ok(()) };
    let name = path.display().to_string();
    let (what, help) = match kind(&bytes) {
        None => return Ok(()),
        Some(Kind::Bundle { .. }) => (
            "a bundle, which is built already",
            vec![
                format!("`dvpack verify {name}` checks it, `dvpack inspect {name}` shows what is in it"),
                format!("`dvpack apply {name} --url URL` applies it"),
            ],
        ),
        Some(Kind::Solution) => (
            "a solution zip",
            vec![
                format!("`dvpack init DIR --from {name}` makes a manifest of it"),
                format!("`dvpack inspect {name}` shows what is in it, and `dvpack unpack` gives its files"),
            ],
        ),
        Some(Kind::Other) => ("a zip", vec!["name a dvpack.yaml or its folder".to_owned()]),
    };
    Err(refusal("not-a-manifest", &format!("it is {what}, and a manifest is wanted"), &name, help))
}

/// Refuses a bundle in place of a solution zip; `verb` is shown before the zip that is taken out of it.
pub(super) fn for_solution(path: &Path, bytes: &[u8], verb: &str) -> Result<(), Failure> {
    let Some(Kind::Bundle { solutions }) = kind(bytes) else { return Ok(()) };
    let name = path.display().to_string();
    let mut help = Vec::new();
    if let Some(first) = solutions.first() {
        help.push(format!("take the solution out with `unzip {name} '{first}'`, then `{verb} {first}`"));
    }
    help.push(format!("`dvpack inspect {name}` shows what is in it"));
    Err(refusal("not-a-solution", "it is a bundle, and a solution zip is wanted", &name, help))
}

fn refusal(code: &'static str, message: &str, name: &str, help: Vec<String>) -> Failure {
    let finding = Diagnostic::error(code, message).in_file(name, None).help(help.join("; "));
    Failure::invalid(vec![finding])
}
