//! A dashboard.

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;
use crate::manifest::meant::components::labels::Labels;
use crate::manifest::meant::components::table::column::Named;

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
    /// A page.
    Url(String),
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
