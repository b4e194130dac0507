//! The files of a folder that is being made.

/// Names and contents, in order.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// What a file of the folder holds.
#[derive(Debug)]
pub enum Content {
    /// These bytes.
    Made(Vec<u8>),
    /// The bytes of the part of this name.
    Part(String),
}
