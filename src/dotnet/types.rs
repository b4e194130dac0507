//! Which classes of an assembly Dataverse can run.

use super::image::{self, Metadata};
use super::refusal::Refusal;
use super::tables::{Table, Tables};

const VISIBILITY: u32 = 7;
const PUBLIC: u32 = 1;
const INTERFACE: u32 = 0x20;
const ABSTRACT: u32 = 0x80;
const PLUGIN: &str = "Microsoft.Xrm.Sdk.IPlugin";
const ACTIVITIES: &str = "System.Activities.";
/// Deeper than any class stands below another one.
const DEPTH: usize = 64;

/// What Dataverse can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Implements `Microsoft.Xrm.Sdk.IPlugin`.
    Plugin,
    /// Extends an activity of `System.Activities`.
    WorkflowActivity,
}

/// A public class that Dataverse can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    /// Namespace and name.
    pub name: String,
    /// Plug-in or activity.
    pub role: Role,
}

/// What a class says it is: a row of this assembly, or a name of another one.
enum Above {
    Here(u32),
    Elsewhere(String),
    Nothing,
}

pub(super) fn types(metadata: &Metadata<'_>, tables: &Tables<'_>) -> Result<Vec<Type>, Refusal> {
    let count = tables.rows(Table::TYPE_DEF);
    let mut is_plugin = vec![false; count as usize + 1];
    for row in 1..=tables.rows(Table::INTERFACE_IMPL) {
        let class = tables.cell(Table::INTERFACE_IMPL, row, 0)? as usize;
        if let Above::Elsewhere(name) = above(metadata, tables, tables.cell(Table::INTERFACE_IMPL, row, 1)?)?
            && name == PLUGIN
            && let Some(slot) = is_plugin.get_mut(class)
        {
            *slot = true;
        }
    }
    let mut found = Vec::new();
    for row in 1..=count {
        let flags = tables.cell(Table::TYPE_DEF, row, 0)?;
        if flags & VISIBILITY != PUBLIC || flags & (INTERFACE | ABSTRACT) != 0 {
            continue;
        }
        let Some(role) = role(metadata, tables, row, &is_plugin)? else { continue };
        let name = full_name(metadata, tables, Table::TYPE_DEF, row)?;
        if !name.contains('`') {
            found.push(Type { name, role });
        }
    }
    Ok(found)
}

fn role(metadata: &Metadata<'_>, tables: &Tables<'_>, class: u32, is_plugin: &[bool]) -> Result<Option<Role>, Refusal> {
    let mut row = class;
    for _ in 0..DEPTH {
        if is_plugin.get(row as usize).copied().unwrap_or_default() {
            return Ok(Some(Role::Plugin));
        }
        match above(metadata, tables, tables.cell(Table::TYPE_DEF, row, 3)?)? {
            Above::Here(next) => row = next,
            Above::Elsewhere(name) => {
                let activity = name.strip_prefix(ACTIVITIES).is_some_and(|rest| rest.ends_with("Activity"));
                return Ok(activity.then_some(Role::WorkflowActivity));
            }
            Above::Nothing => break,
        }
    }
    Ok(None)
}

fn full_name(metadata: &Metadata<'_>, tables: &Tables<'_>, table: Table, row: u32) -> Result<String, Refusal> {
    let name = metadata.string(tables.cell(table, row, 1)?)?;
    let space = metadata.string(tables.cell(table, row, 2)?)?;
    Ok(if space.is_empty() { name } else { format!("{space}.{name}") })
}

/// A `TypeDefOrRef` index: two bits of table, then the row.
fn above(metadata: &Metadata<'_>, tables: &Tables<'_>, index: u32) -> Result<Above, Refusal> {
    let index = match (index & 3, index >> 2) {
        (_, 0) => return Ok(Above::Nothing),
        (2, row) => {
            // A generic class with its arguments: the class is the first thing that its signature names.
            match generic_class(metadata.blob(tables.cell(Table::TYPE_SPEC, row, 0)?)?) {
                Some(index) => index,
                None => return Ok(Above::Nothing),
            }
        }
        _ => index,
    };
    match (index & 3, index >> 2) {
        (_, 0) => Ok(Above::Nothing),
        (0, row) => Ok(Above::Here(row)),
        (1, row) => Ok(Above::Elsewhere(full_name(metadata, tables, Table::TYPE_REF, row)?)),
        _ => Ok(Above::Nothing),
    }
}

fn generic_class(signature: &[u8]) -> Option<u32> {
    const GENERIC_INSTANCE: u8 = 0x15;
    const CLASS: u8 = 0x12;
    match signature {
        [GENERIC_INSTANCE, CLASS, rest @ ..] => image::compressed(rest).map(|(number, _)| number),
        _ => None,
    }
}
