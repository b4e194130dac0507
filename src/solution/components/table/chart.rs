//! `visualization`: charts. A simple one has the form that Dataverse's own editor gives it. The id is in capitals, as in
//! all 104 real ones, unlike that of a view or a form.

use super::super::extra::merge;
use super::super::labels::labels;
use super::context::Context;
use super::files::read_xml;
use super::known::find;
use super::order::CHART;
use crate::guid;
use crate::manifest::components::names::{Named, given_or_stable};
use crate::manifest::components::table::Table;
use crate::manifest::components::table::chart::Chart;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

const GROUP: &str = "_CRMAutoGen_groupby_column_Num_0";
const MEASURE: &str = "_CRMAutoGen_aggregate_column_Num_0";

/// A chart of a table.
pub fn chart(table: &Table, chart: &Chart, context: &Context<'_>, draft: &mut Draft) -> Option<Element> {
    let logical = table.name.to_ascii_lowercase();
    let id = given_or_stable(
        chart.id,
        "savedqueryvisualization",
        context.publisher,
        &format!("{logical}/{}", chart.name.base()),
    );
    let (data, presentation) = match &chart.file {
        Some((path, span)) => {
            let root = read_xml(path, span, &["visualization", "Visualization"], draft)?;
            (root.find("datadescription")?.clone(), root.find("presentationdescription")?.clone())
        }
        None => {
            let group = column(table, chart.group_by.as_ref()?, context, draft);
            let measure = chart.measure.as_ref().map(|named| column(table, named, context, draft));
            (data(&logical, &group, measure.as_deref(), chart.aggregate), presentation(chart.kind))
        }
    };
    let mut element = Element::new("visualization")
        .child(Element::text("savedqueryvisualizationid", guid::braced(id).to_uppercase()))
        .child(data)
        .child(presentation)
        .child(Element::text("isdefault", "0"))
        .child(labels("LocalizedNames", "LocalizedName", &chart.name));
    if let Some(description) = &chart.description {
        element.push(labels("Descriptions", "Description", description));
    }
    element.push(Element::text("IsCustomizable", "1"));
    element.push(Element::text("IntroducedVersion", context.version.as_str()));
    element.push(Element::text("CanBeDeleted", "1"));
    merge(&mut element, &chart.extra, &CHART, &mut draft.findings);
    Some(element)
}

fn column(table: &Table, named: &Named, context: &Context<'_>, draft: &mut Draft) -> String {
    find(table, named, context.language, &mut draft.findings).logical
}

fn data(table: &str, group: &str, measure: Option<&str>, aggregate: &str) -> Element {
    let by = Element::new("attribute").with("name", group).with("groupby", "true").with("alias", GROUP);
    let value = Element::new("attribute")
        .with("name", measure.unwrap_or(group))
        .with("aggregate", aggregate)
        .with("alias", MEASURE);
    let entity = Element::new("entity").with("name", table).child(by).child(value);
    let fetch = Element::new("fetch").with("mapping", "logical").with("aggregate", "true").child(entity);
    let measures = Element::new("measurecollection").child(Element::new("measure").with("alias", MEASURE));
    let category = Element::new("category").with("alias", GROUP).child(measures);
    Element::new("datadescription").child(
        Element::new("datadefinition")
            .child(Element::new("fetchcollection").child(fetch))
            .child(Element::new("categorycollection").child(category)),
    )
}

/// Charts without axes.
const ROUND: [&str; 3] = ["pie", "Doughnut", "Funnel"];

/// How a series is drawn: as in 74 of 74 of the corpus. It has no line, area and doughnut charts: the first two are
/// written as columns are, the last as a pie.
fn custom_properties(kind: &str) -> &'static str {
    match kind {
        "pie" | "Doughnut" => "PieLabelStyle=Inside, PieDrawingStyle=Default",
        "Funnel" => "FunnelLabelStyle=Outside, FunnelNeckHeight=0, FunnelPointGap=1, FunnelNeckWidth=5 ",
        _ => "PointWidth=0.75, MaxPixelPointWidth=40",
    }
}

/// The look of a chart. All 28 pies and funnels of the corpus have a legend, and no axes; all 32 columns and bars have
/// axes, and 16 of the 20 with one series have no legend.
fn presentation(kind: &str) -> Element {
    let round = ROUND.contains(&kind);
    let mut series = Element::new("Series");
    if round {
        series = series.with("ShadowOffset", "0");
    }
    series = series
        .with("IsValueShownAsLabel", "True")
        .with("Font", "{0}, 9.5px")
        .with("LabelForeColor", "59, 59, 59")
        .with("ChartType", kind)
        .with("CustomProperties", custom_properties(kind));
    if round || kind == "Bar" {
        series.push(Element::new("SmartLabelStyle").with("Enabled", "True"));
    }
    let area = if round {
        Element::new("ChartArea").child(Element::new("Area3DStyle").with("Enable3D", "false"))
    } else {
        Element::new("ChartArea")
            .with("BorderColor", "White")
            .with("BorderDashStyle", "Solid")
            .child(axis("AxisY", [grid("239, 242, 246"), tick_mark()]))
            .child(axis("AxisX", [tick_mark(), grid("Transparent")]))
    };
    let mut chart = Element::new("Chart")
        .with("Palette", "None")
        .child(Element::new("Series").child(series))
        .child(Element::new("ChartAreas").child(area));
    if round {
        chart.push(Element::new("Legends").child(legend()));
    }
    let title = Element::new("Title")
        .with("Alignment", "TopLeft")
        .with("DockingOffset", "-3")
        .with("Font", "{0}, 13px")
        .with("ForeColor", if round { "0, 0, 0" } else { "59, 59, 59" });
    chart.push(Element::new("Titles").child(title));
    Element::new("presentationdescription").child(chart)
}

const GREY: &str = "165, 172, 181";

fn axis(name: &str, lines: [Element; 2]) -> Element {
    let [first, second] = lines;
    Element::new(name)
        .with("LabelAutoFitMinFontSize", "8")
        .with("TitleForeColor", "59, 59, 59")
        .with("TitleFont", "{0}, 10.5px")
        .with("LineColor", GREY)
        .with("IntervalAutoMode", "VariableCount")
        .child(first)
        .child(second)
        .child(Element::new("LabelStyle").with("Font", "{0}, 10.5px").with("ForeColor", "59, 59, 59"))
}

fn grid(color: &str) -> Element {
    Element::new("MajorGrid").with("LineColor", color)
}

fn tick_mark() -> Element {
    Element::new("MajorTickMark").with("LineColor", GREY)
}

fn legend() -> Element {
    Element::new("Legend")
        .with("Alignment", "Center")
        .with("LegendStyle", "Table")
        .with("Docking", "right")
        .with("IsEquallySpacedItems", "True")
        .with("Font", "{0}, 11px")
        .with("ShadowColor", "0, 0, 0, 0")
        .with("ForeColor", "59, 59, 59")
}
