//! Values from files: which are never read, and how one is read so that nobody can put another one in its place.

#![allow(clippy::disallowed_methods, reason = "it looks at which file a name means, and who else can write it")]

use std::fs::{File, Metadata};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::{Machine, Value, refused, unreadable};
use crate::catalog::credentials;
use crate::deploy::failure::Failure;

/// The largest file that a value is read from.
const FILE_LIMIT: u64 = 64 << 10;

impl Machine<'_> {
    /// As written, and where it leads.
    pub(super) fn check_file(&self, setting: &str, value: &Value, path: &str) -> Result<(), Failure> {
        let written = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
        self.check_path(setting, value, &written)?;
        match std::fs::canonicalize(path) {
            Ok(real) => self.check_path(setting, value, &real),
            Err(_) => Ok(()),
        }
    }

    fn check_path(&self, setting: &str, value: &Value, path: &Path) -> Result<(), Failure> {
        if let Some(known) = credentials::file(path) {
            return Err(refused(setting, value, known.what));
        }
        let is_own = |own: &PathBuf| {
            let real = std::fs::canonicalize(own).ok();
            let below = |own: &Path| path.starts_with(own);
            below(own)
                || real.as_deref().is_some_and(below)
                || std::fs::metadata(own).is_ok_and(|own| is_same(path, &own))
        };
        if self.own_files.iter().any(is_own) {
            return Err(refused(setting, value, "what dvpack or another tool signs in with"));
        }
        if std::fs::metadata(path).is_ok_and(|it| has_other_names(&it)) {
            return Err(refused(setting, value, OTHER_NAMES));
        }
        Ok(())
    }

    pub(super) fn read_file(&self, setting: &str, value: &Value, path: &Path) -> Result<String, Failure> {
        let wrong = |why: String| unreadable(setting, format!("cannot read `{}`: {why}", path.display()));
        let real = std::fs::canonicalize(path).map_err(|error| wrong(error.to_string()))?;
        self.check_path(setting, value, &real)?;
        let (opened, bytes) = read_open(&real).map_err(wrong)?;
        if has_other_names(&opened) {
            return Err(refused(setting, value, OTHER_NAMES));
        }
        // The opened file is the one that was checked.
        if std::fs::canonicalize(&real).ok().as_ref() != Some(&real) || !is_same(&real, &opened) {
            return Err(wrong("it changed while it was being read".into()));
        }
        let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8 text".into()))?;
        Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
    }

    /// The contents of the files that dvpack itself signs in with, each with its name.
    pub(super) fn own_texts(&self) -> Vec<(String, String)> {
        let content = |own: &PathBuf| {
            let (_, bytes) = read_open(own).ok()?;
            Some((format!("`{}`", own.display()), String::from_utf8(bytes).ok()?))
        };
        self.own_files.iter().filter_map(content).collect()
    }
}

/// Opens a regular file without waiting for anything, and reads it.
fn read_open(path: &Path) -> Result<(Metadata, Vec<u8>), String> {
    const IRREGULAR: &str = "it is not a regular file";
    // A device can do something when it is opened.
    if !std::fs::metadata(path).map_err(|error| error.to_string())?.is_file() {
        return Err(IRREGULAR.into());
    }
    let file = open(path).map_err(|error| error.to_string())?;
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err(IRREGULAR.into());
    }
    let mut bytes = Vec::new();
    file.take(FILE_LIMIT + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(format!("it has more than {FILE_LIMIT} bytes"));
    }
    Ok((metadata, bytes))
}

/// `O_NONBLOCK`: a pipe that took the file's place meanwhile is not waited for.
#[cfg(unix)]
fn open(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    const NONBLOCK: i32 = if cfg!(any(target_os = "linux", target_os = "android")) { 0o4000 } else { 0x4 };
    std::fs::OpenOptions::new().read(true).custom_flags(NONBLOCK).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> std::io::Result<File> {
    File::open(path)
}

/// Whether a path leads to a file, even under another name.
#[cfg(unix)]
fn is_same(path: &Path, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).is_ok_and(|here| (here.dev(), here.ino()) == (other.dev(), other.ino()))
}

/// Windows has no such number in the standard library: size and time are compared instead.
#[cfg(not(unix))]
fn is_same(path: &Path, other: &Metadata) -> bool {
    std::fs::metadata(path).is_ok_and(|here| {
        here.len() == other.len()
            && here.modified().ok() == other.modified().ok()
            && here.created().ok() == other.created().ok()
    })
}

/// There is no way to find out the other names of such a file.
const OTHER_NAMES: &str = "a file with another name (a hard link), which may be that of a credential";

#[cfg(unix)]
fn has_other_names(file: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.is_file() && file.nlink() > 1
}

/// Windows has no such number in the standard library.
#[cfg(not(unix))]
fn has_other_names(_: &Metadata) -> bool {
    false
}
