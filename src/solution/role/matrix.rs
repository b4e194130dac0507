//! A role as the Dataverse role editor shows it: tables × eight rights, grouped.
//!
//! Serialised for INSTALL.html and `--format json`; `render.rs` draws it in a terminal.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::model::Row;
use super::own_tables::OwnTables;
use crate::catalog::{self, Level, Ownership, Right, TableKind};

/// A role's privileges by table and right.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Matrix {
    /// Tables, grouped; groups without a table are left out.
    pub groups: Vec<Group>,
    /// Privileges that belong to no table, by name.
    pub others: Vec<OtherPrivilege>,
    /// How many privileges there are in all.
    pub count: usize,
}

/// A group of tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Its heading.
    pub title: String,
    /// Its tables, by name.
    pub rows: Vec<MatrixRow>,
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MatrixRow {
    /// What people call it: its schema name, or `Activities` for what all activities share.
    pub table: String,
    /// One for each right, in the role editor's order.
    pub cells: Vec<Cell>,
    /// The author's reasons, each once.
    pub because: Vec<String>,
}

/// One right on one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cell {
    /// The right.
    pub right: Right,
    /// The role editor's name of the right, such as `Append To`.
    pub title: &'static str,
    /// The privilege's name, where it is granted.
    pub privilege: Option<String>,
    /// How deep, where it is granted.
    pub level: Option<Level>,
    /// The level in the role editor's words, `None`, or `no such right`.
    pub text: &'static str,
    /// A circle filled as deep as the level goes: `○ ◔ ◑ ◕ ●`, or `–` where there is no such right.
    pub symbol: char,
    /// The same as a letter: `U B P O`, or a space.
    pub letter: char,
    /// Why a reviewer should look twice.
    pub unusual: Option<String>,
}

/// A privilege that belongs to no table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OtherPrivilege {
    /// Its name.
    pub name: String,
    /// How deep.
    pub level: Level,
    /// The level in the role editor's words.
    pub text: &'static str,
    /// What it allows, where known.
    pub meaning: Option<&'static str>,
    /// The author's reason.
    pub because: Option<String>,
    /// Why a reviewer should look twice.
    pub unusual: Option<String>,
}

/// The role editor's heading for a right.
#[must_use]
pub fn right_title(right: Right) -> &'static str {
    if right == Right::AppendTo { "Append To" } else { right.name() }
}

/// A right and the row that grants it.
type Granted<'a> = (Right, &'a Row);

/// The group of tables that the solution brings.
pub(super) const OWN_GROUP: &str = "Tables of the solution";

const GROUPS: [&str; 5] =
    [OWN_GROUP, "Standard tables", "Activities", "Users, security and customization", "Tables of other solutions"];

/// Tables by which people, rights and the system itself are managed.
const SYSTEM: [&str; 24] = [
    "attribute",
    "businessunit",
    "entity",
    "fieldsecurityprofile",
    "importjob",
    "optionset",
    "organization",
    "pluginassembly",
    "pluginpackage",
    "plugintracelog",
    "plugintype",
    "privilege",
    "publisher",
    "relationship",
    "role",
    "sdkmessage",
    "sdkmessageprocessingstep",
    "sdkmessageprocessingstepimage",
    "serviceendpoint",
    "solution",
    "systemform",
    "systemuser",
    "team",
    "webresource",
];

/// The matrix of a role whose own tables are not known: tables with a prefix count as other solutions'.
#[must_use]
pub fn matrix(rows: &[Row]) -> Matrix {
    matrix_with(rows, &OwnTables::default())
}

