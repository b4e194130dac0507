//! `dvpack unpack`

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::files::{self, FileError};
use crate::solution::{read_zip, write_folder};

/// The largest zip that is read: twice what Dataverse takes.
const MAX_ZIP: u64 = 190 * 1024 * 1024;

/// Unpack a solution zip into a folder in SolutionPackager layout
#[derive(Debug, Args)]
pub struct UnpackArgs {
    /// The solution zip
    zip: PathBuf,
    /// The folder to write; it must be absent or empty
    folder: PathBuf,
    /// Replace the whole folder, whatever is in it
    #[arg(long)]
    force: bool,
}

/// Runs `dvpack unpack`.
pub fn run(args: UnpackArgs, shell: &Shell) -> Result<Exit, Failure> {
    let folder = &args.folder;
    let occupied = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(FileError::new("read", folder, error).into()),
    };
    if occupied && !args.force {
        let message = format!("the folder `{}` is not empty", folder.display());
        return Err(Failure::new(Exit::Failed, message).help("name another folder, or replace this one with --force"));
    }
    let bytes = files::read(&args.zip, MAX_ZIP)?;
    let package = read_zip(&bytes, &args.zip.display().to_string()).map_err(Failure::invalid)?;
    let count = replace(folder, |temporary| write_folder(&package, temporary))?;
    let (solution, version) = (package.unique_name(), package.version_text());
    shell.result(&format!("{solution} {version}: {count} files in {}\n", folder.display()));
    shell.json(&serde_json::json!({
        "solution": solution,
        "version": version,
        "managed": package.managed(),
        "folder": folder.display().to_string(),
        "files": count,
    }));
    Ok(Exit::Done)
}

/// Fills a temporary folder beside `folder` and renames it to it; what was there is kept until then.
fn replace<T>(folder: &Path, fill: impl FnOnce(&Path) -> Result<T, FileError>) -> Result<T, Failure> {
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent).map_err(|error| FileError::new("create", parent, error))?;
    let temporary = tempfile::Builder::new()
        .prefix(".dvpack-")
        .tempdir_in(parent)
        .map_err(|error| FileError::new("create", parent, error))?;
    let (fresh, old) = (temporary.path().join("new"), temporary.path().join("old"));
    let done = fill(&fresh)?;
    let had = folder.exists();
    if had {
        fs::rename(folder, &old).map_err(|error| FileError::new("replace", folder, error))?;
    }
    if let Err(error) = fs::rename(&fresh, folder) {
        if had {
            // Put back what was there; the first error is the one that matters.
            let _ = fs::rename(&old, folder);
        }
        return Err(FileError::new("create", folder, error).into());
    }
    Ok(done)
}
