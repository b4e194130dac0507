//! `components.reports`

use crate::manifest::components::extra::Extra;
use crate::manifest::components::plain::{File, Reference, plain};
use crate::manifest::leaf::{Guid, Language, Paragraph, RelativePath, TableName, Title};
use crate::yaml::leaf::choice;
use crate::yaml::shape::{At, List};

plain! {
    /// A report of Reporting Services.
    pub struct Report at name => {
        /// Name.
        "name" required name: At<Title> => "Widget sales",
        /// The `.rdl` file.
        "file" required path: File<RelativePath> => "reports/sales.rdl",
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Categories: sales, service, marketing, administrative.
        "categories" default categories: List<At<ReportCategory>>,
        /// Where it is offered: reports (the list of reports), forms, lists. Default: reports.
        "visibility" default visibility: List<At<ReportVisibility>> = vec![1],
        /// Tables it is about.
        "tables" default tables: List<Reference<TableName>>,
        /// Language code (LCID). Default: the base language.
        "language" optional language: At<Language>,
        /// GUID. Default: derived from publisher, name and language.
        "id" optional id: At<Guid>,
        /// Parts of its XML that have no key here.
        "xml" default extra: Extra,
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
