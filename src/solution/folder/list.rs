//! Which files a folder has: all that may be part of a solution, in the order of their names, whatever the number
//! of processors that look.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::PARTS;
use crate::diagnostic::Diagnostic;
use crate::files::{self, Found, FoundKind, is_build_output, is_tools_own};

/// Something below the folder.
pub enum Listed {
    /// A file: its relative name with `/`, and where it is.
    File(String, PathBuf),
    /// What is wrong with one that is left out, or why there is no list.
    Finding(Diagnostic),
}

/// Lists the files in the folders below `root`; those right in it are a project's own. It ends early where there are
/// more than `most`.
pub fn list(root: &Path, most: usize) -> Vec<Listed> {
    let lister = Lister { count: AtomicUsize::new(0), most };
    match entries(root) {
        Ok(entries) => entries.into_par_iter().flat_map_iter(|entry| lister.entry(entry, "")).collect(),
        Err(finding) => vec![finding],
    }
}

struct Lister {
    count: AtomicUsize,
    most: usize,
}

impl Lister {
    fn entry(&self, entry: Found, folder: &str) -> Vec<Listed> {
        let Found { path, kind } = entry;
        let Some(name) = path.file_name().unwrap_or_default().to_str() else {
            let finding = Diagnostic::error("unreadable-name", "the file's name is not Unicode");
            return vec![Listed::Finding(finding.in_file(path.display().to_string(), None))];
        };
        // A backslash is a separator that a Windows tool left in the name.
        let relative = format!("{folder}{}", name.replace('\\', "/"));
        let top = folder.is_empty();
        if is_tools_own(name) && !relative.starts_with(PARTS) {
            Vec::new()
        } else if kind == FoundKind::Link {
            let finding = Diagnostic::warning("symbolic-link", "a symbolic link is not followed");
            vec![Listed::Finding(finding.in_file(path.display().to_string(), None))]
        } else if kind == FoundKind::Folder {
            let output = top && is_build_output(name);
            if output || self.count.load(Ordering::Relaxed) > self.most {
                return Vec::new();
            }
            let folder = format!("{relative}/");
            match entries(&path) {
                Ok(entries) => entries.into_par_iter().flat_map_iter(|entry| self.entry(entry, &folder)).collect(),
                Err(finding) => vec![finding],
            }
        } else if kind == FoundKind::File && relative.contains('/') {
            self.count.fetch_add(1, Ordering::Relaxed);
            vec![Listed::File(relative, path)]
        } else {
            Vec::new()
        }
    }
}

/// What stands in one folder, in the order of names.
fn entries(folder: &Path) -> Result<Vec<Found>, Listed> {
    files::entries(folder).map_err(|error| unreadable(folder, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Listed {
    let finding = Diagnostic::error("unreadable-folder", format!("it cannot be listed: {error}"));
    Listed::Finding(finding.in_file(path.display().to_string(), None))
}

#[cfg(test)]
mod tests;
