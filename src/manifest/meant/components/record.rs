//! A row of a table whose rows are components.

use std::path::PathBuf;

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;

/// One row.
#[derive(Clone, Debug)]
pub struct Record {
    /// Logical name of the table.
    pub table: String,
    /// Entity set name.
    pub set: String,
    /// Key columns and their values.
    pub key: Vec<(String, String)>,
    /// Name of its folder.
    pub folder: String,
    /// The other columns.
    pub columns: Extra,
    /// Path in the folder, and the file.
    pub files: Vec<(String, PathBuf)>,
    /// Rows that belong to it.
    pub children: Vec<Self>,
    /// Set and folder, which tell it from others.
    pub path: String,
    /// Where it is declared.
    pub span: Span,
}
