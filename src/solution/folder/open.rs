//! Opening a folder: which layout it is in, and whether what was asked for goes with that.

use std::path::Path;

use super::map::FileMap;
use super::plan::Plan;
use super::tree::Tree;
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::solution::package::{PackageType, SolutionPackage};
use crate::solution::yaml_source;

/// What to read a folder as, and how.
#[derive(Clone, Copy, Debug, Default)]
pub struct FolderOptions<'a> {
    /// Managed or unmanaged; without it, what the folder says, where both are possible unmanaged.
    pub package_type: Option<PackageType>,
    /// Where some files are read from instead.
    pub map: Option<&'a FileMap>,
    /// Which solution of a folder in the YAML layout.
    pub solution: Option<&'a str>,
}

/// A folder that is one.
pub enum Opened {
    /// In SolutionPackager's layout: what is to be done.
    Planned(Box<Plan>),
    /// In the YAML layout: what it says.
    Read(Box<SolutionPackage>),
}

/// Opens a folder.
pub fn open(path: &Path, options: FolderOptions<'_>) -> Result<Opened, Vec<Diagnostic>> {
    let origin = path.display().to_string();
    if !files::is_dir(path) {
        let message = if files::exists(path) { "it is not a folder" } else { "there is no such folder" };
        let help = "name the folder that contains `Other/Solution.xml`";
        return Err(vec![Diagnostic::error("not-a-folder", message).in_file(origin, None).help(help)]);
    }
    if !yaml_source::solutions(path).is_empty() {
        if options.map.is_some() {
            let finding = Diagnostic::error("invalid-map", "map files are for SolutionPackager's layout");
            return Err(vec![
                finding.in_file(origin, None).help("leave `--map` out: the folder is in the YAML layout"),
            ]);
        }
        let package = yaml_source::read(path, options.solution, options.package_type)?;
        return Ok(Opened::Read(Box::new(package)));
    }
    let mut findings = Vec::new();
    let tree = Tree::list(path, options.map, &mut findings).map_err(|finding| vec![*finding])?;
    if !tree.has("Other/Solution.xml") && files::is_dir(&path.join("src")) {
        // `pac solution init` and `clone` keep the tree below src/.
        return open(&path.join("src"), options);
    }
    if options.solution.is_some() {
        let finding =
            Diagnostic::error("not-for-layout", "a folder in SolutionPackager's layout contains one solution");
        return Err(vec![finding.in_file(origin, None).help("leave `--solution` out")]);
    }
    Ok(Opened::Planned(Box::new(Plan::of(tree, origin, findings, options.package_type)?)))
}
