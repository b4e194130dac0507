//! A view, and a chart.

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::meant::components::extra::Extra;
use crate::manifest::meant::components::labels::Labels;
use crate::manifest::meant::components::table::column::Named;

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
    /// Columns and whether the greatest comes first; none: by the primary column.
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
    /// How values are put together.
    pub aggregate: &'static str,
    /// File with data and presentation.
    pub file: Option<(PathBuf, Span)>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}
