//! What every part of a table needs to know.

use crate::manifest::package::Package;

/// The largest file that a table's part may be.
pub(super) const LIMIT: u64 = 16 * 1024 * 1024;

/// What every part of a table needs to know.
pub(super) struct Context<'a> {
    pub(super) package: &'a Package,
    pub(super) publisher: &'a str,
    pub(super) version: String,
    pub(super) language: u32,
}
