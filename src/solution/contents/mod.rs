//! Everything that a solution says, read once, as typed facts: the one reader whose result `inspect`, `diff`, `verify`,
//! `plan`, `apply`, `bundle.json`, the pages and the bill of materials show.
//!
//! A solution is read piece by piece: no tree of the whole is made. Each element and attribute of
//! `manifests/catalog/solution-xml.tsv` goes to the reader of its kind; what no reader takes is listed
//! ([`Contents::unread`]) and compared by digest; what readers could take in different ways is a deviation
//! ([`Contents::deviations`]), of which a bundle has none.

mod digests;
mod hosts;
mod identity;
mod item;
mod json;
mod parts;
mod processes;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

pub use digests::Digests;
pub use hosts::Hosts;
pub use identity::{Dependency, Identity};
pub use item::{Endpoint, RoleFacts};
pub use parts::{NamedFile, PartFacts, VariableValue};
pub use processes::{Process, ProcessKind};

use self::item::Item;
use super::components::{Component, Parts};
use super::package::{ConnectionFacts, SolutionPackage, VariableFacts};
use super::profile::{Records, Unread, Walk};
use super::role::{OwnTable, OwnTables, Role};
use super::xml::{self, Element, Node};
use super::zip::{name_findings, refused};
use super::{components, content_types, write_zip};
use crate::archive::{self, Limits};
use crate::diagnostic::Diagnostic;

/// How many elements the sections of a solution may have; the largest real ones have some 15,000.
const MOST_ITEMS: usize = 200_000;

const MANIFEST: &str = "solution.xml";
const CUSTOMIZATIONS: &str = "customizations.xml";

/// What a solution says.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// What people know the solution by, for messages.
    pub origin: String,
    /// Who it is: names, version, publisher.
    pub identity: Identity,
    /// `solution.xml`.
    pub manifest: Element,
    /// The security roles, in the order of the file.
    pub roles: Vec<RoleFacts>,
    /// The components, by kind and name.
    pub components: Vec<Component>,
    /// Kind and name of each component, section and file → what tells whether it changed.
    pub digests: Digests,
    /// Elements of sections that are no components: the section, and what a person knows the element by.
    pub others: Vec<(String, String)>,
    /// The environment variables, by schema name.
    pub variables: Vec<VariableFacts>,
    /// Values that the solution brings for environment variables, its own or another's.
    pub values: Vec<VariableValue>,
    /// The connection references, by logical name.
    pub connections: Vec<ConnectionFacts>,
    /// Processes and steps, in the order of the file.
    pub processes: Vec<Process>,
    /// Other solutions' components that it needs.
    pub dependencies: Vec<Dependency>,
    /// Service endpoints and webhooks.
    pub endpoints: Vec<Endpoint>,
    /// Hosts and connectors, and what names them.
    pub hosts: Hosts,
    /// Files that the customizations give a name and a version.
    pub named_files: Vec<NamedFile>,
    /// The tables that it brings.
    pub own_tables: OwnTables,
    /// Every part, with its size and digest, in the order of the zip.
    pub parts: Vec<PartFacts>,
    /// Parts that no component names.
    pub unclaimed: Vec<String>,
    /// What no reader took.
    pub unread: Vec<Unread>,
    /// What readers could take in different ways.
    pub deviations: Vec<Diagnostic>,
    /// Where it is written in another way than dvpack writes it; all readers agree on what it says.
    pub form: Vec<Diagnostic>,
    /// Kinds, sections and root components that are carried as they are, without a name.
    pub not_understood: Vec<String>,
}

