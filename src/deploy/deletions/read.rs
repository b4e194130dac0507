//! The components of an installed solution, compared with what the new version has.
//!
//! What cannot be read is reported as unknown: it never counts as “nothing is deleted”.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::catalog;
use crate::dataverse::component::{self, Component};
use crate::dataverse::solution_component::{self, Holder, SolutionComponent, Summary};
use crate::dataverse::{ApiError, Client, row_count, table};
use crate::deploy::desired::Package;
use crate::deploy::observed::holding;
use crate::solution::contents::{Known, Piece, SOME_COMPONENT, label_of, of_table};
use crate::solution::deletion::{COLUMN, COLUMNS, Deletion, Fate, PARTS, TABLE, TABLES as TABLES_OF, gone};

/// More tables than this are not examined one by one.
const TABLES: usize = 100;
/// More other solutions than this are not examined.
const OTHERS: usize = 10;
const KEY: u32 = 14;
const RELATIONSHIP: u32 = 10;
/// Parts of a table that the environment lists by their ids.
const LISTED: [u32; 4] = [KEY, 26, 59, 60];
/// The environment's own solutions, which keep nothing that an upgrade deletes.
const OWN_WORK: [&str; 2] = ["Active", "Default"];

/// A component that may be deleted.
struct Candidate {
    piece: Piece,
    fate: Fate,
    /// The table that it is a part of and that is included as a whole: no row says that it belongs to the solution.
    whole: Option<Uuid>,
}

impl Candidate {
    fn is_table(&self) -> bool {
        self.piece.kind == Some(TABLE)
    }
}

/// Reads; a refusal or an answer that makes no sense is recorded as a reason and does not stop the rest.
fn reason<T>(read: Result<T, ApiError>) -> Result<Result<T, String>, ApiError> {
    match read {
        Ok(read) => Ok(Ok(read)),
        Err(error @ (ApiError::Server { .. } | ApiError::Malformed { .. })) => Ok(Err(error.to_string())),
        Err(other) => Err(other),
    }
}

/// What the upgrade to a package deletes.
pub(super) async fn of_package(
    client: &Client,
    package: &Package,
    installed: Option<Uuid>,
) -> Result<Vec<Deletion>, ApiError> {
    let name = &package.solution.name;
    let unknown = |why: String| Ok(vec![Deletion::unknown(name, why)]);
    let Some(solution) = installed else {
        return unknown("the environment does not say which solution it is".to_owned());
    };
    let components = match reason(solution_component::of_solution(client, solution).await)? {
        Ok(components) => components,
        Err(why) => return unknown(why),
    };
    // Names; if they cannot be read, components with a known id are still compared.
    let listed = reason(solution_component::summaries(client, solution).await)?;
    let (summaries, unlisted) = listed.map_or_else(|why| (Vec::new(), Some(why)), |all| (all, None));
    let known = Known::of(&package.shipped.pieces);
    let had = pieces(client, &components, &summaries).await;
    let all: Vec<Piece> = had.iter().map(|(piece, _)| piece.clone()).collect();
    let whole = |piece: &Piece| had.iter().find(|(other, _)| other == piece).and_then(|(_, whole)| *whole);
    let candidates = gone(&all, &known);
    let candidates = candidates.into_iter().map(|(it, fate)| Candidate { piece: it.clone(), fate, whole: whole(it) });
    // Tables come first: a part is deleted with its table only if the table may be deleted.
    let (mut tables, mut parts): (Vec<_>, Vec<_>) = candidates.partition(Candidate::is_table);
    held_by_others(client, name, &mut tables).await?;
    let may_go = |table: &&Candidate| !matches!(table.fate, Fate::Kept { .. });
    parts.retain(|part| {
        let Some(table) = &part.piece.table else { return true };
        !tables.iter().filter(may_go).any(|it| it.piece.names.contains(table))
    });
    let goes = |id: Uuid| tables.iter().filter(may_go).any(|it| it.piece.id == Some(id));
    let whole = components.iter().filter(|it| it.kind == TABLE && it.is_whole).map(|it| it.id);
    let staying: Vec<Uuid> = whole.filter(|id| !goes(*id)).collect();
    let mut found = Vec::new();
    for (index, id) in staying.iter().enumerate() {
        let read = if index < TABLES {
            reason(table::read(client, *id).await)?
        } else {
            Err(format!("more than {TABLES} tables are not looked into"))
        };
        match read {
            Ok(table) => parts.extend(of_whole_table(&table, *id, &known)),
            Err(why) => {
                let title = all.iter().find(|it| it.id == Some(*id)).map(|it| it.title.clone());
                let name = title.filter(|title| !title.is_empty());
                let unknown = Deletion::unknown_of(&package.solution.name, COLUMNS, why);
                found.push(Deletion { name, id: Some(*id), ..unknown });
            }
        }
    }
    if let Some(why) = unlisted.filter(|_| !staying.is_empty()) {
        found.push(Deletion::unknown_of(name, PARTS, why));
    }
    held_by_others(client, name, &mut parts).await?;
    found.extend(tables.iter().chain(&parts).map(|it| Deletion::of(name, &it.piece, it.fate.clone())));
    Ok(found)
}

