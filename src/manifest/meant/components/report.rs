//! A report.

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;
use crate::manifest::meant::components::table::column::Named;

/// One report.
#[derive(Clone, Debug)]
pub struct Report {
    /// Name.
    pub name: String,
    /// The `.rdl` file.
    pub path: PathBuf,
    /// Description.
    pub description: Option<String>,
    /// Number and name of its categories.
    pub categories: Vec<(u32, &'static str)>,
    /// 1 the list of reports, 2 forms, 3 lists of rows.
    pub visibility: Vec<u32>,
    /// Tables it is about.
    pub tables: Vec<Named>,
    /// Language code; absent means the base language.
    pub language: Option<u32>,
    /// GUID; absent means a stable one of the name.
    pub id: Option<Uuid>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}
