//! `siteMap` of a model-driven app.

use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::components::labels::Labels;
use crate::manifest::written::components::model_driven_app::NameOrId;
use crate::manifest::written::leaf::{Flag, Paragraph, RelativePath, SchemaName, TableName, Title};
use crate::yaml::leaf::{Words, choice};
use crate::yaml::node::Scalar;
use crate::yaml::record::record;
use crate::yaml::shape::{At, Leaf, List, Map};
use serde_json::{Value, json};

record! {
    /// A site map: areas of groups of items, or a file that holds a `<SiteMap>`.
    pub struct SiteMap => {
        /// Areas.
        "areas" optional areas: List<SiteMapArea>,
        /// XML file with a `<SiteMap>`, in place of `areas`.
        "file" optional file: At<RelativePath>,
        /// Unique name. Left out: the app's.
        "name" optional name: At<SchemaName>,
        /// Name that people see. Left out: the app's.
        "displayName" optional display_name: Labels<Title>,
        /// Whether groups can be collapsed. Left out: no.
        "collapsibleGroups" optional collapsible_groups: At<Flag>,
        /// Whether Home is shown. Left out: yes.
        "showHome" optional show_home: At<Flag>,
        /// Whether pinned rows are shown. Left out: yes.
        "showPinned" optional show_pinned: At<Flag>,
        /// Whether recent rows are shown. Left out: yes.
        "showRecents" optional show_recents: At<Flag>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}

record! {
    /// An area of a site map.
    pub struct SiteMapArea => {
        /// Title.
        "title" required title: Labels<Title>,
        /// Groups.
        "groups" required groups: List<SiteMapGroup>,
        /// Id. Left out: made of the titles.
        "id" optional id: At<SiteMapId>,
        /// Icon: a web resource of this solution, or a path that starts with `/`.
        "icon" optional icon: At<NameOrId>,
        /// Whether groups are shown. Left out: yes.
        "showGroups" optional show_groups: At<Flag>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}

record! {
    /// A group of a site map.
    pub struct SiteMapGroup => {
        /// Title.
        "title" optional title: Labels<Title>,
        /// Items.
        "items" required items: List<SiteMapItem>,
        /// Id. Left out: made of the titles.
        "id" optional id: At<SiteMapId>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}

record! {
    /// An item of a site map: one of table, dashboard, page, webResource, url.
    pub struct SiteMapItem => {
        /// A table's rows.
        "table" optional table: At<TableName>,
        /// A dashboard, by name or GUID.
        "dashboard" optional dashboard: At<NameOrId>,
        /// A custom page: a canvas app by unique name.
        "page" optional page: At<NameOrId>,
        /// A web resource.
        "webResource" optional web_resource: At<NameOrId>,
        /// An address.
        "url" optional url: At<Words>,
        /// Title. Left out: the table's own.
        "title" optional title: Labels<Title>,
        /// Description.
        "description" optional description: Labels<Paragraph>,
        /// Id. Left out: made of the titles.
        "id" optional id: At<SiteMapId>,
        /// Icon: a web resource of this solution, or a path that starts with `/`.
        "icon" optional icon: At<NameOrId>,
        /// Who sees it: table → rights that a person needs.
        "privileges" optional privileges: Map<List<At<SiteMapRight>>>,
        /// Whether language and organization are passed to a web resource or address.
        "passParameters" optional pass_parameters: At<Flag>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
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

choice!(
    /// A right in a site map.
    SiteMapRight(&'static str), "site-map-right", "a right",
    [
        ("all", "All"), ("read", "Read"), ("create", "Create"), ("write", "Write"), ("delete", "Delete"),
        ("append", "Append"), ("appendTo", "AppendTo"), ("assign", "Assign"), ("share", "Share"),
        ("allowQuickCampaign", "AllowQuickCampaign"),
    ]
);
