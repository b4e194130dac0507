//! Packing an unpacked folder: its plan, carried out in one pass. Each file is parsed once, written out
//! merged and dropped; payloads go from the disk through the compressor; the tree is never held.

use std::collections::BTreeMap;
use std::io::{BufWriter, Seek, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::open::{FolderOptions, Opened, open};
use super::piece::{Loaded, Piece};
use super::plan::{Plan, SORTED};
use super::route::Routes;
use crate::archive::{Content, Stream, Timestamp, Whole, WriteError, Writer};
use crate::diagnostic::{Diagnostic, has_errors};
use crate::solution::check::{self, Facts};
use crate::solution::content_types;
use crate::solution::package::SolutionPackage;
use crate::solution::role;
use crate::solution::xml::{self, Element, Node};
use crate::solution::zip::write_zip_to;

/// How much XML is parsed before it is written: enough for all processors, little enough to hold.
const BATCH_BYTES: usize = 4 << 20;

/// A solution zip that was written.
#[derive(Clone, Debug)]
pub struct Packed {
    /// The solution's unique name.
    pub unique_name: String,
    /// The version as written.
    pub version: String,
    /// Whether it is managed.
    pub managed: bool,
    /// Number of parts.
    pub parts: usize,
    /// Bytes of the zip.
    pub bytes: usize,
    /// Warnings and notes.
    pub findings: Vec<Diagnostic>,
}

/// Packs a folder into a zip that is written to `out`. What stands there is the zip only if no error comes back. The
/// same bytes as those of [`super::read_folder_with`] and [`crate::solution::write_zip`].
///
/// # Errors
/// All findings, if one of them is an error.
pub fn pack_folder<W: Write + Seek + Send>(
    path: &Path,
    options: FolderOptions<'_>,
    out: W,
) -> Result<Packed, Vec<Diagnostic>> {
    match open(path, options)? {
        Opened::Planned(plan) => stream(*plan, out),
        Opened::Read(mut package) => {
            let mut findings = std::mem::take(&mut package.findings);
            findings.extend(check::check(&package));
            findings.extend(role::review_solution(&role::Collected::of(&package), &package));
            if has_errors(&findings) {
                return Err(findings);
            }
            let bytes = write_zip_to(&package, out)?;
            Ok(Packed::of(&package, package.files.len() + 3, bytes, findings))
        }
    }
}

impl Packed {
    fn of(package: &SolutionPackage, parts: usize, bytes: usize, findings: Vec<Diagnostic>) -> Self {
        Self {
            unique_name: package.unique_name(),
            version: package.version_text(),
            managed: package.managed(),
            parts,
            bytes,
            findings,
        }
    }
}

/// The code of a finding that is not about the folder: the zip could not be written to its place.
pub const UNWRITTEN: &str = "zip-not-written";

fn stream<W: Write + Seek + Send>(mut plan: Plan, out: W) -> Result<Packed, Vec<Diagnostic>> {
    let origin = plan.origin.clone();
    let unwritable = |error: WriteError| {
        let code = if matches!(error, WriteError::Output(_)) { UNWRITTEN } else { "unwritable-zip" };
        vec![Diagnostic::error(code, error.to_string()).in_file(origin.as_str(), None)]
    };
    let mut writer = Writer::new(BufWriter::with_capacity(1 << 18, out), Timestamp::FIRST);
    let mut merge = Merge {
        seen: Seen::default(),
        findings: std::mem::take(&mut plan.findings),
        faults: std::mem::take(&mut plan.faults),
        failure: None,
    };
    let mut text = writer.stream("customizations.xml");
    merge.customizations(&plan, &mut text);
    let Merge { mut seen, mut findings, faults, failure } = merge;
    if has_errors(&findings) {
        return Err(findings);
    }
    failure.map_or(Ok(()), Err).and_then(|()| text.end()).map_err(unwritable)?;

    let Plan { origin, manifest, skeleton, mut routes, tree, .. } = plan;
    routes.append(std::mem::take(&mut seen.routes));
    let mut routed = routes.parts(&tree, &origin);
    findings.extend(faults);
    findings.append(&mut routed.findings);
    let parts = &routed.parts;
    let package = SolutionPackage {
        origin: origin.clone(),
        manifest,
        customizations: skeleton,
        files: Default::default(),
        findings: Vec::new(),
    };
    let manifest = xml::write_document(&package.manifest);
    let mut entries = vec![("solution.xml".to_owned(), Content::Bytes(&manifest))];
    entries.extend(parts.iter().map(|(name, id)| (name.clone(), tree.content(*id))));
    let names = std::iter::once("customizations.xml").chain(entries.iter().map(|(name, _)| name.as_str()));
    let types = content_types::content_types(names);
    entries.push((content_types::NAME.to_owned(), Content::Bytes(&types)));

    // Texts are looked at while they are in memory to be deflated.
    let names: Vec<&str> = parts.keys().map(String::as_str).collect();
    let looked: Mutex<BTreeMap<usize, (Facts, Option<Diagnostic>)>> = Mutex::default();
    let look = |entry: usize, content: Whole<'_>| {
        let Some(name) = entry.checked_sub(1).and_then(|part| names.get(part)) else { return Ok(()) };
        let mut facts = Facts::default();
        let mut misplaced = None;
        if check::is_text(name) {
            let content = content()?;
            facts.look(name, &content);
            misplaced = routed.misplaced(name, &tree, &origin, &content);
        } else {
            facts.look(name, &[]);
        }
        looked.lock().unwrap_or_else(PoisonError::into_inner).insert(entry, (facts, misplaced));
        Ok(())
    };
    writer.add(&entries, look).map_err(unwritable)?;
    let count = entries.len() + 1;
    let bytes = writer.end().map_err(unwritable)?;
    for (_, (facts, misplaced)) in looked.into_inner().unwrap_or_else(PoisonError::into_inner) {
        seen.facts.append(facts);
        findings.extend(misplaced);
    }
    findings.extend(check::conclude(&seen.facts, &package, parts.keys().map(String::as_str)));
    findings.extend(role::review_solution(&seen.roles, &package));
    if has_errors(&findings) {
        return Err(findings);
    }
    Ok(Packed::of(&package, count, bytes, findings))
}