/// The tables that are deleted when a solution is uninstalled.
pub(super) async fn tables(client: &Client, name: &str, installed: Option<Uuid>) -> Result<Vec<Deletion>, ApiError> {
    let unknown = |why: String| Ok(vec![Deletion::unknown_of(name, TABLES_OF, why)]);
    let Some(solution) = installed else {
        return unknown("the environment does not say which solution it is".to_owned());
    };
    let mut components = match reason(solution_component::of_solution(client, solution).await)? {
        Ok(components) => components,
        Err(why) => return unknown(why),
    };
    components.retain(|it| it.kind == TABLE);
    let summaries = reason(solution_component::summaries(client, solution).await)?.unwrap_or_default();
    let summaries: Vec<Summary> = summaries.into_iter().filter(|it| it.kind == TABLE).collect();
    let had = pieces(client, &components, &summaries).await;
    let mut tables: Vec<Candidate> =
        had.into_iter().map(|(piece, _)| Candidate { piece, fate: Fate::Deleted, whole: None }).collect();
    held_by_others(client, name, &mut tables).await?;
    Ok(tables.iter().map(|it| Deletion::of(name, &it.piece, it.fate.clone())).collect())
}

/// What the solution has according to the environment, each with the whole table that it came with, if it has no row.
async fn pieces(
    client: &Client,
    components: &[SolutionComponent],
    summaries: &[Summary],
) -> Vec<(Piece, Option<Uuid>)> {
    let listed: BTreeMap<(u32, Uuid), &Summary> = summaries.iter().map(|it| ((it.kind, it.id), it)).collect();
    let mut unnamed: Vec<Component> = components
        .iter()
        .filter(|it| !listed.contains_key(&(it.kind, it.id)))
        .map(|it| Component { kind: Some(it.kind.into()), id: Some(it.id), name: None })
        .collect();
    component::name(client, unnamed.iter_mut().collect()).await;
    name_columns(client, components, &mut unnamed).await;
    let named: BTreeMap<Uuid, String> = unnamed.into_iter().filter_map(|it| it.id.zip(it.name)).collect();
    let name_of_row = |row: Uuid| {
        let root = components.iter().find(|it| it.row == Some(row))?;
        let summary = listed.get(&(root.kind, root.id));
        summary.and_then(|it| it.names.first()).or_else(|| named.get(&root.id)).cloned()
    };
    let mut found = Vec::new();
    for it in components {
        let summary = listed.get(&(it.kind, it.id)).copied();
        let mut names: Vec<String> = summary.map(|it| it.names.clone()).unwrap_or_default();
        names.extend(named.get(&it.id).cloned());
        let table = summary.and_then(|it| it.table.clone()).or_else(|| it.root.and_then(name_of_row));
        let made = piece(it.kind, it.id, names, table, summary);
        if !is_key_of_table(&made) {
            found.push((made, None));
        }
    }
    // The parts of whole tables have no rows of their own.
    let rows: BTreeSet<(u32, Uuid)> = components.iter().map(|it| (it.kind, it.id)).collect();
    let mut parts = Vec::new();
    for it in summaries.iter().filter(|it| LISTED.contains(&it.kind) && !rows.contains(&(it.kind, it.id))) {
        let made = piece(it.kind, it.id, it.names.clone(), it.table.clone(), Some(it));
        let is_its = |(table, _): &&(Piece, Option<Uuid>)| {
            table.kind == Some(TABLE) && made.table.as_ref().is_some_and(|name| table.names.contains(name))
        };
        let whole = found.iter().find(is_its).and_then(|(table, _)| table.id);
        parts.push((made, whole));
    }
    found.extend(parts);
    found
}

