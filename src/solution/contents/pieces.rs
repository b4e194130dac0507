//! Everything in a solution, down to columns, views and images: what an upgrade to it leaves in an environment.
//!
//! A piece is identified as in an environment: by the number of its kind, its names, its id.

use std::collections::{BTreeMap, BTreeSet};

use super::VariableValue;
use super::piece::{Extent, Key, Piece, SOME_COMPONENT, guid, label_of, singular};
use crate::catalog::TABLE;
use crate::solution::components::{Component, Parts};
use crate::solution::xml::Element;

/// The number of values of environment variables.
const VALUE: u32 = 381;

/// The pieces of a solution: its components, its root components, and what is inside them.
pub(super) fn pieces(
    manifest: &Element,
    components: &[Component],
    inside: impl Iterator<Item = Piece>,
    parts: &Parts,
    values: &[VariableValue],
) -> Vec<Piece> {
    let mut found: Vec<Piece> = components.iter().map(Piece::of_component).collect();
    let roots = manifest.path(&["SolutionManifest", "RootComponents"]).into_iter().flat_map(Element::elements);
    for root in roots {
        let Some(kind) = root.attribute("type").and_then(|text| text.parse().ok()) else { continue };
        let name = root.attribute("schemaName").unwrap_or_default();
        // An assembly's name is followed by its version.
        let short = name.split(',').next().unwrap_or_default();
        let title = if name.is_empty() { root.attribute("id").unwrap_or_default() } else { short };
        let extent = match (kind, root.attribute("behavior")) {
            (TABLE, Some("1")) => Extent::Parts,
            (TABLE, Some("2")) => Extent::Shell,
            _ => Extent::Whole,
        };
        let made = Piece::new(kind, title, &[name, short], root.attribute("id").and_then(guid));
        found.push(Piece { extent, ..made });
    }
    found.extend(inside);
    found.extend(values.iter().map(|it| Piece::new(VALUE, &it.variable, &[&it.variable], None)));
    let lower: BTreeSet<String> = parts.keys().map(|name| name.to_lowercase()).collect();
    found.extend(parts.keys().filter_map(|name| row_inside(name, &lower)));
    merged(found)
}

/// A row that belongs to another one:
/// `customapis/contoso_Api/customapirequestparameters/In/customapirequestparameter.xml`.
/// `parts` are all names in lower case: without the row that it belongs to it is no row.
fn row_inside(name: &str, parts: &BTreeSet<String>) -> Option<Piece> {
    let lower = name.to_lowercase();
    let folders: Vec<&str> = lower.split('/').collect();
    let [above @ .., set, key, file] = &folders[..] else { return None };
    let table = file.strip_suffix(".xml").filter(|table| singular(set) == *table)?;
    let [.., outer, _] = above else { return None };
    let parent = above.join("/");
    parts.contains(&format!("{parent}/{}.xml", singular(outer))).then_some(())?;
    let title = name.rsplit('/').nth(1).unwrap_or_default();
    let made = Piece::new(0, title, &[key], guid(key));
    let label = label_of(table).unwrap_or(SOME_COMPONENT).to_owned();
    Some(Piece { kind: None, rows_of: Some(table.to_owned()), parent: Some(parent), label, ..made })
}

/// Merges what is said in several places into one piece with all its names.
fn merged(all: Vec<Piece>) -> Vec<Piece> {
    let mut places: BTreeMap<Key, usize> = BTreeMap::new();
    let mut found: Vec<Piece> = Vec::new();
    for piece in all {
        let place = piece.keys().find_map(|key| places.get(&key).copied()).unwrap_or(found.len());
        places.extend(piece.keys().map(|key| (key, place)));
        match found.get_mut(place) {
            Some(known) => {
                known.names.extend(piece.names);
                known.id = known.id.or(piece.id);
                known.inherent |= piece.inherent;
                known.extent = known.extent.max(piece.extent);
                known.table = known.table.take().or(piece.table);
            }
            None => found.push(piece),
        }
    }
    found
}
