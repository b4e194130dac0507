//! The files that components name: where the name stands in an element of a section.

use std::collections::BTreeSet;

use super::place::Place;
use crate::solution::part_name::{decode_name, encode_name};
use crate::solution::profile::{PartName, part_names};
use crate::solution::xml::{self, Element};

/// What names a part in an item of a section, by its rank among all that do.
pub(super) fn of_section(section: &str) -> impl Iterator<Item = (usize, &'static PartName)> {
    part_names().iter().enumerate().filter(move |(_, name)| name.section == section)
}

/// The elements at a path of names.
pub(super) fn at<'a>(element: &'a Element, path: &str) -> Vec<&'a Element> {
    path.split('/').fold(vec![element], |level, name| {
        level.into_iter().flat_map(Element::elements).filter(|child| child.name == name).collect()
    })
}

/// The parts that an element of a section has as its payload, in lower case.
pub(in crate::solution) fn of_item(section: &str, item: &Element) -> BTreeSet<String> {
    let named = of_section(section).flat_map(|(_, name)| at(item, &name.path)).map(|it| it.content().trim().to_owned());
    let part = |file: &str| Some(encode_name(file.trim().strip_prefix('/')?.trim_start_matches('/')).to_lowercase());
    named.filter_map(|file| part(&file)).collect()
}

/// The files that the manifest of a code component names, which are nothing without them: in all of 12 real ones they are there.
/// Each with a rank that no field has, the component's folder and the place.
pub(super) fn of_manifest(part: &str, bytes: &[u8]) -> Vec<(usize, String, String, Place)> {
    let lower = part.to_lowercase();
    if !lower.starts_with("controls/") || !lower.ends_with("/controlmanifest.xml") {
        return Vec::new();
    }
    let Ok(root) = xml::parse(bytes, &decode_name(part)) else { return Vec::new() };
    let part = decode_name(part);
    let folder = part.rsplit_once('/').map_or("", |(folder, _)| folder);
    let control = folder.rsplit('/').next().unwrap_or(folder);
    let named = root.elements().filter_map(|control| control.find("resources")).flat_map(Element::elements);
    let file = |it: &Element| {
        let path = it.attribute("path")?.replace('\\', "/");
        Some((usize::MAX, format!("/{folder}/{path}"), control.to_owned(), Place::of(&root, it)))
    };
    named.filter_map(file).collect()
}

/// What a component is called.
pub(super) fn name_of(element: &Element) -> String {
    let places = ["@Name", "Name", "@FullName", "displayname", "name"];
    places.iter().find_map(|place| element.value_at(place)).unwrap_or_default()
}
