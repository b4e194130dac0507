//! Everything that a solution says, read once, as typed facts: the one reader whose result `inspect`, `diff`, `verify`,
//! `plan`, `apply`, `bundle.json`, the pages and the bill of materials show.
//!
//! A solution is read piece by piece: no tree of the whole is made. Each element and attribute of
//! `manifests/catalog/solution-xml.tsv` goes to the reader of its kind; what no reader understands is listed
//! ([`Contents::unread`]) and compared by digest; what readers could understand in different ways is a deviation
//! ([`Contents::deviations`]), of which a bundle has none.

pub mod acting;
mod address;
mod addresses;
mod asked;
mod canvas;
mod digests;
mod documents;
mod facts;
mod host;
mod hosts;
mod identity;
mod inside;
mod introduction;
mod item;
mod keys;
mod known;
mod layers;
mod original;
mod parts;
mod piece;
mod piece_inside;
mod pieces;
mod processes;
mod roots;
mod strays;
mod values;
mod workflows;
mod writing;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

pub use acting::{Act, ActFact};
pub use digests::Digests;
pub use documents::tidy;
pub use facts::Contents;
pub use hosts::Hosts;
pub use identity::{Dependency, Identity, Label, PublisherFacts};
pub use introduction::{Introduced, is_introduction, says_introduction};
pub use item::{Endpoint, RoleFacts};
pub use known::Known;
pub use original::{Material, Original, Reader, Source, Sources};
pub use parts::{NamedFile, PartFacts, WEB_RESOURCE};
pub use piece::{Extent, Piece, SOME_COMPONENT, label_of, of_table};
pub use processes::{Process, ProcessKind};
pub use roots::RootComponent;
pub use values::{HIDDEN, VariableValue};
pub use writing::{EMPTY, Writing};

use self::addresses::Addresses;
use self::item::Item;
use super::components::{Component, Parts};
use super::nodes;
use super::package::SolutionPackage;
use super::part_name::{self, CUSTOMIZATIONS, MANIFEST};
use super::profile::Walk;
use super::role::{OwnTable, OwnTables};
use super::variable::VariableFacts;
use super::xml::{self, Node};
use super::zip::{name_findings, refused};
use super::{components, content_types, write_zip};
use crate::archive::{self, Limits};
use crate::diagnostic::Diagnostic;

/// How many elements the sections of a solution may have; the largest real ones have some 15,000.
const MOST_ITEMS: usize = 200_000;

