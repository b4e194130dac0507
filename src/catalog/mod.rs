//! What Dataverse itself has, as data.

pub mod clouds;
pub mod error_codes;
mod right;

pub use right::{Level, Right};
