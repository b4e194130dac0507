//! What a solution file itself says that an apply needs to know: which processes and steps it ships turned on, and
//! which components of other solutions it depends on.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::dataverse::process::Kind;
use crate::solution::Contents;
pub use crate::solution::contents::Dependency;
use crate::solution::contents::{self, Piece, ProcessKind};

/// Facts of a solution file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shipped {
    /// Processes and steps that are shipped turned on.
    pub processes: Vec<Process>,
    /// Everything that it has, down to columns and views.
    pub pieces: Vec<Piece>,
    /// Solutions whose components it needs.
    pub dependencies: Vec<Dependency>,
}

/// A process or step that shall be on.
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

    /// One that can be turned on by a state; desktop flows run elsewhere.
    fn of(process: &contents::Process) -> Option<Self> {
        let kind = match process.kind {
            ProcessKind::CloudFlow => Kind::CloudFlow,
            ProcessKind::Process => Kind::Process,
            ProcessKind::Step => Kind::Step,
            ProcessKind::DesktopFlow => return None,
        };
        let connections = process.connections.clone();
        process.on.then(|| Self { id: process.id, kind, name: process.name.clone(), connections })
    }
}

/// Reads a solution zip.
pub fn read(zip: &[u8]) -> Result<Shipped, String> {
    let contents = Contents::read(zip, "the solution")
        .map_err(|findings| findings.first().map(ToString::to_string).unwrap_or_default())?;
    Ok(Shipped {
        processes: contents.processes.iter().filter_map(Process::of).collect(),
        pieces: contents.pieces,
        dependencies: contents.dependencies,
    })
}
