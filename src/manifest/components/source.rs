//! `components.source`: folders in SolutionPackager layout and exported zips.

use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::files::inside;
use crate::manifest::leaf::RelativePath;
use crate::yaml::shape::At;

/// A folder in SolutionPackager layout, or an exported zip.
#[derive(Clone, Debug)]
pub struct SourceFolder {
    /// The folder or file, reached from the working folder.
    pub path: PathBuf,
    /// Where it is named.
    pub span: Span,
}

/// A source that is there.
pub fn source(path: &At<RelativePath>, folder: &Path, findings: &mut Vec<Diagnostic>) -> Option<SourceFolder> {
    let full = inside(path, folder, findings)?;
    let zip = full.is_file() && full.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    if !full.is_dir() && !zip {
        let help = if full.exists() {
            "name a folder or an exported .zip file"
        } else {
            "check the path; it starts at the manifest's folder"
        };
        let message = if full.exists() { "is neither a folder nor a .zip file" } else { "does not exist" };
        findings
            .push(Diagnostic::error("source-missing", format!("`{}` {message}", path.shown)).at(&path.span).help(help));
        return None;
    }
    Some(SourceFolder { path: full, span: path.span.clone() })
}
