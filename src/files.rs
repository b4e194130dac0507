//! Files in and out: bounded reads, and writes that either happen whole or not at all.
//!
//! Every error names the path. Nothing else in the library reads or writes a file by its name, but for the few modules
//! that look at who may read it before they do (`clippy.toml` forbids it). A build without the feature `native`
//! has no files: each read fails, and there is nothing to write with.

#![allow(clippy::disallowed_methods, reason = "this is the module that may")]

#[cfg(feature = "native")]
mod write;

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

#[cfg(feature = "native")]
pub use write::{
    Pending, append, begin, create, create_folder, create_folders, remove_folder, rename, replace, replaceable,
    sync_folder, write,
};

#[cfg(feature = "native")]
type File = std::fs::File;
#[cfg(not(feature = "native"))]
type File = io::Empty;

/// An input or output error and the path it is about.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} `{}`: {source}", path.display())]
pub struct FileError {
    /// What was tried: `read`, `write`, `create`…
    pub doing: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// The operating system's answer.
    pub source: io::Error,
}

impl FileError {
    /// Wraps an operating system error.
    pub fn new(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self { doing, path: path.to_owned(), source }
    }
}

/// Whether a file or folder of this name belongs to a tool that works on a project (version control, an editor, a
/// package manager), and is never part of what the project gives.
#[must_use]
pub fn is_tools_own(name: &str) -> bool {
    const NAMES: [&str; 6] = [".git", ".vs", ".vscode", "node_modules", ".idea", ".svn"];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether a folder of this name, at the top of a project, holds what a build of it leaves.
#[must_use]
pub fn is_build_output(name: &str) -> bool {
    name.eq_ignore_ascii_case("bin") || name.eq_ignore_ascii_case("obj")
}

/// Opens a file for reading, with its size.
///
/// # Errors
///
/// What the operating system says.
pub fn open(path: &Path) -> io::Result<(File, u64)> {
    #[cfg(feature = "native")]
    {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        Ok((file, size))
    }
    #[cfg(not(feature = "native"))]
    {
        let _ = path;
        Err(none())
    }
}

/// Reads a whole file that may have at most `limit` bytes.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let fail = |source| FileError::new("read", path, source);
    let (file, size) = open(path).map_err(fail)?;
    if size > limit {
        return Err(fail(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it has {size} bytes, more than the {limit} that are read here"),
        )));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    // One byte more than allowed, so that a file that grows, or a pipe, is noticed too.
    file.take(limit + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > limit {
        return Err(fail(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {limit} bytes"))));
    }
    Ok(bytes)
}

/// What others on this machine can do with a file that only its owner should have, read or replace it, and its mode, behind
/// “it is a file”; nothing where they can do neither. A pipe has no such mode, and Windows has other rules.
#[must_use]
#[cfg(feature = "native")]
pub fn shared(metadata: &std::fs::Metadata) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = metadata.permissions().mode() & 0o777;
        let others = match (mode & 0o044, mode & 0o022) {
            (0, 0) => return None,
            (0, _) => "replace",
            _ => "read",
        };
        metadata.is_file().then(|| format!("that other users of this machine can {others} (mode {mode:04o})"))
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}

/// What to do about such a file.
#[must_use]
pub fn keep_to_yourself(path: &Path) -> String {
    format!("allow only yourself to read it: chmod 600 -- '{}'", path.display().to_string().replace('\'', "'\\''"))
}

/// Reads a whole UTF-8 text file (a byte order mark is dropped).
pub fn read_text(path: &Path, limit: u64) -> Result<String, FileError> {
    let text = String::from_utf8(read(path, limit)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        FileError::new(
            "read",
            path,
            io::Error::new(io::ErrorKind::InvalidData, format!("it is not UTF-8 text (byte {at})")),
        )
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Whether this is a file, or a link to one.
#[must_use]
pub fn is_file(path: &Path) -> bool {
    cfg!(feature = "native") && path.is_file()
}

/// Whether this is a folder, or a link to one.
#[must_use]
pub fn is_dir(path: &Path) -> bool {
    cfg!(feature = "native") && path.is_dir()
}

/// Whether there is anything here.
#[must_use]
pub fn exists(path: &Path) -> bool {
    cfg!(feature = "native") && path.exists()
}

/// The path without links and `..`.
///
/// # Errors
///
/// What the operating system says; a path that leads nowhere is one too.
pub fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    path.canonicalize()
}

/// What the system knows of a file.
///
/// # Errors
///
/// What the operating system says.
#[cfg(feature = "native")]
pub fn metadata(path: &Path) -> io::Result<std::fs::Metadata> {
    path.metadata()
}

/// The first bytes of a file, at most so many.
///
/// # Errors
///
/// What the operating system says.
pub fn head(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    open(path)?.0.take(most).read_to_end(&mut head)?;
    Ok(head)
}

/// How many bytes a file has.
///
/// # Errors
///
/// What the operating system says.
pub fn size(path: &Path) -> io::Result<u64> {
    path.metadata().map(|metadata| metadata.len())
}

/// A file or folder that stands in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// What it is; a symbolic link is neither.
    pub kind: FoundKind,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, which is not followed.
    Link,
    /// A pipe, a device, …
    Other,
}

impl Found {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &OsStr {
        self.path.file_name().unwrap_or_default()
    }
}

/// What is in one folder, in the order of names.
///
/// # Errors
///
/// What the operating system says.
pub fn entries(folder: &Path) -> io::Result<Vec<Found>> {
    #[cfg(feature = "native")]
    {
        let read = |entry: io::Result<std::fs::DirEntry>| {
            let entry = entry?;
            let kind = entry.file_type()?;
            let kind = match () {
                () if kind.is_symlink() => FoundKind::Link,
                () if kind.is_dir() => FoundKind::Folder,
                () if kind.is_file() => FoundKind::File,
                () => FoundKind::Other,
            };
            Ok(Found { path: entry.path(), kind })
        };
        let mut found = std::fs::read_dir(folder)?.map(read).collect::<io::Result<Vec<_>>>()?;
        found.sort_by(|a, b| a.name().cmp(b.name()));
        Ok(found)
    }
    #[cfg(not(feature = "native"))]
    {
        let _ = folder;
        Err(none())
    }
}

/// Everything below a folder, in the order of paths, without following links; `enter` says which folders are looked
/// into, and which files are given, by their names. What cannot be read is left out.
pub fn walk(folder: &Path, enter: impl Fn(&str) -> bool) -> impl Iterator<Item = Found> {
    #[cfg(feature = "native")]
    {
        let seen = move |entry: &walkdir::DirEntry| entry.depth() == 0 || enter(&entry.file_name().to_string_lossy());
        let kind = |entry: &walkdir::DirEntry| match entry.file_type() {
            kind if kind.is_symlink() => FoundKind::Link,
            kind if kind.is_dir() => FoundKind::Folder,
            kind if kind.is_file() => FoundKind::File,
            _ => FoundKind::Other,
        };
        let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(seen);
        walk.filter_map(Result::ok).map(move |entry| Found { kind: kind(&entry), path: entry.into_path() })
    }
    #[cfg(not(feature = "native"))]
    {
        let _ = (folder, enter);
        std::iter::empty()
    }
}

#[cfg(not(feature = "native"))]
fn none() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "there are no files here")
}
