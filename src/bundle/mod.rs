//! The release artifact (`.dvpack`): build, read, verify.
//!
//! Uses the archive, manifest and catalog modules. What `bundle.json` says about a solution is read from the solution,
//! and every other file of a bundle is rendered from the two: when it is built, and again when it is read.

mod authenticode;
mod build;
mod checksums;
pub mod column_security;
mod contents;
mod deployment_settings;
pub mod descriptor;
pub mod diff;
mod fitted;
mod hosts;
mod install;
mod matrix;
mod open;
pub mod provenance;
mod rebuilt;
mod recompressed;
mod sbom;
pub mod secrets;
pub mod signature;
mod templates;
mod truth;

pub use build::{BuildError, Built, build, file_name, solution_file_name};
pub use install::PLACEHOLDER;
pub use matrix::{RoleView, role_views};
pub use open::{Bundle, LIMIT, Unknown, not_a_bundle};
pub use rebuilt::{Difference, LineDifference, first_difference};
pub use templates::RenderError;

pub use crate::digest::sha256;
pub use fitted::fitted;
