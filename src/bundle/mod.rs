//! The release artifact (`.dvpack`): build, read, verify.
//!
//! Uses the archive, manifest and catalog rooms. What a solution zip holds is read here a second time,
//! from its XML alone, so that a bundle never says of a solution what is not really in it.

mod build;
mod checksums;
mod deployment_settings;
pub mod descriptor;
pub mod diff;
mod facts;
mod install;
mod matrix;
mod open;
pub mod provenance;
mod rebuilt;
mod sbom;
pub mod signature;

pub use build::{BuildError, Built, build, file_name, solution_file_name};
pub use facts::{Facts, NotASolution};
pub use matrix::RoleView;
pub use open::{Bundle, LIMIT};
pub use rebuilt::{LineDifference, first_difference};

pub use crate::digest::sha256;
