//! Writing an unpacked folder.

use std::collections::BTreeMap;
#[cfg(feature = "native")]
use std::path::Path;

#[cfg(feature = "native")]
use rayon::prelude::*;

use super::split::{Content, Side, split, split_both};
use crate::diagnostic::Diagnostic;
#[cfg(feature = "native")]
use crate::files::FileError;
use crate::solution::package::SolutionPackage;
use crate::solution::yaml_source;

/// An unpacked folder that is not written yet.
pub struct Unpacked<'a> {
    files: BTreeMap<String, (Content, &'a SolutionPackage)>,
    /// What the folder cannot hold.
    pub findings: Vec<Diagnostic>,
}

impl<'a> Unpacked<'a> {
    /// The folder of one package.
    #[must_use]
    pub fn new(package: &'a SolutionPackage) -> Self {
        let files = split(package).into_iter().map(|(name, content)| (name, (content, package))).collect();
        Self { files, findings: Vec::new() }
    }

    /// The folder of the unmanaged and the managed package of one version.
    #[must_use]
    pub fn both(unmanaged: &'a SolutionPackage, managed: &'a SolutionPackage) -> Self {
        let (files, findings) = split_both(unmanaged, managed);
        let from = |side| match side {
            Side::Unmanaged(content) => (content, unmanaged),
            Side::Managed(content) => (content, managed),
        };
        Self { files: files.into_iter().map(|(name, side)| (name, from(side))).collect(), findings }
    }

    /// The tree of one package in the YAML layout, an experiment.
    ///
    /// # Errors
    /// A finding where that layout cannot hold the package.
    pub fn yaml(package: &'a SolutionPackage) -> Result<Self, Vec<Diagnostic>> {
        let files =
            yaml_source::split(package)?.into_iter().map(|(name, content)| (name, (content, package))).collect();
        Ok(Self { files, findings: Vec::new() })
    }

    /// The files by relative name.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, (content, package))| (name.as_str(), bytes(content, package)))
    }

    #[cfg(feature = "native")]
    /// Writes the files into `folder`, which must be empty or absent and not in use, and tells how many.
    pub fn write(&self, folder: &Path) -> Result<usize, FileError> {
        self.files.par_iter().try_for_each(|(name, (content, package))| {
            crate::files::create(&folder.join(name), bytes(content, package))
        })?;
        Ok(self.files.len())
    }
}

fn bytes<'a>(content: &'a Content, package: &'a SolutionPackage) -> &'a [u8] {
    match content {
        Content::Made(bytes) => bytes,
        Content::Part(part) => package.files.get(part).map_or(&[], Vec::as_slice),
    }
}
