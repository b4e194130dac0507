//! `components.emailTemplates`: the files found.

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Span};
use crate::files::is_dir;
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::files::{below, inside, one};
use crate::manifest::components::names::Named;
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::{Guid, Language, Paragraph, RelativePath, TableName, Title};
use crate::yaml::leaf::Given;
use crate::yaml::record::record;
use crate::yaml::shape::At;

record! {
    /// An e-mail template: subject and body, or a folder with its four files.
    pub struct WrittenEmailTemplate => {
        /// Title.
        "title" required title: At<Title> => "Widget shipped",
        /// Table whose rows it is written for; `systemuser` means all tables.
        "table" required table: At<TableName> => "systemuser",
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Subject.
        "subject" optional subject: At<Title> => "Your widget is on its way",
        /// HTML or text file with the body.
        "body" optional body: At<RelativePath> => "mails/shipped.html",
        /// Folder with subject.xsl, subjectpresentationxml.xml, body.xsl and presentationxml.xml, in place of subject
        /// and body: for templates that contain columns of a row.
        "folder" optional folder: At<RelativePath> => "mails/shipped",
        /// Language code (LCID). Default: the base language.
        "language" optional language: At<Language>,
        /// GUID. Default: derived from publisher, title and language.
        "id" optional id: At<Guid>,
        /// Parts of its XML that have no key here.
        "xml" optional extra: Extra,
    }
}

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

impl Kind for EmailTemplate {
    type Written = WrittenEmailTemplate;

    fn mean(written: &WrittenEmailTemplate, scope: &mut Scope<'_>) -> Option<Self> {
        let title = written.title.as_ref()?;
        let content = match (&written.subject, &written.body, &written.folder) {
            (Some(subject), Some(body), None) => {
                EmailContent::Plain(subject.value.0.clone(), one(body, scope.folder, scope.findings).pop()?.0)
            }
            (None, None, Some(folder)) => {
                let path = inside(folder, scope.folder, scope.findings)?;
                if !is_dir(&path) {
                    let message = format!("`{}` is not a folder", folder.shown);
                    scope.findings.push(Diagnostic::error("folder-missing", message).at(&folder.span).help(
                        "name a folder with subject.xsl, subjectpresentationxml.xml, body.xsl and presentationxml.xml",
                    ));
                    return None;
                }
                for name in ["subject.xsl", "subjectpresentationxml.xml", "body.xsl", "presentationxml.xml"] {
                    inside(&below(folder, name), scope.folder, scope.findings)?;
                }
                EmailContent::Folder(path)
            }
            _ => {
                scope.findings.push(
                    Diagnostic::error("email-template", "an e-mail template needs subject and body, or a folder")
                        .at(&title.span)
                        .help("write `subject: …` and `body: file.html`, or `folder: …` alone"),
                );
                return None;
            }
        };
        let table = written.table.as_ref()?;
        Some(EmailTemplate {
            title: title.value.0.clone(),
            table: Named { name: table.value.0.clone(), span: table.span.clone() },
            description: written.description.value(),
            content,
            language: written.language.value(),
            id: written.id.value(),
            extra: extra(written.extra.as_ref()),
            span: title.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.title, &self.span))
    }
}
