//! `components.emailTemplates`

use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::leaf::{Guid, Language, Paragraph, RelativePath, TableName, Title};
use crate::yaml::record::record;
use crate::yaml::shape::At;

record! {
    /// An e-mail template: subject and body, or a folder with its four files.
    pub struct EmailTemplate => {
        /// Title.
        "title" required title: At<Title>,
        /// Table whose rows it is written for; `systemuser` stands for all of them.
        "table" required table: At<TableName>,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Subject.
        "subject" optional subject: At<Title>,
        /// HTML or text file with the body.
        "body" optional body: At<RelativePath>,
        /// Folder with subject.xsl, subjectpresentationxml.xml, body.xsl and presentationxml.xml, in place of subject and body: for templates that hold columns of a row.
        "folder" optional folder: At<RelativePath>,
        /// Language code (LCID). Left out: the base language.
        "language" optional language: At<Language>,
        /// GUID. Left out: made of publisher, title and language.
        "id" optional id: At<Guid>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}
