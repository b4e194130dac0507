//! Everything that a solution has, down to columns, views and images: what an upgrade to it leaves in an environment.
//!
//! A piece is known by what an environment knows it by: the number of its kind, its names, its id.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::VariableValue;
use crate::catalog::{
    COLUMN, KnownBy, SITE_MAP, TABLE, component_type_known_by, component_type_name, component_type_number,
};
use crate::solution::components::{self, Component, Parts};
use crate::solution::xml::Element;

/// What is said of a kind without a name.
pub const SOME_COMPONENT: &str = "Component";

/// Numbers of kinds that stand inside of others.
const RELATIONSHIP: u32 = 10;
const KEY: u32 = 14;
const IMAGE: u32 = 93;
const VALUE: u32 = 381;

/// Something that a solution has.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// The number of its kind, where that is the same everywhere.
    pub kind: Option<u32>,
    /// Of a kind without a number: the table of which such components are rows, such as `customapi`.
    pub rows_of: Option<String>,
    /// The row that it belongs to, where a package says so: `customapis/contoso_api`.
    pub parent: Option<String>,
    /// What its kind is called, in words.
    pub label: String,
    /// The names that it goes by, in lower case; columns and keys with their table's.
    pub names: BTreeSet<String>,
    /// Its id, where that is the same in every environment.
    pub id: Option<Uuid>,
    /// What people know it by.
    pub title: String,
    /// The logical name of the table that it is a part of.
    pub table: Option<String>,
    /// Whether it only comes and goes with another piece, as a relationship with its lookup column.
    pub inherent: bool,
    /// Of a table: how much of it the solution has.
    pub extent: Extent,
}

/// How much of a table a solution has, by the behavior of its root component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// All of it.
    #[default]
    Whole,
    /// Its settings and some parts. Whether the table itself came with the solution, the package does not say.
    Parts,
    /// Only what is added to a table of others.
    Shell,
}

impl Piece {
    fn new(kind: u32, title: &str, names: &[&str], id: Option<Uuid>) -> Self {
        let label = component_type_name(kind).unwrap_or(SOME_COMPONENT).to_owned();
        let names = names.iter().filter(|name| !name.is_empty()).map(|name| name.to_lowercase()).collect();
        Self { kind: Some(kind), label, names, id, title: title.to_owned(), ..Self::default() }
    }

    /// Every way in which it is known.
    fn keys(&self) -> impl Iterator<Item = Key> {
        let texts = self.names.iter().cloned().chain(self.id.map(|id| id.to_string()));
        texts.map(|text| match (self.kind, &self.rows_of) {
            (Some(kind), _) => Key::Number(kind, text),
            (None, rows_of) => Key::Row(rows_of.clone(), self.parent.clone(), text),
        })
    }

    fn within(mut self, table: &str) -> Self {
        self.table = Some(table.to_lowercase()).filter(|table| !table.is_empty());
        self
    }

    fn of_component(component: &Component) -> Self {
        let kind = components::all().into_iter().find(|kind| kind.label() == component.kind);
        let own = component.id.rsplit('/').next().unwrap_or_default();
        let id = guid(&component.id).or_else(|| guid(own));
        // Two may be shown by one name: what counts is the id or the schema name.
        let relationship = kind.filter(|kind| kind.place() == "EntityRelationships").map(|_| RELATIONSHIP);
        // Environment variables have a number and, as a rule, no root component.
        let number = kind.and_then(components::Kind::root_type).or(relationship);
        let number = number.or_else(|| component_type_number(component.kind));
        let by_name = number.is_some_and(|number| component_type_known_by(number) == KnownBy::Name);
        let names = match (id, by_name) {
            (None, _) => vec![component.id.as_str(), own],
            (Some(_), true) => vec![component.name.as_str()],
            (Some(_), false) => Vec::new(),
        };
        let made = Self::new(0, &component.name, &names, id);
        // Schema names are what an environment says, too; ids say nothing to people.
        let title = if id.is_none() || component.name.is_empty() { own } else { component.name.as_str() };
        let rows_of = kind.map(|kind| match kind.place().split_once('/') {
            // Of any table: the id begins with the set.
            Some(("<set>", _)) => singular(component.id.split('/').next().unwrap_or_default()),
            Some((set, _)) => singular(set),
            None => singular(kind.place()),
        });
        let rows_of = rows_of.filter(|_| number.is_none());
        Self { kind: number, rows_of, label: component.kind.to_owned(), title: title.to_owned(), ..made }
    }
}

