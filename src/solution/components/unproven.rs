//! What the manifest can declare though no solution of the corpus has it: what dvpack assumes, and what would prove it.
//! `check` names each that a manifest uses, and `docs/components.md` is generated from the same table.
//!
//! Facts: `tests/it/kinds/explained.rs` lists what the comparison with the corpus finds that no real solution has.

use crate::diagnostic::{Diagnostic, Span};
use crate::files;
use crate::manifest::components::Components;
use crate::manifest::components::dashboard::{Dashboard, DashboardContent, DashboardTarget};
use crate::manifest::components::extra::Extra;
use crate::manifest::components::service_endpoint::Contract;
use crate::manifest::components::table::column_type::ColumnType;
use crate::manifest::components::table::{Table, TableType};
use crate::manifest::package::Package;

/// Something whose XML is assumed.
pub struct Unproven {
    /// What it is, with its article.
    pub what: &'static str,
    /// What dvpack assumes.
    pub assumed: &'static str,
    /// What would prove it.
    pub proof: &'static str,
    /// Where a manifest uses it.
    uses: fn(&Components) -> Vec<Span>,
}

/// All of them.
pub const UNPROVEN: &[Unproven] = &[
    Unproven {
        what: "a line chart",
        assumed: "`ChartType` is `Line`, and the rest as in real column charts",
        proof: "an export with a line chart of the chart designer",
        uses: |it| charts(it, "Line"),
    },
    Unproven {
        what: "an area chart",
        assumed: "`ChartType` is `Area`, and the rest as in real column charts",
        proof: "an export with an area chart of the chart designer",
        uses: |it| charts(it, "Area"),
    },
    Unproven {
        what: "a doughnut chart",
        assumed: "`ChartType` is `Doughnut`, and the rest as in real pies",
        proof: "an export with a doughnut chart of the chart designer",
        uses: |it| charts(it, "Doughnut"),
    },
    Unproven {
        what: "an elastic table",
        assumed: "what Microsoft's documentation says of such tables, in the XML of standard ones",
        proof: "an export with an elastic table",
        uses: |it| it.tables.iter().filter(|it| it.kind == TableType::Elastic).map(|it| it.span.clone()).collect(),
    },
    Unproven {
        what: "a column of formatted text",
        assumed: "`Format` is `richtext`, as in the published schema",
        proof: "an export with a multi-line column of the format rich text",
        uses: |it| it.tables.iter().flat_map(rich_texts).collect(),
    },
    Unproven {
        what: "a description of a plain dashboard",
        assumed: "`Descriptions` stands behind `LocalizedNames`, as in real interactive dashboards",
        proof: "an export with a dashboard that has a description",
        uses: |it| it.dashboards.iter().filter_map(description).collect(),
    },
    Unproven {
        what: "a web page on a dashboard",
        assumed: "its control is that of a web page on a form",
        proof: "an export with a dashboard that shows a web page (IFRAME)",
        uses: |it| it.dashboards.iter().flat_map(pages).collect(),
    },
    Unproven {
        what: "a service endpoint that is not a webhook",
        assumed: "elements of the published schema and numbers of the table reference, in the order of real webhooks",
        proof: "an export with an endpoint of Azure Service Bus, Event Hubs, Event Grid or a data lake",
        uses: |it| {
            let others = it.service_endpoints.iter().filter(|it| it.contract != Contract::Webhook);
            others.map(|it| it.span.clone()).collect()
        },
    },
    Unproven {
        what: "a script of a custom connector",
        assumed: "`customcodeblobcontent` and `scriptoperations` stand behind `iconblob`, the code is in `Connector/<name>_script.csx`",
        proof: "an export with a custom connector that has code",
        uses: |it| {
            let script = |it: &Option<(_, Span)>| it.as_ref().map(|(_, span)| span.clone());
            it.custom_connectors
                .iter()
                .filter_map(|it| script(&it.script).or_else(|| in_xml(&it.extra, "customcodeblobcontent")))
                .collect()
        },
    },
    Unproven {
        what: "a hint of an environment variable",
        assumed: "`hint` contains the text, and stands in the order of the alphabet",
        proof: "an export with an environment variable that has a hint",
        uses: |it| it.environment_variables.iter().filter_map(|it| in_xml(&it.extra, "hint")).collect(),
    },
    Unproven {
        what: "a privilege that callers of a custom API need",
        assumed: "`executeprivilegename` contains its name, and stands in the order of the alphabet",
        proof: "an export with a custom API that has an execute privilege",
        uses: |it| {
            let key = |it: &Option<(_, Span)>| it.as_ref().map(|(_, span)| span.clone());
            it.custom_apis
                .iter()
                .filter_map(|it| key(&it.execute_privilege).or_else(|| in_xml(&it.extra, "executeprivilegename")))
                .collect()
        },
    },
];

fn charts(components: &Components, kind: &str) -> Vec<Span> {
    let charts = components.tables.iter().flat_map(|it| &it.charts);
    charts.filter(|it| it.kind == kind && it.file.is_none()).map(|it| it.span.clone()).collect()
}

fn rich_texts(table: &Table) -> impl Iterator<Item = Span> {
    table.columns.iter().filter(|it| it.kind == ColumnType::RichText).map(|it| it.span.clone())
}

/// Real interactive dashboards have descriptions; what a file contains, its text says.
fn description(dashboard: &Dashboard) -> Option<Span> {
    const LIMIT: u64 = 16 * 1024 * 1024;
    let span = in_xml(&dashboard.extra, "Descriptions");
    let span = span.or_else(|| dashboard.description.as_ref().map(|_| dashboard.span.clone()))?;
    let interactive = match &dashboard.content {
        DashboardContent::Tabs(_) => false,
        DashboardContent::File(path) => {
            files::read_text(path, LIMIT).is_ok_and(|text| text.contains("interactioncentricdashboard"))
        }
    };
    (!interactive).then_some(span)
}

fn pages(dashboard: &Dashboard) -> Vec<Span> {
    let DashboardContent::Tabs(tabs) = &dashboard.content else { return Vec::new() };
    let components = tabs.iter().flat_map(|(_, sections)| sections).flat_map(|it| &it.components);
    let page = |target: &DashboardTarget| match target {
        DashboardTarget::Url(url) => Some(url.span.clone()),
        _ => None,
    };
    components.filter_map(|it| page(&it.target)).collect()
}

/// Where an element is written under `xml:`.
fn in_xml(extra: &Extra, name: &str) -> Option<Span> {
    extra.entries.iter().find(|entry| entry.name == name).map(|entry| entry.span.clone())
}

/// A note for each of them that a manifest uses, at the first place.
#[must_use]
pub fn notes(package: &Package) -> Vec<Diagnostic> {
    let note = |it: &Unproven| {
        let places = (it.uses)(&package.components);
        let more = if places.len() > 1 { format!(" ({} places)", places.len()) } else { String::new() };
        let message = format!("no solution that dvpack was compared with has {}{more}: its XML is assumed", it.what);
        let note = Diagnostic::note("unproven", message).at(places.first()?);
        Some(note.help(format!("assumed: {}", it.assumed)).help(format!("what would prove it: {}", it.proof)))
    };
    UNPROVEN.iter().filter_map(note).collect()
}

/// The table in Markdown, for `docs/components.md`.
#[must_use]
pub fn table() -> String {
    let mut text =
        String::from("| No solution of the corpus has | What dvpack assumes | What would prove it |\n|---|---|---|\n");
    for it in UNPROVEN {
        text.push_str(&format!("| {} | {} | {} |\n", it.what, it.assumed, it.proof));
    }
    text
}
