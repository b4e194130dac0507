//! A code component.

use std::path::PathBuf;

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;

/// One code component (PCF control).
#[derive(Clone, Debug)]
pub struct CodeComponent {
    /// The folder with ControlManifest.xml, reached from the working folder.
    pub folder: PathBuf,
    /// Name; absent means prefix, namespace and constructor.
    pub name: Option<String>,
    /// Merged into its XML last.
    pub xml: Extra,
    /// Where it is declared.
    pub span: Span,
}
