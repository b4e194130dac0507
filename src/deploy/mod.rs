//! Brings an environment to what a bundle says: desired, observed, difference, plan, apply, report.
//!
//! May use `dataverse`, `bundle` (its descriptor), `catalog`. No local state: the environment is the truth, so a
//! run that was killed at any request is simply run again. For readers: `docs/how-apply-works.md`.

pub mod accepted;
mod admin_consent;
pub mod agreed;
pub mod apply;
mod approval;
mod brought;
mod caller;
pub mod consent;
pub mod deletions;
pub mod desired;
pub mod difference;
pub mod doctor;
mod facts;
pub mod failure;
mod fitting;
pub mod guard;
pub mod import;
mod job;
mod lacking;
pub mod live;
pub mod machine;
mod meanwhile;
pub mod observed;
pub mod plan;
pub mod preconditions;
pub mod progress;
mod reading;
mod refused;
pub mod remove;
pub mod report;
mod rights;
pub mod session;
mod set;
pub mod shipped;
pub mod signature;
pub mod step;
mod taken;
pub mod user;

pub use agreed::Agreed;
pub use desired::Desired;
pub use failure::{Failure, FailureKind};
pub use observed::Observed;
pub use plan::Plan;

#[cfg(test)]
mod tests;
