//! Tables whose records are not parts of a solution, or have a section of their own, under any name:
//! Dataverse is known to accept entity set names, which are plurals, and it is not known what else it accepts.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::table::table as rules;
use crate::catalog;

/// The tables, by [`one_of`] their names: each with the part that contains the data of their records.
static TABLES: LazyLock<HashMap<String, (&str, &str)>> =
    LazyLock::new(|| rules().elsewhere.iter().map(|it| (one_of(it.0), *it)).collect());

/// Entity set names and the logical names of their tables.
static SETS: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| catalog::tables().iter().filter_map(|it| Some((it.set?, it.logical))).collect());

/// The table with this name, and where its records are.
pub(super) fn table(name: &str) -> Option<(&'static str, &'static str)> {
    TABLES.get(&one_of(name)).copied()
}

/// A singular or plural name in one form: `roles` as `role`, `savedqueries` as `savedquery`.
fn one_of(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let name = SETS.get(name.as_str()).map_or(name, |table| (*table).to_owned());
    match name.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => name.trim_end_matches('s').to_owned(),
    }
}
