//! Where a solution sends data: the hosts that its files name.

use super::contents::Contents;
use super::descriptor::Host;

/// The hosts, sorted; none is found yet.
pub(super) fn hosts(_solutions: &[Contents]) -> Vec<Host> {
    Vec::new()
}
