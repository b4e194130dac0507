//! The solution zip: reading one from outside, and writing one whose bytes depend on its content only.
//! Facts: an OPC container; entry names are part names, kept as they are; `[Content_Types].xml` last.

use std::collections::BTreeMap;
use std::io::{Cursor, Seek, Write};

use super::content_types;
use super::nodes;
use super::package::SolutionPackage;
use super::part_name;
use super::xml;
use crate::archive::{self, Content, Entry, Limits, Timestamp, Writer};
use crate::diagnostic::{Diagnostic, Severity};
use crate::version::Version;

/// The largest solution the server takes.
pub const MAX_ZIP: usize = 95 * 1024 * 1024;

/// The unique name and the version of a solution zip; none where it cannot be read as one.
#[must_use]
pub fn identify(bytes: &[u8]) -> Option<(String, Version)> {
    let manifest = archive::read_one(bytes, "solution.xml", &Limits::of_solutions()).ok()??;
    let root = xml::parse(&manifest, "solution.xml").ok()?;
    let manifest = root.find("SolutionManifest")?;
    Some((manifest.child_text("UniqueName")?, manifest.child_text("Version")?.parse().ok()?))
}

/// Reads an exported solution zip; `name` is what people know it by.
///
/// # Errors
/// Findings if the archive is refused, or its documents cannot be parsed.
pub fn read_zip(bytes: &[u8], name: &str) -> Result<SolutionPackage, Vec<Diagnostic>> {
    // What is no solution is refused before any of it is inflated.
    let names = archive::names(bytes, &Limits::of_solutions()).map_err(|refusal| vec![refused(&refusal, name)])?;
    let missing = missing_parts(&names, name);
    if !missing.is_empty() {
        return Err(missing);
    }
    let (refusals, warnings): (Vec<_>, Vec<_>) =
        name_findings(&names, name).into_iter().partition(|finding| finding.severity == Severity::Error);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let findings = warnings;
    let entries = archive::read(bytes, &Limits::of_solutions()).map_err(|refusal| vec![refused(&refusal, name)])?;
    let refusals = nodes::refusals(&entries, bytes.len(), name);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let mut parts = BTreeMap::new();
    let (mut manifest, mut customizations) = (None, None);
    let nodes = xml::node_limit(bytes.len());
    let mut wrong = Vec::new();
    for Entry { name: part, bytes: part_bytes } in entries {
        let slot = match part.to_ascii_lowercase().as_str() {
            "solution.xml" => &mut manifest,
            "customizations.xml" => &mut customizations,
            "[content_types].xml" => continue,
            _ => {
                parts.insert(part, part_bytes);
                continue;
            }
        };
        match xml::parse_in_pieces(&part_bytes, &format!("{name}: {part}"), nodes) {
            Ok(root) => *slot = Some(root),
            Err(finding) => wrong.push(*finding),
        }
    }
    match (manifest, customizations) {
        (Some(manifest), Some(customizations)) if wrong.is_empty() => {
            Ok(SolutionPackage { origin: name.to_owned(), manifest, customizations, files: parts, findings })
        }
        _ => Err(wrong),
    }
}

/// Refuses a zip that is not packed as one in a bundle must be: solutions from outside may have data descriptors.
///
/// # Errors
/// The finding of the reader.
pub fn check_packing(bytes: &[u8], name: &str) -> Result<(), Vec<Diagnostic>> {
    archive::names(bytes, &Limits::default()).map(drop).map_err(|refusal| vec![refused(&refusal, name)])
}

/// An archive that is refused.
pub(super) fn refused(refusal: &archive::Refusal, name: &str) -> Diagnostic {
    let help = "give a solution zip as Dataverse exported it or dvpack wrote it, or get it again";
    Diagnostic::error("unreadable-zip", refusal.to_string()).in_file(name, None).help(help)
}

/// What a zip lacks that every solution has.
pub(super) fn missing_parts(names: &[String], name: &str) -> Vec<Diagnostic> {
    let missing = |part: &&str| !names.iter().any(|name| name.eq_ignore_ascii_case(part));
    let finding = |part| {
        let finding = Diagnostic::error("not-a-solution", format!("it has no `{part}`")).in_file(name, None);
        finding.help("a solution zip has solution.xml, customizations.xml and [Content_Types].xml in its root")
    };
    ["solution.xml", "customizations.xml"].into_iter().filter(missing).map(finding).collect()
}

/// What is wrong with the names of a package's parts. Names that only another packer than Microsoft's writes are
/// warnings here, since Dataverse ignores such parts; a bundle has none of them.
pub(super) fn name_findings(names: &[String], file: &str) -> Vec<Diagnostic> {
    let help = "rename the file, or leave it out";
    let mut findings = Vec::new();
    for part in names.iter().filter(|name| !name.eq_ignore_ascii_case(content_types::NAME)) {
        if let Some(problem) = part_name::problem(part) {
            let message = format!("the part `{part}`: {problem}");
            let finding = if part.contains('%') {
                Diagnostic::error("ambiguous-part-name", message)
            } else {
                Diagnostic::warning("ignored-part", message)
            };
            findings.push(finding.in_file(file, None).help(help));
        }
    }
    for (one, two) in part_name::collisions(names.iter().map(String::as_str)) {
        let message = format!("the parts `{one}` and `{two}` have names that readers take for one");
        findings.push(Diagnostic::error("ambiguous-part-name", message).in_file(file, None).help(help));
    }
    findings
}

/// Writes the zip: customizations.xml, solution.xml, parts by name, `[Content_Types].xml` last.
///
/// # Errors
/// Findings if a name or the size is more than a zip archive can have.
pub fn write_zip(package: &SolutionPackage) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let mut zip = Cursor::new(Vec::new());
    write_zip_to(package, &mut zip)?;
    Ok(zip.into_inner())
}

/// The same, to where it is to stand; gives its size.
pub fn write_zip_to(package: &SolutionPackage, out: impl Write + Seek + Send) -> Result<usize, Vec<Diagnostic>> {
    let manifest = xml::write_document(&package.manifest);
    let mut entries = vec![("solution.xml".to_owned(), Content::Bytes(&manifest))];
    entries.extend(package.files.iter().map(|(name, bytes)| (name.clone(), Content::Bytes(bytes))));
    let names = std::iter::once("customizations.xml").chain(entries.iter().map(|(name, _)| name.as_str()));
    let types = content_types::content_types(names);
    entries.push((content_types::NAME.to_owned(), Content::Bytes(&types)));
    let mut writer = Writer::new(out, Timestamp::FIRST);
    let mut write = || {
        let mut text = writer.stream("customizations.xml");
        xml::write_in_parts(&package.customizations, |part| text.write(part.as_bytes()))?;
        text.end()?;
        writer.add(&entries, |_, _| Ok(()))
    };
    write().and_then(|()| writer.end()).map_err(|error| {
        vec![Diagnostic::error("unwritable-zip", error.to_string()).in_file(package.origin.as_str(), None)]
    })
}
