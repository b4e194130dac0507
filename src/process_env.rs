//! What the process was started with: environment variables and arguments.
//!
//! Nothing else in the library asks for them (`clippy.toml` forbids it). A build without the feature `native` has none.

#![allow(clippy::disallowed_methods, reason = "this is the module that may")]

use std::ffi::OsString;
use std::path::PathBuf;

/// A variable whose value is text.
#[must_use]
pub fn text(name: &str) -> Option<String> {
    if cfg!(feature = "native") { std::env::var(name).ok() } else { None }
}

/// A variable, whatever its value is.
#[must_use]
pub fn raw(name: &str) -> Option<OsString> {
    if cfg!(feature = "native") { std::env::var_os(name) } else { None }
}

/// The names of all variables.
pub fn names() -> impl Iterator<Item = OsString> {
    all().map(|(name, _)| name)
}

/// All variables whose names and values are text.
pub fn texts() -> impl Iterator<Item = (String, String)> {
    all().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The command line, the program's own name first.
pub fn arguments() -> impl Iterator<Item = OsString> {
    cfg!(feature = "native").then(std::env::args_os).into_iter().flatten()
}

/// The paths of a variable that can name several, as `PATH` does.
#[must_use]
pub fn paths(value: &str) -> Vec<PathBuf> {
    if cfg!(feature = "native") { std::env::split_paths(value).collect() } else { Vec::new() }
}

fn all() -> impl Iterator<Item = (OsString, OsString)> {
    cfg!(feature = "native").then(std::env::vars_os).into_iter().flatten()
}
