//! Views of a table.

use std::path::PathBuf;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::files::one;
use crate::manifest::components::labels::{Labels, WrittenLabels, labels};
use crate::manifest::components::names::Named;
use crate::manifest::components::scope::Scope;
use crate::manifest::components::table::leaf::{ColumnName, Count};
use crate::manifest::leaf::{Flag, Guid, Paragraph, RelativePath, Title};
use crate::yaml::leaf::{Given, choice};
use crate::yaml::node::{Content, Node};
use crate::yaml::record::record;
use crate::yaml::shape::{At, Definitions, List, Reader, Shape, head};

choice!(
    /// What a view is for.
    for ViewType, "view-type", "a type of view",
    [
        ("public", ViewType::Public),
        ("advancedFind", ViewType::AdvancedFind),
        ("associated", ViewType::Associated),
        ("quickFind", ViewType::QuickFind),
        ("lookup", ViewType::Lookup),
    ]
);

record! {
    /// A view.
    pub struct WrittenView => {
        /// Name that people see, in one language or by language code.
        "name" required name: WrittenLabels<Title>,
        /// Type: public (default), quickFind, lookup, associated or advancedFind.
        "type" optional kind: At<ViewType>,
        /// GUID. Default: derived from publisher, table, type and name.
        "id" optional id: At<Guid>,
        /// Description.
        "description" optional description: WrittenLabels<Paragraph>,
        /// Whether it is the one that people see first; for public views.
        "default" optional default: At<Flag>,
        /// Columns, in order.
        "columns" optional columns: List<ViewColumn>,
        /// Order of the rows.
        "orderBy" optional order_by: List<ViewOrder>,
        /// `filter` and `link-entity` elements of a `fetch`, as text; a filter without a type gets `and`. Default: active
        /// rows.
        "filter" optional filter: At<FetchPart>,
        /// For quick find: the columns to search. Default: the primary column.
        "find" optional find: List<At<ColumnName>> => "contoso_Code",
        /// XML file with the whole `fetch` element.
        "fetch" optional fetch: At<RelativePath> => "tables/view.fetch.xml",
        /// XML file with the whole `grid` element.
        "layout" optional layout: At<RelativePath> => "tables/view.layout.xml",
        /// Parts of its `savedquery` element that have no key here.
        "xml" optional extra: Extra,
    }
}

record! {
    /// A column of a view.
    pub struct FullViewColumn => {
        /// The column, by schema or logical name.
        "name" required name: At<ColumnName>,
        /// Width in pixels (default: 150).
        "width" optional width: At<Count> => "150",
    }
}

record! {
    /// A column by which rows are ordered.
    pub struct FullOrder => {
        /// The column, by schema or logical name.
        "column" required column: At<ColumnName>,
        /// Whether the largest value comes first.
        "descending" optional descending: At<Flag>,
    }
}

/// Elements of a `fetch`.
#[derive(Clone, Debug)]
pub struct FetchPart(pub String);

impl crate::yaml::shape::Leaf for FetchPart {
    const NOUN: &'static str = "a part of FetchXML";
    const EXAMPLE: &'static str =
        "<filter type=\"and\"><condition attribute=\"statecode\" operator=\"eq\" value=\"0\" /></filter>";
    const CODE: &'static str = "fetch-xml";
    fn parse(scalar: &crate::yaml::node::Scalar) -> Result<Self, String> {
        let text = scalar.text.trim();
        if text.starts_with('<') && text.len() <= 32_000 {
            Ok(Self(text.to_owned()))
        } else {
            Err("`<filter>` or `<link-entity>` elements are expected".into())
        }
    }
    fn schema() -> Value {
        json!({ "type": "string" })
    }
}

/// A column's name, or a column with its width.
#[derive(Clone, Debug)]
pub enum ViewColumn {
    /// The column.
    Name(At<ColumnName>),
    /// With its width.
    Full(FullViewColumn),
}

