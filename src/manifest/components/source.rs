//! `components.source`: folders in SolutionPackager layout and exported zips.

use std::path::Path;

use crate::diagnostic::Diagnostic;
use crate::manifest::components::files::inside;
use crate::manifest::meant;
use crate::manifest::written::leaf::RelativePath;
use crate::yaml::shape::At;

/// A source that is there.
pub fn source(path: &At<RelativePath>, folder: &Path, findings: &mut Vec<Diagnostic>) -> Option<meant::SourceFolder> {
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
    Some(meant::SourceFolder { path: full, span: path.span.clone() })
}
