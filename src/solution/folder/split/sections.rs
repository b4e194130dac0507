//! Sections whose elements have a file each, and sections that one file holds.

use super::document::{document, document_with_xsi, take};
use super::files::Files;
use super::pattern;
use crate::solution::folder::email;
use crate::solution::folder::layout::{ELEMENT_FILES, ElementFiles, REPORT_MAPPINGS, Root, SECTION_FILES};
use crate::solution::xml::{Element, Node};

/// The files of a section, in the order of its elements; the section is then empty. `None` where it has
/// no files of its own, or where an element would get no safe name.
pub fn split(section: &mut Element) -> Option<Files> {
    if let Some(place) = ELEMENT_FILES.iter().find(|place| place.section == section.name) {
        return elements(section, place);
    }
    let place = SECTION_FILES.iter().find(|place| place.section == section.name)?;
    let mut files = Files::new();
    let root = match place.root {
        Root::Section => take(section),
        Root::Only(name) => {
            let [Node::Element(only)] = section.children.as_slice() else { return None };
            if only.name != name || !section.attributes.is_empty() {
                return None;
            }
            let mut only = (**only).clone();
            for template in only.elements_mut().filter(|element| element.name == "emailtemplate") {
                files.extend(email::take_texts(template).into_iter().map(|(name, bytes)| (name, bytes.into())));
            }
            take(section);
            only
        }
    };
    files.insert(0, (place.file.to_owned(), document_with_xsi(root)));
    Some(files)
}

fn elements(section: &mut Element, place: &ElementFiles) -> Option<Files> {
    let mut files = Files::new();
    for (index, node) in section.children.iter().enumerate() {
        let Node::Element(element) = node else { return None };
        if section.name == "Reports" && index == 0 && element.name == "ReportSignatureIdMappings" {
            files.push((REPORT_MAPPINGS.to_owned(), document(element)));
            continue;
        }
        if element.name != place.element {
            return None;
        }
        let name = pattern::name(place.name, place.folder, element)? + place.end;
        let mut bytes = document(element);
        if place.xsi || bytes.windows(5).any(|part| part == b" xsi:") {
            bytes = document_with_xsi((**element).clone());
        }
        files.push((name, bytes));
    }
    section.children.clear();
    section.long_empty = false;
    Some(files)
}
