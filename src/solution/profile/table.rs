//! The table: which elements and attributes have a reader, how often they may occur, and what form they have.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::row::{Child, Form, Row, Unknown};

const TABLE: &str = include_str!("../../../manifests/catalog/solution-xml.tsv");

/// Two paths from a place that say the same.
#[derive(Debug)]
pub(super) struct Agreement {
    pub(super) place: &'static str,
    pub(super) paths: [&'static str; 2],
    /// Whether capitals count.
    pub(super) by_case: bool,
}

/// Elements that are each known by something unique in the place that contains them.
#[derive(Debug)]
pub(super) struct Among {
    pub(super) place: &'static str,
    pub(super) path: &'static str,
    pub(super) keys: Vec<&'static str>,
}

/// Two children whose values belong together.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) place: &'static str,
    pub(super) children: [&'static str; 2],
    pub(super) values: Vec<(&'static str, &'static str)>,
}

/// Everything that the table says.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Row>,
    places: HashMap<&'static str, usize>,
    /// Place → the place whose rows it has.
    pub(super) aliases: HashMap<&'static str, &'static str>,
    /// Element in lower case → its spellings, each with the elements that may contain it.
    nested: HashMap<String, Vec<(&'static str, Vec<&'static str>)>>,
    /// Element → the attribute by which it refers to something elsewhere.
    references: HashMap<&'static str, &'static str>,
    /// Attributes with a label's language.
    pub(super) label_languages: Vec<&'static str>,
    /// Lists of labels that occur once.
    pub(super) label_lists: Vec<&'static str>,
    /// Elements, and the labels in them that have a language.
    pub(super) localized: Vec<(&'static str, &'static str)>,
    /// Those whose first label is shown.
    pub(super) shown_lists: Vec<&'static str>,
    pub(super) agreements: Vec<Agreement>,
    pub(super) among: Vec<Among>,
    pub(super) pairs: Vec<Pair>,
    /// Place and names of what is shown beside a process.
    runs: Vec<(&'static str, Vec<&'static str>)>,
    /// Place and path of what must be unique.
    pub(super) once: Vec<(&'static str, &'static str)>,
    /// Place of a component → what tells it from the others of its kind.
    known: HashMap<&'static str, Vec<&'static str>>,
    /// Table → the part that contains the data of its records.
    pub(super) elsewhere: Vec<(&'static str, &'static str)>,
    /// Folder of a record, and a file that belongs to it.
    pub(super) beside: Vec<(&'static str, &'static str)>,
    /// Folders of files of components, in lower case.
    files: Vec<String>,
}

static PARSED: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        table.add(&line.split('\t').collect::<Vec<_>>());
    }
    table.places = table.rows.iter().enumerate().map(|(index, row)| (row.place, index)).collect();
    table
});

