//! What an apply needs to know from a solution file itself: which processes and steps it ships turned on, which
//! components of other solutions it depends on, which languages it has, and which files it uploads.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::dataverse::process::Kind;
use crate::deploy::brought::{self, Brought};
use crate::solution::Contents;
pub use crate::solution::contents::Dependency;
use crate::solution::contents::{self, Piece, ProcessKind, WEB_RESOURCE};
use crate::solution::role::{ColumnSecurity, OwnTables};

/// Facts of a solution file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shipped {
    /// Processes and steps that are shipped turned on.
    pub processes: Vec<Process>,
    /// Everything that it has, down to columns and views.
    pub pieces: Vec<Piece>,
    /// Solutions whose components it needs.
    pub dependencies: Vec<Dependency>,
    /// The tables that it brings.
    pub own_tables: OwnTables,
    /// The columns that it secures, and what its profiles let be read.
    pub column_security: ColumnSecurity,
    /// The defaults of its environment variables, by name in lower case.
    pub defaults: BTreeMap<String, String>,
    /// The environment variables that it brings a value for, by name in lower case.
    pub values: BTreeSet<String>,
    /// The languages of its labels, by code.
    pub languages: BTreeSet<u32>,
    /// Files that the environment's upload limit applies to.
    pub uploads: Vec<Upload>,
    /// Names in it that could be mistaken for others, in words.
    pub lookalikes: Vec<String>,
    /// What its import adds besides its own tables and files.
    pub brings: Vec<Brought>,
}

/// A file that becomes a web resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// What it is, for messages.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Whether it belongs to a code component.
    pub of_code_component: bool,
}

impl Upload {
    /// Those of a solution: its web resources, and the files of its code components except their manifests.
    fn all(contents: &Contents) -> Vec<Self> {
        let one = |part: &contents::PartFacts| {
            let is_it = |file: &&contents::NamedFile| file.file.eq_ignore_ascii_case(&part.name);
            let resource = contents.named_files.iter().filter(|file| file.kind == WEB_RESOURCE).find(is_it);
            let lower = part.name.to_ascii_lowercase();
            let of_code_component = lower.starts_with("controls/") && !lower.ends_with("/controlmanifest.xml");
            let name = match resource {
                Some(resource) => format!("web resource `{}`", resource.name),
                None if of_code_component => format!("file `{}` of a code component", part.name),
                None => return None,
            };
            Some(Self { name, size: u64::try_from(part.size).unwrap_or(u64::MAX), of_code_component })
        };
        contents.parts.iter().filter_map(one).collect()
    }
}

/// A process or step that should be on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Row id, the same in every environment.
    pub id: Uuid,
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// For cloud flows: the connection references that it uses.
    pub connections: BTreeSet<String>,
}

impl Process {
    /// Whether a person means this one.
    #[must_use]
    pub fn is_named(&self, text: &str) -> bool {
        let id = Uuid::parse_str(text.trim().trim_matches(['{', '}'])).ok();
        self.name.eq_ignore_ascii_case(text) || id == Some(self.id)
    }

    /// One that can be turned on by its state; desktop flows run elsewhere.
    fn of(process: &contents::Process) -> Option<Self> {
        let kind = match process.kind {
            ProcessKind::CloudFlow => Kind::CloudFlow,
            ProcessKind::Process | ProcessKind::Other => Kind::Process,
            ProcessKind::Step => Kind::Step,
            ProcessKind::DesktopFlow => return None,
        };
        let connections = process.connections.clone();
        (process.on == Some(true)).then(|| Self { id: process.id, kind, name: process.name.clone(), connections })
    }
}

/// Reads a solution zip.
pub fn read(zip: &[u8]) -> Result<Shipped, String> {
    let contents = Contents::read(zip, "the solution")
        .map_err(|findings| findings.first().map(ToString::to_string).unwrap_or_default())?;
    Ok(Shipped {
        processes: contents.processes.iter().filter_map(Process::of).collect(),
        uploads: Upload::all(&contents),
        brings: brought::brought(&contents),
        lookalikes: contents.lookalikes().into_iter().map(|it| it.message).collect(),
        pieces: contents.pieces,
        values: contents.values.iter().map(|value| value.variable.to_lowercase()).collect(),
        languages: contents.languages,
        dependencies: contents.dependencies,
        own_tables: contents.own_tables,
        column_security: contents.column_security,
        defaults: contents
            .variables
            .into_iter()
            .filter_map(|variable| Some((variable.name.to_lowercase(), variable.default?)))
            .collect(),
    })
}
