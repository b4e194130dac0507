//! The files of a folder: listed in one fixed order, found without case, read within bounds, each when
//! its turn comes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::list::{Listed, list};
use super::map::FileMap;
use crate::archive::Content;
use crate::diagnostic::{Diagnostic, Severity};
use crate::files::{self, FileError};

/// The most that one folder may hold: twice the size limit of a solution, unpacked ten times.
const MAX_BYTES: u64 = 2 << 30;
const MAX_FILES: usize = 200_000;
const MAX_FILE_BYTES: u64 = 512 << 20;

/// A file of a [`Tree`].
pub type Id = usize;

/// The files below a folder; their contents stay on the disk.
pub struct Tree {
    files: Vec<File>,
    /// Lower-case relative name → file.
    names: BTreeMap<String, Id>,
}

struct File {
    /// The relative name as written, with `/`.
    name: String,
    source: Source,
    size: usize,
    used: bool,
}

enum Source {
    Disk(PathBuf),
    Memory(Arc<[u8]>),
}

impl Tree {
    /// Lists `root`, some files from where `map` says; what is wrong with single files goes to `findings`.
    pub fn list(root: &Path, map: Option<&FileMap>, findings: &mut Vec<Diagnostic>) -> Result<Self, Box<Diagnostic>> {
        let too_large = || {
            let message = format!("the folder contains more than {MAX_FILES} files or {MAX_BYTES} bytes");
            Diagnostic::error("too-large", message).in_file(root.display().to_string(), None)
        };
        let mut paths: Vec<(String, PathBuf)> = Vec::new();
        for listed in list(root, MAX_FILES) {
            match listed {
                Listed::File(name, path) => paths.push((name, path)),
                Listed::Finding(finding) if finding.severity == Severity::Error => return Err(finding.into()),
                Listed::Finding(finding) => findings.push(finding),
            }
        }
        if paths.len() > MAX_FILES {
            return Err(too_large().into());
        }
        if let Some(map) = map {
            findings.extend(map.apply(&mut paths).into_iter().map(|finding| *finding));
        }
        let sizes: Result<Vec<u64>, Box<Diagnostic>> = paths.par_iter().map(|(_, path)| size(path)).collect();
        let sizes = sizes?;
        if sizes.iter().sum::<u64>() > MAX_BYTES {
            return Err(too_large().into());
        }
        let mut tree = Self { files: Vec::new(), names: BTreeMap::new() };
        for ((name, path), size) in paths.into_iter().zip(sizes) {
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            tree.add(File { name, source: Source::Disk(path), size, used: false })
                .map_err(|finding| finding.in_file(root.display().to_string(), None))?;
        }
        Ok(tree)
    }

    /// A tree of these files.
    pub fn of(all: impl IntoIterator<Item = (String, Arc<[u8]>)>) -> Result<Self, Box<Diagnostic>> {
        let mut tree = Self { files: Vec::new(), names: BTreeMap::new() };
        for (name, bytes) in all {
            tree.add(File { name, size: bytes.len(), source: Source::Memory(bytes), used: false })?;
        }
        Ok(tree)
    }

    fn add(&mut self, file: File) -> Result<(), Box<Diagnostic>> {
        if let Some(other) = self.names.insert(file.name.to_lowercase(), self.files.len()) {
            let message = format!("`{}` and `{}` differ only in case", self.files[other].name, file.name);
            return Err(Diagnostic::error("ambiguous-name", message)
                .help("Dataverse and Windows take them for one file: rename or remove one")
                .into());
        }
        self.files.push(file);
        Ok(())
    }

    /// Whether there is a file of that name, in any case.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains_key(&name.to_lowercase())
    }

    /// The file of that name, in any case.
    pub fn id(&self, name: &str) -> Option<Id> {
        self.names.get(&name.to_lowercase()).copied()
    }

    /// The file of that name, in any case; it then counts as used.
    pub fn take(&mut self, name: &str) -> Option<Id> {
        let id = self.id(name)?;
        self.files[id].used = true;
        Some(id)
    }

    /// Its name as written.
    pub fn name(&self, id: Id) -> &str {
        &self.files[id].name
    }

    /// Its size when it was listed.
    pub fn size(&self, id: Id) -> usize {
        self.files[id].size
    }

    /// Its content, to be read when it is needed.
    pub fn content(&self, id: Id) -> Content<'_> {
        match &self.files[id].source {
            Source::Disk(path) => Content::File { path, size: self.size(id) },
            Source::Memory(bytes) => Content::Bytes(bytes),
        }
    }

    /// Its content.
    pub fn read(&self, id: Id) -> Result<Vec<u8>, Box<Diagnostic>> {
        match &self.files[id].source {
            Source::Disk(path) => files::read(path, MAX_FILE_BYTES).map_err(unreadable),
            Source::Memory(bytes) => Ok(bytes.to_vec()),
        }
    }

    /// The names below a folder (ending in `/`), in the order of their lower-case form.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = &str> {
        let folder = folder.to_lowercase();
        let start = folder.clone();
        self.names
            .range(start..)
            .take_while(move |(key, _)| key.starts_with(&folder))
            .map(|(_, id)| self.files[*id].name.as_str())
    }

    /// Files that nothing has taken, in the order of their lower-case names.
    pub fn rest(&self) -> impl Iterator<Item = Id> {
        self.names.values().copied().filter(|id| !self.files[*id].used)
    }
}

fn unreadable(error: FileError) -> Box<Diagnostic> {
    Diagnostic::error("unreadable-file", error.to_string()).into()
}

fn size(path: &Path) -> Result<u64, Box<Diagnostic>> {
    let size = files::size(path).map_err(|error| unreadable(FileError::new("read", path, error)))?;
    if size > MAX_FILE_BYTES {
        let message = format!("it has {size} bytes, more than the {MAX_FILE_BYTES} that are read here");
        return Err(Diagnostic::error("too-large", message).in_file(path.display().to_string(), None).into());
    }
    Ok(size)
}
