//! Writing an unpacked folder: each section that has a folder is taken out of
//! `Other/Customizations.xml`, which keeps its empty element; everything else stays in it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::files::FileError;
use crate::solution::package::SolutionPackage;

/// The files of the unpacked form, by relative name.
#[must_use]
pub fn unpacked_files(package: &SolutionPackage) -> BTreeMap<String, Vec<u8>> {
    super::super::unpacking::split(package)
}

/// Writes the unpacked form into `folder`, which must be empty or absent.
pub fn write_folder(package: &SolutionPackage, folder: &Path) -> Result<usize, FileError> {
    let files = unpacked_files(package);
    for (name, bytes) in &files {
        crate::files::write(&folder.join(name), bytes)?;
    }
    Ok(files.len())
}
