//! Something in a solution, and what an environment knows it by: the number of its kind, its names, its id.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::catalog::{KnownBy, component_type_known_by, component_type_name, component_type_number};
use crate::solution::components::{self, Component};

/// What a kind without a name is called.
pub const SOME_COMPONENT: &str = "Component";

/// Relationships, which are inside other components.
pub(super) const RELATIONSHIP: u32 = 10;

/// Something in a solution.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// The number of its kind, if it is the same everywhere.
    pub kind: Option<u32>,
    /// Of a kind without a number: the table of which such components are rows, such as `customapi`.
    pub rows_of: Option<String>,
    /// The row that it belongs to, if a package says so: `customapis/contoso_api`.
    pub parent: Option<String>,
    /// The name of its kind, in words.
    pub label: String,
    /// Its names, in lower case; for columns and keys with that of their table.
    pub names: BTreeSet<String>,
    /// Its id, if it is the same in every environment.
    pub id: Option<Uuid>,
    /// What people know it by.
    pub title: String,
    /// The logical name of the table that it is a part of.
    pub table: Option<String>,
    /// Whether it only comes and goes with another piece, like a relationship with its lookup column.
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
    /// Its settings and some parts. The package does not say whether the table itself came with the solution.
    Parts,
    /// Only what is added to another solution's table.
    Shell,
}

impl Piece {
    pub(super) fn new(kind: u32, title: &str, names: &[&str], id: Option<Uuid>) -> Self {
        let label = component_type_name(kind).unwrap_or(SOME_COMPONENT).to_owned();
        let names = names.iter().filter(|name| !name.is_empty()).map(|name| name.to_lowercase()).collect();
        Self { kind: Some(kind), label, names, id, title: title.to_owned(), ..Self::default() }
    }

    /// Everything that it is known by.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        let texts = self.names.iter().cloned().chain(self.id.map(|id| id.to_string()));
        texts.map(|text| match (self.kind, &self.rows_of) {
            (Some(kind), _) => Key::Number(kind, text),
            (None, rows_of) => Key::Row(rows_of.clone(), self.parent.clone(), text),
        })
    }

    pub(super) fn within(mut self, table: &str) -> Self {
        self.table = Some(table.to_lowercase()).filter(|table| !table.is_empty());
        self
    }

    pub(super) fn of_component(component: &Component) -> Self {
        let kind = components::all().into_iter().find(|kind| kind.label() == component.kind);
        let own = component.id.rsplit('/').next().unwrap_or_default();
        let id = guid(&component.id).or_else(|| guid(own));
        // Two pieces may be shown by the same name; the id or the schema name counts.
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
        // An environment shows schema names, too; ids mean nothing to people.
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

pub(super) fn guid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text.trim().trim_matches(['{', '}'])).ok()
}

/// The name of a column or key with that of its table.
#[must_use]
pub fn of_table(table: &str, name: &str) -> String {
    format!("{}.{}", table.to_lowercase(), name.to_lowercase())
}

/// The table whose rows are in a set: `customapis`, `customapiresponseproperties`, `processes`.
pub(super) fn singular(set: &str) -> String {
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

/// A way in which a piece is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// The number of its kind, and a name or id.
    Number(u32, String),
    /// The table whose row it is, the row that it belongs to, and a name or id.
    Row(Option<String>, Option<String>, String),
}
