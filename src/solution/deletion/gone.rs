//! What a new version does not have any more.

use std::collections::BTreeMap;

use super::Fate;
use crate::catalog::{KnownBy, TABLE, component_type_known_by};
use crate::solution::contents::{Known, Piece};

/// What of `had` a solution no longer has. `had` is what the environment or an earlier version has.
#[must_use]
pub fn gone<'a>(had: &'a [Piece], new: &Known) -> Vec<(&'a Piece, Fate)> {
    let claims = Claims::of(had);
    let rest: Vec<(&Piece, bool)> = had
        .iter()
        .filter(|piece| !piece.inherent && !is_of_platform(piece))
        .filter_map(|piece| {
            let is_claimed = claims.exceed(piece, new);
            (is_claimed || !new.has(piece)).then_some((piece, is_claimed))
        })
        .collect();
    let mut left: BTreeMap<u32, usize> = BTreeMap::new();
    rest.iter().filter_map(|(piece, _)| piece.kind).for_each(|kind| *left.entry(kind).or_default() += 1);
    let mut found = Vec::new();
    for (piece, is_claimed) in rest {
        // The only one that is left is the one that the package does not name.
        if piece.kind.is_some_and(|kind| new.has_nameless(kind) && left.get(&kind) == Some(&1)) {
            continue;
        }
        // One side may know it by what the other does not say.
        let vague = match piece.kind {
            _ if is_claimed => true,
            Some(kind) => match component_type_known_by(kind) {
                KnownBy::Inside => continue,
                KnownBy::Name => piece.names.is_empty(),
                KnownBy::Id => piece.id.is_none() || new.lacks_ids(kind),
                KnownBy::Nothing => true,
            },
            None => piece.names.is_empty() || piece.rows_of.is_none(),
        };
        let why = "the environment and the package name it differently".to_owned();
        found.push((piece, if vague { Fate::Unknown { why } } else { Fate::Deleted }));
    }
    found
}

/// How many rows of a table are there by a name: rows that belong to other rows have names that are unique in there
/// only, and the environment does not say where they belong. One row of a package keeps one of them.
struct Claims<'a>(BTreeMap<(&'a str, &'a str), usize>);

impl<'a> Claims<'a> {
    fn of(had: &'a [Piece]) -> Self {
        let mut claims = BTreeMap::new();
        had.iter().flat_map(Self::keys).for_each(|key| *claims.entry(key).or_default() += 1);
        Self(claims)
    }

    fn keys(piece: &'a Piece) -> impl Iterator<Item = (&'a str, &'a str)> {
        let of = piece.rows_of.as_deref().filter(|_| piece.kind.is_none() && piece.parent.is_none());
        of.into_iter().flat_map(|of| piece.names.iter().map(move |name| (of, name.as_str())))
    }

    /// Whether more such rows were there than the package has.
    fn exceed(&self, piece: &'a Piece, new: &Known) -> bool {
        let mut kept = Self::keys(piece).map(|key| (self.0.get(&key).copied(), new.rows(key.0, key.1)));
        let mut kept = kept.by_ref().filter(|(_, rows)| *rows > 0).peekable();
        kept.peek().is_some() && kept.all(|(claims, rows)| claims.is_some_and(|claims| claims > rows))
    }
}

/// Tables of Dataverse itself stay.
fn is_of_platform(piece: &Piece) -> bool {
    piece.kind == Some(TABLE) && piece.names.iter().any(|name| crate::catalog::table(name).is_some())
}
