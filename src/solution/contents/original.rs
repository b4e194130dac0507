//! What a component is made of, read again from the solution's zip: only few components differ between two releases,
//! and keeping everything that they say would take many times the memory.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::values;
use crate::archive::{self, Limits};
use crate::solution::variable::VariableFacts;
use crate::solution::xml::{self, Element};

const CUSTOMIZATIONS: &str = "customizations.xml";

/// Where something of a component is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An item of the sections of customizations.xml, by its place among all of them, and the element in it, where the
    /// item is a list of components.
    Item(usize, Option<usize>),
    /// A part, by its name.
    Part(String),
}

/// Kind and name of each component, section and file → what it is made of.
pub type Sources = BTreeMap<(String, String), Vec<Source>>;

/// Something that a component is made of.
#[derive(Debug)]
pub enum Material<'a> {
    /// An element of customizations.xml.
    Element(Element),
    /// A part: its name and content.
    Part(&'a str, &'a [u8]),
}

impl Material<'_> {
    /// Whether it defines an environment variable, and if so whether the values of that may be secrets.
    #[must_use]
    pub fn defines_secret(&self) -> Option<bool> {
        match self {
            Self::Element(element) => VariableFacts::may_be_secret(element),
            Self::Part(name, bytes) => {
                let is_xml = name.to_ascii_lowercase().ends_with("/environmentvariabledefinition.xml");
                is_xml
                    .then(|| xml::parse(bytes, name).map_or(Some(true), |root| VariableFacts::may_be_secret(&root)))?
            }
        }
    }

    /// Whether it is a file with values of environment variables.
    #[must_use]
    pub fn has_values(&self) -> bool {
        matches!(self, Self::Part(name, _) if values::shape(name).is_some())
    }
}

/// The texts of a solution that some of its components are made of.
#[derive(Debug, Default)]
pub struct Original {
    customizations: Vec<u8>,
    parts: BTreeMap<String, Vec<u8>>,
}

impl Original {
    /// Reads these sources from a zip that was read before.
    #[must_use]
    pub fn read<'a>(zip: &[u8], sources: impl IntoIterator<Item = &'a Source>) -> Self {
        let mut wanted: BTreeSet<&str> = BTreeSet::new();
        let mut has_items = false;
        for source in sources {
            match source {
                Source::Item(..) => has_items = true,
                Source::Part(name) => {
                    wanted.insert(name);
                }
            }
        }
        let mut found = Self::default();
        for entry in archive::read(zip, &Limits::of_solutions()).unwrap_or_default() {
            if entry.name.eq_ignore_ascii_case(CUSTOMIZATIONS) {
                if has_items {
                    found.customizations = entry.bytes;
                }
            } else if wanted.contains(entry.name.as_str()) {
                found.parts.insert(entry.name, entry.bytes);
            }
        }
        found
    }

    /// Its pieces, each of which becomes an element when it is asked for.
    #[must_use]
    pub fn open(&self) -> Opened<'_> {
        Opened { text: xml::decode(&self.customizations).unwrap_or_default(), parts: &self.parts }
    }
}

/// The decoded text.
#[derive(Debug)]
pub struct Opened<'a> {
    text: Cow<'a, str>,
    parts: &'a BTreeMap<String, Vec<u8>>,
}

impl Opened<'_> {
    /// The reader of its items.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        let pieces = xml::Pieces::cut(&self.text);
        let frame = pieces.skeleton(CUSTOMIZATIONS).unwrap_or_default();
        let sections = pieces.sections().iter().enumerate();
        let places = sections.flat_map(|(section, it)| (0..it.pieces.len()).map(move |piece| (section, piece)));
        Reader { places: places.collect(), pieces, frame, parts: self.parts }
    }
}

/// Reads what components are made of.
#[derive(Debug)]
pub struct Reader<'a> {
    pieces: xml::Pieces<'a>,
    frame: Element,
    /// The section of each item, and its place there.
    places: Vec<(usize, usize)>,
    parts: &'a BTreeMap<String, Vec<u8>>,
}

impl Reader<'_> {
    /// What is there; nothing if it was not asked for before.
    #[must_use]
    pub fn material(&self, source: &Source) -> Option<Material<'_>> {
        match source {
            Source::Item(index, inner) => {
                let (section, piece) = *self.places.get(*index)?;
                let piece = self.pieces.sections().get(section)?.pieces.get(piece)?;
                let section = self.frame.elements().nth(section)?;
                let element = self.pieces.parse(piece, &[&self.frame, section], CUSTOMIZATIONS).ok()?;
                let element = match inner {
                    Some(inner) => element.elements().nth(*inner)?.clone(),
                    None => element,
                };
                Some(Material::Element(element))
            }
            Source::Part(name) => {
                let (name, bytes) = self.parts.get_key_value(name)?;
                Some(Material::Part(name, bytes))
            }
        }
    }
}
