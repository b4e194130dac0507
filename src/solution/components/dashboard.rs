//! Dashboards: the sections `Dashboards` and `InteractionCentricDashboards`, root component 60.
//! Facts: 38 dashboards and 7 interactive ones of real packages (of the latter only the one of 9.2 has
//! `IsCustomizable`); the classes of controls are the same in every form.

use uuid::Uuid;

use super::carried::{self, InSection};
use super::extra::{FREE, Order, merge};
use super::labels::{base_language, descriptions, labels, names};
use super::names::{Names, Part};
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::guid;
use crate::manifest::components::dashboard::{
    ChartMode, Dashboard, DashboardComponent, DashboardContent, DashboardSection, DashboardTarget,
};
use crate::manifest::components::labels::Labels;
use crate::manifest::package::Package;
use crate::manifest::prefix;
use crate::solution::draft::Draft;
use crate::solution::xml::{self, Element};

/// Dashboards.
pub static KIND: InSection = carried::kind("Dashboard", ["Dashboards", "Dashboard"], ["", "FormId"], 60, "Dashboards/")
    .declared("components.dashboards", declare);

/// Interactive ones, which are declared by their file.
pub static INTERACTIVE: InSection = carried::kind(
    "Interactive dashboard",
    ["InteractionCentricDashboards", "InteractionCentricDashboard"],
    ["", "FormId"],
    60,
    "Other/Customizations.xml",
)
.declared("components.dashboards", |_, _| {});

const LIMIT: u64 = 16 * 1024 * 1024;
const GRID: &str = "{E7A81278-8635-4d9e-8D4D-59480B391C5B}";
const WEB_RESOURCE: &str = "{9FDF5F91-88B1-47f4-AD53-C11EFC01A01D}";
const FRAME: &str = "{FD2A7985-3187-444e-908D-6624B21F69C0}";

const ORDER: Order = Order {
    attributes: &["unmodified"],
    children: &[
        "LocalizedNames",
        "Descriptions",
        "FormId",
        "IsCustomizable",
        "CanBeDeleted",
        "IsDefault",
        "FormXml",
        "IntroducedVersion",
        "IsTabletEnabled",
        "IsDesktopEnabled",
    ],
    inner: &[("FormXml", &FREE)],
};

fn declare(package: &Package, draft: &mut Draft) {
    for dashboard in &package.components.dashboards {
        let id = dashboard.id.unwrap_or_else(|| guid::stable("systemform", &package.publisher.name, &dashboard.name));
        let mut lookup = Names::new(package, &draft.package);
        let forms = match &dashboard.content {
            DashboardContent::Tabs(tabs) => Some(Builder { dashboard, id, lookup: &mut lookup, count: 0 }.forms(tabs)),
            DashboardContent::File(path) => match file(path, dashboard) {
                Ok(forms) => Some(forms),
                Err(finding) => {
                    lookup.findings.push(*finding);
                    None
                }
            },
        };
        let findings = lookup.findings;
        draft.findings.extend(findings);
        let Some(forms) = forms else { continue };
        let interactive = forms.attribute("type") == Some("interactioncentricdashboard");
        let mut element = element(dashboard, package, id, forms, interactive);
        merge(&mut element, &dashboard.extra, &ORDER, &mut draft.findings);
        let section = if interactive { "InteractionCentricDashboards" } else { "Dashboards" };
        if draft.add_element(section, element, &dashboard.span) {
            draft.add_root("60", "id", &guid::braced(id));
        }
    }
}

fn element(dashboard: &Dashboard, package: &Package, id: Uuid, forms: Element, interactive: bool) -> Element {
    let name = Labels::one(base_language(package), dashboard.name.as_str());
    let mut element = Element::new(if interactive { "InteractionCentricDashboard" } else { "Dashboard" });
    element.push(names(dashboard.display_name.as_ref().unwrap_or(&name)));
    if let Some(description) = &dashboard.description {
        element.push(descriptions(description));
    }
    element.push(Element::text("FormId", guid::braced(id)));
    element.push(Element::text("IsCustomizable", "1"));
    let flag = |flag| if flag { "1" } else { "0" };
    element.push(Element::text("IsDefault", flag(dashboard.is_default)));
    element.push(Element::new("FormXml").child(forms));
    element.push(Element::text("IntroducedVersion", package.solution.version.to_string()));
    element.push(Element::text("IsTabletEnabled", flag(dashboard.tablet)));
    element
}

