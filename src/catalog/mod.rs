//! What Dataverse itself has, as data.

mod right;

pub use right::{Level, Right};
