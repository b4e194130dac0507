//! XML that a table takes from files of the manifest's folder, and web resources that it names.

use std::path::Path;

use super::context::{Context, LIMIT};
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::files;
use crate::manifest::components::names::Named;
use crate::manifest::components::table::Table;
use crate::manifest::prefix;
use crate::solution::draft::Draft;
use crate::solution::xml::{self, Element};

pub fn ribbon(table: &Table, draft: &mut Draft) -> Element {
    if let Some((path, span)) = &table.ribbon
        && let Some(element) = read_xml(path, span, &["RibbonDiffXml"], draft)
    {
        return element;
    }
    let templates = Element::new("RibbonTemplates").with("Id", "Mscrm.Templates");
    let rules = ["TabDisplayRules", "DisplayRules", "EnableRules"].map(Element::new);
    let mut definitions = Element::new("RuleDefinitions");
    for rule in rules {
        definitions.push(rule);
    }
    Element::new("RibbonDiffXml")
        .child(Element::new("CustomActions"))
        .child(Element::new("Templates").child(templates))
        .child(Element::new("CommandDefinitions"))
        .child(definitions)
        .child(Element::new("LocLabels"))
}

/// An XML file of the manifest's folder, whose root is one of `roots`, or contains one of them.
pub fn read_xml(path: &Path, span: &Span, roots: &[&str], draft: &mut Draft) -> Option<Element> {
    let shown = path.display().to_string();
    let bytes = match files::read(path, LIMIT) {
        Ok(bytes) => bytes,
        Err(error) => {
            draft.findings.push(Diagnostic::error("unreadable-file", error.to_string()).at(span));
            return None;
        }
    };
    let root = match xml::parse(&bytes, &shown) {
        Ok(root) => root,
        Err(finding) => {
            draft.findings.push(*finding);
            return None;
        }
    };
    let inside = |element: &Element| roots.contains(&element.name.as_str());
    let mut found = if inside(&root) { Some(root.clone()) } else { None };
    let mut level = vec![&root];
    while found.is_none() && !level.is_empty() {
        let next: Vec<&Element> = level.iter().flat_map(|element| element.elements()).collect();
        found = next.iter().find(|element| inside(element)).map(|element| (*element).clone());
        level = next;
    }
    if found.is_none() {
        draft.findings.push(
            Diagnostic::error("wrong-root", format!("`{shown}` does not contain `<{}>`", roots.join(">` or `<")))
                .at(span)
                .help("name the file that contains it"),
        );
    }
    if let Some(element) = &mut found {
        element.attributes.retain(|(name, _)| name != "xmlns:xsi");
    }
    found
}

/// Checks that a web resource with the publisher's prefix is in the manifest or in a source.
pub fn known_web_resource(named: &Named, context: &Context<'_>, draft: &mut Draft) {
    let name = named.name.trim_start_matches("$webresource:");
    let own = prefix::is_own(name, &context.package.publisher.prefix);
    let declared = context.package.components.web_resources.iter().map(|it| it.name.as_str());
    let brought = || draft.package.section("WebResources").filter_map(|element| element.child_text("Name"));
    let same = |known: &str| known.eq_ignore_ascii_case(name);
    if !own || declared.clone().any(same) || brought().any(|known| same(&known)) {
        return;
    }
    let brought: Vec<String> = brought().collect();
    let mut known = declared.chain(brought.iter().map(String::as_str));
    let finding =
        Diagnostic::error("unknown-web-resource", format!("there is no web resource `{name}`")).at(&named.span);
    let near = nearest(name, known.by_ref()).map(str::to_owned);
    draft.findings.push(match near {
        Some(near) => finding.help(format!("write `{near}`")),
        None => finding.help("declare it under `webResources`"),
    });
}
