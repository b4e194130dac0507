//! dvpack: one manifest, one release artifact, one safe way to apply a Dataverse solution
//! together with the application user that needs it.
//!
//! The modules, bottom layer first; a module imports only modules that stand before it here.
//! `docs/architecture.md` says what each one holds and why.
//!
//! `pub` is a promise inside this workspace only: nothing here is kept stable for anybody else.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "unit tests use the machine"))]

// The bottom layer: small things that everything else may use; first what has no use for the others.
pub mod clock;
pub mod random;

pub mod process_env;

#[cfg(not(feature = "native"))]
pub mod host;

pub mod text;

pub mod diagnostic;

pub mod digest;
pub mod files;
pub mod guid;
pub mod secret;
pub mod version;

pub mod http;

pub mod archive;
pub mod catalog;
pub mod dotnet;
pub mod yaml;

pub mod manifest;
pub mod solution;

pub mod bundle;
pub mod entra;

pub mod dataverse;
pub mod deploy;

#[cfg(feature = "cli")]
pub use dvpack_sandbox as sandbox;

#[cfg(feature = "cli")]
pub mod cli;
