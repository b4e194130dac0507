//! `components.source`: folders in SolutionPackager layout and exported zips.

use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Span};
use crate::files;
use crate::manifest::components::files::inside;
use crate::manifest::components::scope::{Kind, Scope};
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

impl Kind for SourceFolder {
    type Written = At<RelativePath>;

    fn mean(path: &At<RelativePath>, scope: &mut Scope<'_>) -> Option<Self> {
        let full = inside(path, scope.folder, scope.findings)?;
        let zip =
            files::is_file(&full) && full.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
        if !files::is_dir(&full) && !zip {
            let help = if files::exists(&full) {
                "name a folder or an exported .zip file"
            } else {
                "check the path; it starts at the manifest's folder"
            };
            let message = if files::exists(&full) { "is neither a folder nor a .zip file" } else { "does not exist" };
            scope.findings.push(
                Diagnostic::error("source-missing", format!("`{}` {message}", path.shown)).at(&path.span).help(help),
            );
            return None;
        }
        Some(Self { path: full, span: path.span.clone() })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        None
    }
}
