//! What the files of a bundle are rendered with, by generation. `bundle.json` names the generation, and reading a
//! bundle renders its files again: so every generation that was released stays here as it was.
//!
//! To change a file or a renderer after its generation was released: copy the files to `templates/<generation>/`, add
//! a row to [`GENERATIONS`], and leave the older rows alone. The tests compare digests.

use std::borrow::Cow;

use super::contents::Contents;
use super::descriptor::{Descriptor, to_bytes};
use super::{deployment_settings, install, sbom, sha256};
use crate::archive::Entry;

/// The shell script.
pub(super) const APPLY_SH: &str = "post-import/apply.sh";
/// The PowerShell script.
pub(super) const APPLY_PS1: &str = "post-import/Apply-Package.ps1";
/// The page.
pub(super) const PAGE: &str = "INSTALL.html";
/// The settings, as pac reads them.
pub(super) const SETTINGS: &str = "deploymentSettings.json";
/// The bill of materials.
pub(super) const BILL: &str = "sbom.cdx.json";

/// Renders the bill of materials from names and digests of the other files, and from the solutions.
type RenderBill = fn(&Descriptor, &[(&str, String)], &[Contents]) -> serde_json::Value;

/// One generation.
pub(super) struct Generation {
    /// Its number.
    pub(super) number: u32,
    apply_sh: &'static str,
    apply_ps1: &'static str,
    page: &'static str,
    render_page: fn(&'static str, &Descriptor, &[Contents]) -> Result<String, String>,
    render_settings: fn(&Descriptor, &[Contents]) -> serde_json::Value,
    render_bill: RenderBill,
}

/// All of them, the latest last.
pub(super) const GENERATIONS: &[Generation] = &[Generation {
    number: 1,
    apply_sh: include_str!("../../templates/post-import/apply.sh"),
    apply_ps1: include_str!("../../templates/post-import/Apply-Package.ps1"),
    page: include_str!("../../templates/INSTALL.html"),
    render_page: install::render,
    render_settings: deployment_settings::render,
    render_bill: sbom::render,
}];

/// The generation that `build` renders with.
pub(super) const CURRENT: u32 = GENERATIONS[GENERATIONS.len() - 1].number;

/// A generation by its number.
pub(super) fn generation(number: u32) -> Option<&'static Generation> {
    GENERATIONS.iter().find(|generation| generation.number == number)
}

/// A file cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot render `{file}`: {why}")]
pub struct RenderError {
    /// The file in the bundle.
    pub file: &'static str,
    /// The reason.
    pub why: String,
}

impl Generation {
    /// Every file of a bundle except `bundle.json`, the solutions, `SHA256SUMS` and signatures. They follow from
    /// `bundle.json` and the solutions alone.
    pub(super) fn render(&self, descriptor: &Descriptor, contents: &[Contents]) -> Result<Vec<Entry>, RenderError> {
        let json = |file: &'static str, value: &serde_json::Value| -> Result<Entry, RenderError> {
            let mut text =
                serde_json::to_vec_pretty(value).map_err(|error| RenderError { file, why: error.to_string() })?;
            text.push(b'\n');
            Ok(Entry::new(file, text))
        };
        let page =
            (self.render_page)(self.page, descriptor, contents).map_err(|why| RenderError { file: PAGE, why })?;
        let mut entries = vec![
            json(SETTINGS, &(self.render_settings)(descriptor, contents))?,
            Entry::new(APPLY_SH, self.apply_sh),
            Entry::new(APPLY_PS1, self.apply_ps1),
            Entry::new(PAGE, page),
        ];
        let own = to_bytes(descriptor).map_err(|error| RenderError { file: "bundle.json", why: error.to_string() })?;
        let mut digests = vec![("bundle.json", sha256(&own))];
        digests.extend(descriptor.solutions.iter().map(|solution| (solution.file.as_str(), solution.sha256.clone())));
        digests.extend(entries.iter().map(|entry| (entry.name.as_str(), sha256(&entry.bytes))));
        let bill = json(BILL, &(self.render_bill)(descriptor, &digests, contents))?;
        entries.push(bill);
        Ok(entries)
    }
}

/// Whether a bundle of a known generation may have a file with this name.
pub(super) fn is_part(descriptor: &Descriptor, name: &str) -> bool {
    let fixed = ["bundle.json", super::checksums::NAME, APPLY_SH, APPLY_PS1, PAGE, SETTINGS, BILL];
    fixed.contains(&name) || descriptor.solutions.iter().any(|solution| solution.file == name)
}

/// How a file differs from what is rendered for it, in words.
pub(super) fn difference(found: &[u8], rendered: &[u8]) -> Cow<'static, str> {
    let same = found.iter().zip(rendered).take_while(|(a, b)| a == b).count();
    if found.len() == same && rendered.len() == same {
        return Cow::Borrowed("nothing differs");
    }
    let line = rendered.iter().take(same).filter(|byte| **byte == b'\n').count() + 1;
    Cow::Owned(format!("line {line} is not what dvpack writes there"))
}

#[cfg(test)]
mod tests;
