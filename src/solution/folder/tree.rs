//! The files of a folder: listed in one fixed order, found without case, read within bounds.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use walkdir::WalkDir;

use super::map::FileMap;
use crate::diagnostic::Diagnostic;
use crate::files;

/// The most that one folder may hold: twice the size limit of a solution, unpacked ten times.
const MAX_BYTES: u64 = 2 << 30;
const MAX_FILES: usize = 200_000;
const MAX_FILE_BYTES: u64 = 512 << 20;

/// The files below a folder.
pub struct Tree {
    /// Lower-case relative name → name as written and content.
    files: BTreeMap<String, (String, Vec<u8>)>,
    used: RefCell<BTreeSet<String>>,
}

impl Tree {
    /// Lists and reads `root`, some files from where `map` says; what is wrong with single files goes to
    /// `findings`.
    pub fn read(root: &Path, map: Option<&FileMap>, findings: &mut Vec<Diagnostic>) -> Result<Self, Box<Diagnostic>> {
        let mut paths: Vec<(String, PathBuf)> = Vec::new();
        let mut total = 0_u64;
        let walk = WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy().to_lowercase();
            let top = entry.depth() == 1 && entry.file_type().is_dir();
            let output = top && super::OUTPUT.contains(&name.as_str());
            let kept = entry.path().strip_prefix(root).is_ok_and(|path| path.starts_with(super::PARTS));
            let accident = entry.depth() > 0 && !kept && super::is_accident(&name);
            !output && !accident
        });
        for entry in walk {
            let entry = entry.map_err(|error| Diagnostic::error("unreadable-folder", error.to_string()))?;
            let shown = entry.path().display().to_string();
            let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
            if entry.file_type().is_symlink() {
                findings
                    .push(Diagnostic::warning("symbolic-link", "a symbolic link is not followed").in_file(shown, None));
            } else if entry.file_type().is_file() {
                let Some(name) = relative.to_str() else {
                    return Err(Diagnostic::error("unreadable-name", "the file's name is not Unicode")
                        .in_file(shown, None)
                        .into());
                };
                let name = name.replace('\\', "/");
                if !name.contains('/') {
                    continue; // loose files beside the folders are a project's own
                }
                total += entry.metadata().map_or(0, |metadata| metadata.len());
                paths.push((name, entry.into_path()));
                if total > MAX_BYTES || paths.len() > MAX_FILES {
                    let message = format!("the folder holds more than {MAX_FILES} files or {MAX_BYTES} bytes");
                    return Err(Diagnostic::error("too-large", message)
                        .in_file(root.display().to_string(), None)
                        .into());
                }
            }
        }
        if let Some(map) = map {
            findings.extend(map.apply(&mut paths).into_iter().map(|finding| *finding));
        }
        let read: Result<Vec<_>, _> = paths
            .into_par_iter()
            .map(|(name, path)| files::read(&path, MAX_FILE_BYTES).map(|bytes| (name, bytes)))
            .collect();
        let read = read.map_err(|error| Diagnostic::error("unreadable-file", error.to_string()))?;
        Self::of(read).map_err(|finding| finding.in_file(root.display().to_string(), None).into())
    }

    /// A tree of these files.
    pub fn of(all: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self, Box<Diagnostic>> {
        let mut files = BTreeMap::new();
        for (name, bytes) in all {
            if let Some((other, _)) = files.insert(name.to_lowercase(), (name.clone(), bytes)) {
                let message = format!("`{other}` and `{name}` differ only in case");
                return Err(Diagnostic::error("ambiguous-name", message)
                    .help("Dataverse and Windows take them for one file: rename or remove one")
                    .into());
            }
        }
        Ok(Self { files, used: RefCell::default() })
    }

    /// Whether there is a file of that name, in any case.
    pub fn has(&self, name: &str) -> bool {
        self.files.contains_key(&name.to_lowercase())
    }

    /// The file of that name, in any case; it then counts as used.
    pub fn take(&self, name: &str) -> Option<(&str, &[u8])> {
        let key = name.to_lowercase();
        let (name, bytes) = self.files.get(&key)?;
        self.used.borrow_mut().insert(key);
        Some((name, bytes))
    }

    /// The names below a folder (ending in `/`), in the order of their lower-case form.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = &str> {
        let folder = folder.to_lowercase();
        let start = folder.clone();
        self.files
            .range(start..)
            .take_while(move |(key, _)| key.starts_with(&folder))
            .map(|(_, (name, _))| name.as_str())
    }

    /// Files that nothing has taken.
    pub fn rest(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let used = self.used.borrow().clone();
        self.files
            .iter()
            .filter(move |(key, _)| !used.contains(*key))
            .map(|(_, (name, bytes))| (name.as_str(), bytes.as_slice()))
    }
}
