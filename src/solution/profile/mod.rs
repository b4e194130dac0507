//! What a solution's XML may look like where it counts: one table of elements and attributes
//! (`manifests/catalog/solution-xml.tsv`), and one walk that compares a document with it.
//!
//! The walk gives two lists. Deviations are what readers could understand in different ways: a bundle's solution has
//! none. What no reader understands is not wrong; it is listed, and compared by digest.

mod column;
mod comments;
mod element;
mod elsewhere;
mod form;
mod identity;
mod labels;
mod model;
mod names;
mod part_name;
mod records;
mod row;
mod table;
mod walk;

pub use identity::{identity, is_container};
pub use labels::base_label;
pub use model::{deviations, normalise};
pub use names::{name_in, name_of, passes_for_attribute, passes_for_child};
pub use part_name::{PartName, part_names};
pub use records::{Purpose, Records, is_beside, is_record, names_file, tidy};
pub use row::{Child, Form, Named, Row, Unknown};
pub use table::{is_in_files, row, rows, runs};
pub use walk::{Unread, Walk};
