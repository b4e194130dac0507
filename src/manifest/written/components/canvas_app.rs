//! `components.canvasApps`

use crate::manifest::meant;
use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::leaf::{Flag, Paragraph, RelativePath, SchemaName, Stored, TableName, Title};
use crate::yaml::leaf::{choice, text};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, Map};

record! {
    /// A canvas app, custom page or component library, from its `.msapp` file.
    pub struct CanvasApp => {
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
    CanvasAppKind(meant::CanvasAppKind), "canvas-app-type", "a type of canvas app", meant::CanvasAppKind::ALL
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
