//! `components.dashboards`

use crate::manifest::meant;
use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::components::labels::Labels;
use crate::manifest::written::components::model_driven_app::NameOrId;
use crate::manifest::written::leaf::{Flag, Guid, Paragraph, RelativePath, TableName, Title};
use crate::yaml::leaf::{Words, choice, integer, parsed};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};

record! {
    /// A dashboard: tabs of sections of components, or a file that holds its form.
    pub struct Dashboard => {
        /// Name.
        "name" required name: At<Title>,
        /// Name that people see, where it differs by language. Left out: the name.
        "displayName" optional display_name: Labels<Title>,
        /// Description.
        "description" optional description: Labels<Paragraph>,
        /// Sections of the one tab; several tabs are written under `tabs`.
        "sections" optional sections: List<DashboardSection>,
        /// Tabs.
        "tabs" optional tabs: List<DashboardTab>,
        /// XML file with a `<forms>` or `<form>`, in place of sections and tabs; the only way to an interactive dashboard.
        "file" optional file: At<RelativePath>,
        /// Whether it is the first that people see.
        "default" optional default: At<Flag>,
        /// Whether tablets show it.
        "tablet" optional tablet: At<Flag>,
        /// GUID. Left out: made of publisher and name.
        "id" optional id: At<Guid>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}

record! {
    /// A tab of a dashboard.
    pub struct DashboardTab => {
        /// Title.
        "title" required title: Labels<Title>,
        /// Sections.
        "sections" required sections: List<DashboardSection>,
    }
}

record! {
    /// A section of a dashboard: components in rows.
    pub struct DashboardSection => {
        /// Title, shown above the section.
        "title" optional title: Labels<Title>,
        /// Columns, 1 to 4. Left out: one for each component, at most 3.
        "columns" optional columns: At<DashboardColumns>,
        /// Components, from left to right, then the next row.
        "components" required components: List<DashboardComponent>,
    }
}

record! {
    /// A component of a dashboard: a list or a chart of a table's rows, a web resource, or a page by its address.
    pub struct DashboardComponent => {
        /// Title. Left out: that of the view, chart or web resource.
        "title" optional title: Labels<Title>,
        /// Table whose rows are shown.
        "table" optional table: At<TableName>,
        /// View of the table, by name or GUID.
        "view" optional view: At<NameOrId>,
        /// Chart of the table, by name or GUID. Left out: the rows as a list.
        "chart" optional chart: At<NameOrId>,
        /// What is shown of a chart. Left out: the chart alone.
        "show" optional show: At<ChartMode>,
        /// Rows of the list on one page. Left out: 10.
        "rowsPerPage" optional rows_per_page: At<RowsPerPage>,
        /// Web resource.
        "webResource" optional web_resource: At<NameOrId>,
        /// Address of a page.
        "url" optional url: At<Words>,
        /// Columns that it takes. Left out: 1.
        "width" optional width: At<DashboardColumns>,
        /// Rows of the grid that it takes. Left out: 12.
        "height" optional height: At<DashboardRows>,
    }
}

choice!(
    /// What is shown of a chart.
    ChartMode(meant::ChartMode), "chart-mode", "what to show", [("chart", meant::ChartMode::Chart), ("chartAndList", meant::ChartMode::ChartAndList)]
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
