//! What two releases say of what an upgrade deletes.

use std::collections::BTreeSet;

use super::gone::gone;
use super::{Deletion, Fate, sort};
use crate::catalog::TABLE;
use crate::solution::contents::{Contents, Extent, Identity, Known, Piece};
use crate::version::Version;

/// A solution in one version, as far as deletions need it.
#[derive(Clone, Debug, Default)]
pub struct Release {
    /// Unique name.
    pub name: String,
    /// Managed or not.
    pub managed: bool,
    /// Its version, where it is one.
    pub version: Option<Version>,
    /// Everything that it has.
    pub pieces: Vec<Piece>,
}

impl From<&Contents> for Release {
    fn from(contents: &Contents) -> Self {
        let Identity { name, managed, version, .. } = contents.identity.clone();
        Self { name, managed, version, pieces: contents.pieces.clone() }
    }
}

/// What an upgrade from one package to another deletes: no environment is asked, so what others have is not known.
#[must_use]
pub fn between(old: &Release, new: &Release) -> Vec<Deletion> {
    if !new.managed || !old.managed || new.version <= old.version {
        return Vec::new();
    }
    let known = Known::of(&new.pieces);
    let gone = gone(&old.pieces, &known);
    // What becomes of the tables comes first: what is a part of one goes with it only where it goes.
    let table = |(piece, _): &&(&Piece, Fate)| piece.kind == Some(TABLE) && piece.extent == Extent::Whole;
    let tables: BTreeSet<&String> = gone.iter().filter(table).flat_map(|(piece, _)| &piece.names).collect();
    let is_part = |piece: &Piece| piece.table.as_ref().is_some_and(|table| tables.contains(&table));
    let fate = |piece: &Piece| match piece.extent {
        Extent::Whole => Some(Fate::Deleted),
        Extent::Parts => Some(Fate::Unknown { why: "the package has only parts of the table".to_owned() }),
        // A table of others that the solution only adds to.
        Extent::Shell => None,
    };
    let listed = gone.iter().filter(|(piece, _)| !is_part(piece));
    // Ids are those of the environment, which nobody has asked.
    let one = |(piece, _): &(&Piece, Fate)| Some(Deletion { id: None, ..Deletion::of(&new.name, piece, fate(piece)?) });
    let mut found: Vec<Deletion> = listed.filter_map(one).collect();
    sort(&mut found);
    found
}