/// What is remembered of elements that were written.
#[derive(Default)]
struct Seen {
    facts: Facts,
    roles: role::Collected,
    routes: Routes,
}

impl Seen {
    fn see(&mut self, section: &str, file: Option<&Arc<str>>, element: &Element) {
        self.facts.see(section, element);
        self.roles.see(section, file, element);
        self.routes.see(section, element);
    }

    fn append(&mut self, other: Self) {
        self.facts.append(other.facts);
        self.roles.append(other.roles);
        self.routes.append(other.routes);
    }
}

/// A piece as text.
struct Fragment {
    text: String,
    seen: Seen,
    warnings: Vec<Diagnostic>,
}

impl Fragment {
    fn of(piece: &Piece, plan: &Plan, section: &str, pretty: bool) -> Result<Self, Vec<Diagnostic>> {
        let Loaded { nodes, warnings } = piece.load(&plan.tree, &plan.origin)?;
        let text = String::with_capacity(piece.size(&plan.tree) * 5 / 4);
        let mut fragment = Self { text, seen: Seen::default(), warnings };
        fragment.seen.routes.payloads.extend(piece.payload(&nodes));
        for node in &nodes {
            if let Node::Element(element) = node {
                fragment.seen.see(section, None, element);
            }
            xml::write_node(node, 2, pretty, &mut fragment.text);
        }
        Ok(fragment)
    }
}

struct Merge {
    seen: Seen,
    findings: Vec<Diagnostic>,
    faults: Vec<Diagnostic>,
    failure: Option<WriteError>,
}

impl Merge {
    fn put<W: Write + Seek + Send>(&mut self, out: &mut Stream<'_, W>, text: &str) {
        if self.failure.is_none() && !has_errors(&self.findings) {
            self.failure = out.write(text.as_bytes()).err();
        }
    }

    fn append<W: Write + Seek + Send>(
        &mut self,
        made: Vec<Result<Fragment, Vec<Diagnostic>>>,
        text: &mut String,
        out: &mut Stream<'_, W>,
    ) {
        for made in made {
            match made {
                Ok(fragment) => {
                    text.push_str(&fragment.text);
                    self.seen.append(fragment.seen);
                    self.findings.extend(fragment.warnings);
                }
                Err(findings) => self.findings.extend(findings),
            }
        }
        self.put(out, text);
        text.clear();
    }

    fn customizations<W: Write + Seek + Send>(&mut self, plan: &Plan, out: &mut Stream<'_, W>) {
        let root = &plan.skeleton;
        if root.children.is_empty() {
            self.put(out, &xml::write_fragment(root));
            return;
        }
        let pretty = xml::indents(root, false);
        let mut text = String::new();
        xml::open(root, 0, false, &mut text);
        let mut met: Vec<&str> = Vec::new();
        for node in &root.children {
            let section = match node {
                Node::Element(section) if !met.contains(&section.name.as_str()) => section,
                other => {
                    xml::write_node(other, 1, pretty, &mut text);
                    continue;
                }
            };
            met.push(&section.name);
            for element in section.elements() {
                self.seen.see(&section.name, section.file.as_ref(), element);
            }
            match plan.sections.iter().find(|(name, _)| *name == section.name) {
                Some((_, pieces)) => self.section(plan, section, pieces, pretty, &mut text, out),
                None => xml::write_node(node, 1, pretty, &mut text),
            }
        }
        xml::close(root, 0, pretty, &mut text);
        self.put(out, &text);
    }

    fn section<W: Write + Seek + Send>(
        &mut self,
        plan: &Plan,
        section: &Element,
        pieces: &[Piece],
        pretty: bool,
        text: &mut String,
        out: &mut Stream<'_, W>,
    ) {
        if section.name == SORTED {
            // Its parts are put in order, so they are all needed; they are small.
            let mut filled = section.clone();
            let loaded: Vec<_> = pieces.par_iter().map(|piece| piece.load(&plan.tree, &plan.origin)).collect();
            for part in loaded {
                match part {
                    Ok(part) => filled.children.extend(part.nodes),
                    Err(findings) => self.findings.extend(findings),
                }
            }
            plan.relationships.sort(&mut filled.children);
            if !has_errors(&self.findings) {
                self.faults.extend(plan.relationships.compare(&filled.children, &plan.origin));
            }
            for element in filled.elements() {
                self.seen.see(&section.name, section.file.as_ref(), element);
            }
            xml::write_node(&filled.into(), 1, pretty, text);
            return;
        }
        xml::open(section, 1, pretty, text);
        let inside = pretty && xml::indents(section, true);
        for node in &section.children {
            xml::write_node(node, 2, inside, text);
        }
        let (mut rest, mut made) = (pieces, Vec::new());
        loop {
            let (batch, after) = rest.split_at(Piece::batch(rest, &plan.tree, BATCH_BYTES));
            rest = after;
            let load = || batch.par_iter().map(|piece| Fragment::of(piece, plan, &section.name, inside)).collect();
            // Those before are deflated and written meanwhile.
            ((), made) = rayon::join(|| self.append(std::mem::take(&mut made), text, out), load);
            if made.is_empty() {
                break;
            }
        }
        xml::close(section, 1, inside, text);
    }
}
