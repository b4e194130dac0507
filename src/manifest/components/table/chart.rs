//! Charts of a table: each says what it shows.

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::labels::{Labels, WrittenLabels, labels};
use crate::manifest::components::names::Named;
use crate::manifest::components::scope::Scope;
use crate::manifest::components::table::leaf::ColumnName;
use crate::manifest::components::table::view::{file, named};
use crate::manifest::leaf::{Guid, Paragraph, RelativePath, Title};
use crate::yaml::leaf::{Given, choice};
use crate::yaml::record::record;
use crate::yaml::shape::{At, head};

choice!(
    /// What a chart looks like; the values are those of `ChartType`. All 22 pies of the corpus are written in small letters.
    ChartType(&'static str), "chart-type", "a type of chart",
    [("column", "Column"), ("bar", "Bar"), ("line", "Line"), ("pie", "pie"), ("doughnut", "Doughnut"), ("funnel", "Funnel"), ("area", "Area")]
);
choice!(
    /// How the values of a chart are aggregated.
    Aggregate(&'static str), "aggregate", "a way to put values together",
    [("count", "count"), ("sum", "sum"), ("avg", "avg"), ("min", "min"), ("max", "max")]
);

record! {
    /// A chart of a table.
    pub struct WrittenChart => {
        /// Name that people see, in one language or by language code.
        "name" required name: WrittenLabels<Title>,
        /// GUID. Default: derived from publisher, table and name.
        "id" optional id: At<Guid>,
        /// Description.
        "description" optional description: WrittenLabels<Paragraph>,
        /// Type: column (default), bar, line, area, pie, doughnut or funnel.
        "type" optional kind: At<ChartType>,
        /// The column whose values are the categories.
        "groupBy" optional group_by: At<ColumnName> => "contoso_Colour",
        /// The column whose values are measured. By default, rows are counted.
        "measure" optional measure: At<ColumnName>,
        /// How they are aggregated: count (default), sum, avg, min or max.
        "aggregate" optional aggregate: At<Aggregate>,
        /// XML file with `datadescription` and `presentationdescription`, in place of type, groupBy and measure.
        "file" optional file: At<RelativePath> => "tables/chart.xml",
        /// Parts of its `visualization` element that have no key here.
        "xml" optional extra: Extra,
    }
}

/// One chart.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Name.
    pub name: Labels,
    /// GUID, where it is given.
    pub id: Option<Uuid>,
    /// Description.
    pub description: Option<Labels>,
    /// `ChartType` of the presentation.
    pub kind: &'static str,
    /// Categories.
    pub group_by: Option<Named>,
    /// Values; none: rows are counted.
    pub measure: Option<Named>,
    /// How values are aggregated.
    pub aggregate: &'static str,
    /// File with data and presentation.
    pub file: Option<(PathBuf, Span)>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// The chart of one entry.
pub fn chart(written: &WrittenChart, scope: &mut Scope<'_>) -> Option<Chart> {
    if written.file.is_some() == written.group_by.is_some() {
        scope.findings.push(
            Diagnostic::error("chart-data", "a chart has either `groupBy` or a `file`")
                .at(&head(&written.span))
                .help("write `groupBy: column` for a simple chart, or `file: …` with its data and presentation"),
        );
    }
    let aggregate = written.aggregate.value();
    if let (Some(it), None) = (written.aggregate.as_ref().filter(|it| it.value.0 != "count"), &written.measure) {
        scope.findings.push(
            Diagnostic::error("chart-data", format!("`{}` of what", it.shown))
                .at(&it.span)
                .help("add `measure: column`"),
        );
    }
    Some(Chart {
        name: labels(written.name.as_ref(), scope)?,
        id: written.id.value(),
        description: labels(written.description.as_ref(), scope),
        kind: written.kind.value().unwrap_or("Column"),
        group_by: written.group_by.as_ref().map(named),
        measure: written.measure.as_ref().map(named),
        aggregate: aggregate.unwrap_or("count"),
        file: file(written.file.as_ref(), scope),
        extra: extra(written.extra.as_ref()),
        span: head(&written.span),
    })
}
