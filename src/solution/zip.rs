//! The solution zip: reading one from outside, and writing one whose bytes depend on its content only.
//! Facts: an OPC container; entry names are percent-encoded part names; `[Content_Types].xml` last.

use std::collections::BTreeMap;
use std::io::{Cursor, Seek, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::content_types;
use super::package::SolutionPackage;
use super::xml;
use crate::archive::{self, Content, Entry, Limits, Timestamp, Writer};
use crate::diagnostic::Diagnostic;
use crate::version::Version;

/// The largest solution the server takes.
pub const MAX_ZIP: usize = 95 * 1024 * 1024;

/// What may stand raw in a part name: RFC 3986 `pchar` and `/`, and the brackets that .NET leaves.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'[')
    .remove(b']')
    .remove(b'/');

/// The name of a part as the zip has it.
#[must_use]
pub fn encode_name(name: &str) -> String {
    utf8_percent_encode(name, ENCODED).to_string()
}

/// The name of a part that an entry stands for.
fn decode_name(entry: &str) -> String {
    percent_decode_str(entry).decode_utf8().map_or_else(|_| entry.to_owned(), std::borrow::Cow::into_owned)
}

/// Whether an entry is one of the package's own parts, whose names have no case.
fn is_part(entry: &str, part: &str) -> bool {
    decode_name(entry).eq_ignore_ascii_case(part)
}

/// The unique name and the version of a solution zip; none where it cannot be read as one.
#[must_use]
pub fn identify(bytes: &[u8]) -> Option<(String, Version)> {
    let manifest = archive::read_one(bytes, "solution.xml", &Limits::default()).ok()??;
    let root = xml::parse(&manifest, "solution.xml").ok()?;
    let manifest = root.find("SolutionManifest")?;
    Some((manifest.child_text("UniqueName")?, manifest.child_text("Version")?.parse().ok()?))
}

/// Reads an exported solution zip; `name` is what people know it by.
pub fn read_zip(bytes: &[u8], name: &str) -> Result<SolutionPackage, Vec<Diagnostic>> {
    let refused = |refusal: archive::Refusal| {
        let help = "give a solution zip as Dataverse exported it or dvpack wrote it, or get it again";
        vec![Diagnostic::error("unreadable-zip", refusal.to_string()).in_file(name, None).help(help)]
    };
    // What is no solution is refused before any of it is inflated.
    let names = archive::names(bytes, &Limits::default()).map_err(refused)?;
    let mut findings: Vec<_> = ["solution.xml", "customizations.xml"]
        .into_iter()
        .filter(|part| !names.iter().any(|name| is_part(name, part)))
        .map(|part| {
            let finding = Diagnostic::error("not-a-solution", format!("it has no `{part}`")).in_file(name, None);
            finding.help("a solution zip has solution.xml, customizations.xml and [Content_Types].xml in its root")
        })
        .collect();
    if !findings.is_empty() {
        return Err(findings);
    }
    let entries = archive::read(bytes, &Limits::default()).map_err(refused)?;
    let mut parts = BTreeMap::new();
    let (mut manifest, mut customizations) = (None, None);
    let nodes = xml::node_limit(bytes.len());
    for Entry { name: entry, bytes: part_bytes } in entries {
        let part = decode_name(&entry);
        let slot = match part.to_ascii_lowercase().as_str() {
            "solution.xml" => &mut manifest,
            "customizations.xml" => &mut customizations,
            "[content_types].xml" => continue,
            _ if part.split('/').any(|piece| matches!(piece, ".." | ".") || piece.contains(':'))
                || part.starts_with('/')
                || part.contains(['\\', '\0']) =>
            {
                let message = format!("the entry `{entry}` would leave the package");
                findings.push(Diagnostic::error("unsafe-entry-name", message).in_file(name, None));
                continue;
            }
            _ => {
                if !part.ends_with('/') && parts.insert(part, part_bytes).is_some() {
                    let message = format!("two entries stand for the part `{entry}`");
                    findings.push(Diagnostic::error("duplicate-entry", message).in_file(name, None));
                }
                continue;
            }
        };
        match xml::parse_within(&part_bytes, &format!("{name}: {entry}"), nodes) {
            Ok(root) => *slot = Some(root),
            Err(finding) => findings.push(*finding),
        }
    }
    match (manifest, customizations) {
        (Some(manifest), Some(customizations)) if findings.is_empty() => {
            Ok(SolutionPackage { origin: name.to_owned(), manifest, customizations, files: parts, findings })
        }
        _ => Err(findings),
    }
}

/// Writes the zip: customizations.xml, solution.xml, parts by name, `[Content_Types].xml` last.
pub fn write_zip(package: &SolutionPackage) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let mut zip = Cursor::new(Vec::new());
    write_zip_to(package, &mut zip)?;
    Ok(zip.into_inner())
}

/// The same, to where it is to stand; gives its size.
pub fn write_zip_to(package: &SolutionPackage, out: impl Write + Seek + Send) -> Result<usize, Vec<Diagnostic>> {
    let customizations = xml::write_document(&package.customizations);
    let manifest = xml::write_document(&package.manifest);
    let mut entries = vec![
        ("customizations.xml".to_owned(), Content::Bytes(&customizations)),
        ("solution.xml".to_owned(), Content::Bytes(&manifest)),
    ];
    entries.extend(package.files.iter().map(|(name, bytes)| (encode_name(name), Content::Bytes(bytes))));
    let types = content_types::content_types(entries.iter().map(|(name, _)| name.as_str()));
    entries.push((content_types::NAME.to_owned(), Content::Bytes(&types)));
    let mut writer = Writer::new(out, Timestamp::FIRST);
    writer.add(&entries, |_, _| Ok(())).and_then(|()| writer.end()).map_err(|error| {
        vec![Diagnostic::error("unwritable-zip", error.to_string()).in_file(package.origin.as_str(), None)]
    })
}