impl Shape for ViewColumn {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.content {
            Content::Mapping(_) => FullViewColumn::read(node, reader).map(Self::Full),
            _ => At::read(node, reader).map(Self::Name),
        }
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "anyOf": [At::<ColumnName>::schema(definitions), FullViewColumn::schema(definitions)] })
    }
}

/// A column's name, or a column and the direction.
#[derive(Clone, Debug)]
pub enum ViewOrder {
    /// The column; the smallest value first.
    Name(At<ColumnName>),
    /// With the direction.
    Full(FullOrder),
}

impl Shape for ViewOrder {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.content {
            Content::Mapping(_) => FullOrder::read(node, reader).map(Self::Full),
            _ => At::read(node, reader).map(Self::Name),
        }
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "anyOf": [At::<ColumnName>::schema(definitions), FullOrder::schema(definitions)] })
    }
}

/// What a view is for; the numbers are Dataverse's `querytype`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewType {
    /// 0: people pick it.
    Public,
    /// 1: what advanced find starts with.
    AdvancedFind,
    /// 2: rows related to another one.
    Associated,
    /// 4: the search box.
    QuickFind,
    /// 64: what a lookup offers.
    Lookup,
}

impl ViewType {
    /// `querytype`
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::Public => 0,
            Self::AdvancedFind => 1,
            Self::Associated => 2,
            Self::QuickFind => 4,
            Self::Lookup => 64,
        }
    }
}

/// One view.
#[derive(Clone, Debug)]
pub struct View {
    /// Name.
    pub name: Labels,
    /// What it is for.
    pub kind: ViewType,
    /// GUID, where it is given.
    pub id: Option<Uuid>,
    /// Description.
    pub description: Option<Labels>,
    /// Whether people see it first.
    pub default: bool,
    /// Columns with their widths; none: those of the generated views.
    pub columns: Vec<(Named, u32)>,
    /// Columns and whether the largest value comes first; none: by the primary column.
    pub order: Vec<(Named, bool)>,
    /// Filters and links, as in a `fetch`.
    pub filter: Option<(String, Span)>,
    /// Columns of a quick find.
    pub find: Vec<Named>,
    /// File with the whole `fetch`.
    pub fetch: Option<(PathBuf, Span)>,
    /// File with the whole `grid`.
    pub layout: Option<(PathBuf, Span)>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

const WIDTH: u32 = 150;

pub fn file(path: Option<&At<RelativePath>>, scope: &mut Scope<'_>) -> Option<(PathBuf, Span)> {
    let path = path?;
    let (file, _) = one(path, scope.folder, scope.findings).into_iter().next()?;
    Some((file, path.span.clone()))
}

pub fn named(at: &At<ColumnName>) -> Named {
    Named { name: at.value.0.clone(), span: at.span.clone() }
}

/// The view of one entry.
pub fn view(written: &WrittenView, scope: &mut Scope<'_>) -> Option<View> {
    let columns = written.columns.iter().flat_map(|list| &list.items).filter_map(|column| match column {
        ViewColumn::Name(name) => Some((named(name), WIDTH)),
        ViewColumn::Full(full) => Some((named(full.name.as_ref()?), full.width.value().unwrap_or(WIDTH))),
    });
    let order = written.order_by.iter().flat_map(|list| &list.items).filter_map(|order| match order {
        ViewOrder::Name(name) => Some((named(name), false)),
        ViewOrder::Full(full) => Some((named(full.column.as_ref()?), full.descending.value().unwrap_or(false))),
    });
    Some(View {
        name: labels(written.name.as_ref(), scope)?,
        kind: written.kind.value().unwrap_or(ViewType::Public),
        id: written.id.value(),
        description: labels(written.description.as_ref(), scope),
        default: written.default.value().unwrap_or(false),
        columns: columns.collect(),
        order: order.collect(),
        filter: written.filter.as_ref().map(|it| (it.value.0.clone(), it.span.clone())),
        find: written.find.iter().flat_map(|list| &list.items).map(named).collect(),
        fetch: file(written.fetch.as_ref(), scope),
        layout: file(written.layout.as_ref(), scope),
        extra: extra(written.extra.as_ref()),
        span: head(&written.span),
    })
}
