//! A web resource.

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;

/// One web resource.
#[derive(Clone, Debug)]
pub struct WebResource {
    /// The file that holds its content, reached from the working folder.
    pub path: PathBuf,
    /// Unique name, with the publisher's prefix.
    pub name: String,
    /// GUID; absent means the one that publisher and name give.
    pub id: Option<Uuid>,
    /// Display name; absent means the name.
    pub display_name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// `WebResourceType`: 1 HTML, 2 CSS, 3 JS, 4 XML, 5 PNG, 6 JPG, 7 GIF, 8 XAP, 9 XSL, 10 ICO, 11 SVG, 12 RESX.
    pub kind: u8,
    /// Language code, for those that have one.
    pub language: Option<u32>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}
