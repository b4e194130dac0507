//! A canvas app.

use std::path::PathBuf;

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;
use crate::manifest::meant::components::table::column::Named;

/// One canvas app.
#[derive(Clone, Debug)]
pub struct CanvasApp {
    /// Unique name.
    pub name: String,
    /// The `.msapp` file.
    pub path: PathBuf,
    /// Where it is named.
    pub path_span: Span,
    /// Display name; absent means the one in the file.
    pub display_name: Option<String>,
    /// Description; absent means the one in the file.
    pub description: Option<String>,
    /// What sort it is.
    pub kind: CanvasAppKind,
    /// Its picture; absent means the logo in the file, or a blank one.
    pub background: Option<PathBuf>,
    /// Colour behind the picture; absent means the one in the file.
    pub background_color: Option<String>,
    /// When it was saved; absent means the time in the file.
    pub saved: Option<String>,
    /// The version of the studio; absent means one that every client of today is newer than.
    pub client_version: Option<String>,
    /// Tables besides those in the file.
    pub tables: Vec<Named>,
    /// Whether a per-app pass suffices.
    pub app_pass: bool,
    /// Tags and their values.
    pub tags: Vec<(String, String)>,
    /// Further files.
    pub additional_files: Vec<PathBuf>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// What sort of canvas app it is; the numbers are Dataverse's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CanvasAppKind {
    /// 0
    #[default]
    App,
    /// 1
    ComponentLibrary,
    /// 2: a page of a model-driven app.
    Page,
}

impl CanvasAppKind {
    /// All of them, with the word that manifests use.
    pub const ALL: [(&'static str, Self); 3] =
        [("app", Self::App), ("componentLibrary", Self::ComponentLibrary), ("page", Self::Page)];

    /// Dataverse's number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }
}
