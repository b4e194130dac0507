//! Reads a bundle from outside, and checks that it is complete and consistent with its solutions.
//!
//! In this order: the archive, the sums, `bundle.json` by itself, `bundle.json` against the solutions, and every other
//! file against what is rendered for it. So every byte of a bundle is compared with something.

use std::path::Path;

use super::contents::Contents;
use super::descriptor::{self, Descriptor, Solution, faults};
use super::templates::{self, Generation};
use super::{authenticode, checksums, sha256, signature, truth};
use crate::archive::{self, Entry, Limits};
use crate::diagnostic::Diagnostic;
use crate::files;
use crate::solution;

/// The largest bundle or solution that is read: twice what Dataverse accepts. It is read at once, so a larger one
/// would fill the memory before it is refused.
pub const LIMIT: u64 = 190 << 20;

const DESCRIPTOR: &str = "bundle.json";

/// How to treat a bundle whose files this dvpack cannot render, because a newer one made them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// It is refused.
    Refused,
    /// It is read, and [`Bundle::unchecked`] names the files.
    Unchecked,
}

/// A bundle that was read and checked.
#[derive(Clone, Debug)]
pub struct Bundle {
    descriptor: Descriptor,
    entries: Vec<Entry>,
    solutions: Vec<solution::Contents>,
    unchecked: Vec<String>,
    authenticode: bool,
}

/// Identifies a zip that is not a bundle by the names in it, and says what to do.
pub fn not_a_bundle<'a>(names: impl IntoIterator<Item = &'a str>, name: &str) -> Diagnostic {
    let refused = |message: &str| Diagnostic::error("not-a-bundle", message).in_file(name, None);
    if names.into_iter().any(|it| it.eq_ignore_ascii_case("solution.xml")) {
        return refused("it is a solution zip, and a bundle is wanted")
            .help("give the `.dvpack` file that `dvpack build` writes beside the solution zip")
            .help(format!(
                "without one: `dvpack init DIR --from {name}` makes a manifest of the solution, and `dvpack build DIR` a bundle"
            ));
    }
    refused("it contains no `bundle.json`").help("give a `.dvpack` file made by `dvpack build`")
}

impl Bundle {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// Findings if the file cannot be read, or is not a sound bundle.
    pub fn open(path: &Path) -> Result<Self, Vec<Diagnostic>> {
        let name = path.display().to_string();
        let bytes =
            files::read(path, LIMIT).map_err(|error| vec![Diagnostic::error("cannot-read", error.to_string())])?;
        Self::from_bytes(&bytes, &name)
    }

    /// Checks bytes; `name` is the file's name in findings.
    ///
    /// # Errors
    /// Findings if it is not a sound bundle.
    pub fn from_bytes(bytes: &[u8], name: &str) -> Result<Self, Vec<Diagnostic>> {
        Self::read(bytes, name, Unknown::Refused)
    }

    /// Checks bytes; `unknown` says how to treat an unknown generation of templates.
    ///
    /// # Errors
    /// Findings if it is not a sound bundle.
    pub fn read(bytes: &[u8], name: &str, unknown: Unknown) -> Result<Self, Vec<Diagnostic>> {
        let refused = |refusal: archive::Refusal| {
            let finding = Diagnostic::error("bundle-refused", refusal.to_string()).in_file(name, None);
            vec![finding.help("get the bundle again from its publisher")]
        };
        // What is not a bundle is refused before any of it is inflated.
        let names = archive::names(bytes, &Limits::of_solutions()).map_err(refused)?;
        let is_bundle = names.iter().any(|it| it == DESCRIPTOR);
        let entries = if is_bundle { archive::read(bytes, &Limits::default()).map_err(refused)? } else { Vec::new() };
        let Some(json) = entries.iter().find(|entry| entry.name == DESCRIPTOR) else {
            return Err(vec![not_a_bundle(names.iter().map(AsRef::as_ref), name)]);
        };
        let in_json = format!("{name}: {DESCRIPTOR}");
        let descriptor = descriptor::read(&json.bytes).map_err(|error| {
            vec![Diagnostic::error("bad-descriptor", error.why).in_file(&in_json, None).help(error.help)]
        })?;
        let faults = faults(&descriptor);
        if !faults.is_empty() {
            let finding = |fault: &descriptor::Fault| {
                Diagnostic::error("bad-descriptor", fault.to_string()).in_file(&in_json, None)
            };
            return Err(faults.iter().map(finding).collect());
        }
        let generation = match (templates::generation(descriptor.templates), unknown) {
            (None, _) if descriptor.templates < templates::CURRENT => {
                let why = format!("`templates`: there is no generation {} of templates", descriptor.templates);
                return Err(vec![Diagnostic::error("bad-descriptor", why).in_file(&in_json, None)]);
            }
            (None, Unknown::Refused) => return Err(vec![newer_templates(&descriptor, &in_json)]),
            (generation, _) => generation,
        };
        let mut bundle =
            Self { descriptor, entries, solutions: Vec::new(), unchecked: Vec::new(), authenticode: false };
        bundle.check(name, generation)?;
        Ok(bundle)
    }

