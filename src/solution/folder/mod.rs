//! The unpacked folder in SolutionPackager's layout: reading and writing it.
//! Facts: SolutionPackager observed on 24 public trees; names are compared without case, and `\` in
//! a name (an archive unpacked by a careless tool) is a separator.

pub(super) mod column_files;
mod fill;
pub(super) mod layout;
mod list;
mod map;
mod misplaced;
mod open;
pub(super) mod order;
mod pack;
pub(super) mod piece;
mod plan;
mod read;
mod relationships;
mod route;
pub(super) mod split;
mod template;
pub(super) mod tree;
mod write;

/// Where parts live that the layout has no place for (loose files of the zip's root, sources of
/// canvas apps…): SolutionPackager, which ignores the folder, would lose them.
pub const PARTS: &str = "Other/Parts/";

pub use map::FileMap;
pub use open::FolderOptions;
pub use pack::{Packed, UNWRITTEN, pack_folder};
pub use read::{read_folder, read_folder_as, read_folder_with};
pub use write::Unpacked;
