//! Strict YAML (or JSON) that people write: text → a tree with positions → typed values, or every mistake at once.
//!
//! The manifest, the policy files and the YAML source layout are read with it. A language is a set of `record!`s; its
//! JSON Schema comes from the same lines. `write` is the opposite direction, for YAML that dvpack writes. Uses the
//! bottom layer, and what `catalog` knows about secrets.

pub mod empty;
pub mod leaf;
pub mod node;
pub mod parse;
pub mod record;
pub mod shape;
pub mod veil;
pub mod write;