/// The `<forms>` of a file; a single `<form>` is that of a plain dashboard.
fn file(path: &std::path::Path, dashboard: &Dashboard) -> Result<Element, Box<Diagnostic>> {
    let shown = path.display().to_string();
    let bytes = files::read(path, LIMIT)
        .map_err(|error| Diagnostic::error("unreadable-file", error.to_string()).at(&dashboard.span))?;
    let root = xml::parse(&bytes, &shown)?;
    let found = find(&root, "forms").or_else(|| find(&root, "form")).cloned();
    match found {
        Some(forms) if forms.name == "forms" => Ok(forms),
        Some(form) => Ok(Element::new("forms").with("type", "dashboard").child(form)),
        None => Err(Diagnostic::error("dashboard", format!("`{shown}` contains neither `<forms>` nor `<form>`"))
            .at(&dashboard.span)
            .help("export the dashboard in a solution and take its `<FormXml>`")
            .into()),
    }
}

fn find<'a>(element: &'a Element, name: &str) -> Option<&'a Element> {
    if element.name == name { Some(element) } else { element.elements().find_map(|child| find(child, name)) }
}

/// Makes the form; every id in it is made of the dashboard's and a running number.
struct Builder<'a, 'b> {
    dashboard: &'a Dashboard,
    id: Uuid,
    lookup: &'a mut Names<'b>,
    count: usize,
}

impl Builder<'_, '_> {
    fn made_id(&mut self) -> Uuid {
        self.count += 1;
        Uuid::new_v5(&self.id, self.count.to_string().as_bytes())
    }

    fn forms(mut self, tabs: &[(Option<Labels>, Vec<DashboardSection>)]) -> Element {
        let mut all = Element::new("tabs");
        for (title, sections) in tabs {
            let shown = if title.is_some() { "true" } else { "false" };
            let title = title.clone().unwrap_or_else(|| self.text(&self.dashboard.name));
            let id = guid::braced(self.made_id());
            let mut holder = Element::new("sections");
            for section in sections {
                let section = self.section(section);
                holder.push(section);
            }
            let tab = Element::new("tab").with("showlabel", shown).with("verticallayout", "true").with("id", id);
            let columns = Element::new("columns").child(Element::new("column").with("width", "100%").child(holder));
            all.push(tab.child(self.titles(&title)).child(columns));
        }
        Element::new("forms").with("type", "dashboard").child(Element::new("form").child(all))
    }

    fn text(&self, text: &str) -> Labels {
        Labels::one(base_language(self.lookup.package), text)
    }

    fn titles(&self, title: &Labels) -> Element {
        labels("labels", "label", title)
    }

    fn section(&mut self, section: &DashboardSection) -> Element {
        let id = guid::braced(self.made_id());
        let shown = if section.title.is_some() { "true" } else { "false" };
        let title = section.title.clone().unwrap_or_else(|| self.text(&self.dashboard.name));
        let columns = usize::try_from(section.columns).unwrap_or(1);
        let (mut rows, mut row, mut taken, mut height) = (Element::new("rows"), Element::new("row"), 0, 0);
        // A component as high as n rows of the grid is followed by n - 1 empty rows.
        let close = |rows: &mut Element, row: Element, height: u32| {
            rows.push(row);
            (1..height).for_each(|_| rows.push(Element::new("row")));
        };
        for component in &section.components {
            if taken + component.width > section.columns && taken > 0 {
                close(&mut rows, std::mem::replace(&mut row, Element::new("row")), height);
                (taken, height) = (0, 0);
            }
            row.push(self.cell(component));
            taken += component.width;
            height = height.max(component.height);
        }
        if taken > 0 {
            close(&mut rows, row, height);
        }
        Element::new("section")
            .with("showlabel", shown)
            .with("showbar", "false")
            .with("columns", "1".repeat(columns))
            .with("id", id)
            .child(self.titles(&title))
            .child(rows)
    }

