//! What stands in the manifest: one Rust type per group of keys, every leaf with its place.
//!
//! A type that implements [`Shape`] is the reader and the JSON Schema at once: `record!` makes
//! struct, known keys, reader and schema from one table, so that they cannot drift apart.

pub mod application;
pub mod components;
pub mod leaf;
pub mod package;

pub use crate::yaml::leaf::{VersionText, Words};
pub use crate::yaml::shape::{At, Definitions, List, Map, Reader, Shape, head};
pub use application::*;
pub use leaf::*;
pub use package::*;