fn guid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text.trim().trim_matches(['{', '}'])).ok()
}

/// The name of a column or key with that of its table.
#[must_use]
pub fn of_table(table: &str, name: &str) -> String {
    format!("{}.{}", table.to_lowercase(), name.to_lowercase())
}

/// The table whose rows are in a set: `customapis`, `customapiresponseproperties`, `processes`.
fn singular(set: &str) -> String {
    let set = set.to_lowercase();
    let is_hissing = |start: &&str| ["s", "x", "z", "ch", "sh"].iter().any(|end| start.ends_with(end));
    if let Some(start) = set.strip_suffix("ies") {
        return format!("{start}y");
    }
    let start = set.strip_suffix("es").filter(is_hissing).or_else(|| set.strip_suffix('s'));
    start.unwrap_or(&set).to_owned()
}

/// The kind of component whose rows a table has, such as `connectionreference`.
#[must_use]
pub fn label_of(table: &str) -> Option<&'static str> {
    // `customapis/`, `connectionreferences`: the set of the table.
    let of = |kind: &dyn components::Kind| singular(kind.place().trim_end_matches('/')).eq_ignore_ascii_case(table);
    components::all().into_iter().find(|kind| of(*kind)).map(components::Kind::label)
}

/// The pieces of a solution: its components, its root components, and what stands inside of them.
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
        // An assembly's name has its version behind it.
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

/// A row that belongs to another one: `customapis/contoso_Api/customapirequestparameters/In/customapirequestparameter.xml`.
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

/// What is said in several places once, with all its names.
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

/// A way in which a piece is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// The number of its kind, and a name or id.
    Number(u32, String),
    /// The table whose row it is, the row that it belongs to, and a name or id.
    Row(Option<String>, Option<String>, String),
}

/// By what pieces are known, to be looked up. What is not of one kind is never the same, whatever it is called.
#[derive(Clone, Debug, Default)]
pub struct Known {
    keys: BTreeSet<Key>,
    /// How many rows of a table have a name, whatever they belong to.
    rows: BTreeMap<(String, String), usize>,
    /// Kinds of pieces that have no id.
    without_id: BTreeSet<u32>,
    /// Whether there is a site map that has neither a name nor an id, as those of old.
    has_old_site_map: bool,
}

impl Known {
    /// Of these.
    #[must_use]
    pub fn of(pieces: &[Piece]) -> Self {
        let without_id = || pieces.iter().filter(|it| it.id.is_none());
        let mut rows: BTreeMap<(String, String), usize> = BTreeMap::new();
        for piece in pieces.iter().filter(|it| it.kind.is_none()) {
            for (table, name) in
                piece.rows_of.iter().flat_map(|table| piece.names.iter().map(move |name| (table, name)))
            {
                *rows.entry((table.clone(), name.clone())).or_default() += 1;
            }
        }
        Self {
            keys: pieces.iter().flat_map(Piece::keys).collect(),
            rows,
            has_old_site_map: without_id().any(|it| it.kind == Some(SITE_MAP) && it.names.is_empty()),
            without_id: without_id().filter_map(|it| it.kind).collect(),
        }
    }

    /// Whether a piece is among them, as far as a name or an id says so. Where a row belongs, only packages say.
    #[must_use]
    pub fn has(&self, piece: &Piece) -> bool {
        let table = piece.rows_of.as_ref().filter(|_| piece.kind.is_none() && piece.parent.is_none());
        piece.keys().any(|key| self.keys.contains(&key))
            || table.is_some_and(|table| piece.names.iter().any(|name| self.rows(table, name) > 0))
    }

    /// Whether one of a kind has this name or id.
    #[must_use]
    pub fn names(&self, kind: u32, text: &str) -> bool {
        self.keys.contains(&Key::Number(kind, text.to_owned()))
    }

    /// How many rows of a table have this name.
    #[must_use]
    pub fn rows(&self, table: &str, name: &str) -> usize {
        self.rows.get(&(table.to_owned(), name.to_owned())).copied().unwrap_or_default()
    }

    /// Whether some of a kind are known by no id.
    #[must_use]
    pub fn lacks_ids(&self, kind: u32) -> bool {
        self.without_id.contains(&kind)
    }

    /// Whether one of a kind has neither a name nor an id.
    #[must_use]
    pub fn has_nameless(&self, kind: u32) -> bool {
        kind == SITE_MAP && self.has_old_site_map
    }
}

