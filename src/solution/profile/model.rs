//! A model compared with the table: a source's content is written in normal form if all readers agree on what it means,
//! and refused if they do not.

use super::comments::{COMMENTS, bare};
use super::form::tidy_part;
use super::labels::put_first;
use super::row::Form;
use super::table::row;
use super::walk::Walk;
use crate::diagnostic::Diagnostic;
use crate::solution::package::SolutionPackage;
use crate::solution::part_name::{CUSTOMIZATIONS, MANIFEST};
use crate::solution::xml::{Element, Node};

/// What readers could understand in different ways, each at the file and line that it comes from.
#[must_use]
pub fn deviations(package: &SolutionPackage) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let language = language(package);
    let mut walk = Walk::new(format!("{}: {MANIFEST}", package.origin)).with_language(language);
    walk.element(&package.manifest, MANIFEST);
    walk.finish();
    found.append(&mut walk.deviations);
    let mut walk = Walk::new(format!("{}: {CUSTOMIZATIONS}", package.origin)).with_language(language);
    walk.element(&frame(&package.customizations), CUSTOMIZATIONS);
    for section in package.customizations.elements() {
        walk.section(
            &without(section, |node| !matches!(node, Node::Element(_))),
            section.elements().map(|item| (item.name.as_str(), item.line)),
        );
        for item in section.elements() {
            walk.item(item, &format!("{CUSTOMIZATIONS}/{}", section.name));
        }
    }
    walk.finish();
    found.append(&mut walk.deviations);
    found
}

/// The code of the base language.
fn language(package: &SolutionPackage) -> Option<&str> {
    package.manifest.attribute("languagecode")
}

/// The root and its sections, without their contents.
fn frame(root: &Element) -> Element {
    let section = |node: &Node| match node {
        Node::Element(section) => without(section, |node| !matches!(node, Node::Element(_))).into(),
        other => other.clone(),
    };
    Element { children: root.children.iter().map(section).collect(), ..without(root, |_| false) }
}

/// An element with only some of its children.
fn without(element: &Element, keep: fn(&Node) -> bool) -> Element {
    Element {
        name: element.name.clone(),
        attributes: element.attributes.clone(),
        children: element.children.iter().filter(|node| keep(node)).cloned().collect(),
        long_empty: element.long_empty,
        line: element.line,
        file: element.file.clone(),
    }
}

/// Writes in normal form what has only one meaning: comments and instructions are removed where elements are read one
/// by one, and ids of roles are written as `{lower case}`. A warning for each file that was changed.
pub fn normalise(package: &mut SolutionPackage) -> Vec<Diagnostic> {
    let mut changed: Vec<(String, usize, &'static str)> = Vec::new();
    let origin = package.origin.clone();
    let language = language(package).map(str::to_owned);
    let language = language.as_deref();
    tidy(&mut package.manifest, MANIFEST, &format!("{origin}: {MANIFEST}"), language, &mut changed);
    tidy(&mut package.customizations, CUSTOMIZATIONS, &format!("{origin}: {CUSTOMIZATIONS}"), language, &mut changed);
    let mut met = std::collections::BTreeSet::new();
    changed.retain(|(file, _, what)| met.insert((file.clone(), *what)));
    let warning = |(file, line, what): (String, usize, &str)| {
        Diagnostic::warning("normal-form", what).in_file(file, (line > 0).then_some((line, 1)))
    };
    changed.into_iter().map(warning).collect()
}

const PARTS: &str = "names of parts are written with one `/` before them and no blanks around them";

const FLAGS: &str = "flags are written as 0 and 1";

/// A flag as Dataverse writes it in XML.
fn flag(text: &str) -> Option<&'static str> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" => Some("1"),
        "false" => Some("0"),
        "1" if text != "1" => Some("1"),
        "0" if text != "0" => Some("0"),
        _ => None,
    }
}