/// Whether it is the key column of its table, which is only deleted with the table.
fn is_key_of_table(piece: &Piece) -> bool {
    let key = piece.table.as_ref().map(|table| of_table(table, &format!("{table}id")));
    piece.kind == Some(COLUMN) && key.is_some_and(|key| piece.names.contains(&key))
}

/// Names columns by the tables that they are parts of. What cannot be read stays without a name.
async fn name_columns(client: &Client, components: &[SolutionComponent], unnamed: &mut [Component]) {
    let root = |id: Option<Uuid>| {
        let own = components.iter().find(|it| it.kind == COLUMN && Some(it.id) == id)?;
        components.iter().find(|it| it.row.is_some() && it.row == own.root).map(|it| it.id)
    };
    let mut columns: Vec<&mut Component> =
        unnamed.iter_mut().filter(|it| it.kind == Some(COLUMN.into()) && it.name.is_none()).collect();
    let tables: BTreeSet<Uuid> = columns.iter().filter_map(|it| root(it.id)).collect();
    for id in tables.into_iter().take(TABLES) {
        let Ok(table) = table::read(client, id).await else { continue };
        for column in &mut columns {
            let named = table.columns.iter().find(|it| Some(it.id) == column.id);
            column.name = column.name.take().or_else(|| named.map(|it| it.name.clone()));
        }
    }
}

fn piece(kind: u32, id: Uuid, names: Vec<String>, table: Option<String>, summary: Option<&Summary>) -> Piece {
    let known = catalog::component_type_name(kind);
    let described = summary.and_then(|it| it.described_by.as_deref()).and_then(label_of);
    let title = names.first().cloned().or_else(|| summary.and_then(|it| it.shown.clone())).unwrap_or_default();
    // The name of a column says nothing without its table.
    let names: Vec<String> = match (&table, kind) {
        (Some(table), COLUMN | KEY) => names.iter().map(|name| of_table(table, name)).collect(),
        (None, COLUMN | KEY) => Vec::new(),
        _ => names,
    };
    let title = names.first().cloned().filter(|_| matches!(kind, COLUMN | KEY)).unwrap_or(title);
    Piece {
        kind: known.map(|_| kind),
        rows_of: summary.and_then(|it| it.described_by.clone()).map(|table| table.to_lowercase()),
        label: known.or(described).unwrap_or(SOME_COMPONENT).to_owned(),
        title,
        names: names.iter().map(|name| name.to_lowercase()).collect(),
        id: Some(id),
        table: table.map(|table| table.to_lowercase()),
        ..Piece::default()
    }
}

/// The columns and relationships of a table that stays, if the new version does not have them.
fn of_whole_table(table: &table::Table, id: Uuid, known: &Known) -> Vec<Candidate> {
    let has = |column: &str| known.names(COLUMN, &of_table(&table.name, column));
    let columns = table.columns.iter().filter(|column| !has(&column.name));
    let is_gone = |it: &&table::Part| !known.names(RELATIONSHIP, &it.name.to_lowercase());
    let relationships = table.many_to_many.iter().filter(is_gone).map(|it| (RELATIONSHIP, it));
    let brought = columns.map(|it| (COLUMN, it)).chain(relationships).filter(|(_, part)| part.is_brought);
    let made = brought.map(|(kind, part)| Candidate {
        piece: piece(kind, part.id, vec![part.name.clone()], Some(table.name.clone()), None),
        fate: Fate::Deleted,
        whole: Some(id),
    });
    made.collect()
}

