//! An e-mail template.

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;
use crate::manifest::meant::components::table::column::Named;

/// One e-mail template.
#[derive(Clone, Debug)]
pub struct EmailTemplate {
    /// Title.
    pub title: String,
    /// The table it is written for.
    pub table: Named,
    /// Description.
    pub description: Option<String>,
    /// Subject and body.
    pub content: EmailContent,
    /// Language code; absent means the base language.
    pub language: Option<u32>,
    /// GUID; absent means a stable one of the title.
    pub id: Option<Uuid>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// Subject and body of an e-mail template.
#[derive(Clone, Debug)]
pub enum EmailContent {
    /// A subject, and the file of the body.
    Plain(String, PathBuf),
    /// The folder with the four files.
    Folder(PathBuf),
}
