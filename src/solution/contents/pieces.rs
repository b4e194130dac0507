//! Everything that a solution has, down to columns, views and images: what an upgrade to it leaves in an environment.
//!
//! A piece is known by what an environment knows it by: the number of its kind, its names, its id.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::VariableValue;
use super::item::Item;
use crate::solution::components::{self, Component, Parts};
use crate::solution::deletion::{self, SOME_COMPONENT};
use crate::solution::xml::Element;

/// Numbers of kinds that stand inside of others.
const COLUMN: u32 = 2;
const RELATIONSHIP: u32 = 10;
const KEY: u32 = 14;
const IMAGE: u32 = 93;
const VALUE: u32 = 381;

/// Something that a solution has.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// The number of its kind, where that is the same everywhere.
    pub kind: Option<u32>,
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
        let label = crate::catalog::component_type_name(kind).unwrap_or(SOME_COMPONENT).to_owned();
        let names = names.iter().filter(|name| !name.is_empty()).map(|name| name.to_lowercase()).collect();
        Self { kind: Some(kind), label, names, id, title: title.to_owned(), ..Self::default() }
    }

    /// Every way in which it is known; the kind is zero where its number is not the same everywhere.
    fn keys(&self) -> impl Iterator<Item = (u32, String)> {
        let texts = self.names.iter().cloned().chain(self.id.map(|id| id.to_string()));
        texts.map(|text| (self.kind.unwrap_or_default(), text))
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
        let by_name = kind.and_then(components::Kind::root_type).is_some_and(deletion::is_by_name);
        let names = match (id, by_name) {
            (None, _) => vec![component.id.as_str(), own],
            (Some(_), true) => vec![component.name.as_str()],
            (Some(_), false) => Vec::new(),
        };
        let made = Self::new(0, &component.name, &names, id);
        // Schema names are what an environment says, too; ids say nothing to people.
        let title = if id.is_none() || component.name.is_empty() { own } else { component.name.as_str() };
        let relationship = kind.filter(|kind| kind.place() == "EntityRelationships").map(|_| RELATIONSHIP);
        let kind = kind.and_then(components::Kind::root_type).or(relationship);
        Self { kind, label: component.kind.to_owned(), title: title.to_owned(), ..made }
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

/// The kind of component whose rows a table has, such as `connectionreference`.
#[must_use]
pub fn label_of(table: &str) -> Option<&'static str> {
    let of = |kind: &dyn components::Kind| {
        // `customapis/`, `connectionreferences`: the set of the table.
        let place = kind.place().trim_end_matches('/');
        let one = place
            .strip_suffix("ies")
            .map_or_else(|| place.trim_end_matches('s').to_owned(), |start| format!("{start}y"));
        one.eq_ignore_ascii_case(table)
    };
    components::all().into_iter().find(|kind| of(*kind)).map(components::Kind::label)
}

/// The pieces of a solution: its components, its root components, and what stands inside of them.
pub(super) fn pieces(
    manifest: &Element,
    components: &[Component],
    items: &[Item],
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
            (deletion::TABLE, Some("1")) => Extent::Parts,
            (deletion::TABLE, Some("2")) => Extent::Shell,
            _ => Extent::Whole,
        };
        let made = Piece::new(kind, title, &[name, short], root.attribute("id").and_then(guid));
        found.push(Piece { extent, ..made });
    }
    found.extend(items.iter().flat_map(|item| item.pieces.iter().cloned()));
    found.extend(values.iter().map(|it| Piece::new(VALUE, &it.variable, &[&it.variable], None)));
    // Rows of a component stand in folders inside of its own.
    for name in parts.keys().filter(|name| name.to_lowercase().ends_with(".xml")) {
        let folders: Vec<&str> = name.split('/').collect();
        if let [.., key, _] = folders[..]
            && folders.len() > 3
        {
            let made = Piece::new(0, key, &[key], guid(key));
            found.push(Piece { kind: None, label: SOME_COMPONENT.to_owned(), ..made });
        }
    }
    merged(found)
}

/// What is said in several places once, with all its names.
fn merged(all: Vec<Piece>) -> Vec<Piece> {
    let mut places: BTreeMap<(u32, String), usize> = BTreeMap::new();
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

/// By what pieces are known, to be looked up.
#[derive(Clone, Debug, Default)]
pub struct Known {
    keys: BTreeSet<(u32, String)>,
    texts: BTreeSet<String>,
    /// Kinds of pieces that have no id.
    without_id: BTreeSet<u32>,
    /// Kinds of pieces that have neither a name nor an id, such as the site map of old.
    without_name: BTreeSet<u32>,
}

impl Known {
    /// Of these.
    #[must_use]
    pub fn of(pieces: &[Piece]) -> Self {
        let without_id = || pieces.iter().filter(|it| it.id.is_none());
        let without_name = without_id().filter(|it| it.names.is_empty()).filter_map(|it| it.kind).collect();
        let without_id = without_id().filter_map(|it| it.kind).collect();
        let keys: BTreeSet<(u32, String)> = pieces.iter().flat_map(Piece::keys).collect();
        let texts = keys.iter().map(|(_, text)| text.clone()).collect();
        Self { keys, texts, without_id, without_name }
    }

    /// Whether a piece is among them, as far as a name or an id says so.
    #[must_use]
    pub fn has(&self, piece: &Piece) -> bool {
        piece.keys().any(|(kind, text)| if kind == 0 { self.texts.contains(&text) } else { self.names(kind, &text) })
    }

    /// Whether one of a kind has this name or id.
    #[must_use]
    pub fn names(&self, kind: u32, text: &str) -> bool {
        [kind, 0].into_iter().any(|kind| self.keys.contains(&(kind, text.to_owned())))
    }

    /// Whether some of a kind are known by no id.
    #[must_use]
    pub fn lacks_ids(&self, kind: u32) -> bool {
        self.without_id.contains(&kind)
    }

    /// Whether one of a kind has neither a name nor an id.
    #[must_use]
    pub fn has_nameless(&self, kind: u32) -> bool {
        self.without_name.contains(&kind)
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
