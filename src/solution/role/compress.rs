//! Rows → the shortest grants and privileges that expand to exactly the same rows.
//!
//! A row goes under `grants` only if expanding that grant gives back its name letter by letter;
//! whatever else a role holds is named under `privileges`.

use indexmap::IndexMap;

use super::expand::{Target, target};
use super::model::Row;
use super::own_tables::OwnTables;
use crate::catalog::{self, Level, Right};

/// Rights on one table, each with its level.
type Rights = Vec<(Right, Level)>;

/// Grants and privileges that stand for a list of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compressed {
    /// Rights by table, by the table's name without regard to case.
    pub grants: Vec<CompressedGrant>,
    /// Privileges by name.
    pub privileges: Vec<(String, Level)>,
}

/// Rights on one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompressedGrant {
    /// The table as a manifest names it.
    pub table: String,
    /// The level of all rights that are not in `rights`.
    pub all: Option<Level>,
    /// The rights that are written out.
    pub rights: Vec<(Right, Level)>,
}

impl CompressedGrant {
    /// The rights as the manifest reader hands them on: `all` filled in for what is not named.
    #[must_use]
    pub fn filled(&self) -> Vec<(Right, Level)> {
        let named = |right| self.rights.iter().find(|(named, _)| *named == right).map(|(_, level)| *level);
        Right::ALL.into_iter().filter_map(|right| Some((right, named(right).or(self.all)?))).collect()
    }
}

impl Compressed {
    /// How many lines of a manifest it takes: one a grant, one a privilege.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.grants.len() + self.privileges.len()
    }
}

/// Finds the shortest grants and privileges for `rows`.
#[must_use]
pub fn compress(rows: &[Row], own: &OwnTables) -> Compressed {
    let mut tables: IndexMap<String, Rights> = IndexMap::new();
    let mut compressed = Compressed::default();
    for row in rows {
        match place(row, own) {
            Some((table, right)) => tables.entry(table).or_default().push((right, row.level)),
            None => compressed.privileges.push((row.name.clone(), row.level)),
        }
    }
    for (table, rights) in tables {
        let target = target(&table, own);
        let (rights, twice) = without_repetitions(rights);
        compressed.privileges.extend(twice.into_iter().map(|(right, level)| (target.privilege(right), level)));
        compressed.grants.push(shortest(table, rights, &target));
    }
    compressed.grants.sort_by_cached_key(|grant| grant.table.to_lowercase());
    compressed.privileges.sort_by_cached_key(|(name, _)| name.to_lowercase());
    compressed
}

/// The table and the right that give exactly this row, if some do.
fn place(row: &Row, own: &OwnTables) -> Option<(String, Right)> {
    let gives_it = |table: &str, right: Right| {
        let target = target(table, own);
        target.levels(right).contains(row.level) && target.privilege(right) == row.name
    };
    if let Some(known) = catalog::privilege(&row.name)
        && own.find(noun(&row.name)?).is_none()
    {
        let (table, right) = known.table?;
        let name = if table.noun.is_some() { table.logical } else { catalog::split_privilege(&row.name)?.1 };
        return gives_it(name, right).then(|| (name.to_owned(), right));
    }
    let (right, noun) = catalog::split_privilege(&row.name)?;
    // `prvAppendTotal_x` is Append on `Total_x`, if there is such a table.
    if right == Right::AppendTo {
        let longer = &row.name["prvAppend".len()..];
        if own.find(longer).is_some() && gives_it(longer, Right::Append) {
            return Some((longer.to_owned(), Right::Append));
        }
    }
    // Tables of solutions have a prefix; what has none is rather a privilege of its own.
    (noun.contains('_') && gives_it(noun, right)).then(|| (noun.to_owned(), right))
}

fn noun(privilege: &str) -> Option<&str> {
    Some(catalog::split_privilege(privilege).map_or(privilege, |(_, noun)| noun))
}

/// Takes repeated rights out; a role that names a privilege twice is odd, but is not for us to mend.
fn without_repetitions(rights: Rights) -> (Rights, Rights) {
    let mut kept: Rights = Vec::new();
    let mut twice = Vec::new();
    for (right, level) in rights {
        if kept.iter().any(|(other, _)| *other == right) {
            twice.push((right, level));
        } else {
            kept.push((right, level));
        }
    }
    kept.sort_unstable();
    (kept, twice)
}

/// `all` at the commonest level and the exceptions, where every right of the table is granted and
/// that is shorter; else each right.
fn shortest(table: String, rights: Rights, target: &Target) -> CompressedGrant {
    let has = Right::ALL.into_iter().filter(|right| !target.levels(*right).is_empty());
    let complete = has.clone().count() > 1 && has.clone().all(|right| rights.iter().any(|(given, _)| *given == right));
    if complete {
        let often = |level: Level| rights.iter().filter(|(_, given)| *given == level).count();
        if let Some(common) = Level::ALL.into_iter().max_by_key(|level| often(*level)).filter(|level| often(*level) > 1)
        {
            let rights = rights.into_iter().filter(|(_, level)| *level != common).collect();
            return CompressedGrant { table, all: Some(common), rights };
        }
    }
    CompressedGrant { table, all: None, rights }
}

#[cfg(test)]
mod tests {
    use super::super::expand;
    use super::super::test_role::{grant, privilege, role};
    use super::*;

    fn round_trip(rows: &[Row]) -> (Compressed, Vec<Row>) {
        let compressed = compress(rows, &OwnTables::default());
        let grants = compressed.grants.iter().map(|g| grant(&g.table, &g.filled())).collect();
        let privileges = compressed.privileges.iter().map(|(name, level)| privilege(name, *level)).collect();
        let rows = expand(&role(grants, privileges), &OwnTables::default()).role.rows;
        (compressed, rows)
    }

    #[test]
    fn eight_rights_become_all_with_exceptions() {
        let rows: Vec<_> = Right::ALL
            .iter()
            .map(|right| {
                let level = if *right == Right::Delete { Level::Basic } else { Level::Global };
                Row::new(format!("prv{right}Account"), level)
            })
            .collect();
        let (compressed, _) = round_trip(&rows);
        assert_eq!(
            compressed.grants,
            [CompressedGrant {
                table: "account".into(),
                all: Some(Level::Global),
                rights: vec![(Right::Delete, Level::Basic)],
            }]
        );
    }

    #[test]
    fn odd_names_come_back_letter_by_letter() {
        let mut rows: Vec<_> = [
            "prvReadNote",
            "prvAppendtoCategory",
            "prvReadPOAA",
            "prvWriteflowmachine",
            "prvReadcr84c_newtable",
            "prvFlow",
            "prvREADAccount",
            "prvAppendToActivity",
            "prvReadFlowRun",
            "prvAssignManager",
            "prvReadQueue",
        ]
        .map(|name| Row::new(name, Level::Global))
        .to_vec();
        rows.sort_by_cached_key(|row| row.name.to_lowercase());
        let (compressed, back) = round_trip(&rows);
        assert_eq!(back, rows);
        assert_eq!(
            compressed.privileges.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["prvAssignManager", "prvFlow", "prvREADAccount", "prvReadPOAA"]
        );
    }
}
