//! What changed between two releases: privileges first, because those are what a reviewer approves.
//!
//! Works on [`Side`]s, which a manifest, a bundle, a solution or an environment can give. Uses the
//! catalog and the solution module.

mod acting;
mod assigned;
mod change;
mod columns;
mod compare;
mod details;
mod difference;
mod flatten;
mod gains;
mod original;
mod rest;
mod roles;
mod side;
mod text;
mod values;

pub use change::{Change, ChangeCode};
pub use compare::compare;
pub use difference::{ComponentChange, Difference};
pub use original::Original;
pub use roles::{PrivilegeChange, RoleChange};
pub use side::{BUNDLE, Side};
pub use text::{human, markdown};
pub use values::ValueChange;