/// What other managed solutions also have stays; what only they have does not concern this upgrade.
async fn held_by_others(client: &Client, name: &str, candidates: &mut Vec<Candidate>) -> Result<(), ApiError> {
    let asked = candidates.iter().filter(|it| it.fate == Fate::Deleted);
    let ids: BTreeSet<Uuid> = asked.flat_map(|it| it.piece.id.into_iter().chain(it.whole)).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let holders = match reason(solution_component::holders(client, &ids).await)? {
        Ok(holders) => holders,
        Err(why) => {
            for candidate in candidates.iter_mut().filter(|it| it.fate == Fate::Deleted) {
                candidate.fate = Fate::Unknown { why: why.clone() };
            }
            return Ok(());
        }
    };
    let is_own =
        |holder: &Holder| [name, holding(name).as_str()].iter().any(|own| holder.name.eq_ignore_ascii_case(own));
    let others = |id: Option<Uuid>| -> Vec<String> {
        let all = id.and_then(|id| holders.get(&id)).into_iter().flatten();
        let others = all.filter(|it| it.managed && !is_own(it) && !OWN_WORK.contains(&it.name.as_str()));
        others.map(|it| it.name.clone()).collect()
    };
    let own = |id: Option<Uuid>| id.and_then(|id| holders.get(&id)).is_some_and(|all| all.iter().any(is_own));
    let beside = |it: &Candidate| if own(it.piece.id) { Vec::new() } else { others(it.whole) };
    let neighbours: BTreeSet<String> =
        candidates.iter().filter(|it| it.fate == Fate::Deleted).flat_map(beside).collect();
    let listed = listed_by(client, &holders, &neighbours).await?;
    candidates.retain_mut(|it| {
        if it.fate != Fate::Deleted {
            return true;
        }
        let by = others(it.piece.id);
        if !by.is_empty() {
            it.fate = Fate::Kept { by };
            // Another solution's own part of this table.
            return it.whole.is_none() || own(it.piece.id);
        }
        let beside = beside(it);
        let key = it.piece.kind.zip(it.piece.id);
        // Of those who have the table whole, somebody lists it, too: it stays, and may never have been of this
        // solution.
        if beside.iter().any(|name| key.is_some_and(|key| listed.contains(&(name.clone(), key)))) {
            return false;
        }
        if !beside.is_empty() {
            let why = format!("solution `{}` has the table, too, and it may be its own", beside.join("`, `"));
            it.fate = Fate::Unknown { why };
        }
        true
    });
    Ok(())
}

/// What these solutions have according to their summaries, if these can be read: name, kind and id.
async fn listed_by(
    client: &Client,
    holders: &BTreeMap<Uuid, BTreeSet<Holder>>,
    names: &BTreeSet<String>,
) -> Result<BTreeSet<(String, (u32, Uuid))>, ApiError> {
    let mut listed = BTreeSet::new();
    for name in names.iter().take(OTHERS) {
        let id = holders.values().flatten().find(|it| it.name == *name).and_then(|it| it.id);
        let Some(id) = id else { continue };
        let summaries = reason(solution_component::summaries(client, id).await)?.unwrap_or_default();
        listed.extend(summaries.into_iter().map(|it| (name.clone(), (it.kind, it.id))));
    }
    Ok(listed)
}

/// Counts the rows of the tables that are deleted.
pub(super) async fn count(client: &Client, found: &mut [Deletion]) -> Result<(), ApiError> {
    let tables = found.iter().filter(|it| it.is_table() && it.needs_consent());
    let tables: Vec<String> = tables.filter_map(|it| it.name.clone()).collect();
    if tables.is_empty() {
        return Ok(());
    }
    let counts = row_count::of_tables(client, &tables).await?;
    for deletion in found.iter_mut().filter(|it| it.is_table()) {
        let count = counts.iter().find(|count| Some(&count.table) == deletion.name.as_ref());
        deletion.rows = count.and_then(|count| count.rows);
    }
    Ok(())
}