    fn cell(&mut self, component: &DashboardComponent) -> Element {
        let id = guid::braced(self.made_id());
        let control_id = self.made_id().simple().to_string();
        let control_name = format!("Component{}", &control_id[..7]);
        let unique = guid::braced(self.made_id());
        let (title, control) = match &component.target {
            DashboardTarget::Rows { table, view, chart, mode, rows_per_page } => {
                let logical = self.lookup.table(table);
                let view_id = self.lookup.part(Part::View, &table.name, view).unwrap_or_default();
                let chart_id =
                    chart.as_ref().map(|it| self.lookup.part(Part::Chart, &table.name, it).unwrap_or_default());
                let shown = match (chart, mode) {
                    (None, _) => "Grid",
                    (Some(_), ChartMode::Chart) => "Chart",
                    (Some(_), ChartMode::ChartAndList) => "All",
                };
                let rows = rows_per_page.to_string();
                let mut parameters = Element::new("parameters");
                for (name, value) in [
                    ("TargetEntityType", logical.as_str()),
                    ("ChartGridMode", shown),
                    ("EnableQuickFind", "false"),
                    ("EnableViewPicker", "false"),
                    ("EnableJumpBar", "false"),
                    ("RecordsPerPage", &rows),
                    ("HeaderColorCode", ""),
                    ("ViewId", &view_id.to_uppercase()),
                    ("IsUserView", "false"),
                    ("ViewIds", ""),
                    ("AutoExpand", "Fixed"),
                    ("VisualizationId", &chart_id.unwrap_or_default().to_uppercase()),
                    ("IsUserChart", "false"),
                    ("EnableChartPicker", "false"),
                    ("RelationshipName", ""),
                ] {
                    parameters.push(if value.is_empty() { Element::new(name) } else { Element::text(name, value) });
                }
                let control = Element::new("control")
                    .with("id", control_name)
                    .with("uniqueid", unique)
                    .with("classid", GRID)
                    .with("indicationOfSubgrid", "true")
                    .child(parameters);
                let named = chart.as_ref().unwrap_or(view);
                let name = if Uuid::try_parse(&named.name).is_ok() { &table.name } else { &named.name };
                (name.clone(), control)
            }
            DashboardTarget::WebResource(resource) => {
                if prefix::is_own(&resource.name, &self.lookup.package.publisher.prefix) {
                    self.lookup.web_resource(resource);
                }
                let control = Element::new("control")
                    .with("id", format!("WebResource_{}", &control_id[..7]))
                    .with("classid", WEB_RESOURCE)
                    .child(frame(&resource.name));
                (resource.name.clone(), control)
            }
            DashboardTarget::Url(url) => {
                let name = format!("IFRAME_{}", &control_id[..7]);
                (
                    url.name.clone(),
                    Element::new("control").with("id", name).with("classid", FRAME).child(frame(&url.name)),
                )
            }
        };
        let label = component.title.clone().unwrap_or_else(|| self.text(&title));
        Element::new("cell")
            .with("colspan", component.width.to_string())
            .with("rowspan", component.height.to_string())
            .with("showlabel", if component.title.is_some() { "true" } else { "false" })
            .with("id", id)
            .with("auto", "false")
            .child(self.titles(&label))
            .child(control)
    }
}

fn frame(url: &str) -> Element {
    Element::new("parameters")
        .child(Element::text("Url", url))
        .child(Element::text("PassParameters", "false"))
        .child(Element::text("Security", "false"))
        .child(Element::text("Scrolling", "auto"))
        .child(Element::text("Border", "false"))
}