fn words(cell: &'static str) -> impl Iterator<Item = &'static str> {
    cell.split(' ').filter(|word| *word != "-")
}

fn with_form(word: &'static str) -> Option<(&'static str, Form)> {
    word.split_once(':').map(|(name, form)| (name, Form::of(form)))
}

impl Table {
    fn add(&mut self, cells: &[&'static str]) {
        match *cells {
            ["nested", element, parents] => {
                self.nested.entry(element.to_ascii_lowercase()).or_default().push((element, words(parents).collect()));
            }
            ["reference", element, attribute] => {
                self.references.insert(element, attribute);
            }
            ["localized", list, label] => self.localized.push((list, label)),
            ["label", languages, lists, shown] => {
                self.label_languages = words(languages).collect();
                self.label_lists = words(lists).collect();
                self.shown_lists = words(shown).collect();
            }
            ["as", place, other] => {
                self.aliases.insert(place, other);
            }
            ["agree", place, one, other] => {
                self.agreements.push(Agreement { place, paths: [one, other], by_case: true });
            }
            ["alike", place, one, other] => {
                self.agreements.push(Agreement { place, paths: [one, other], by_case: false });
            }
            ["among", place, path, keys] => self.among.push(Among { place, path, keys: words(keys).collect() }),
            ["runs", place, names] => self.runs.push((place, words(names).collect())),
            ["once", place, path] => self.once.push((place, path)),
            ["known", place, paths] => {
                self.known.insert(place, words(paths).collect());
            }
            ["beside", folder, file] => self.beside.push((folder, file)),
            ["elsewhere", table, part] => self.elsewhere.push((table, part)),
            ["pair", place, one, other, values] => self.pairs.push(Pair {
                place,
                children: [one, other],
                values: words(values).filter_map(|pair| pair.split_once(':')).collect(),
            }),
            ["files", folders] => self.files = words(folders).map(str::to_lowercase).collect(),
            [place, attributes, children, unknown] => self.row(place, attributes, children, unknown),
            _ => unreachable!("a line of solution-xml.tsv with {} cells", cells.len()),
        }
    }

    fn row(&mut self, place: &'static str, attributes: &'static str, children: &'static str, unknown: &str) {
        let mut row = Row {
            place,
            attributes: Vec::new(),
            needed: Vec::new(),
            content: children.strip_prefix('=').map(Form::of),
            children: Vec::new(),
            unknown: match unknown {
                "closed" => Unknown::Closed,
                "open" => Unknown::Open,
                "columns" => Unknown::Columns,
                other => unreachable!("`{other}` in solution-xml.tsv"),
            },
        };
        for word in words(attributes) {
            let (word, needed) = word.strip_suffix('+').map_or((word, false), |word| (word, true));
            let (name, form) = with_form(word).unwrap_or((word, Form::Any));
            row.attributes.push((name, form));
            row.needed.extend(needed.then_some(name));
        }
        let usual = if row.is_record() { Form::Column } else { Form::Any };
        row.children = words(children)
            .filter(|word| !word.starts_with('='))
            .map(|word| {
                let (word, many) = word.strip_suffix('*').map_or((word, false), |word| (word, true));
                let (word, needed) = word.strip_suffix('+').map_or((word, false), |word| (word, true));
                let (name, form) = with_form(word).unwrap_or((word, usual));
                Child { name, form, many, needed }
            })
            .collect();
        self.rows.push(row);
    }
}

/// The table.
pub(super) fn table() -> &'static Table {
    &PARSED
}

/// The row of a place, if its element is read child by child.
#[must_use]
pub fn row(place: &str) -> Option<&'static Row> {
    let table = &*PARSED;
    let place = table.aliases.get(place).copied().unwrap_or(place);
    table.places.get(place).map(|index| &table.rows[*index])
}

/// The paths to what tells a component of this place from the others of its kind.
pub(super) fn known(place: &str) -> Option<&'static [&'static str]> {
    PARSED.known.get(place).map(Vec::as_slice)
}

/// What is shown beside a process of this place.
#[must_use]
pub fn runs(place: &str) -> &'static [&'static str] {
    PARSED.runs.iter().find(|(of, _)| *of == place).map_or(&[], |(_, names)| names)
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

/// The elements that may contain an element which grants something.
pub(super) fn homes(name: &str) -> Vec<&'static str> {
    let spellings = PARSED.nested.get(&name.to_ascii_lowercase()).into_iter().flatten();
    spellings.flat_map(|(_, parents)| parents).copied().collect()
}

/// The attribute by which an element of this name only refers to something elsewhere; empty: by its children.
pub(super) fn reference(name: &str) -> Option<&'static str> {
    PARSED.references.get(name).copied()
}

