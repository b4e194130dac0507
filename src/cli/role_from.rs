//! `dvpack init --role-from`: the roles of an exported solution as a manifest's grants.

use std::path::Path;

use crate::bundle::LIMIT;
use crate::catalog;
use crate::cli::failure::Failure;
use crate::cli::wrong_file;
use crate::files;
use crate::solution::role::{OwnTables, Role, compress, to_value};
use crate::solution::{self, SolutionPackage};
use crate::yaml::write::{Value, section};

/// Puts the roles of the solution at `from` (all, or the one of this name) in the place of those of
/// a starter. Tables of other publishers than `prefix` are declared under `requires`.
pub fn take(starter: &str, from: &Path, only: Option<&str>, prefix: &str) -> Result<String, Failure> {
    let package = read(from)?;
    let mut roles = package.roles().map_err(Failure::invalid)?;
    let names: Vec<String> = roles.iter().map(|role| format!("`{}`", role.name)).collect();
    roles.retain(|role| only.is_none_or(|only| role.name == only));
    if roles.is_empty() {
        let failure = match only {
            Some(only) => Failure::usage(format!("`{}` has no role `{only}`", from.display())),
            None => Failure::usage(format!("`{}` has no role", from.display())),
        };
        return Err(if names.is_empty() { failure } else { failure.help(format!("it has {}", names.join(", "))) });
    }
    // The new manifest does not contain that solution's tables, so nothing may be assumed about them.
    let own = OwnTables::default();
    let written = Value::List(roles.iter().map(|role| to_value(role, &own)).collect());
    let mut text = replace_section(starter, "roles", &section("roles", written));
    let names = Value::InlineList(roles.iter().map(|role| Value::text(&role.name)).collect());
    let names = section("roles", names);
    text = text
        .lines()
        .map(|line| if line.starts_with("  roles: [") { format!("  {names}") } else { format!("{line}\n") })
        .collect();
    let tables = foreign_tables(&roles, prefix);
    if !tables.is_empty() {
        let list = Value::List(tables.iter().map(Value::text).collect());
        text = replace_section(&text, "requires", "");
        let requires = section("requires", Value::map([("tables", list)]));
        text.push_str(&format!("\n# Tables of other solutions that the grants name.\n{requires}"));
    }
    Ok(text)
}

fn read(from: &Path) -> Result<SolutionPackage, Failure> {
    if files::is_dir(from) {
        return solution::read_folder(from).map_err(Failure::invalid);
    }
    let bytes = files::read(from, LIMIT)?;
    wrong_file::for_solution(from, &bytes, "dvpack init DIR --role-from")?;
    solution::read_zip(&bytes, &from.display().to_string()).map_err(Failure::invalid)
}

/// Tables that come from neither Dataverse nor the publisher.
fn foreign_tables(roles: &[Role], prefix: &str) -> Vec<String> {
    let own = OwnTables { prefixes: vec![prefix.to_owned()], ..OwnTables::default() };
    let grants = roles.iter().flat_map(|role| compress(&role.rows, &OwnTables::default()).grants);
    let mut tables: Vec<String> =
        grants.map(|grant| grant.table).filter(|table| catalog::table(table).is_none() && !own.knows(table)).collect();
    tables.sort();
    tables.dedup();
    tables
}

/// Replaces a key at the top of a manifest, with all that is below it; `new` ends with a newline.
fn replace_section(text: &str, key: &str, new: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    let mut done = false;
    for line in text.split_inclusive('\n') {
        let top = !line.starts_with([' ', '\n', '\r']);
        if top {
            inside = line.starts_with(key) && line[key.len()..].starts_with(':');
        }
        if inside {
            if !done {
                out.push_str(new);
                done = true;
            }
            if line.trim().is_empty() {
                out.push_str(line);
            }
        } else {
            out.push_str(line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_goes_with_all_that_is_below_it() {
        let text = "a: 1\n\nroles:\n  - x\n    y\n\n# why\nb: 2\n";
        assert_eq!(replace_section(text, "roles", "roles:\n  - z\n"), "a: 1\n\nroles:\n  - z\n\n# why\nb: 2\n");
    }
}
