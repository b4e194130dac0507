//! The release artifact (`.dvpack`): build, read, verify.
//!
//! Uses the archive, manifest and catalog modules. What `bundle.json` says of a solution is read from the solution, and
//! every other file of a bundle is rendered from the two: when it is built, and again when it is read.

mod authenticode;
mod build;
mod checksums;
mod contents;
mod deployment_settings;
pub mod descriptor;
pub mod diff;
mod facts;
mod hosts;
mod install;
mod matrix;
mod open;
pub mod provenance;
mod rebuilt;
mod sbom;
pub mod signature;
mod templates;
mod truth;

pub use build::{BuildError, Built, build, file_name, solution_file_name};
pub use facts::{Facts, NotASolution};
pub use matrix::RoleView;
pub use open::{Bundle, LIMIT, Unknown};
pub use rebuilt::{LineDifference, first_difference};
pub use templates::RenderError;

use std::fmt::Write as _;

/// The SHA-256 of some bytes, in lower-case hex.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
