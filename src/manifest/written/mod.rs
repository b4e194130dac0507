//! What stands in the manifest: one Rust type per group of keys, every leaf with its place.
//!
//! A type that implements [`Shape`] is the reader and the JSON Schema at once: `record!` makes
//! struct, known keys, reader and schema from one table, so that they cannot drift apart.

mod application;
pub mod components;
mod leaf;
mod package;
pub(crate) mod shape;

pub use application::*;
pub use leaf::*;
pub use package::*;
pub use shape::head;
pub use shape::{At, Definitions, List, Map, Reader, Shape};
