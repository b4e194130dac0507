//! `components.dashboards`: each component shows one thing.

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::files::one;
use crate::manifest::components::labels::{Labels, WrittenLabels, labels};
use crate::manifest::components::names::{NameOrId, Named};
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::{Flag, Guid, Paragraph, RelativePath, TableName, Title};
use crate::yaml::leaf::{Given, Words, choice, integer, parsed};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, head};

record! {
    /// A dashboard: tabs of sections of components, or a file that contains its form.
    pub struct WrittenDashboard => {
        /// Name.
        "name" required name: At<Title> => "Widgets at a glance",
        /// Name that people see, where it differs by language. Default: the name.
        "displayName" optional display_name: WrittenLabels<Title>,
        /// Description.
        "description" optional description: WrittenLabels<Paragraph>,
        /// Sections of the one tab; several tabs are written under `tabs`.
        "sections" optional sections: List<WrittenDashboardSection>,
        /// Tabs.
        "tabs" optional tabs: List<DashboardTab>,
        /// XML file with a `<forms>` or `<form>`, in place of sections and tabs; the only way to an interactive
        /// dashboard.
        "file" optional file: At<RelativePath> => "dashboards/overview.xml",
        /// Whether it is the first that people see.
        "default" optional default: At<Flag>,
        /// Whether tablets show it.
        "tablet" optional tablet: At<Flag>,
        /// GUID. Default: derived from publisher and name.
        "id" optional id: At<Guid>,
        /// Parts of its XML that have no key here.
        "xml" optional extra: Extra,
    }
}

record! {
    /// A tab of a dashboard.
    pub struct DashboardTab => {
        /// Title.
        "title" required title: WrittenLabels<Title>,
        /// Sections.
        "sections" required sections: List<WrittenDashboardSection>,
    }
}

record! {
    /// A section of a dashboard: components in rows.
    pub struct WrittenDashboardSection => {
        /// Title, shown above the section.
        "title" optional title: WrittenLabels<Title>,
        /// Columns, 1 to 4. Default: one for each component, at most 3.
        "columns" optional columns: At<DashboardColumns>,
        /// Components, from left to right, then the next row.
        "components" required components: List<WrittenDashboardComponent>,
    }
}

record! {
    /// A component of a dashboard: a list or a chart of a table's rows, a web resource, or a page by its address.
    pub struct WrittenDashboardComponent => {
        /// Title. Default: that of the view, chart or web resource.
        "title" optional title: WrittenLabels<Title>,
        /// Table whose rows are shown.
        "table" optional table: At<TableName>,
        /// View of the table, by name or GUID.
        "view" optional view: At<NameOrId>,
        /// Chart of the table, by name or GUID. Default: the rows as a list.
        "chart" optional chart: At<NameOrId> => "Widgets by colour",
        /// What is shown of a chart. Default: the chart alone.
        "show" optional show: At<ChartMode>,
        /// Rows of the list on one page. Default: 10.
        "rowsPerPage" optional rows_per_page: At<RowsPerPage>,
        /// Web resource.
        "webResource" optional web_resource: At<NameOrId> => "contoso_/map.html",
        /// Address of a page.
        "url" optional url: At<Words> => "https://contoso.com/status",
        /// Columns that it takes. Default: 1.
        "width" optional width: At<DashboardColumns>,
        /// Rows of the grid that it takes. Default: 12.
        "height" optional height: At<DashboardRows>,
    }
}

choice!(
    /// What is shown of a chart.
    for ChartMode, "chart-mode", "what to show", [("chart", ChartMode::Chart), ("chartAndList", ChartMode::ChartAndList)]
);
parsed!(
    /// Columns of a section.
    DashboardColumns(u32), "columns", "a number of columns", "2",
    |text| integer(text, 1, 4),
    serde_json::json!({ "type": ["integer", "string"], "pattern": "^\\$\\{\\{", "minimum": 1, "maximum": 4 })
);
parsed!(
    /// Rows of the grid.
    DashboardRows(u32), "rows", "a number of rows", "12",
    |text| integer(text, 1, 100),
    serde_json::json!({ "type": ["integer", "string"], "pattern": "^\\$\\{\\{", "minimum": 1, "maximum": 100 })
);
parsed!(
    /// Rows of a list.
    RowsPerPage(u32), "rows-per-page", "a number of rows", "10",
    |text| integer(text, 2, 250),
    serde_json::json!({ "type": ["integer", "string"], "pattern": "^\\$\\{\\{", "minimum": 2, "maximum": 250 })
);

/// One dashboard.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// Name.
    pub name: String,
    /// Name that people see; absent means the name.
    pub display_name: Option<Labels>,
    /// Description.
    pub description: Option<Labels>,
    /// What it shows.
    pub content: DashboardContent,
    /// Whether it is the first that people see.
    pub is_default: bool,
    /// Whether tablets show it.
    pub tablet: bool,
    /// GUID; absent means a stable one of the name.
    pub id: Option<Uuid>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

/// What a dashboard shows.
#[derive(Clone, Debug)]
pub enum DashboardContent {
    /// Title and sections of each tab.
    Tabs(Vec<(Option<Labels>, Vec<DashboardSection>)>),
    /// The form of a file.
    File(PathBuf),
}

