//! The parts of an app: its file, its picture, further files.

use std::path::Path;

use super::msapp::{self, Msapp};
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::manifest::components::canvas_app::CanvasApp;

/// The largest file that can be in a solution at all.
const LIMIT: u64 = 95 * 1024 * 1024;

/// A picture of one white pixel, for apps without a picture: every real package has one.
const BLANK: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00, 0x0a, 0x49,
    0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0xf8, 0x0f, 0x00, 0x01, 0x01, 0x01, 0x00, 0x1c, 0xb0, 0x8c, 0x99, 0x00, 0x00,
    0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

/// Names and contents.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// The `.msapp`, and the parts of the app: picture, document, further files.
pub(super) fn parts(app: &CanvasApp) -> Result<(Msapp, Files), Vec<Diagnostic>> {
    let mut findings = Vec::new();
    let mut read = |path: &Path| match files::read(path, LIMIT) {
        Ok(bytes) => bytes,
        Err(error) => {
            findings.push(Diagnostic::error("unreadable-file", error.to_string()).at(&app.span));
            Vec::new()
        }
    };
    let document = read(&app.file.0);
    let picture = app.background.as_deref().map(&mut read);
    let further: Vec<(String, Vec<u8>)> = app
        .additional_files
        .iter()
        .enumerate()
        .map(|(index, path)| {
            let last = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            (format!("CanvasApps/{}_AdditionalUris{index}_{last}", app.name), read(path))
        })
        .collect();
    if !findings.is_empty() {
        return Err(findings);
    }
    let mut msapp = msapp::read(&document).map_err(|why| {
        let shown = app.file.0.display();
        let finding = Diagnostic::error("canvas-app-file", format!("`{shown}` is not an `.msapp` file: {why}"));
        vec![finding.at(&app.file.1).help("save the app in Power Apps Studio with Download a copy")]
    })?;
    let picture = picture.or_else(|| msapp.logo.take()).unwrap_or_else(|| BLANK.to_vec());
    let mut files = vec![
        (format!("CanvasApps/{}_BackgroundImageUri", app.name), picture),
        (format!("CanvasApps/{}_DocumentUri.msapp", app.name), document),
    ];
    files.extend(further);
    Ok((msapp, files))
}
