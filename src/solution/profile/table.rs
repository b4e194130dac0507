//! The table: which elements and attributes have a reader, how often they may be there, and what form they have.

use std::collections::HashMap;
use std::sync::LazyLock;

const TABLE: &str = include_str!("../../../manifests/catalog/solution-xml.tsv");

/// What an attribute contains, or an element that has no row of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Anything.
    Any,
    /// Text only.
    Text,
    /// Text, or nothing with `xsi:nil`.
    Nil,
    /// Text that is not blank and has no blanks around it.
    Name,
    /// 0 or 1.
    Flag,
    /// 0, 1 or 2.
    Managed,
    /// Digits.
    Number,
    /// Two to four numbers with dots.
    Version,
    /// A GUID, once for its kind.
    Id,
    /// The GUID of a security role, `{lower case}`, once.
    Role,
    /// The name of a privilege.
    Privilege,
    /// The word for a level.
    Level,
    /// The number of a type of environment variable.
    Variable,
}

impl Form {
    fn of(word: &str) -> Self {
        match word {
            "text" => Self::Text,
            "nil" => Self::Nil,
            "name" => Self::Name,
            "flag" => Self::Flag,
            "managed" => Self::Managed,
            "number" => Self::Number,
            "version" => Self::Version,
            "id" => Self::Id,
            "role" => Self::Role,
            "privilege" => Self::Privilege,
            "level" => Self::Level,
            "variable" => Self::Variable,
            other => unreachable!("`{other}` is not a form of solution-xml.tsv"),
        }
    }
}

/// A child element that has a reader.
#[derive(Clone, Copy, Debug)]
pub struct Child {
    /// Its name.
    pub name: &'static str,
    /// What it contains.
    pub form: Form,
    /// Whether it may be there more than once.
    pub many: bool,
}

/// An element that is read child by child.
#[derive(Debug)]
pub struct Row {
    /// `customizations.xml/Roles/Role`
    pub place: &'static str,
    /// Its attributes.
    pub attributes: Vec<(&'static str, Form)>,
    /// Its children.
    pub children: Vec<Child>,
    /// Whether a bundle's solution may have no other children and attributes.
    pub closed: bool,
}

struct Table {
    rows: Vec<Row>,
    places: HashMap<&'static str, usize>,
    /// Element in lower case → its spellings, each with the elements that may contain it.
    nested: HashMap<String, Vec<(&'static str, Vec<&'static str>)>>,
}

static PARSED: LazyLock<Table> = LazyLock::new(|| {
    let mut rows: Vec<Row> = Vec::new();
    let mut nested: HashMap<String, Vec<_>> = HashMap::new();
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let cells: Vec<&'static str> = line.split('\t').collect();
        let words = |cell: &'static str| cell.split(' ').filter(|word| *word != "-");
        match cells[..] {
            ["nested", element, parents] => {
                nested.entry(element.to_ascii_lowercase()).or_default().push((element, words(parents).collect()));
            }
            [place, attributes, children, unknown] => rows.push(Row {
                place,
                attributes: words(attributes).map(|word| with_form(word).unwrap_or((word, Form::Any))).collect(),
                children: words(children)
                    .map(|word| {
                        let (word, many) = word.strip_suffix('*').map_or((word, false), |word| (word, true));
                        let (name, form) = with_form(word).unwrap_or((word, Form::Any));
                        Child { name, form, many }
                    })
                    .collect(),
                closed: unknown == "closed",
            }),
            _ => unreachable!("a line of solution-xml.tsv with {} cells", cells.len()),
        }
    }
    let places = rows.iter().enumerate().map(|(index, row)| (row.place, index)).collect();
    Table { rows, places, nested }
});

fn with_form(word: &'static str) -> Option<(&'static str, Form)> {
    word.split_once(':').map(|(name, form)| (name, Form::of(form)))
}

/// The row of a place, where its element is read child by child.
#[must_use]
pub fn row(place: &str) -> Option<&'static Row> {
    let table = &*PARSED;
    table.places.get(place).map(|index| &table.rows[*index])
}

/// All rows, in the order of the table.
#[must_use]
pub fn rows() -> &'static [Row] {
    &PARSED.rows
}

/// Whether an element would be hidden inside `parent` from those who look for it in its own place.
pub(super) fn is_hidden(name: &str, parent: &str) -> bool {
    let spellings = PARSED.nested.get(&name.to_ascii_lowercase());
    spellings.is_some_and(|spellings| !spellings.iter().any(|(it, parents)| *it == name && parents.contains(&parent)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_child_of_its_parent_and_every_place_is_there_once() {
        let mut places = std::collections::HashSet::new();
        for row in rows() {
            assert!(places.insert(row.place), "`{}` is there twice", row.place);
            let Some((parent, name)) = row.place.rsplit_once('/') else { continue };
            let parent = super::row(parent).unwrap_or_else(|| panic!("`{}` has no parent", row.place));
            assert!(parent.children.iter().any(|child| child.name == name), "`{}`", row.place);
            let mut names: Vec<&str> = row.children.iter().map(|child| child.name).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "a child of `{}` is there twice", row.place);
        }
    }

    #[test]
    fn what_grants_something_is_known_to_be_hidden_elsewhere() {
        for (name, parent) in
            [("Role", "Entity"), ("role", "Roles"), ("Roles", "AppModule"), ("Workflow", "Dashboard"), ("ROLES", "x")]
        {
            assert!(is_hidden(name, parent), "{name} in {parent}");
        }
        for (name, parent) in [("Role", "DisplayConditions"), ("ConnectionReferences", "CanvasApp"), ("any", "thing")] {
            assert!(!is_hidden(name, parent), "{name} in {parent}");
        }
    }
}
