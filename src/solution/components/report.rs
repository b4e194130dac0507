//! Reports: the section `Reports`, root component 31, the `.rdl` file in a part below `Reports/`.
//!
//! Facts: order and names counted over two real reports; the names inside the three lists are those of
//! the schema 9.0.0.2090. The part's name is an assumption: it follows the rule of processes.

use uuid::Uuid;

use super::carried::{self, InSection};
use super::extra::{FREE, Order, merge};
use super::labels::base_language;
use super::names::Names;
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::guid;
use crate::manifest::meant::{self, Report};
use crate::solution::draft::Draft;
use crate::solution::xml::{self, Element};

/// The kind.
pub static KIND: InSection = carried::kind("Report", ["Reports", "Report"], ["name", "reportid"], 31, "Reports/")
    .declared("components.reports", declare);

const LIMIT: u64 = 95 * 1024 * 1024;

const ORDER: Order = Order {
    attributes: &["unmodified"],
    children: &[
        "name",
        "defaultfilter",
        "iscustomreport",
        "description",
        "filename",
        "languagecode",
        "bodyurl",
        "mimetype",
        "reportid",
        "reporttypecode",
        "IntroducedVersion",
        "createdinmajorversion",
        "iscustomizable",
        "ExportedFileName",
        "ReportCategories",
        "ReportVisibilities",
        "ReportEntities",
    ],
    inner: &[
        ("defaultfilter", &FREE),
        ("ReportCategories", &FREE),
        ("ReportVisibilities", &FREE),
        ("ReportEntities", &FREE),
    ],
};

fn part_name(name: &str, id: Uuid) -> String {
    let kept = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).take(50);
    format!("Reports/{}-{}.rdl", kept.collect::<String>(), id.hyphenated().to_string().to_uppercase())
}

fn declare(package: &meant::Package, draft: &mut Draft) {
    for report in &package.components.reports {
        let shown = report.path.display().to_string();
        let bytes = match files::read(&report.path, LIMIT) {
            Ok(bytes) => bytes,
            Err(error) => {
                draft.findings.push(Diagnostic::error("unreadable-file", error.to_string()).at(&report.span));
                continue;
            }
        };
        match xml::parse(&bytes, &shown) {
            Ok(root) if root.name == "Report" => {}
            Ok(root) => {
                let message = format!("`{shown}` is no report: its root is `<{}>`", root.name);
                let help = "a report definition (.rdl) starts with `<Report xmlns=…>`";
                draft.findings.push(Diagnostic::error("report-file", message).at(&report.span).help(help));
                continue;
            }
            Err(finding) => {
                draft.findings.push(*finding);
                continue;
            }
        }
        let language = report.language.unwrap_or_else(|| base_language(package));
        let key = format!("{}/{language}", report.name);
        let id = report.id.unwrap_or_else(|| guid::stable("report", &package.publisher.name, &key));
        let file = part_name(&report.name, id);
        let mut lookup = Names::new(package, &draft.package);
        let mut element = element(report, language, id, &file, &mut lookup);
        let mut findings = lookup.findings;
        merge(&mut element, &report.extra, &ORDER, &mut findings);
        draft.findings.append(&mut findings);
        if draft.add_element("Reports", &guid::braced(id), element, &report.span) {
            draft.add_root("31", "id", &guid::braced(id));
            draft.add_file(&file, bytes, &report.span);
        }
    }
}

fn element(report: &Report, language: u32, id: Uuid, file: &str, lookup: &mut Names<'_>) -> Element {
    let last = report.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut element = Element::new("Report")
        .child(Element::text("name", report.name.as_str()))
        .child(Element::text("iscustomreport", "1"));
    if let Some(description) = &report.description {
        element.push(Element::text("description", description.as_str()));
    }
    for (name, value) in [
        ("filename", last),
        ("languagecode", language.to_string()),
        ("reportid", guid::braced(id)),
        // 1: Reporting Services.
        ("reporttypecode", "1".to_owned()),
        ("IntroducedVersion", lookup.package.solution.version.to_string()),
        ("createdinmajorversion", "9".to_owned()),
        ("iscustomizable", "1".to_owned()),
        ("ExportedFileName", format!("/{file}")),
    ] {
        element.push(Element::text(name, value));
    }
    let mut categories = Element::new("ReportCategories");
    for (number, name) in &report.categories {
        let mut category = Element::text("ReportCategory", number.to_string());
        category.set_attribute("name", *name);
        categories.push(category);
    }
    let mut visibilities = Element::new("ReportVisibilities");
    for number in &report.visibility {
        visibilities.push(Element::text("ReportVisbility", number.to_string()));
    }
    let mut tables = Element::new("ReportEntities");
    for table in &report.tables {
        let table = lookup.table(table);
        tables.push(Element::text("ReportEntity", table));
    }
    element.child(categories).child(visibilities).child(tables)
}
