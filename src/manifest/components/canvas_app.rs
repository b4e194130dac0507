//! `components.canvasApps`: files found.

use std::path::PathBuf;

use crate::diagnostic::Span;
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::files::one;
use crate::manifest::components::names::Named;
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::{Flag, Paragraph, RelativePath, SchemaName, Stored, TableName, Title};
use crate::manifest::prefix;
use crate::yaml::leaf::{choice, text};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, Map};

record! {
    /// A canvas app, custom page or component library, from its `.msapp` file.
    pub struct WrittenCanvasApp => {
        /// Unique name, with the publisher's prefix.
        "name" required name: At<SchemaName>,
        /// The `.msapp` file, as Power Apps Studio saves it.
        "file" required file: At<RelativePath>,
        /// Name that people see. Left out: the one in the file.
        "displayName" optional display_name: At<Title>,
        /// Description. Left out: the one in the file.
        "description" optional description: At<Paragraph>,
        /// Type: app, componentLibrary or page (of a model-driven app). Left out: app.
        "type" optional kind: At<CanvasAppKind>,
        /// Picture of the app. Left out: the logo in the file, else a blank one.
        "background" optional background: At<RelativePath>,
        /// Colour behind the picture, such as `RGBA(0,176,240,1)`. Left out: the one in the file.
        "backgroundColor" optional background_color: At<Title>,
        /// When it was saved, such as `2026-01-31T12:00:00Z`. Left out: the time in the file.
        "saved" optional saved: At<CanvasTime>,
        /// Version of Power Apps Studio that saved it, in four parts.
        "clientVersion" optional client_version: At<ClientVersion>,
        /// Tables that it uses besides those in the file.
        "tables" optional tables: List<At<TableName>>,
        /// Whether people with a per-app pass can use it. Left out: yes.
        "appPass" optional app_pass: At<Flag>,
        /// Tag → value, beside or in place of those that the file tells.
        "tags" optional tags: Map<At<Stored>>,
        /// Further files of the app, in their order.
        "additionalFiles" optional additional_files: List<At<RelativePath>>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}

choice!(
    /// What sort of canvas app it is.
    for CanvasAppKind, "canvas-app-type", "a type of canvas app", CanvasAppKind::ALL
);
text!(
    /// A time in UTC.
    CanvasTime, "time", "a time in UTC", "2026-01-31T12:00:00Z",
    |text| if text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok() { Ok(()) } else { Err("the form is `2026-01-31T12:00:00Z`".into()) },
    serde_json::json!({ "pattern": "\\$\\{\\{|^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$" })
);
text!(
    /// A version of Power Apps Studio.
    ClientVersion, "client-version", "a version in four parts", "3.24123.6.0",
    |text| {
        let good = text.split('.').count() == 4 && text.split('.').all(|it| !it.is_empty() && it.bytes().all(|b| b.is_ascii_digit()));
        if good { Ok(()) } else { Err("four whole numbers with dots between them".into()) }
    },
    serde_json::json!({ "pattern": "\\$\\{\\{|^[0-9]+(\\.[0-9]+){3}$" })
);

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

impl Kind for CanvasApp {
    type Written = WrittenCanvasApp;

    fn mean(written: &WrittenCanvasApp, scope: &mut Scope<'_>) -> Option<Self> {
        let mut find = |path| one(path, scope.folder, scope.findings).pop().map(|(path, _)| path);
        let file = written.file.as_ref();
        let path = file.and_then(&mut find);
        let background = written.background.as_ref().and_then(&mut find);
        let additional_files = written.additional_files.iter().flat_map(|list| &list.items).filter_map(find).collect();
        let name = written.name.as_ref()?;
        prefix::check(name, &name.value.0, scope.prefix, scope.findings);
        Some(CanvasApp {
            name: name.value.0.clone(),
            path: path?,
            path_span: file?.span.clone(),
            display_name: written.display_name.as_ref().map(|it| it.value.0.clone()),
            description: written.description.as_ref().map(|it| it.value.0.clone()),
            kind: written.kind.as_ref().map_or_else(Default::default, |it| it.value),
            background,
            background_color: written.background_color.as_ref().map(|it| it.value.0.clone()),
            saved: written.saved.as_ref().map(|it| it.value.0.clone()),
            client_version: written.client_version.as_ref().map(|it| it.value.0.clone()),
            tables: written
                .tables
                .iter()
                .flat_map(|list| &list.items)
                .map(|it| Named { name: it.value.0.clone(), span: it.span.clone() })
                .collect(),
            app_pass: written.app_pass.as_ref().is_none_or(|it| it.value.0),
            tags: written
                .tags
                .iter()
                .flat_map(|map| &map.entries)
                .map(|(name, _, value)| (name.clone(), value.value.text.clone()))
                .collect(),
            additional_files,
            extra: extra(written.xml.as_ref()),
            span: name.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.name, &self.span))
    }
}
