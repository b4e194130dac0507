//! The unpacked folder in SolutionPackager's layout: reading and writing it.
//! Facts: SolutionPackager observed on 24 public trees; names are compared without case, and `\` in
//! a name (an archive unpacked by a careless tool) is a separator.

mod read;
mod tree;
mod write;

/// Where parts live that the layout has no place for (loose files of the zip's root, sources of
/// canvas apps…): SolutionPackager, which ignores the folder, would lose them.
pub const PARTS: &str = "Other/Parts/";

/// Top folders, in lower case, whose files are merged and never copied.
pub const MERGED: &[&str] = &[
    "other",
    "entities",
    "roles",
    "optionsets",
    "dashboards",
    "dialogs",
    "appmodules",
    "appmodulesitemaps",
    "sdkmessageprocessingsteps",
    "entitydatasources",
    "templates",
    "resources",
];

/// Top folders, in lower case, of build output.
pub const OUTPUT: &[&str] = &["bin", "obj"];

pub use read::{read_folder, read_folder_as};
pub use write::{unpacked_files, write_folder};
