//! What pieces are known by, for lookups.

use std::collections::{BTreeMap, BTreeSet};

use super::piece::{Key, Piece};
use crate::catalog::SITE_MAP;

/// What pieces are known by, for lookups. Pieces of different kinds are never the same, whatever their names.
#[derive(Clone, Debug, Default)]
pub struct Known {
    keys: BTreeSet<Key>,
    /// How many rows of a table have a name, whatever they belong to.
    rows: BTreeMap<(String, String), usize>,
    /// Kinds of pieces that have no id.
    without_id: BTreeSet<u32>,
    /// Whether there is a site map with neither a name nor an id, as old ones are.
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

    /// Whether a piece is among them, as far as names and ids show. Only packages say what a row belongs to.
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
