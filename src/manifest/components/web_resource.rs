//! `components.webResources`: patterns resolved, names and types checked.

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::files::{is_pattern, matches, one};
use crate::manifest::components::scope::{Kind, Scope, unique};
use crate::manifest::leaf::{Guid, Language, Paragraph, RelativePath, Title, WebResourceName};
use crate::manifest::prefix;
use crate::yaml::leaf::{Given, choice};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};

record! {
    /// A web resource, or many: with a wildcard in `path`, `name` contains `{path}` or `{file}`.
    pub struct WrittenWebResource => {
        /// File below the manifest's folder; `*`, `?` and `**` make it a pattern, such as `web/**/*.js`.
        "path" required path: At<RelativePath> => "web/form.js",
        /// Unique name with the publisher's prefix. `{path}` is the file's path below the folder before the first
        /// wildcard, `{file}` its last part.
        "name" required name: At<WebResourceName> => "contoso_/form.js",
        /// GUID. Default: derived from publisher and name, and never changes. Not for a pattern.
        "id" optional id: At<Guid>,
        /// Name that people see. Default: the unique name.
        "displayName" optional display_name: At<Title> => "Form script",
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Type, as a file name's extension. Default: the file's own extension.
        "type" optional kind: At<WebResourceKind>,
        /// Language code (LCID), for resources that have one.
        "language" optional language: At<Language>,
        /// Parts of its XML that have no key here.
        "xml" optional extra: Extra,
    }
}

choice!(
    /// The type of a web resource, by the file name's extension.
    WebResourceKind(u8), "web-resource-type", "a type of web resource", WEB_RESOURCE_KINDS
);

/// `webresourcetype` of Dataverse, by extension.
pub const WEB_RESOURCE_KINDS: [(&str, u8); 15] = [
    ("html", 1),
    ("htm", 1),
    ("css", 2),
    ("js", 3),
    ("xml", 4),
    ("png", 5),
    ("jpg", 6),
    ("jpeg", 6),
    ("gif", 7),
    ("xap", 8),
    ("xsl", 9),
    ("xslt", 9),
    ("ico", 10),
    ("svg", 11),
    ("resx", 12),
];

/// One web resource.
#[derive(Clone, Debug)]
pub struct WebResource {
    /// The file that contains its content, reached from the working folder.
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

impl Kind for WebResource {
    type Written = WrittenWebResource;

    /// By name: an entry with a pattern gives several.
    fn all(noun: &str, written: &List<WrittenWebResource>, scope: &mut Scope<'_>) -> Vec<Self> {
        let mut all: Vec<_> = written.items.iter().flat_map(|it| web_resources(it, scope)).collect();
        unique(noun, &all, scope.findings);
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    fn mean(written: &WrittenWebResource, scope: &mut Scope<'_>) -> Option<Self> {
        web_resources(written, scope).pop()
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.name, &self.span))
    }
}

/// The web resources of one entry.
fn web_resources(written: &WrittenWebResource, scope: &mut Scope<'_>) -> Vec<WebResource> {
    let (folder, findings) = (scope.folder, &mut *scope.findings);
    if let Some(name) = &written.name {
        prefix::check(name, &name.value.0, scope.prefix, findings);
    }
    let (Some(path), Some(name)) = (&written.path, &written.name) else { return Vec::new() };
    let many = is_pattern(path);
    let is_template = name.value.0.contains("{path}") || name.value.0.contains("{file}");
    if many && !is_template {
        findings.push(
            Diagnostic::error("name-for-many", format!("`{}` is one name for many files", name.shown))
                .at(&name.span)
                .help("put `{path}` or `{file}` in it, for example `contoso_/{path}`"),
        );
        return Vec::new();
    }
    if let Some(id) = written.id.as_ref().filter(|_| many) {
        findings.push(
            Diagnostic::error("id-for-many", format!("`{}` is one id for many files", id.shown))
                .at(&id.span)
                .help("leave it out, or list the files one by one"),
        );
    }
    let files = if many { matches(path, folder, findings) } else { one(path, folder, findings) };
    let resource = |(file, below): (PathBuf, String)| {
        let last = below.rsplit('/').next().unwrap_or(&below).to_owned();
        let text = name.value.0.replace("{path}", &below).replace("{file}", &last);
        let bad = text.bytes().any(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/' | b'-')))
            || text.contains("//");
        if bad || text.chars().count() > 256 {
            findings.push(
                Diagnostic::error("web-resource-name", format!("`{}` gives the name `{text}`, which Dataverse does not take", file.display()))
                    .at(&name.span)
                    .help("letters, digits, `_`, `.`, `-` and single `/`, at most 256 characters: rename the file or name it alone"),
            );
            return None;
        }
        let extension = file.extension().and_then(|it| it.to_str()).unwrap_or_default().to_ascii_lowercase();
        let by_extension = WEB_RESOURCE_KINDS.iter().find(|(known, _)| *known == extension).map(|(_, kind)| *kind);
        let Some(kind) = written.kind.value().or(by_extension) else {
            findings.push(
                Diagnostic::error(
                    "web-resource-type",
                    format!("`{last}` has an extension that does not determine its type"),
                )
                .at(&path.span)
                .help(format!("add `type: …`, one of: {}", WEB_RESOURCE_KINDS.map(|(word, _)| word).join(", "))),
            );
            return None;
        };
        Some(WebResource {
            path: file,
            name: text,
            id: written.id.value(),
            display_name: written.display_name.value(),
            description: written.description.value(),
            kind,
            language: written.language.value(),
            extra: extra(written.extra.as_ref()),
            span: name.span.clone(),
        })
    };
    files.into_iter().filter_map(resource).collect()
}
