//! What changed between two releases: privileges first, because those are what a reviewer approves.
//!
//! Works on [`Side`]s, which a manifest, a bundle, a solution or an environment can give. Uses the
//! catalog and the solution module.

mod compare;
mod side;
mod text;

pub use compare::{ComponentChange, Difference, PrivilegeChange, RoleChange, ValueChange, compare};
pub use side::Side;
pub use text::{human, markdown};
