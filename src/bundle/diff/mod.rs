//! What changed between two releases: privileges first, because those are what a reviewer approves.
//!
//! Works on [`Side`]s, which a manifest, a bundle, a solution or an environment can give. Uses the
//! catalog and the solution module.

mod change;
mod columns;
mod compare;
mod rest;
mod roles;
mod side;
mod text;

pub use change::{Change, ChangeCode};
pub use compare::{ComponentChange, Difference, ValueChange, compare};
pub use roles::{PrivilegeChange, RoleChange};
pub use side::{BUNDLE, Side};
pub use text::{human, markdown};
