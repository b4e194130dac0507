//! The files of a folder that is being made.

use std::sync::Arc;

/// Names and contents, in order.
pub(super) type Files = Vec<(String, Arc<[u8]>)>;

/// What a file of the folder holds.
#[derive(Debug)]
pub enum Content {
    /// These bytes.
    Made(Arc<[u8]>),
    /// The bytes of the part of this name.
    Part(String),
}