/// Whether a part is a file of a component by its folder.
#[must_use]
pub fn is_in_files(part: &str) -> bool {
    let folder = part.split('/').next().unwrap_or_default().to_lowercase();
    PARSED.files.contains(&folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_child_of_its_parent_and_every_place_is_there_once() {
        let mut places = std::collections::HashSet::new();
        for row in rows() {
            assert!(places.insert(row.place), "`{}` is there twice", row.place);
            let mut names: Vec<&str> = row.children.iter().map(|child| child.name).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "a child of `{}` is there twice", row.place);
            let Some((parent, name)) = row.place.rsplit_once('/') else { continue };
            if row.is_root() {
                continue;
            }
            let parent = super::row(parent).unwrap_or_else(|| panic!("`{}` has no parent", row.place));
            assert!(parent.children.iter().any(|child| child.name == name), "`{}`", row.place);
        }
        let other = table().agreements.iter().map(|it| it.place).chain(table().pairs.iter().map(|it| it.place));
        let other = other.chain(table().once.iter().map(|(place, _)| *place));
        let other = other.chain(table().among.iter().map(|it| it.place));
        let other = other.chain(table().known.keys().copied().filter(|place| place.split('/').count() == 3));
        let other = other.chain(table().aliases.values().copied()).chain(PARSED.runs.iter().map(|(it, _)| *it));
        for place in other.filter(|place| *place != "customizations.xml/Languages/Language") {
            assert!(places.contains(place), "`{place}` has no row");
        }
        for alias in table().aliases.keys() {
            let (parent, name) = alias.rsplit_once('/').expect("a path");
            let parent = super::row(parent).unwrap_or_else(|| panic!("`{alias}` has no parent"));
            assert!(parent.children.iter().any(|child| child.name == name), "`{alias}`");
        }
    }

    #[test]
    fn what_an_element_is_known_by_is_there() {
        // Relationships are known by one of two attributes; old definitions of variables by `Name`.
        const OTHERWISE: [&str; 2] = ["EntityRelationship", "Definition"];
        for (place, path) in table().once.iter().filter(|(place, _)| !OTHERWISE.iter().any(|it| place.ends_with(it))) {
            let row = super::row(place).or_else(|| super::row(place.rsplit_once('/')?.0)).expect("a row");
            let needed = match path.strip_prefix('@') {
                Some(name) => row.needed.contains(&name),
                None if *path == "." => true,
                None => row.children.iter().any(|it| it.name == *path && it.needed),
            };
            assert!(needed, "`{place}` may be without `{path}`");
        }
    }

    /// Every component that a manifest or two sources could bring twice is recognized.
    #[test]
    fn a_component_of_each_section_is_known_by_something() {
        // Settings and the site map of old occur once; nothing else names a procedure.
        const OTHERWISE: [&str; 3] = ["OrganizationSettings", "SiteMap", "StoredProcedures"];
        for row in rows() {
            let steps: Vec<&str> = row.place.split('/').collect();
            if let ["customizations.xml", section, _] = steps[..]
                && !OTHERWISE.contains(&section)
            {
                assert!(known(row.place).is_some() || row.is_container(), "`{}`", row.place);
            }
        }
        for (place, paths) in &table().known {
            let Some(row) = super::row(place) else { continue };
            for path in paths {
                let is_there = match path.strip_prefix('@') {
                    Some(name) => row.attributes.iter().any(|(it, _)| *it == name),
                    None => row.children.iter().any(|it| it.name == *path),
                };
                assert!(is_there, "`{place}` has no `{path}`");
            }
        }
    }

    #[test]
    fn what_grants_something_is_known_to_be_hidden_elsewhere() {
        for (name, parent) in [
            ("Role", "Entity"),
            ("role", "Roles"),
            ("Role", "DisplayConditions"),
            ("Workflow", "Dashboard"),
            ("ROLES", "x"),
        ] {
            assert!(is_hidden(name, parent), "{name} in {parent}");
        }
        for (name, parent) in [("Role", "Roles"), ("ConnectionReferences", "CanvasApp"), ("any", "thing")] {
            assert!(!is_hidden(name, parent), "{name} in {parent}");
        }
    }
}
