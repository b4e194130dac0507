//! The solutions of a side, to find out what differs inside.

use crate::solution::contents::Sources;

/// A solution as it was read, so that what differs in it can be read again.
#[derive(Clone, Debug, Default)]
pub struct Original {
    /// The zip.
    pub zip: std::sync::Arc<[u8]>,
    /// What each component is made of.
    pub sources: Sources,
}
