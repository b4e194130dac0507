//! Writing: whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{FileError, read};

/// Writes a file whole: to a temporary file beside it, flushed to disk, then renamed over it.
/// Missing folders are made. On any error the old file, if there was one, is untouched.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let mut pending = Pending::new(path)?;
    pending.file().write_all(bytes).map_err(|source| FileError::new("write", path, source))?;
    pending.keep()
}

/// The same in place of a file that may be there, whose mode (who may read and write it) stays.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let mut pending = Pending::new(path)?;
    pending.file().write_all(bytes).map_err(|source| FileError::new("write", path, source))?;
    #[cfg(unix)]
    if let Ok(metadata) = fs::metadata(path) {
        let set = pending.file().set_permissions(metadata.permissions());
        set.map_err(|source| FileError::new("set the mode of", path, source))?;
    }
    pending.keep()
}

/// A file that is being written under another name, and gone unless it is kept.
#[derive(Debug)]
pub struct Pending {
    path: PathBuf,
    temporary: tempfile::NamedTempFile,
}

impl Pending {
    /// Begins to write what is to stand at `path`. Missing folders are made.
    pub fn new(path: &Path) -> Result<Self, FileError> {
        create_folders(path)?;
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".dvpack-").suffix(".tmp");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o666)); // narrowed by the umask
        }
        let temporary = builder.tempfile_in(folder).map_err(|source| FileError::new("write", path, source))?;
        Ok(Self { path: path.to_owned(), temporary })
    }

    /// Where to write.
    pub fn file(&mut self) -> &mut File {
        self.temporary.as_file_mut()
    }

    /// Flushes it to disk and puts it in its place.
    pub fn keep(self) -> Result<(), FileError> {
        let fail = |source| FileError::new("write", &self.path, source);
        self.temporary.as_file().sync_all().map_err(fail)?;
        self.temporary.persist(&self.path).map_err(|error| fail(error.error))?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        sync_folder(folder.unwrap_or(Path::new(".")));
        Ok(())
    }
}

/// Makes the missing folders of a file that is to be written: the rule for every file that dvpack writes.
pub fn create_folders(path: &Path) -> Result<(), FileError> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            fs::create_dir_all(folder).map_err(|source| FileError::new("create", folder, source))
        }
        _ => Ok(()),
    }
}

/// Writes a file that must not be there yet, below a folder that nobody sees before all of it is done.
pub fn create(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    create_folders(path)?;
    let fail = |source| FileError::new("write", path, source);
    File::create_new(path).map_err(fail)?.write_all(bytes).map_err(fail)
}

/// Makes a folder, and those that it is in.
pub fn create_folder(path: &Path) -> Result<(), FileError> {
    fs::create_dir_all(path).map_err(|source| FileError::new("create", path, source))
}

/// A new file in place of an old one, to be written little by little.
pub fn begin(path: &Path) -> Result<File, FileError> {
    create_folders(path)?;
    File::create(path).map_err(|source| FileError::new("create", path, source))
}

/// Adds to a file, which is made if it is not there.
pub fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    File::options().create(true).append(true).open(path)?.write_all(bytes)
}

/// Moves a file or folder within a file system.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Removes a folder with all that is in it.
pub fn remove_folder(path: &Path) -> Result<(), FileError> {
    fs::remove_dir_all(path).map_err(|source| FileError::new("remove", path, source))
}

/// Makes a rename last through a loss of power. The file is whole without it too, so that a file system which cannot
/// do this is no reason to fail.
pub fn sync_folder(folder: &Path) {
    #[cfg(unix)]
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    #[cfg(not(unix))]
    let _ = folder;
}

/// Refuses to replace a file that is none of ours; `is_ours` looks at its bytes.
pub fn replaceable(path: &Path, limit: u64, is_ours: impl FnOnce(&[u8]) -> bool) -> Result<bool, FileError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(FileError::new("look at", path, error)),
        // A pipe or a device (`/dev/null`) is not replaced: a rename over it would be.
        Ok(metadata) if !metadata.is_file() && !metadata.is_symlink() => Ok(false),
        Ok(_) => Ok(read(path, limit).is_ok_and(|bytes| bytes.is_empty() || is_ours(&bytes))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::*;
    use super::*;

    #[test]
    fn writes_whole_files_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a/b.txt");
        write(&path, b"one").expect("written");
        write(&path, b"two").expect("replaced");
        assert_eq!(read_text(&path, 10).expect("read"), "two");
        assert_eq!(fs::read_dir(folder.path().join("a")).expect("listed").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_replaced_file_keeps_its_mode() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("it");
        write(&path, b"one").expect("written");
        for mode in [0o600, 0o640, 0o644, 0o664, 0o444, 0o755] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
            replace(&path, b"two").expect("replaced");
            assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o7777, mode, "{mode:o}");
        }
    }

    #[test]
    fn refuses_more_than_asked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("big");
        write(&path, &[0; 11]).expect("written");
        let error = read(&path, 10).expect_err("too large").to_string();
        assert!(error.contains("big") && error.contains("11 bytes"), "{error}");
    }
}
