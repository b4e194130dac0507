//! Reports: the section `Reports`, root component 31, the `.rdl` file in a part below `Reports/`.
//!
//! Facts: four reports in exports of 9.2 (see `docs/components/apps.md`): order and names of the elements, a mapping
//! without a signature for each, the part's name. `iscustomreport` is 0 in those that are a `.rdl` file and 1 in the
//! one that the report wizard made, whose part ends in `.wdl`. No real one has a category; that element's form is
//! that of the schema 9.0.0.2090.

use uuid::Uuid;

use super::carried::{self, InSection};
use super::extra::{FREE, Order, merge};
use super::labels::base_language;
use super::names::Names;
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::guid;
use crate::manifest::components::report::Report;
use crate::manifest::package::Package;
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

const NO_SIGNATURE: &str = "{00000000-0000-0000-0000-000000000000}";

/// The name of the part that contains the file: the allowed characters of the file's name, and the ID.
fn part_name(file: &str, id: Uuid) -> String {
    let kept = file.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).take(50);
    format!("Reports/{}{}", kept.collect::<String>(), id.hyphenated())
}

fn file_name(report: &Report) -> String {
    report.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn declare(package: &Package, draft: &mut Draft) {
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
                let message = format!("`{shown}` is not a report: its root is `<{}>`", root.name);
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
        let file = part_name(&file_name(report), id);
        let mut lookup = Names::new(package, &draft.package);
        let mut element = element(report, language, id, &file, &mut lookup);
        let mut findings = lookup.findings;
        merge(&mut element, &report.extra, &ORDER, &mut findings);
        draft.findings.append(&mut findings);
        let id = guid::braced(id);
        if draft.add_element("Reports", element, &report.span) {
            let mapping = Element::new("ReportSignatureIdMapping")
                .with("reportid", id.as_str())
                .with("signatureid", NO_SIGNATURE)
                .with("signaturelcid", "0");
            draft.add_element_in("Reports", "ReportSignatureIdMappings", mapping, &report.span);
            draft.add_root("31", "id", &id);
            draft.add_file(&file, bytes, &report.span);
        }
    }
}

fn element(report: &Report, language: u32, id: Uuid, file: &str, lookup: &mut Names<'_>) -> Element {
    let mut element = Element::new("Report")
        .child(Element::text("name", report.name.as_str()))
        .child(Element::text("iscustomreport", "0"));
    if let Some(description) = &report.description {
        element.push(Element::text("description", description.as_str()));
    }
    for (name, value) in [
        ("filename", file_name(report)),
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