fn tidy(
    element: &mut Element,
    place: &str,
    file: &str,
    language: Option<&str>,
    changed: &mut Vec<(String, usize, &'static str)>,
) {
    let line = element.line;
    let mut note = |what| changed.push((file.to_owned(), line, what));
    if put_first(element, language) {
        note("labels are written with that of the base language first");
    }
    let Some(row) = row(place) else {
        if bare(element) {
            note(COMMENTS);
        }
        return;
    };
    let before = element.children.len();
    element.children.retain(|node| !matches!(node, Node::Comment(_) | Node::Instruction(..)));
    if element.children.len() < before {
        note(COMMENTS);
        if row.content.is_some() {
            let text = element.content();
            element.set_content(&text);
        }
    }
    for (name, value) in &mut element.attributes {
        let form = row.attributes.iter().find(|(known, _)| known == name).map(|(_, form)| *form);
        if form == Some(Form::Role)
            && let Ok(id) = uuid::Uuid::try_parse(value.trim())
        {
            let normal = crate::guid::braced(id);
            if *value != normal {
                *value = normal;
                note("the GUID of a role is written in lower case, in braces");
            }
        }
    }
    for child in element.elements_mut() {
        let Some(known) = row.children.iter().find(|it| it.name == child.name) else {
            if bare(child) {
                changed.push((file.to_owned(), child.line, COMMENTS));
            }
            continue;
        };
        let file = child.file.clone().map_or_else(|| file.to_owned(), |file| file.to_string());
        if known.form == Form::Any {
            tidy(child, &format!("{place}/{}", child.name), &file, language, changed);
        } else if child.children.len() > 1 && child.elements().next().is_none() {
            let text = child.content();
            child.set_content(&text);
            changed.push((file, child.line, COMMENTS));
        } else if known.form == Form::Flag
            && let Some(flag) = flag(&child.content())
        {
            child.set_content(flag);
            changed.push((file, child.line, FLAGS));
        } else if matches!(known.form, Form::Part(_))
            && let Some(tidy) = tidy_part(&child.content())
        {
            child.set_content(&tidy);
            changed.push((file, child.line, PARTS));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::solution::xml::{parse, write_fragment};

    fn package(manifest: &str, customizations: &str) -> SolutionPackage {
        let parse = |text: &str, file: &str| parse(text.as_bytes(), file).expect("XML");
        SolutionPackage {
            origin: "s.zip".into(),
            manifest: parse(manifest, "s.zip: solution.xml"),
            customizations: parse(customizations, "s.zip: customizations.xml"),
            files: BTreeMap::new(),
            findings: Vec::new(),
        }
    }

    #[test]
    fn what_means_one_thing_is_written_in_normal_form() {
        let mut it = package(
            "<ImportExportXml languagecode='1033'><SolutionManifest><UniqueName>A<!-- c -->b<?p?></UniqueName><!-- d --></SolutionManifest></ImportExportXml>",
            "<ImportExportXml><!-- e --><Roles><Role id='0F8FAD5B-D9CB-469F-A165-70867728950E' name='R'><!-- f --><RolePrivileges/></Role></Roles></ImportExportXml>",
        );
        assert!(!deviations(&it).is_empty());
        let warnings = normalise(&mut it);
        assert_eq!(warnings.len(), 3, "{warnings:?}");
        assert_eq!(deviations(&it), []);
        assert_eq!(it.unique_name(), "Ab");
        let text = write_fragment(&it.customizations);
        assert!(text.contains("{0f8fad5b-d9cb-469f-a165-70867728950e}") && !text.contains("<!--"), "{text}");
    }

    #[test]
    fn what_readers_take_differently_stays_and_has_its_line() {
        let mut it = package(
            "<ImportExportXml languagecode='1033'><SolutionManifest><Version>1.0</Version>\n<Version>2.0</Version></SolutionManifest></ImportExportXml>",
            "<ImportExportXml><Roles>\n</Roles>\n<Roles/><roles/></ImportExportXml>",
        );
        assert_eq!(normalise(&mut it), []);
        let lines: Vec<String> = deviations(&it).iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "s.zip: solution.xml:2:1: a second `Version` in `SolutionManifest`",
                "s.zip: customizations.xml:3:1: a second `Roles` in `ImportExportXml`",
                "s.zip: customizations.xml:3:9: `roles` in `ImportExportXml` is spelled `Roles`",
            ]
            .map(|line| line.replace("3:9", "3:1"))
        );
    }
}
