//! The solution package: model, component kinds, reading and writing (zip, unpacked folder), and
//! building one from a manifest. Uses `archive`, `catalog`, `manifest`. `docs/solution-format.md`
//! tells the format and its evidence.

#[cfg(feature = "native")]
pub mod adopt;
mod assemble;
pub mod check;
#[cfg(feature = "native")]
pub mod checkout;
pub mod components;
mod connection;
mod content_types;
pub mod contents;
pub mod deletion;
pub mod draft;
mod flow;
mod folder;
pub mod json;
mod nodes;
mod package;
pub mod part_name;
pub mod profile;
pub mod role;
mod skeleton;
mod variable;
pub mod xml;
mod yaml_source;
mod zip;

pub use assemble::{Assembled, assemble};
pub use components::Component;
pub use connection::ConnectionFacts;
pub use contents::{Contents, PublisherFacts};
pub use folder::{
    FileMap, FolderOptions, Packed, UNWRITTEN, Unpacked, pack_folder, read_folder, read_folder_as, read_folder_with,
};
pub use package::{PackageType, SolutionPackage};
pub use part_name::encode_name;
pub use variable::VariableFacts;
pub use zip::{MAX_ZIP, check_packing, identify, read_zip, write_zip};