/// A section.
#[derive(Clone, Debug)]
pub struct DashboardSection {
    /// Title.
    pub title: Option<Labels>,
    /// Columns.
    pub columns: u32,
    /// Components.
    pub components: Vec<DashboardComponent>,
}

/// A component of a dashboard.
#[derive(Clone, Debug)]
pub struct DashboardComponent {
    /// Title; absent means the target's name.
    pub title: Option<Labels>,
    /// What it shows.
    pub target: DashboardTarget,
    /// Columns that it takes.
    pub width: u32,
    /// Rows of the grid that it takes.
    pub height: u32,
}

/// What a component of a dashboard shows.
#[derive(Clone, Debug)]
pub enum DashboardTarget {
    /// Rows of a table.
    Rows {
        /// The table.
        table: Named,
        /// The view.
        view: Named,
        /// The chart; absent means a list.
        chart: Option<Named>,
        /// What is shown of the chart.
        mode: ChartMode,
        /// Rows on one page.
        rows_per_page: u32,
    },
    /// A web resource.
    WebResource(Named),
    /// A page, by its address.
    Url(Named),
}

/// What is shown of a chart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChartMode {
    /// The chart alone.
    #[default]
    Chart,
    /// Chart and list.
    ChartAndList,
}

impl Kind for Dashboard {
    type Written = WrittenDashboard;

    fn mean(written: &WrittenDashboard, scope: &mut Scope<'_>) -> Option<Self> {
        let name = written.name.as_ref()?;
        let content = match (&written.sections, &written.tabs, &written.file) {
            (Some(sections), None, None) => DashboardContent::Tabs(vec![(None, self::sections(sections, scope))]),
            (None, Some(tabs), None) => {
                let mut made = Vec::new();
                for tab in &tabs.items {
                    let sections = tab.sections.as_ref().map(|list| self::sections(list, scope));
                    made.push((labels(tab.title.as_ref(), scope), sections.unwrap_or_default()));
                }
                DashboardContent::Tabs(made)
            }
            (None, None, Some(file)) => DashboardContent::File(one(file, scope.folder, scope.findings).pop()?.0),
            (sections, tabs, file) => {
                let message = match (sections, tabs, file) {
                    (None, None, None) => "a dashboard that shows nothing",
                    _ => "only one of `sections`, `tabs` and `file` can say what a dashboard shows",
                };
                scope.findings.push(
                    Diagnostic::error("dashboard", message)
                        .at(&name.span)
                        .help("write `sections: [{ components: … }]`, or `file: …`"),
                );
                return None;
            }
        };
        Some(Dashboard {
            name: name.value.0.clone(),
            display_name: labels(written.display_name.as_ref(), scope),
            description: labels(written.description.as_ref(), scope),
            content,
            is_default: written.default.value().unwrap_or(false),
            tablet: written.tablet.value().unwrap_or(false),
            id: written.id.value(),
            extra: extra(written.extra.as_ref()),
            span: name.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.name, &self.span))
    }
}

fn sections(written: &List<WrittenDashboardSection>, scope: &mut Scope<'_>) -> Vec<DashboardSection> {
    let mut made = Vec::new();
    for section in &written.items {
        let items = section.components.iter().flat_map(|list| &list.items);
        let components: Vec<_> = items.filter_map(|it| component(it, scope)).collect();
        let otherwise = u32::try_from(components.len()).unwrap_or(3).clamp(1, 3);
        let columns = section.columns.value().unwrap_or(otherwise);
        made.push(DashboardSection { title: labels(section.title.as_ref(), scope), columns, components });
    }
    made
}

fn component(written: &WrittenDashboardComponent, scope: &mut Scope<'_>) -> Option<DashboardComponent> {
    let named = |name: &str, span: &Span| Named { name: name.to_owned(), span: span.clone() };
    let by_name = |it: &At<NameOrId>| named(&it.value.0, &it.span);
    let place = head(&written.span);
    let mut wrong = |message: &str, help: &str| {
        scope.findings.push(Diagnostic::error("dashboard-component", message).at(&place).help(help));
    };
    let target = match (&written.table, &written.web_resource, &written.url) {
        (Some(table), None, None) => {
            let Some(view) = &written.view else {
                wrong("a component that does not say which rows it shows", "add `view: …`, by name or GUID");
                return None;
            };
            DashboardTarget::Rows {
                table: named(&table.value.0, &table.span),
                view: by_name(view),
                chart: written.chart.as_ref().map(by_name),
                mode: written.show.value().unwrap_or_default(),
                rows_per_page: written.rows_per_page.value().unwrap_or(10),
            }
        }
        (None, Some(resource), None) => DashboardTarget::WebResource(by_name(resource)),
        (None, None, Some(url)) => DashboardTarget::Url(named(&url.value.0, &url.span)),
        (None, None, None) => {
            wrong("a component that shows nothing", "give it one of `table`, `webResource`, `url`");
            return None;
        }
        _ => {
            wrong("a component that shows more than one thing", "make a component of each");
            return None;
        }
    };
    Some(DashboardComponent {
        title: labels(written.title.as_ref(), scope),
        target,
        width: written.width.value().unwrap_or(1),
        height: written.height.value().unwrap_or(12),
    })
}
