//! `components.reports`

use std::path::PathBuf;

use uuid::Uuid;

use crate::diagnostic::Span;
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::files::one;
use crate::manifest::components::names::Named;
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::{Guid, Language, Paragraph, RelativePath, TableName, Title};
use crate::yaml::leaf::choice;
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};

record! {
    /// A report of Reporting Services.
    pub struct WrittenReport => {
        /// Name.
        "name" required name: At<Title>,
        /// The `.rdl` file.
        "file" required file: At<RelativePath>,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Categories: sales, service, marketing, administrative.
        "categories" optional categories: List<At<ReportCategory>>,
        /// Where it is offered: reports (the list of reports), forms, lists. Left out: reports.
        "visibility" optional visibility: List<At<ReportVisibility>>,
        /// Tables it is about.
        "tables" optional tables: List<At<TableName>>,
        /// Language code (LCID). Left out: the base language.
        "language" optional language: At<Language>,
        /// GUID. Left out: made of publisher, name and language.
        "id" optional id: At<Guid>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}

choice!(
    /// A category of reports: number and name.
    ReportCategory((u32, &'static str)), "report-category", "a category of reports",
    [
        ("sales", (1, "Sales Reports")), ("service", (2, "Service Reports")), ("marketing", (3, "Marketing Reports")),
        ("administrative", (4, "Administrative Reports")),
    ]
);
choice!(
    /// Where a report is offered.
    ReportVisibility(u32), "report-visibility", "a place of reports", [("reports", 1), ("forms", 2), ("lists", 3)]
);

/// One report.
#[derive(Clone, Debug)]
pub struct Report {
    /// Name.
    pub name: String,
    /// The `.rdl` file.
    pub path: PathBuf,
    /// Description.
    pub description: Option<String>,
    /// Number and name of its categories.
    pub categories: Vec<(u32, &'static str)>,
    /// 1 the list of reports, 2 forms, 3 lists of rows.
    pub visibility: Vec<u32>,
    /// Tables it is about.
    pub tables: Vec<Named>,
    /// Language code; absent means the base language.
    pub language: Option<u32>,
    /// GUID; absent means a stable one of the name.
    pub id: Option<Uuid>,
    /// What is merged into its XML.
    pub extra: Extra,
    /// Where it is declared.
    pub span: Span,
}

impl Kind for Report {
    type Written = WrittenReport;

    fn mean(written: &WrittenReport, scope: &mut Scope<'_>) -> Option<Self> {
        let path = written.file.as_ref().and_then(|file| one(file, scope.folder, scope.findings).pop());
        let name = written.name.as_ref()?;
        let visibility = written.visibility.as_ref().map(|list| list.items.iter().map(|it| it.value.0).collect());
        let tables = written.tables.iter().flat_map(|list| &list.items);
        Some(Report {
            name: name.value.0.clone(),
            path: path?.0,
            description: written.description.as_ref().map(|it| it.value.0.clone()),
            categories: written.categories.iter().flat_map(|list| &list.items).map(|it| it.value.0).collect(),
            visibility: visibility.unwrap_or_else(|| vec![1]),
            tables: tables.map(|it| Named { name: it.value.0.clone(), span: it.span.clone() }).collect(),
            language: written.language.as_ref().map(|it| it.value.0),
            id: written.id.as_ref().map(|it| it.value.0),
            extra: extra(written.xml.as_ref()),
            span: name.span.clone(),
        })
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.name, &self.span))
    }
}