    /// What `bundle.json` says.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// What the descriptor's solutions say, in their order.
    #[must_use]
    pub fn solutions(&self) -> &[solution::Contents] {
        &self.solutions
    }

    /// What `bundle.json` and the solutions say, for callers that need nothing else.
    #[must_use]
    pub fn into_contents(self) -> (Descriptor, Vec<solution::Contents>) {
        (self.descriptor, self.solutions)
    }

    /// The files that could not be checked, because a newer dvpack rendered them.
    #[must_use]
    pub fn unchecked(&self) -> &[String] {
        &self.unchecked
    }

    /// Whether `Apply-Package.ps1` ends with an Authenticode signature. Whether it is valid is not checked here.
    #[must_use]
    pub fn has_authenticode(&self) -> bool {
        self.authenticode
    }

    /// The zip of one of the descriptor's solutions.
    #[must_use]
    pub fn solution_zip(&self, solution: &Solution) -> Option<&[u8]> {
        self.file(&solution.file)
    }

    /// An entry's content.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.entries.iter().find(|entry| entry.name == name).map(|entry| entry.bytes.as_slice())
    }

    /// All entries, in their order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Checks all files. Each step relies on the steps before it.
    fn check(&mut self, name: &str, generation: Option<&Generation>) -> Result<(), Vec<Diagnostic>> {
        let mut findings = Vec::new();
        let mut report = |code: &'static str, at: &str, message: String| {
            findings.push(Diagnostic::error(code, message).in_file(format!("{name}: {at}"), None));
        };
        self.check_names(generation, &mut report);
        self.check_sums(&mut report);
        self.check_digests(&mut report);
        if !findings.is_empty() {
            return Err(findings);
        }
        let mut contents = Vec::new();
        for solution in &self.descriptor.solutions {
            let zip = self.solution_zip(solution).unwrap_or_default();
            match Contents::read(&solution.file, zip) {
                Ok(read) => contents.push(read),
                Err(found) => findings.extend(found.into_iter().map(|finding| inside(finding, name, &solution.file))),
            }
        }
        if findings.is_empty() {
            for lie in truth::lies(&self.descriptor, &contents) {
                let message = format!("`{}`: {}", lie.path, lie.why);
                findings.push(Diagnostic::error(lie.code, message).in_file(format!("{name}: {DESCRIPTOR}"), None));
            }
        }
        if findings.is_empty() {
            match generation {
                Some(generation) => self.check_rendered(name, generation, &contents, &mut findings),
                None => {
                    self.unchecked =
                        self.entries.iter().map(|it| it.name.clone()).filter(|it| self.is_rendered(it)).collect();
                }
            }
        }
        self.solutions = contents.into_iter().map(|it| it.solution).collect();
        if findings.is_empty() { Ok(()) } else { Err(findings) }
    }

    /// Whether a file is not among those that are checked separately.
    fn is_rendered(&self, name: &str) -> bool {
        name != DESCRIPTOR
            && name != checksums::NAME
            && !name.starts_with(signature::FOLDER)
            && !self.descriptor.solutions.iter().any(|solution| solution.file == name)
    }

    fn check_names(&self, generation: Option<&Generation>, report: &mut dyn FnMut(&'static str, &str, String)) {
        for entry in &self.entries {
            if entry.name.starts_with(signature::FOLDER) {
                if let Err(why) = signature::check_entry(entry, &self.entries) {
                    report("foreign-file", &entry.name, why);
                }
            } else if generation.is_some() && !templates::is_part(&self.descriptor, &entry.name) {
                report("foreign-file", &entry.name, "it does not belong in a bundle".to_owned());
            }
        }
    }

    fn check_sums(&self, report: &mut dyn FnMut(&'static str, &str, String)) {
        let sums =
            self.file(checksums::NAME).and_then(|bytes| std::str::from_utf8(bytes).ok()).and_then(checksums::parse);
        let Some(mut sums) = sums else {
            report("bad-checksums", checksums::NAME, "it is missing or not in the format of `sha256sum`".to_owned());
            return;
        };
        let mut whole = true;
        for entry in self.entries.iter().filter(|entry| checksums::is_listed(entry)) {
            let fault = match sums.remove(&entry.name) {
                None => ("unlisted-file", format!("it is not listed in `{}`", checksums::NAME)),
                Some(sum) if sum != sha256(&entry.bytes) => {
                    ("changed-file", "it was changed after the bundle was built".to_owned())
                }
                Some(_) => continue,
            };
            whole = false;
            report(fault.0, &entry.name, fault.1);
        }
        for name in sums.keys() {
            report("missing-file", name, format!("it is listed in `{}`, but does not exist", checksums::NAME));
        }
        let again = checksums::render(&self.entries);
        if whole && sums.is_empty() && self.file(checksums::NAME) != Some(again.as_bytes()) {
            let why = templates::difference(self.file(checksums::NAME).unwrap_or_default(), again.as_bytes());
            report("bad-checksums", checksums::NAME, why.into_owned());
        }
    }

    /// The solutions must be those that `bundle.json` describes.
    fn check_digests(&self, report: &mut dyn FnMut(&'static str, &str, String)) {
        for solution in &self.descriptor.solutions {
            match self.solution_zip(solution) {
                None => {
                    report("missing-file", &solution.file, "`bundle.json` names it, but it does not exist".to_owned());
                }
                Some(zip) if sha256(zip) != solution.sha256 || zip.len() as u64 != solution.size => {
                    let why = "it is not the solution that `bundle.json` describes".to_owned();
                    report("changed-file", &solution.file, why);
                }
                Some(_) => {}
            }
        }
    }

    /// Every other file must be what is rendered for it.
    fn check_rendered(
        &mut self,
        name: &str,
        generation: &Generation,
        contents: &[Contents],
        findings: &mut Vec<Diagnostic>,
    ) {
        let rendered = match generation.render(&self.descriptor, contents) {
            Ok(rendered) => rendered,
            Err(error) => {
                findings.push(Diagnostic::error("cannot-render", error.to_string()).in_file(name, None));
                return;
            }
        };
        for ours in rendered {
            let at = format!("{name}: {}", ours.name);
            let Some(theirs) = self.file(&ours.name) else {
                findings.push(Diagnostic::error("missing-file", "it belongs in every bundle").in_file(at, None));
                continue;
            };
            if theirs == ours.bytes {
                continue;
            }
            if ours.name == templates::APPLY_PS1 && authenticode::is_signed(theirs, &ours.bytes) {
                self.authenticode = true;
                continue;
            }
            let why = format!(
                "it is not what dvpack makes of `bundle.json` and the solution: {}",
                templates::difference(theirs, &ours.bytes)
            );
            findings.push(Diagnostic::error("not-as-rendered", why).in_file(at, None));
        }
    }
}

fn newer_templates(descriptor: &Descriptor, at: &str) -> Diagnostic {
    let why = format!(
        "`templates`: its files are of generation {}, and were made by a newer dvpack; this one knows {}",
        descriptor.templates,
        templates::CURRENT
    );
    Diagnostic::error("newer-templates", why)
        .in_file(at, None)
        .help("use a newer dvpack, or see what can be checked with `dvpack verify --unchecked`")
}

/// A finding in a solution, with the bundle's name before its place.
fn inside(finding: Diagnostic, name: &str, file: &str) -> Diagnostic {
    let place = finding.place().map_or_else(|| file.to_owned(), |place| place.file);
    let line_column = finding.place().and_then(|place| Some((place.line?, place.column?)));
    finding.in_file(format!("{name}: {place}"), line_column)
}

#[cfg(test)]
mod tests;
