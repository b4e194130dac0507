//! The sandbox's own files: its state, its certificate.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file of the sandbox that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} `{}`: {source}", path.display())]
pub struct FileError {
    /// What was tried.
    pub doing: &'static str,
    /// The file.
    pub path: PathBuf,
    /// What the operating system says.
    pub source: io::Error,
}

impl FileError {
    pub(crate) fn new(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self { doing, path: path.to_owned(), source }
    }
}

/// Reads a file that may have at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let fail = |source| FileError::new("read", path, source);
    if std::fs::metadata(path).map_err(fail)?.len() > limit {
        return Err(fail(io::ErrorKind::FileTooLarge.into()));
    }
    std::fs::read(path).map_err(fail)
}

/// Writes a file completely, by a rename, and makes missing folders.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let fail = |source| FileError::new("write", path, source);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(fail)?;
    let mut pending = tempfile::Builder::new().prefix(".dvpack-sandbox-").tempfile_in(folder).map_err(fail)?;
    pending.write_all(bytes).and_then(|()| pending.as_file().sync_all()).map_err(fail)?;
    pending.persist(path).map(drop).map_err(|error| fail(error.error))
}
