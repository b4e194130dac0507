//! What names parts in customizations.xml.

use std::sync::LazyLock;

use super::row::{Form, Named};
use super::table::{rows, table};

/// An element of customizations.xml that names a part.
#[derive(Debug)]
pub struct PartName {
    /// The section.
    pub section: &'static str,
    /// The path from an item of the section.
    pub path: String,
    /// How it is named.
    pub named: Named,
}

static PART_NAMES: LazyLock<Vec<PartName>> = LazyLock::new(|| {
    let mut found = Vec::new();
    for row in rows() {
        for child in &row.children {
            let Form::Part(named) = child.form else { continue };
            let place = format!("{}/{}", row.place, child.name);
            let mut add = |place: &str, section: &'static str| {
                // `customizations.xml/Section/Item/path`
                let path = place.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
                found.push(PartName { section, path, named });
            };
            add(&place, section_of(row.place));
            for (alias, of) in &table().aliases {
                if let Some(rest) = place.strip_prefix(of) {
                    add(&format!("{alias}{rest}"), section_of(alias));
                }
            }
        }
    }
    found.sort_by(|a, b| (a.section, &a.path).cmp(&(b.section, &b.path)));
    found
});

fn section_of(place: &'static str) -> &'static str {
    place.split('/').nth(1).unwrap_or_default()
}

/// What names parts in customizations.xml.
#[must_use]
pub fn part_names() -> &'static [PartName] {
    &PART_NAMES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_named_by_sections_and_by_what_stands_inside_of_items() {
        let all: Vec<(&str, &str)> = part_names().iter().map(|it| (it.section, it.path.as_str())).collect();
        for known in [
            ("Workflows", "XamlFileName"),
            ("RoutingRules", "Workflows/Workflow/XamlFileName"),
            ("CanvasApps", "AdditionalUris/AdditionalUri"),
            ("Entities", "EntityInfo/entity/attributes/attribute/FormulaDefinitionFileName"),
        ] {
            assert!(all.contains(&known), "{known:?} is not in {all:?}");
        }
    }
}
