//! `components.canvasApps`

use crate::manifest::components::extra::Extra;
use crate::manifest::components::plain::{Content, File, Own, Reference, plain};
use crate::manifest::leaf::{Flag, Paragraph, RelativePath, SchemaName, Stored, TableName, Title};
use crate::yaml::leaf::{choice, text};
use crate::yaml::shape::{At, List, Map};

plain! {
    /// A canvas app, custom page or component library, from its `.msapp` file.
    pub struct CanvasApp at name => {
        /// Unique name, with the publisher's prefix.
        "name" required name: Own<SchemaName> => "contoso_WidgetCounter",
        /// The `.msapp` file, as Power Apps Studio saves it.
        "file" required file: Content<RelativePath> => "apps/counter.msapp",
        /// Name that people see. Default: the one in the file.
        "displayName" optional display_name: At<Title> => "Widget counter",
        /// Description. Default: the one in the file.
        "description" optional description: At<Paragraph>,
        /// Type: app, componentLibrary or page (of a model-driven app). Default: app.
        "type" default kind: At<CanvasAppKind>,
        /// Picture of the app. Default: the logo in the file, otherwise a blank one.
        "background" optional background: File<RelativePath> => "apps/counter.png",
        /// Colour behind the picture, such as `RGBA(0,176,240,1)`. Default: the one in the file.
        "backgroundColor" optional background_color: At<Title> => "RGBA(0,176,240,1)",
        /// When it was saved, such as `2026-01-31T12:00:00Z`. Default: the time in the file.
        "saved" optional saved: At<CanvasTime>,
        /// Version of Power Apps Studio that saved it, in four parts.
        "clientVersion" optional client_version: At<ClientVersion>,
        /// Tables that it uses besides those in the file.
        "tables" default tables: List<Reference<TableName>>,
        /// Whether people with a per-app pass can use it. Default: yes.
        "appPass" default app_pass: At<Flag> = true,
        /// Tag → value, beside or in place of those in the file.
        "tags" default tags: Map<At<Stored>>,
        /// Further files of the app, in their order.
        "additionalFiles" default additional_files: List<File<RelativePath>> => "apps/sound.mp3",
        /// Parts of its XML that have no key here.
        "xml" default extra: Extra,
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

/// What kind of canvas app it is; the numbers are Dataverse's.
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