/// The matrix of a role.
#[must_use]
pub fn matrix_with(rows: &[Row], own: &OwnTables) -> Matrix {
    // Title → its group and what is granted.
    let mut tables: IndexMap<String, (usize, Vec<Granted<'_>>)> = IndexMap::new();
    let mut others = Vec::new();
    for row in rows {
        match place(row, own) {
            Some((group, title, right)) => {
                tables.entry(title).or_insert_with(|| (group, Vec::new())).1.push((right, row));
            }
            None => others.push(other(row)),
        }
    }
    tables.sort_by_cached_key(|title, (group, _)| (*group, title.to_lowercase()));
    let mut groups: Vec<Group> =
        GROUPS.iter().map(|title| Group { title: (*title).into(), rows: Vec::new() }).collect();
    for (title, (group, granted)) in tables {
        groups[group].rows.push(table_row(title, &granted, own));
    }
    groups.retain(|group| !group.rows.is_empty());
    others.sort_by_cached_key(|other| other.name.to_lowercase());
    Matrix { groups, others, count: rows.len() }
}

/// The group, the table's title and the right of a row; `None` where it belongs to no table.
fn place(row: &Row, own: &OwnTables) -> Option<(usize, String, Right)> {
    let split = catalog::split_privilege(&row.name);
    if let Some((right, noun)) = split
        && let Some(table) = own.find(noun)
    {
        return Some((0, table.schema_name.clone(), right));
    }
    if let Some(known) = catalog::privilege(&row.name) {
        let (table, right) = known.table?;
        let group = match table.kind {
            TableKind::Activity => 2,
            _ if SYSTEM.contains(&table.logical) => 3,
            _ => 1,
        };
        let title = if table.logical == "activitypointer" { "Activities" } else { table.name() };
        return Some((group, title.to_owned(), right));
    }
    let (right, noun) = split.filter(|(_, noun)| noun.contains('_'))?;
    Some((if own.has_own_prefix(noun) { 0 } else { 4 }, noun.to_owned(), right))
}

fn table_row(title: String, granted: &[Granted<'_>], own: &OwnTables) -> MatrixRow {
    let organization_owned = own.find(&title).is_some_and(|table| table.ownership == Some(Ownership::Organization));
    let possible = |right: Right| {
        let by_catalog = granted
            .first()
            .and_then(|(_, row)| catalog::privilege(&row.name))
            .and_then(|known| known.table)
            .is_none_or(|(table, _)| !table.levels(right).is_empty());
        by_catalog && !(organization_owned && matches!(right, Right::Assign | Right::Share))
    };
    let cells = Right::ALL
        .into_iter()
        .map(|right| {
            let row =
                granted.iter().filter(|(given, _)| *given == right).map(|(_, row)| *row).max_by_key(|row| row.level);
            let level = row.map(|row| row.level);
            let (symbol, letter, text) = drawn(level, row.is_some() || possible(right));
            Cell {
                right,
                title: right_title(right),
                privilege: row.map(|row| row.name.clone()),
                level,
                text,
                symbol,
                letter,
                unusual: row.and_then(|row| unusual(row, own)),
            }
        })
        .collect();
    let mut because: Vec<String> = Vec::new();
    for reason in granted.iter().filter_map(|(_, row)| row.because.as_ref()) {
        if !because.contains(reason) {
            because.push(reason.clone());
        }
    }
    MatrixRow { table: title, cells, because }
}

/// Symbol, letter and words of a level.
const fn drawn(level: Option<Level>, possible: bool) -> (char, char, &'static str) {
    match level {
        Some(Level::Basic) => ('◔', 'U', Level::Basic.title()),
        Some(Level::Local) => ('◑', 'B', Level::Local.title()),
        Some(Level::Deep) => ('◕', 'P', Level::Deep.title()),
        Some(Level::Global) => ('●', 'O', Level::Global.title()),
        None if possible => ('○', ' ', "None"),
        None => ('–', ' ', "no such right"),
    }
}

/// Why a reviewer should look twice at a row: a dangerous privilege, or the right to delete or give
/// away every row of a table that is not the solution's own.
#[must_use]
pub fn unusual(row: &Row, own: &OwnTables) -> Option<String> {
    let known = catalog::privilege(&row.name)?;
    if let Some(danger) = known.danger {
        return Some(danger.why.to_owned());
    }
    let (table, right) = known.table?;
    let everything =
        row.level == Level::Global && table.ownership == Ownership::User && own.find(table.logical).is_none();
    match right {
        Right::Delete if everything => Some("every row in the organization can be deleted".into()),
        Right::Assign if everything => Some("every row in the organization can be given to another owner".into()),
        _ => None,
    }
}

fn other(row: &Row) -> OtherPrivilege {
    let known = catalog::privilege(&row.name);
    OtherPrivilege {
        name: row.name.clone(),
        level: row.level,
        text: row.level.title(),
        meaning: known.and_then(|known| known.meaning),
        because: row.because.clone(),
        unusual: known.and_then(|known| known.danger).map(|danger| danger.why.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::own_tables::OwnTable;
    use super::*;

    #[test]
    fn every_privilege_is_in_the_matrix_once() {
        let own = OwnTables {
            tables: vec![OwnTable {
                schema_name: "contoso_Setting".into(),
                ownership: Some(Ownership::Organization),
                is_activity: false,
            }],
            prefixes: vec!["contoso".into()],
            ..OwnTables::default()
        };
        let rows = [
            "prvReadAccount",
            "prvReadActivity",
            "prvReadRole",
            "prvReadcontoso_Setting",
            "prvReadfabrikam_Order",
            "prvFlow",
        ]
        .map(|name| Row::new(name, Level::Global));
        let matrix = matrix_with(&rows, &own);
        let titles: Vec<_> =
            matrix.groups.iter().map(|group| format!("{}: {}", group.title, group.rows[0].table)).collect();
        assert_eq!(
            titles,
            [
                "Tables of the solution: contoso_Setting",
                "Standard tables: Account",
                "Activities: Activities",
                "Users, security and customization: Role",
                "Tables of other solutions: fabrikam_Order",
            ]
        );
        assert_eq!(matrix.others.len(), 1);
        let granted =
            matrix.groups.iter().flat_map(|g| &g.rows).flat_map(|r| &r.cells).filter(|c| c.level.is_some()).count();
        assert_eq!(granted + matrix.others.len(), matrix.count);
        let setting = &matrix.groups[0].rows[0].cells;
        assert_eq!(setting.iter().map(|cell| cell.symbol).collect::<String>(), "○●○○○○––");
    }

    #[test]
    fn what_is_unusual_is_marked_with_its_reason() {
        let matrix = matrix(&[Row::new("prvDeleteAccount", Level::Global), Row::new("prvWriteAccount", Level::Global)]);
        let cells = &matrix.groups[0].rows[0].cells;
        assert_eq!(cells[3].unusual.as_deref(), Some("every row in the organization can be deleted"));
        assert_eq!(cells[2].unusual, None);
    }
}
