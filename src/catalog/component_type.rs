//! The numbers and names of solution component types, and what identifies such components in a package and an
//! environment.
//!
//! Facts: `manifests/catalog/component_types.tsv`; what identifies them, from exported solutions and
//! solution-format.md.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The number of tables.
pub const TABLE: u32 = 1;
/// The number of columns.
pub const COLUMN: u32 = 2;
/// The number of site maps. The classic site map has neither a name nor an ID.
pub const SITE_MAP: u32 = 62;

/// What identifies the components of a kind, both in a package and in an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownBy {
    /// Their names.
    Name,
    /// An ID that is the same in every environment.
    Id,
    /// They are texts, ribbons, privileges or settings inside other components, and contain nothing by themselves.
    Inside,
    /// Unknown.
    Nothing,
}

static TYPES: LazyLock<BTreeMap<u32, (&'static str, KnownBy)>> = LazyLock::new(|| {
    let read = |line: &'static str| {
        let mut cells = line.split('\t');
        let (number, name, _source) = (cells.next()?.parse().ok()?, cells.next()?, cells.next()?);
        let known_by = match cells.next()? {
            "name" => KnownBy::Name,
            "id" => KnownBy::Id,
            "inside" => KnownBy::Inside,
            _ => KnownBy::Nothing,
        };
        Some((number, (name, known_by)))
    };
    include_str!("../../manifests/catalog/component_types.tsv").lines().skip(1).filter_map(read).collect()
});

/// The name of a component type, such as `Security Role` for 20.
#[must_use]
pub fn component_type_name(number: u32) -> Option<&'static str> {
    TYPES.get(&number).map(|(name, _)| *name)
}

/// What identifies the components of a type.
#[must_use]
pub fn component_type_known_by(number: u32) -> KnownBy {
    TYPES.get(&number).map_or(KnownBy::Nothing, |(_, known_by)| *known_by)
}

/// The number of a component type by the name in the server's messages: `Entity`, `WebResource`, `SystemForm`.
#[must_use]
pub fn component_type_number(name: &str) -> Option<u32> {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let asked = match plain(name).as_str() {
        // Old names for what has another name today.
        "entity" => "table".to_owned(),
        "attribute" => "column".to_owned(),
        "savedquery" => "view".to_owned(),
        "workflow" => "process".to_owned(),
        other => other.to_owned(),
    };
    let found = TYPES.iter().find(|(_, (known, _))| plain(known) == asked || plain(known) == plain(name));
    found.map(|(number, _)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_solutions_hold() {
        assert_eq!(component_type_name(20), Some("Security Role"));
        assert_eq!(component_type_name(61), Some("Web Resource"));
        assert_eq!(component_type_name(372), Some("Connector"));
        assert_eq!(component_type_name(19), None);
        assert_eq!(component_type_number("Entity"), Some(1));
        assert_eq!(component_type_number("Attribute"), Some(2));
        assert_eq!(component_type_number("WebResource"), Some(61));
        assert_eq!(component_type_number("connectionreference"), None);
        assert_eq!(component_type_known_by(TABLE), KnownBy::Name);
        assert_eq!(component_type_known_by(26), KnownBy::Id);
        assert_eq!(component_type_known_by(7), KnownBy::Inside);
        assert_eq!(component_type_known_by(10_033), KnownBy::Nothing);
    }
}
