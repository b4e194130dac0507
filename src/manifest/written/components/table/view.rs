//! A view of a table, and a chart.

use serde_json::{Value, json};

use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::components::labels::Labels;
use crate::manifest::written::components::table::leaf::{Aggregate, ChartType, ColumnName, Count, ViewType};
use crate::manifest::written::leaf::{Flag, Guid, Paragraph, RelativePath, Title};
use crate::yaml::node::{Content, Node};
use crate::yaml::record::record;
use crate::yaml::shape::{At, Definitions, List, Reader, Shape};

record! {
    /// A view.
    pub struct View => {
        /// Name that people see, in one language or by language code.
        "name" required name: Labels<Title>,
        /// Type: public (default), quickFind, lookup, associated or advancedFind.
        "type" optional kind: At<ViewType>,
        /// GUID. Left out: derived from publisher, table, type and name.
        "id" optional id: At<Guid>,
        /// Description.
        "description" optional description: Labels<Paragraph>,
        /// Whether it is the one that people see first; for public views.
        "default" optional default: At<Flag>,
        /// Columns, in order.
        "columns" optional columns: List<ViewColumn>,
        /// Order of the rows.
        "orderBy" optional order_by: List<ViewOrder>,
        /// `filter` and `link-entity` elements of a `fetch`, as text. Left out: active rows.
        "filter" optional filter: At<FetchPart>,
        /// For quick find: columns in which it looks. Left out: the primary column.
        "find" optional find: List<At<ColumnName>>,
        /// XML file with the whole `fetch` element.
        "fetch" optional fetch: At<RelativePath>,
        /// XML file with the whole `grid` element.
        "layout" optional layout: At<RelativePath>,
        /// Parts of its `savedquery` element that have no key here.
        "xml" optional xml: Extra,
    }
}

record! {
    /// A column of a view.
    pub struct FullViewColumn => {
        /// The column, by schema or logical name.
        "name" required name: At<ColumnName>,
        /// Width in pixels (default: 150).
        "width" optional width: At<Count>,
    }
}

record! {
    /// A column by which rows are ordered.
    pub struct FullOrder => {
        /// The column, by schema or logical name.
        "column" required column: At<ColumnName>,
        /// Whether the greatest comes first.
        "descending" optional descending: At<Flag>,
    }
}

record! {
    /// A chart of a table.
    pub struct Chart => {
        /// Name that people see, in one language or by language code.
        "name" required name: Labels<Title>,
        /// GUID. Left out: derived from publisher, table and name.
        "id" optional id: At<Guid>,
        /// Description.
        "description" optional description: Labels<Paragraph>,
        /// Type: column (default), bar, line, area, pie, doughnut or funnel.
        "type" optional kind: At<ChartType>,
        /// The column whose values are the categories.
        "groupBy" optional group_by: At<ColumnName>,
        /// The column whose values are measured. Left out: rows are counted.
        "measure" optional measure: At<ColumnName>,
        /// How they are put together: count (default), sum, avg, min or max.
        "aggregate" optional aggregate: At<Aggregate>,
        /// XML file with `datadescription` and `presentationdescription`, in place of type, groupBy and measure.
        "file" optional file: At<RelativePath>,
        /// Parts of its `visualization` element that have no key here.
        "xml" optional xml: Extra,
    }
}

/// Elements of a `fetch`.
#[derive(Clone, Debug)]
pub struct FetchPart(pub String);

impl crate::yaml::shape::Leaf for FetchPart {
    const NOUN: &'static str = "a part of FetchXML";
    const EXAMPLE: &'static str = "<filter><condition attribute=\"statecode\" operator=\"eq\" value=\"0\" /></filter>";
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
    /// The column; the least value first.
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