impl Contents {
    /// Reads a solution zip; `name` is what people know it by.
    pub fn read(bytes: &[u8], name: &str) -> Result<Self, Vec<Diagnostic>> {
        let names = archive::names(bytes, &Limits::default()).map_err(|refusal| vec![refused(&refusal, name)])?;
        let missing = super::zip::missing_parts(&names, name);
        if !missing.is_empty() {
            return Err(missing);
        }
        let mut contents = Self { origin: name.to_owned(), deviations: name_findings(&names, name), ..Self::default() };
        let entries = archive::read(bytes, &Limits::default()).map_err(|refusal| vec![refused(&refusal, name)])?;
        let mut parts: Parts = entries.into_iter().map(|entry| (entry.name, entry.bytes)).collect();
        let mut take = |wanted: &str| {
            let key = parts.keys().find(|name| name.eq_ignore_ascii_case(wanted)).cloned();
            key.and_then(|key| parts.remove_entry(&key)).unwrap_or_default()
        };
        let (manifest, customizations, types) = (take(MANIFEST), take(CUSTOMIZATIONS), take(content_types::NAME));
        contents.content_types(&types.1, &names);
        contents.read_manifest(&manifest.1)?;
        let items = contents.customizations(&customizations.1, xml::node_limit(bytes.len()))?;
        // Digests come last: a file that is refused costs none.
        let documents = [manifest, customizations, types];
        let all = documents.iter().map(|(name, bytes)| (name, bytes)).chain(&parts);
        let mut facts: BTreeMap<&String, PartFacts> =
            all.map(|(name, bytes)| (name, PartFacts::of(name, bytes))).collect();
        contents.parts = names.iter().filter_map(|name| facts.remove(name)).collect();
        drop(facts);
        drop(documents);
        contents.combine(items, parts);
        Ok(contents)
    }

    /// Those of a model, as its zip would have them.
    pub fn of(package: &SolutionPackage) -> Result<Self, Vec<Diagnostic>> {
        Self::read(&write_zip(package)?, &package.origin)
    }

    /// The security roles without what only their XML says.
    pub fn role_list(&self) -> impl Iterator<Item = &Role> {
        self.roles.iter().map(|facts| &facts.role)
    }

    fn deviate(&mut self, file: &str, line: Option<usize>, message: String) {
        let file = format!("{}: {file}", self.origin);
        let at = line.map(|line| (line, 1));
        self.deviations.push(Diagnostic::error("ambiguous-solution", message).in_file(file, at));
    }

    /// Reports that it is written in another way.
    fn reform(&mut self, file: &str, line: Option<usize>, message: String) {
        let file = format!("{}: {file}", self.origin);
        let at = line.map(|line| (line, 1));
        self.form.push(Diagnostic::error("not-normal-form", message).in_file(file, at));
    }

    fn content_types(&mut self, written: &[u8], names: &[String]) {
        let others: Vec<&str> =
            names.iter().map(String::as_str).filter(|name| !name.eq_ignore_ascii_case(content_types::NAME)).collect();
        if written == content_types::content_types(others.iter().copied()) {
            return;
        }
        self.reform(content_types::NAME, None, "it is not the list that follows from the parts".to_owned());
        match content_types::uncovered(written, &others) {
            Ok(parts) => {
                for part in parts {
                    let message = format!("it has no type for the part `{part}`, which Dataverse therefore ignores");
                    self.deviate(content_types::NAME, None, message);
                }
            }
            Err(why) => self.deviate(content_types::NAME, None, why),
        }
    }

    fn read_manifest(&mut self, bytes: &[u8]) -> Result<(), Vec<Diagnostic>> {
        let file = format!("{}: {MANIFEST}", self.origin);
        let root = xml::parse(bytes, &file).map_err(|finding| vec![*finding])?;
        let mut walk = Walk::new(&*file).with_language(root.attribute("languagecode"));
        if root.name != "ImportExportXml" {
            walk.deviate(root.line, format!("its root element is `{}`, not `ImportExportXml`", root.name));
        }
        walk.element(&root, MANIFEST);
        walk.finish();
        self.identity = Identity::read(&root, &mut walk);
        self.dependencies = identity::dependencies(&root, &self.identity.name);
        self.deviations.append(&mut walk.deviations);
        self.unread.append(&mut walk.unread);
        let normal = xml::write_document(&root);
        self.normal(MANIFEST, xml::without_declaration(bytes), &normal, 1);
        self.manifest = root;
        Ok(())
    }

