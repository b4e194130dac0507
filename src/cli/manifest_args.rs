//! Which manifest, and how it is evaluated: the arguments that verbs share.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::wrong_file;
use crate::manifest::Request;

/// What overrides values of a manifest.
#[derive(Clone, Debug, Default, Args)]
pub struct OverlayArgs {
    /// The environment whose settings override the manifest's
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// A value for `${{ set.NAME }}` in the manifest; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
}

impl OverlayArgs {
    /// Whether there is something to override.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.environment.is_some() || !self.set.is_empty()
    }

    /// The request to load the manifest at `path`.
    #[must_use]
    pub fn request(&self, path: &Path) -> Request {
        Request { environment: self.environment.clone(), set: self.set.clone(), ..Request::new(path) }
    }
}

/// Which manifest, and how it is evaluated.
#[derive(Clone, Debug, Args)]
pub struct ManifestArgs {
    /// The manifest, or the folder with a dvpack.yaml
    #[arg(default_value = ".", value_name = "DIR|FILE")]
    path: PathBuf,
    #[command(flatten)]
    overlay: OverlayArgs,
}

impl ManifestArgs {
    /// What the run is about: the manifest, and the environment that overrides it.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.overlay.environment {
            Some(environment) => format!("{environment} ({})", self.path.display()),
            None => self.path.display().to_string(),
        }
    }

    /// Refuses a bundle or a solution.
    pub fn is_manifest(&self) -> Result<(), Failure> {
        wrong_file::for_manifest(&self.path)
    }

    /// The request to load it.
    #[must_use]
    pub fn request(&self) -> Request {
        self.overlay.request(&self.path)
    }
}

/// Reads `NAME=VALUE`.
pub fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".into()),
    }
}
