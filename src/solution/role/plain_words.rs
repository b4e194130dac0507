//! What a role allows, in sentences for people who do not read matrices.

use indexmap::IndexMap;

use super::matrix::{Matrix, MatrixRow, OWN_GROUP};
use crate::catalog::{Level, Right};

/// At most so many sentences about tables; a role with more is told by its largest groups.
const MOST_SENTENCES: usize = 12;

/// Lines such as `can read every Account in the organization`. What nobody can do comes last.
#[must_use]
pub fn summary(matrix: &Matrix) -> Vec<String> {
    let rows = || matrix.groups.iter().flat_map(|group| &group.rows);
    // (rights, level) → tables
    let mut sentences: IndexMap<(Vec<Right>, Level), Vec<&str>> = IndexMap::new();
    for row in rows() {
        for level in Level::ALL.into_iter().rev() {
            let rights = rights_at(row, level);
            if !rights.is_empty() {
                sentences.entry((rights, level)).or_default().push(&row.table);
            }
        }
    }
    let mut sentences: Vec<_> = sentences.into_iter().collect();
    let left_out = sentences.len().saturating_sub(MOST_SENTENCES);
    if left_out > 0 {
        sentences.sort_by_key(|(_, tables)| std::cmp::Reverse(tables.len()));
        sentences.truncate(MOST_SENTENCES);
    }
    let mut lines: Vec<String> =
        sentences.into_iter().map(|((rights, level), tables)| sentence(&rights, level, &tables)).collect();
    if left_out > 0 {
        lines.push(format!("and {left_out} more combinations of rights and tables, which the matrix shows"));
    }
    for other in &matrix.others {
        if let Some(meaning) = other.meaning {
            lines.push(meaning.to_owned());
        }
    }
    let unknown = matrix.others.iter().filter(|other| other.meaning.is_none()).count();
    if unknown > 0 {
        lines.push(format!(
            "has {unknown} privilege{} whose meaning is not in the catalog",
            if unknown == 1 { "" } else { "s" }
        ));
    }
    let own = matrix.groups.first().filter(|group| group.title == OWN_GROUP);
    let others = || matrix.groups.iter().filter(|group| group.title != OWN_GROUP).flat_map(|group| &group.rows);
    let nowhere = ungranted(rows());
    if !nowhere.is_empty() {
        lines.push(format!("cannot {} anything", joined(&nowhere, "or")));
    }
    if own.is_some() {
        let elsewhere: Vec<&str> = ungranted(others()).into_iter().filter(|verb| !nowhere.contains(verb)).collect();
        if !elsewhere.is_empty() {
            lines.push(format!("cannot {} anything but rows of the solution's own tables", joined(&elsewhere, "or")));
        }
    }
    lines
}

/// One line for each thing that a reviewer should look at twice.
#[must_use]
pub fn look_twice(matrix: &Matrix) -> Vec<String> {
    let of_table = |row: &MatrixRow| -> Vec<String> {
        row.cells
            .iter()
            .filter_map(|cell| {
                Some(format!("{} on {} ({}): {}", cell.title, row.table, cell.text, cell.unusual.as_ref()?))
            })
            .collect()
    };
    let tables = matrix.groups.iter().flat_map(|group| &group.rows).flat_map(of_table);
    let others = matrix.others.iter().filter_map(|other| Some(format!("{}: {}", other.name, other.unusual.as_ref()?)));
    tables.chain(others).collect()
}

/// The verbs of the rights that none of these tables has.
fn ungranted<'a>(rows: impl Iterator<Item = &'a MatrixRow> + Clone) -> Vec<&'static str> {
    let verbs = [
        (Right::Create, "create"),
        (Right::Write, "change"),
        (Right::Delete, "delete"),
        (Right::Assign, "assign"),
        (Right::Share, "share"),
    ];
    let granted =
        |right| rows.clone().flat_map(|row| &row.cells).any(|cell| cell.right == right && cell.level.is_some());
    verbs.into_iter().filter(|(right, _)| !granted(*right)).map(|(_, verb)| verb).collect()
}

fn rights_at(row: &MatrixRow, level: Level) -> Vec<Right> {
    row.cells.iter().filter(|cell| cell.level == Some(level)).map(|cell| cell.right).collect()
}

fn sentence(rights: &[Right], level: Level, tables: &[&str]) -> String {
    let verbs: Vec<&str> = rights
        .iter()
        .map(|right| match right {
            Right::Create => "create",
            Right::Read => "read",
            Right::Write => "change",
            Right::Delete => "delete",
            Right::Append => "append",
            Right::AppendTo => "append to",
            Right::Assign => "assign",
            Right::Share => "share",
        })
        .collect();
    let verbs = if rights.len() == Right::ALL.len() { "do everything with".to_owned() } else { joined(&verbs, "and") };
    let shown: Vec<&str> = tables.iter().take(6).copied().collect();
    let tables = if tables.len() > shown.len() {
        format!("{} and {} more tables", shown.join(", "), tables.len() - shown.len())
    } else {
        joined(&shown, "and")
    };
    match level {
        Level::Global => format!("can {verbs} every {tables} in the organization"),
        Level::Deep => format!("can {verbs} {tables} of its business unit and those below it"),
        Level::Local => format!("can {verbs} {tables} of its business unit"),
        Level::Basic => format!("can {verbs} its own {tables}"),
    }
    .replace("every Activities", "all activities")
    .replace("own Activities", "own activities")
}

fn joined(words: &[&str], last: &str) -> String {
    match words.split_last() {
        Some((word, [])) => (*word).to_owned(),
        Some((word, rest)) => format!("{} {last} {word}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::matrix::matrix;
    use super::super::model::Row;
    use super::*;

    #[test]
    fn says_what_it_can_do_and_what_nobody_can() {
        let rows = [
            ("prvReadAccount", Level::Global),
            ("prvReadContact", Level::Global),
            ("prvWriteContact", Level::Basic),
            ("prvReadActivity", Level::Global),
            ("prvSendAsUser", Level::Global),
        ]
        .map(|(name, level)| Row::new(name, level));
        assert_eq!(
            summary(&matrix(&rows)),
            [
                "can read every Account, Contact and Activities in the organization",
                "can change its own Contact",
                "can send e-mail as another user",
                "cannot create, delete, assign or share anything",
            ]
        );
    }
}