/// What stands inside an element of a section.
pub(super) fn inside(section: &str, element: &Element) -> Vec<Piece> {
    let mut found = Vec::new();
    match section {
        "Entities" => table(element, &mut found),
        "EntityRelationships" => {
            let name = element.attribute("Name").unwrap_or_default();
            let table = ["ReferencingEntityName", "FirstEntityName"].iter().find_map(|at| element.child_text(at));
            let inherent = element.child_text("EntityRelationshipType").as_deref() != Some("ManyToMany");
            let made = Piece::new(RELATIONSHIP, name, &[name], None).within(&table.unwrap_or_default());
            found.push(Piece { inherent, ..made });
        }
        "SolutionPluginAssemblies" | "SdkMessageProcessingSteps" | "FieldSecurityProfiles" => {
            for (kind, key) in
                [(90, "PluginTypeId"), (IMAGE, "SdkMessageProcessingStepImageId"), (71, "fieldpermissionid")]
            {
                let own = |it: &Element| value(it, key).as_deref().and_then(guid);
                each(element, &mut |it| {
                    // A step names its plug-in type, too.
                    let is_own = it.name != "SdkMessageProcessingStep" || kind != 90;
                    if let Some(id) = own(it).filter(|_| is_own) {
                        let title = value(it, "Name").unwrap_or_default();
                        found.push(Piece::new(kind, &title, &[], Some(id)));
                    }
                });
            }
        }
        _ => {}
    }
    found
}

fn table(element: &Element, found: &mut Vec<Piece>) {
    let table = element.child_text("Name").unwrap_or_default();
    let entity = element.path(&["EntityInfo", "entity"]);
    let inner = |name: &str| entity.and_then(|entity| entity.find(name)).into_iter().flat_map(Element::elements);
    for column in inner("attributes") {
        let physical = column.attribute("PhysicalName").unwrap_or_default();
        let logical = column.child_text("LogicalName").unwrap_or_else(|| physical.to_lowercase());
        let (name, other) = (of_table(&table, &logical), of_table(&table, physical));
        found.push(Piece::new(COLUMN, &name, &[&name, &other], None).within(&table));
        for end in made_with(column) {
            let name = format!("{name}{end}");
            found.push(Piece { inherent: true, ..Piece::new(COLUMN, &name, &[&name], None).within(&table) });
        }
    }
    for key in inner("EntityKeys") {
        let name =
            of_table(&table, &key.child_text("LogicalName").or_else(|| key.child_text("Name")).unwrap_or_default());
        found.push(Piece::new(KEY, &name, &[&name], None).within(&table));
    }
    for (kind, part, key) in [
        (26, "savedquery", "savedqueryid"),
        (60, "systemform", "formid"),
        (59, "visualization", "savedqueryvisualizationid"),
    ] {
        each(element, &mut |it| {
            let id = it.child_text(key).as_deref().and_then(guid);
            if it.name == part && id.is_some() {
                let title = it.find("LocalizedNames").and_then(|names| names.elements().next());
                let title = title.and_then(|name| name.attribute("description")).map(str::to_owned);
                let title = title.or_else(|| it.child_text("name")).unwrap_or_default();
                found.push(Piece::new(kind, &title, &[], id).within(&table));
            }
        });
    }
}

/// The ends of the names of the columns that Dataverse makes along with one: amounts in the base currency, date and state
/// of a rollup, what belongs to an image or file. Packages list the former, as a rule (exported solutions).
fn made_with(column: &Element) -> Vec<&'static str> {
    let of_kind: &[&str] = match column.child_text("Type").unwrap_or_default().to_ascii_lowercase().as_str() {
        "money" => &["_base"],
        "image" => &["id", "_url", "_timestamp"],
        "file" => &["_name"],
        _ => &[],
    };
    let is_rollup = column.child_text("SourceType").as_deref() == Some("2");
    let of_rollup: &[&str] = if is_rollup { &["_date", "_state"] } else { &[] };
    [of_kind, of_rollup].concat()
}

/// An attribute or a child.
fn value(element: &Element, name: &str) -> Option<String> {
    element.attribute(name).map(str::to_owned).or_else(|| element.child_text(name))
}

/// Every element of a tree.
fn each(element: &Element, visit: &mut impl FnMut(&Element)) {
    visit(element);
    for child in element.elements() {
        each(child, visit);
    }
}
