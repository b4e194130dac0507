//! .NET assemblies: what one is called, and which of its types Dataverse can run.
//!
//! May use nothing else of the crate. An assembly comes from outside: every offset and count in it is
//! checked before it is followed, and nothing is allocated on its word. Facts: ECMA-335, partition II
//! (§22 tables, §23.2 signatures, §24 file layout, §25 PE); the token is that of `AssemblyName`.

mod image;
mod tables;

use std::fmt;

use sha1_smol::Sha1;

use image::Metadata;
use tables::{Table, Tables};

/// Why a file was not read as an assembly.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a Windows executable.
    #[error("it is not a Windows program or library")]
    NotPortable,
    /// Native code only.
    #[error("it contains no .NET code")]
    NotDotNet,
    /// A module without an assembly.
    #[error("it is a .NET module without an assembly's name")]
    NoAssembly,
    /// It ends early, or an offset points outside.
    #[error("it is damaged: {0} lies outside the file")]
    Outside(&'static str),
    /// Something is there that no compiler writes.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
}

/// An assembly's full name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The simple name.
    pub name: String,
    /// Four numbers.
    pub version: [u16; 4],
    /// `None` is `neutral`.
    pub culture: Option<String>,
    /// `None` for an assembly without a strong name.
    pub token: Option<[u8; 8]>,
}

impl Identity {
    /// The version with dots.
    #[must_use]
    pub fn version(&self) -> String {
        self.version.map(|number| number.to_string()).join(".")
    }

    /// The culture, or `neutral`.
    #[must_use]
    pub fn culture(&self) -> &str {
        self.culture.as_deref().unwrap_or("neutral")
    }

    /// The token in hexadecimal digits, or `null`.
    #[must_use]
    pub fn token(&self) -> String {
        self.token.map_or_else(
            || "null".to_owned(),
            |token| token.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")),
        )
    }
}

impl fmt::Display for Identity {
    /// `Name, Version=1.0.0.0, Culture=neutral, PublicKeyToken=…`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, version, culture) = (&self.name, self.version(), self.culture());
        write!(f, "{name}, Version={version}, Culture={culture}, PublicKeyToken={}", self.token())
    }
}

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

/// What is read of an assembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assembly {
    /// Its full name.
    pub identity: Identity,
    /// Public classes that can be made and are plug-ins or activities, in the order of the file. A base
    /// class in another assembly hides that from this reader; nested and generic classes are passed over.
    pub types: Vec<Type>,
}

const PUBLIC_KEY: u32 = 1;
const VISIBILITY: u32 = 7;
const PUBLIC: u32 = 1;
const INTERFACE: u32 = 0x20;
const ABSTRACT: u32 = 0x80;
const PLUGIN: &str = "Microsoft.Xrm.Sdk.IPlugin";
const ACTIVITIES: &str = "System.Activities.";
/// Deeper than any class stands below another one.
const DEPTH: usize = 64;

/// Reads an assembly.
///
/// # Errors
/// A [`Refusal`] for what is not an assembly, or not a sound one.
pub fn read(bytes: &[u8]) -> Result<Assembly, Refusal> {
    let metadata = image::metadata(bytes)?;
    let tables = Tables::read(&metadata)?;
    let identity = identity(&metadata, &tables)?;
    let types = types(&metadata, &tables)?;
    Ok(Assembly { identity, types })
}

fn identity(metadata: &Metadata<'_>, tables: &Tables<'_>) -> Result<Identity, Refusal> {
    if tables.rows(Table::ASSEMBLY) == 0 {
        return Err(Refusal::NoAssembly);
    }
    let cell = |column| tables.cell(Table::ASSEMBLY, 1, column);
    let number = |column| Ok::<_, Refusal>(u16::try_from(cell(column)?).unwrap_or_default());
    let key = metadata.blob(cell(6)?)?;
    let culture = metadata.string(cell(8)?)?;
    Ok(Identity {
        name: metadata.string(cell(7)?)?,
        version: [number(1)?, number(2)?, number(3)?, number(4)?],
        culture: (!culture.is_empty()).then_some(culture),
        token: (cell(5)? & PUBLIC_KEY != 0 && !key.is_empty()).then(|| token(key)),
    })
}

/// The last eight bytes of the key's SHA-1, in reverse: a name, not a protection.
fn token(key: &[u8]) -> [u8; 8] {
    let digest = Sha1::from(key).digest().bytes();
    let mut token = [0; 8];
    for (to, from) in token.iter_mut().zip(digest.iter().rev()) {
        *to = *from;
    }
    token
}

/// What a class says it is: a row of this assembly, or a name of another one.
enum Above {
    Here(u32),
    Elsewhere(String),
    Nothing,
}

fn types(metadata: &Metadata<'_>, tables: &Tables<'_>) -> Result<Vec<Type>, Refusal> {
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

#[cfg(test)]
mod tests;
