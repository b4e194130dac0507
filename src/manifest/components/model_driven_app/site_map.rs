//! `siteMap` of a model-driven app: each item opens one thing.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::files::one;
use crate::manifest::components::labels::{Labels, WrittenLabels, labels};
use crate::manifest::components::names::{NameOrId, Named, name_or_id, table};
use crate::manifest::components::scope::Scope;
use crate::manifest::leaf::{Flag, Paragraph, RelativePath, SchemaName, TableName, Title};
use crate::manifest::prefix;
use crate::yaml::leaf::{Given, Plain, Words, choice};
use crate::yaml::node::Scalar;
use crate::yaml::record::record;
use crate::yaml::shape::{At, Leaf, List, Map, head};

record! {
    /// A site map: areas of groups of items, or a file that contains a `<SiteMap>`.
    pub struct WrittenSiteMap => {
        /// Areas.
        "areas" optional areas: List<WrittenSiteMapArea>,
        /// XML file with a `<SiteMap>`, in place of `areas`.
        "file" optional file: At<RelativePath> => "app/sitemap.xml",
        /// Unique name. Default: the app's.
        "name" optional name: At<SchemaName> => "contoso_WidgetDesk",
        /// Name that people see. Default: the app's.
        "displayName" optional display_name: WrittenLabels<Title>,
        /// Whether groups can be collapsed. Default: no.
        "collapsibleGroups" optional collapsible_groups: At<Flag>,
        /// Whether Home is shown. Default: yes.
        "showHome" optional show_home: At<Flag>,
        /// Whether pinned rows are shown. Default: yes.
        "showPinned" optional show_pinned: At<Flag>,
        /// Whether recent rows are shown. Default: yes.
        "showRecents" optional show_recents: At<Flag>,
        /// Parts of its XML that have no key here.
        "xml" optional extra: Extra,
    }
}

record! {
    /// An area of a site map.
    pub struct WrittenSiteMapArea => {
        /// Title.
        "title" required title: WrittenLabels<Title>,
        /// Groups.
        "groups" required groups: List<WrittenSiteMapGroup>,
        /// Id. Default: derived from the titles.
        "id" optional id: At<SiteMapId>,
        /// Icon: a web resource of this solution, or a path that starts with `/`.
        "icon" optional icon: At<NameOrId> => "contoso_/widget.svg",
        /// Whether groups are shown. Default: yes.
        "showGroups" optional show_groups: At<Flag>,
        /// Parts of its XML that have no key here.
        "xml" optional extra: Extra,
    }
}

record! {
    /// A group of a site map.
    pub struct WrittenSiteMapGroup => {
        /// Title.
        "title" optional title: WrittenLabels<Title>,
        /// Items.
        "items" required items: List<WrittenSiteMapItem>,
        /// Id. Default: derived from the titles.
        "id" optional id: At<SiteMapId>,
        /// Parts of its XML that have no key here.
        "xml" optional extra: Extra,
    }
}

record! {
    /// An item of a site map: one of table, dashboard, page, webResource, url.
    pub struct WrittenSiteMapItem => {
        /// A table's rows.
        "table" optional table: At<TableName>,
        /// A dashboard, by name or GUID.
        "dashboard" optional dashboard: At<NameOrId> => "Widgets at a glance",
        /// A custom page: a canvas app by unique name.
        "page" optional page: At<NameOrId> => "contoso_widgetpage",
        /// A web resource.
        "webResource" optional web_resource: At<NameOrId> => "contoso_/map.html",
        /// An address.
        "url" optional url: At<Words> => "https://contoso.com/help",
        /// Title. Default: the table's own.
        "title" optional title: WrittenLabels<Title>,
        /// Description.
        "description" optional description: WrittenLabels<Paragraph>,
        /// Id. Default: derived from the titles.
        "id" optional id: At<SiteMapId>,
        /// Icon: a web resource of this solution, or a path that starts with `/`.
        "icon" optional icon: At<NameOrId> => "contoso_/widget.svg",
        /// Who sees it: table → rights that a person needs.
        "privileges" optional privileges: Map<List<At<SiteMapRight>>>,
        /// Whether language and organization are passed to a web resource or address.
        "passParameters" optional pass_parameters: At<Flag>,
        /// Parts of its XML that have no key here.
        "xml" optional extra: Extra,
    }
}

