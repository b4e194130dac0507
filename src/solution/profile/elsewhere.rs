//! Tables whose records are no parts of a solution, or stand in a section of their own, by whatever name they are called:
//! Dataverse is known to take the names of entity sets, which are those of many, and nobody knows what else it takes.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::table::table as rules;
use crate::catalog;

/// The tables, by [`one_of`] their names: each with the part that has what their records say.
static TABLES: LazyLock<HashMap<String, (&str, &str)>> =
    LazyLock::new(|| rules().elsewhere.iter().map(|it| (one_of(it.0), *it)).collect());

/// Entity set names and the logical names of their tables.
static SETS: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| catalog::tables().iter().filter_map(|it| Some((it.set?, it.logical))).collect());

/// The table that is called so, and where its records stand.
pub(super) fn table(name: &str) -> Option<(&'static str, &'static str)> {
    TABLES.get(&one_of(name)).copied()
}

/// A name of one or of many in one form: `roles` as `role`, `savedqueries` as `savedquery`.
fn one_of(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let name = SETS.get(name.as_str()).map_or(name, |table| (*table).to_owned());
    match name.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => name.trim_end_matches('s').to_owned(),
    }
}