impl Contents {
    /// Reads a solution zip; `name` is what people know it by.
    ///
    /// # Errors
    /// Findings if the zip is refused, or its documents cannot be parsed.
    pub fn read(bytes: &[u8], name: &str) -> Result<Self, Vec<Diagnostic>> {
        let names = archive::names(bytes, &Limits::of_solutions()).map_err(|refusal| vec![refused(&refusal, name)])?;
        let missing = super::zip::missing_parts(&names, name);
        if !missing.is_empty() {
            return Err(missing);
        }
        let mut contents = Self { origin: name.to_owned(), deviations: name_findings(&names, name), ..Self::default() };
        let entries = archive::read(bytes, &Limits::of_solutions()).map_err(|refusal| vec![refused(&refusal, name)])?;
        let refusals = nodes::refusals(&entries, bytes.len(), name);
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let mut parts: Parts = entries.into_iter().map(|entry| (entry.name, entry.bytes)).collect();
        let mut take = |wanted: &str| {
            let key = parts.keys().find(|name| name.eq_ignore_ascii_case(wanted)).cloned();
            key.and_then(|key| parts.remove_entry(&key)).unwrap_or_default()
        };
        let (manifest, customizations, types) = (take(MANIFEST), take(CUSTOMIZATIONS), take(content_types::NAME));
        contents.content_types(&types.1, &names);
        contents.read_manifest(&manifest.1)?;
        let items = contents.customizations(&customizations.1, xml::node_limit(bytes.len()), &names)?;
        // Digests come last, so that a refused file costs none.
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

    /// The contents of a model, as its zip would have them.
    ///
    /// # Errors
    /// Findings if the model cannot be written, or what is written cannot be read.
    pub fn of(package: &SolutionPackage) -> Result<Self, Vec<Diagnostic>> {
        Self::read(&write_zip(package)?, &package.origin)
    }

    fn content_types(&mut self, written: &[u8], names: &[String]) {
        let others: Vec<&str> =
            names.iter().map(String::as_str).filter(|name| !name.eq_ignore_ascii_case(content_types::NAME)).collect();
        let normal = content_types::content_types(others.iter().copied());
        self.writing.document(content_types::NAME, written, written, normal.as_ref());
        if written == normal {
            return;
        }
        self.reform(content_types::NAME, None, "it is not the list that follows from the parts".to_owned());
        let list = content_types::List::read(written);
        for why in &list.refusals {
            self.deviate(content_types::NAME, None, format!("{why}, and .NET refuses such a solution"));
        }
        for part in others.into_iter().filter(|part| !list.covers(part)) {
            let message = format!("it has no type for the part `{part}`, which Dataverse therefore ignores");
            self.deviate(content_types::NAME, None, message);
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
        self.labels = identity::labels(&root);
        self.dependencies = identity::dependencies(&root, &self.identity.name);
        self.languages.extend(root.attribute("languagecode").and_then(|code| code.trim().parse::<u32>().ok()));
        self.deviations.append(&mut walk.deviations);
        self.unread.append(&mut walk.unread);
        let normal = xml::write_document(&root);
        let body = xml::without_declaration(bytes);
        self.writing.document(MANIFEST, bytes, body, &normal);
        self.writing.manifest(&root, MANIFEST);
        self.normal(MANIFEST, body, &normal, 1);
        self.root(MANIFEST, &root);
        self.manifest = root;
        Ok(())
    }

    fn customizations(&mut self, bytes: &[u8], nodes: u32, names: &[String]) -> Result<Vec<Item>, Vec<Diagnostic>> {
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
        let language = self.manifest.attribute("languagecode").map(str::to_owned);
        let language = language.as_deref();
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
        self.root(CUSTOMIZATIONS, &frame);
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
        let mut by_section: BTreeMap<&str, Vec<(&str, usize)>> = BTreeMap::new();
        for Item { section, element: (name, line), .. } in &items {
            by_section.entry(section).or_default().push((name, *line));
        }
        for section in frame.elements() {
            walk.section(section, by_section.remove(section.name.as_str()).unwrap_or_default());
        }
        let names: BTreeSet<String> = names.iter().map(|name| part_name::key(name)).collect();
        walk.missing(|part| names.contains(part));
        walk.finish();
        self.deviations.append(&mut walk.deviations);
        self.unread.append(&mut walk.unread);
        for section in frame
            .elements()
            .filter(|section| super::profile::row(&format!("{CUSTOMIZATIONS}/{}", section.name)).is_none())
        {
            self.not_understood.push(format!("section `{}`", section.name));
        }
        let skeleton = pieces.skeleton_text().as_bytes();
        let (written, normal) = (xml::without_declaration(skeleton), xml::write_document(&root));
        self.writing.document(CUSTOMIZATIONS, skeleton, written, &normal);
        self.writing.sections(&frame, pieces.sections().iter().map(|cut| cut.pieces.len()));
        for item in &items {
            self.writing.item(item);
        }
        if bytes.starts_with(b"\xef\xbb\xbf") || !bytes.starts_with(b"<") {
            self.writing.encoding(CUSTOMIZATIONS, bytes);
            self.reform(CUSTOMIZATIONS, None, "it begins with a byte order mark or blanks".to_owned());
        } else {
            self.normal(CUSTOMIZATIONS, written, &normal, 1);
        }
        if let Some((line, found, normal)) = items.iter().find_map(|item| item.abnormal.clone()) {
            self.normal(CUSTOMIZATIONS, found.as_bytes(), normal.as_bytes(), line);
        }
        Ok(items)
    }

    /// Combines what the items and the parts say.
    fn combine(&mut self, items: Vec<Item>, parts: Parts) {
        let flows = items.iter().flat_map(|item| &item.processes).filter_map(Process::definition).collect();
        let payloads = items.iter().flat_map(|item| item.payloads.iter().cloned()).collect();
        let apis = items.iter().filter_map(|item| item.api.clone()).collect();
        let named = documents::Named { payloads, flows, apis };
        let mut records = documents::read(&parts, &named, &self.origin, self.manifest.attribute("languagecode"));
        self.deviations.append(&mut records.deviations);
        self.form.append(&mut records.form);
        self.unread.append(&mut records.unread);
        self.named_files = parts::named(items.iter().filter_map(|item| item.named_file.clone()).collect(), &parts);
        self.variables.extend(parts.iter().filter_map(|(name, bytes)| VariableFacts::of_part(name, bytes)));
        self.variables.extend(items.iter().filter_map(|item| item.variable.clone()));
        self.variables.sort_by(|a, b| a.name.cmp(&b.name));
        self.deviations.extend(values::secrets_in_defaults(&mut self.variables, &self.origin));
        self.values = values::values(&parts, &self.variables, &self.identity.publisher.prefix);
        self.deviations.extend(self.values.iter().filter_map(|value| value.finding(&self.origin)));
        self.components = list(&items, &parts);
        let inside = items.iter().flat_map(|item| item.pieces.iter().cloned());
        self.pieces = pieces::pieces(&self.manifest, &self.components, inside, &parts, &self.values);
        self.not_understood.extend(components::not_understood_among(&self.manifest, &items_by_section(&items), &parts));
        self.not_understood.sort();
        self.not_understood.dedup();
        let (digests, owners, sources) = digests::digests(&items, &parts, &mut self.writing.introduced);
        (self.digests, self.sources) = (digests, sources);
        let strays = strays::strays(&parts, &named.payloads);
        let is_unclaimed = |name: &&String| !owners.contains_key(*name) || strays.contains(*name);
        self.unclaimed = parts.keys().filter(is_unclaimed).cloned().collect();
        self.hosts = Hosts::of(&items, &parts, &owners);
        if let Some(page) = self.configuration_page() {
            self.hosts.add(&Addresses::in_text(&page), "Configuration page");
        }
        self.root_components = roots::roots(&self.manifest, &self.components);
        let defined = items.iter().flat_map(|item| item.rooted.iter().cloned()).collect();
        let mut walk = Walk::new(format!("{}: {MANIFEST}", self.origin));
        roots::compare(&self.manifest, &defined, &mut walk);
        self.deviations.append(&mut walk.deviations);
        let mut definitions = processes::Definitions::among(&parts);
        let mut tables: Vec<OwnTable> = Vec::new();
        for item in items {
            if item.components.is_empty() {
                self.others.push((item.section.clone(), item.label.clone()));
            }
            self.roles.extend(item.role);
            self.languages.extend(item.language);
            self.connections.extend(item.connection);
            self.endpoints.extend(item.endpoint);
            self.acting.extend(item.acting);
            self.acting.extend(item.processes.iter().filter_map(|process| definitions.act(process)));
            self.processes.extend(item.processes.into_iter().map(|process| process.with_connections(&mut definitions)));
            self.organization_settings.extend(item.settings);
            tables.extend(item.table);
            self.column_security.append(item.column_security);
        }
        self.acting.extend(acting::of_records(&parts));
        acting::tell_apart(&mut self.acting);
        self.acting.sort_by(|a, b| (a.kind, &a.name, &a.id).cmp(&(b.kind, &b.name, &b.id)));
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