/// An id in a site map.
#[derive(Clone, Debug)]
pub struct SiteMapId(pub String);

impl Leaf for SiteMapId {
    const NOUN: &'static str = "an id";
    const EXAMPLE: &'static str = "contoso_area";
    const CODE: &'static str = "site-map-id";
    fn parse(scalar: &Scalar) -> Result<Self, String> {
        let good = !scalar.text.is_empty() && scalar.text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if good { Ok(Self(scalar.text.clone())) } else { Err("letters, digits and underscores".into()) }
    }
    fn schema() -> Value {
        json!({ "type": "string", "pattern": "\\$\\{\\{|^[A-Za-z0-9_]+$" })
    }
}

impl Plain for SiteMapId {
    type Value = String;
    fn value(&self) -> String {
        self.0.clone()
    }
}

choice!(
    /// A right in a site map.
    SiteMapRight(&'static str), "site-map-right", "a right",
    [
        ("all", "All"), ("read", "Read"), ("create", "Create"), ("write", "Write"), ("delete", "Delete"),
        ("append", "Append"), ("appendTo", "AppendTo"), ("assign", "Assign"), ("share", "Share"),
        ("allowQuickCampaign", "AllowQuickCampaign"),
    ]
);

/// The site map of an app.
#[derive(Clone, Debug)]
pub struct SiteMap {
    /// Unique name; absent means the app's.
    pub name: Option<Named>,
    /// Name that people see; absent means the app's.
    pub display_name: Option<Labels>,
    /// Areas, or the file that contains them.
    pub content: SiteMapContent,
    /// Whether groups can be collapsed.
    pub collapsible_groups: bool,
    /// Whether Home is shown.
    pub show_home: bool,
    /// Whether pinned rows are shown.
    pub show_pinned: bool,
    /// Whether recent rows are shown.
    pub show_recents: bool,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// What a site map contains.
#[derive(Clone, Debug)]
pub enum SiteMapContent {
    /// Areas of the manifest.
    Areas(Vec<SiteMapArea>),
    /// A file with a `<SiteMap>`.
    File(PathBuf),
}

/// An area.
#[derive(Clone, Debug)]
pub struct SiteMapArea {
    /// Title.
    pub title: Labels,
    /// Id; absent means one made of the titles.
    pub id: Option<String>,
    /// Icon.
    pub icon: Option<Named>,
    /// Whether groups are shown.
    pub show_groups: bool,
    /// Groups.
    pub groups: Vec<SiteMapGroup>,
    /// What is merged into its XML.
    pub extra: Extra,
}

/// A group.
#[derive(Clone, Debug)]
pub struct SiteMapGroup {
    /// Title.
    pub title: Option<Labels>,
    /// Id; absent means one made of the titles.
    pub id: Option<String>,
    /// Items.
    pub items: Vec<SiteMapItem>,
    /// What is merged into its XML.
    pub extra: Extra,
}

/// An item.
#[derive(Clone, Debug)]
pub struct SiteMapItem {
    /// What it opens.
    pub target: SiteMapTarget,
    /// Title; absent means the table's.
    pub title: Option<Labels>,
    /// Description.
    pub description: Option<Labels>,
    /// Id; absent means one made of titles and target.
    pub id: Option<String>,
    /// Icon.
    pub icon: Option<Named>,
    /// Table and the rights on it that a person needs to see the item.
    pub privileges: Vec<(Named, Vec<&'static str>)>,
    /// Whether language and organization are passed.
    pub pass_parameters: bool,
    /// What is merged into its XML.
    pub extra: Extra,
}

/// What an item of a site map opens.
#[derive(Clone, Debug)]
pub enum SiteMapTarget {
    /// Rows of a table.
    Table(Named),
    /// A dashboard.
    Dashboard(Named),
    /// A custom page.
    Page(Named),
    /// A web resource.
    WebResource(Named),
    /// An address.
    Url(String),
}

impl SiteMapTarget {
    /// What is opened, in one word.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Table(it) | Self::Dashboard(it) | Self::Page(it) | Self::WebResource(it) => &it.name,
            Self::Url(url) => url,
        }
    }
}

pub fn site_map(written: &WrittenSiteMap, scope: &mut Scope<'_>) -> Option<SiteMap> {
    let content = match (&written.areas, &written.file) {
        (Some(areas), None) => SiteMapContent::Areas(areas.items.iter().filter_map(|it| area(it, scope)).collect()),
        (None, Some(file)) => SiteMapContent::File(one(file, scope.folder, scope.findings).pop()?.0),
        (areas, _) => {
            let message =
                if areas.is_some() { "`areas` and `file` exclude each other" } else { "a site map without areas" };
            scope.findings.push(
                Diagnostic::error("site-map", message)
                    .at(&head(&written.span))
                    .help("write `areas: …`, or `file: …` with the path of an XML file that contains a `<SiteMap>`"),
            );
            return None;
        }
    };
    if let Some(name) = &written.name {
        prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    }
    let flag = |flag: &Option<At<Flag>>, otherwise| flag.as_ref().map_or(otherwise, |it| it.value.0);
    Some(SiteMap {
        name: written.name.as_ref().map(|it| Named { name: it.value.0.clone(), span: it.span.clone() }),
        display_name: labels(written.display_name.as_ref(), scope),
        content,
        collapsible_groups: flag(&written.collapsible_groups, false),
        show_home: flag(&written.show_home, true),
        show_pinned: flag(&written.show_pinned, true),
        show_recents: flag(&written.show_recents, true),
        extra: extra(written.extra.as_ref()),
        span: head(&written.span),
    })
}

pub fn area(written: &WrittenSiteMapArea, scope: &mut Scope<'_>) -> Option<SiteMapArea> {
    let mut groups = Vec::new();
    for group in written.groups.iter().flat_map(|list| &list.items) {
        let items = group.items.iter().flat_map(|list| &list.items);
        groups.push(SiteMapGroup {
            title: labels(group.title.as_ref(), scope),
            id: group.id.value(),
            items: items.filter_map(|it| item(it, scope)).collect(),
            extra: extra(group.extra.as_ref()),
        });
    }
    Some(SiteMapArea {
        title: labels(written.title.as_ref(), scope)?,
        id: written.id.value(),
        icon: written.icon.as_ref().map(name_or_id),
        show_groups: written.show_groups.value().unwrap_or(true),
        groups,
        extra: extra(written.extra.as_ref()),
    })
}

pub fn item(written: &WrittenSiteMapItem, scope: &mut Scope<'_>) -> Option<SiteMapItem> {
    let mut targets: Vec<SiteMapTarget> = Vec::new();
    targets.extend(written.table.as_ref().map(|it| SiteMapTarget::Table(table(it))));
    targets.extend(written.dashboard.as_ref().map(|it| SiteMapTarget::Dashboard(name_or_id(it))));
    targets.extend(written.page.as_ref().map(|it| SiteMapTarget::Page(name_or_id(it))));
    targets.extend(written.web_resource.as_ref().map(|it| SiteMapTarget::WebResource(name_or_id(it))));
    targets.extend(written.url.as_ref().map(|it| SiteMapTarget::Url(it.value.0.clone())));
    let (Some(target), 1) = (targets.pop(), targets.len() + 1) else {
        let (message, help) = if targets.is_empty() {
            (
                "an item of a site map that opens nothing",
                "give it one of `table`, `dashboard`, `page`, `webResource`, `url`",
            )
        } else {
            ("an item of a site map that opens more than one thing", "make an item of each")
        };
        scope.findings.push(Diagnostic::error("site-map-item", message).at(&head(&written.span)).help(help));
        return None;
    };
    if !matches!(target, SiteMapTarget::Table(_)) && written.title.is_none() {
        scope.findings.push(
            Diagnostic::error("missing-key", "key `title` is missing")
                .at(&head(&written.span))
                .help("only a table's item can go without: it takes the table's name"),
        );
        return None;
    }
    let privileges = written.privileges.iter().flat_map(|map| &map.entries);
    Some(SiteMapItem {
        target,
        title: labels(written.title.as_ref(), scope),
        description: labels(written.description.as_ref(), scope),
        id: written.id.value(),
        icon: written.icon.as_ref().map(name_or_id),
        privileges: privileges
            .map(|(name, span, rights)| {
                let rights = rights.items.iter().map(|right| right.value.0).collect();
                (Named { name: name.clone(), span: span.clone() }, rights)
            })
            .collect(),
        pass_parameters: written.pass_parameters.value().unwrap_or(false),
        extra: extra(written.extra.as_ref()),
    })
}
