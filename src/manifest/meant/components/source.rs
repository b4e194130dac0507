//! A folder or zip that is merged in.

use std::path::PathBuf;

use crate::diagnostic::Span;

/// A folder in SolutionPackager layout, or an exported zip.
#[derive(Clone, Debug)]
pub struct SourceFolder {
    /// The folder or file, reached from the working folder.
    pub path: PathBuf,
    /// Where it is named.
    pub span: Span,
}
