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

/// How a chart is drawn: as 74 of 74 series of the corpus say it. It has no line, area and doughnut charts; for the first
/// two this is what its stacked area charts have, for the last what its pies have.
fn custom_properties(kind: &str) -> &'static str {
    match kind {
        "pie" | "Doughnut" => "PieLabelStyle=Inside, PieDrawingStyle=Default",
        "Funnel" => "FunnelLabelStyle=Outside, FunnelNeckHeight=0, FunnelPointGap=1, FunnelNeckWidth=5 ",
        _ => "PointWidth=0.75, MaxPixelPointWidth=40",
    }
}

fn presentation(kind: &str) -> Element {
    let series = Element::new("Series")
        .with("ShadowOffset", "0")
        .with("IsValueShownAsLabel", "True")
        .with("Font", "{0}, 9.5px")
        .with("LabelForeColor", "59, 59, 59")
        .with("ChartType", kind)
        .with("CustomProperties", custom_properties(kind))
        .child(Element::new("SmartLabelStyle").with("Enabled", "True"));
    let area = Element::new("ChartArea").child(Element::new("Area3DStyle").with("Enable3D", "false"));
    let legend = Element::new("Legend")
        .with("Alignment", "Center")
        .with("LegendStyle", "Table")
        .with("Docking", "right")
        .with("IsEquallySpacedItems", "True")
        .with("Font", "{0}, 11px")
        .with("ShadowColor", "0, 0, 0, 0")
        .with("ForeColor", "59, 59, 59");
    let title = Element::new("Title")
        .with("Alignment", "TopLeft")
        .with("DockingOffset", "-3")
        .with("Font", "{0}, 13px")
        .with("ForeColor", "0, 0, 0");
    Element::new("presentationdescription").child(
        Element::new("Chart")
            .with("Palette", "None")
            .child(Element::new("Series").child(series))
            .child(Element::new("ChartAreas").child(area))
            .child(Element::new("Legends").child(legend))
            .child(Element::new("Titles").child(title)),
    )
}
