//! Sections whose elements have a file each, and sections that one file holds.

use super::document::{document, document_with_xsi, take};
use super::files::Files;
use super::pattern;
use crate::solution::folder::layout::{ELEMENT_FILES, ElementFiles, REPORT_MAPPINGS, Root, SECTION_FILES, SectionFile};
use crate::solution::folder::template;
use crate::solution::xml::{Element, Node};

/// The files of a section, in the order of its elements; the section is then empty. `None` where it has
/// no files of its own, or where an element would get no safe name.
pub fn split(section: &mut Element) -> Option<Files> {
    if let Some(place) = ELEMENT_FILES.iter().find(|place| place.section == section.name) {
        return elements(section, place);
    }
    let places: Vec<&SectionFile> = SECTION_FILES.iter().filter(|place| place.section == section.name).collect();
    match places.as_slice() {
        [] => None,
        [SectionFile { root: Root::Section, file, .. }] => {
            Some(vec![((*file).to_owned(), document_with_xsi(take(section)))])
        }
        places => parts(section, places),
    }
}

/// A file for each element of a section, which is there once.
fn parts(section: &mut Element, places: &[&SectionFile]) -> Option<Files> {
    if !section.attributes.is_empty() {
        return None;
    }
    let mut files = Files::new();
    for node in &section.children {
        let Node::Element(part) = node else { return None };
        let place = places.iter().find(|place| matches!(place.root, Root::Only(name) if name == part.name))?;
        let mut part = (**part).clone();
        let mut texts = Files::new();
        for element in part.elements_mut() {
            // Without a text, it would look like one whose files are lost.
            if template::is_outside(element) {
                return None;
            }
            texts.extend(template::take_texts(element).into_iter().map(|(name, bytes)| (name, bytes.into())));
        }
        if files.iter().any(|(name, _)| name == place.file) {
            return None;
        }
        files.push((place.file.to_owned(), document_with_xsi(part)));
        files.extend(texts);
    }
    take(section);
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