    /// Reports where a text is not in normal form.
    fn normal(&mut self, file: &str, written: &[u8], normal: &[u8], first_line: usize) {
        if written == normal {
            return;
        }
        let same = written.iter().zip(normal).take_while(|(one, other)| one == other).count();
        let line = memchr::memchr_iter(b'\n', &written[..same]).count() + first_line;
        let shown = |bytes: &[u8]| {
            let rest = String::from_utf8_lossy(&bytes[same..(same + 60).min(bytes.len())]).into_owned();
            if rest.is_empty() { "nothing".to_owned() } else { format!("`{}`", rest.escape_debug()) }
        };
        let message = format!("it is not in normal form: {} stands where {} should", shown(written), shown(normal));
        self.reform(file, Some(line), message);
    }

    fn customizations(&mut self, bytes: &[u8], nodes: u32) -> Result<Vec<Item>, Vec<Diagnostic>> {
        let file = format!("{}: {CUSTOMIZATIONS}", self.origin);
        let refuse = |message: String, line| {
            vec![Diagnostic::error("malformed-xml", message).in_file(file.as_str(), Some((line, 1)))]
        };
        let text = xml::decode(bytes).map_err(|message| refuse(message, 1))?;
        if let Some((at, message)) = xml::too_much(&text, nodes) {
            return Err(refuse(message, text[..at].bytes().filter(|byte| *byte == b'\n').count() + 1));
        }
        let pieces = xml::Pieces::cut(&text);
        let count: usize = pieces.sections().iter().map(|section| section.pieces.len()).sum();
        if count > MOST_ITEMS {
            return Err(refuse(format!("it has more than {MOST_ITEMS} components"), 1));
        }
        let root = pieces.skeleton(&file).map_err(|finding| vec![*finding])?;
        let language = self.manifest.attribute("languagecode");
        let mut walk = Walk::new(&*file).with_language(language);
        if root.name != "ImportExportXml" {
            walk.deviate(root.line, format!("its root element is `{}`, not `ImportExportXml`", root.name));
        }
        // The frame without its items; their lines are those of the document.
        let mut frame = root.clone();
        for (section, cut) in frame.elements_mut().zip(pieces.sections()) {
            section.line = cut.line;
            section.children.retain(|node| !matches!(node, Node::Element(_)));
        }
        walk.element(&frame, CUSTOMIZATIONS);
        let jobs: Vec<_> = frame
            .elements()
            .zip(pieces.sections())
            .flat_map(|(section, cut)| cut.pieces.iter().map(move |piece| (section, piece)))
            .collect();
        let read: Vec<Result<Item, Vec<Diagnostic>>> = jobs
            .into_par_iter()
            .map(|(section, piece)| {
                let element = pieces.parse(piece, &[&frame, section], &file).map_err(|finding| vec![*finding])?;
                Ok(Item::read(&section.name, &element, pieces.text(piece), &file, language))
            })
            .collect();
        let mut items = Vec::new();
        let mut findings = Vec::new();
        for item in read {
            match item {
                Ok(mut item) => {
                    walk.append(std::mem::replace(&mut item.walk, Walk::new("")));
                    items.push(item);
                }
                Err(found) => findings.extend(found),
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        walk.finish();
        self.deviations.append(&mut walk.deviations);
        self.unread.append(&mut walk.unread);
        for section in frame
            .elements()
            .filter(|section| super::profile::row(&format!("{CUSTOMIZATIONS}/{}", section.name)).is_none())
        {
            self.not_understood.push(format!("section `{}`", section.name));
        }
        if bytes.starts_with(b"\xef\xbb\xbf") || !bytes.starts_with(b"<") {
            self.reform(CUSTOMIZATIONS, None, "it begins with a byte order mark or blanks".to_owned());
        } else {
            let written = xml::without_declaration(pieces.skeleton_text().as_bytes());
            self.normal(CUSTOMIZATIONS, written, &xml::write_document(&root), 1);
        }
        if let Some((line, found, normal)) = items.iter().find_map(|item| item.abnormal.clone()) {
            self.normal(CUSTOMIZATIONS, found.as_bytes(), normal.as_bytes(), line);
        }
        Ok(items)
    }

    /// Puts together what the items and the parts say.
    fn combine(&mut self, items: Vec<Item>, parts: Parts) {
        let payloads: BTreeSet<&String> = items.iter().flat_map(|item| &item.payloads).collect();
        let is_payload = |name: &str| payloads.contains(&name.to_lowercase());
        let language = self.manifest.attribute("languagecode");
        let mut records = Records::read(parts.iter(), is_payload, &self.origin, language);
        self.deviations.append(&mut records.deviations);
        self.unread.append(&mut records.unread);
        // What a web resource contains is the business of who asks for it.
        for (name, bytes) in parts.iter().filter(|(name, _)| !name.to_lowercase().starts_with("webresources/")) {
            let text = hosts::text_of(bytes);
            let text = text.trim_start_matches('\u{feff}').trim_start();
            if let Some(why) = Some(text).filter(|text| text.starts_with('{')).and_then(json::ambiguity) {
                self.deviate(name, None, why);
            }
        }
        self.named_files = parts::named(&items, &parts);
        for (name, bytes) in &parts {
            self.variables.extend(VariableFacts::of_part(name, bytes));
        }
        self.values = parts::values(&parts);
        for value in &self.values {
            let prefix = format!("{}_", self.identity.publisher.prefix.to_lowercase());
            let is_defined = self.variables.iter().any(|it| it.name.eq_ignore_ascii_case(&value.variable));
            if !is_defined && !value.variable.to_lowercase().starts_with(&prefix) {
                let message =
                    format!("it sets a value for `{}`, which is another publisher's variable", value.variable);
                self.deviations.push(
                    Diagnostic::error("ambiguous-solution", message)
                        .in_file(format!("{}: {}", self.origin, value.part), None),
                );
            }
            self.deviations.extend(value.problem.as_ref().map(|why| {
                Diagnostic::error("ambiguous-solution", *why).in_file(format!("{}: {}", self.origin, value.part), None)
            }));
        }
        self.components = list(&items, &parts);
        self.not_understood.extend(components::not_understood_among(&self.manifest, &items_by_section(&items), &parts));
        self.not_understood.sort();
        self.not_understood.dedup();
        let (digests, owners) = digests::digests(&items, &parts);
        self.digests = digests;
        self.unclaimed = parts.keys().filter(|name| !owners.contains_key(*name)).cloned().collect();
        self.hosts = Hosts::of(&items, &parts, &owners);
        let mut tables: Vec<OwnTable> = Vec::new();
        for item in items {
            if item.components.is_empty() {
                self.others.push((item.section.clone(), item.label.clone()));
            }
            self.roles.extend(item.role);
            self.variables.extend(item.variable);
            self.connections.extend(item.connection);
            self.endpoints.extend(item.endpoint);
            self.processes.extend(item.process.map(|process| process.with_connections(&parts)));
            tables.extend(item.table);
        }
        self.variables.sort_by(|a, b| a.name.cmp(&b.name));
        self.connections.sort_by(|a, b| a.name.cmp(&b.name));
        let prefix = Some(self.identity.publisher.prefix.clone()).filter(|prefix| !prefix.is_empty());
        self.own_tables =
            OwnTables { tables, prefixes: prefix.into_iter().collect(), required: Vec::new(), complete: true };
    }
}

/// The components by kind, in the order of the kinds' table, then by name.
fn list(items: &[Item], parts: &Parts) -> Vec<Component> {
    let mut by_kind: BTreeMap<&str, Vec<Component>> = BTreeMap::new();
    for component in items.iter().flat_map(|item| &item.components) {
        by_kind.entry(component.kind).or_default().push(component.clone());
    }
    let mut found = Vec::new();
    for kind in components::all() {
        let mut some = by_kind.remove(kind.label()).unwrap_or_default();
        some.extend(kind.in_parts(parts));
        some.sort();
        found.extend(some);
    }
    found
}

fn items_by_section(items: &[Item]) -> BTreeSet<&str> {
    items.iter().map(|item| item.section.as_str()).collect()
}
