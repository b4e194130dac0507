//! One part of a section: the files it is made of, and how they become its elements.

use super::layout::PAYLOAD_FIELDS;
use super::tree::{Id, Tree};
use crate::diagnostic::Diagnostic;
use crate::solution::xml::{self, Element, Node};

/// What a section is filled with.
pub enum Piece {
    /// A file that holds one element, and the lower-case name of the payload beside it, if it may have one.
    Root(Id, Option<String>),
    /// A file whose root holds the elements.
    Children(Id),
    /// A table.
    Table(Box<Table>),
}

/// The files of a table.
pub struct Table {
    /// Entity.xml
    pub entity: Id,
    /// Types and files of the forms.
    pub forms: Vec<(String, Vec<Id>)>,
    /// Saved queries.
    pub views: Vec<Id>,
    /// Visualizations.
    pub charts: Vec<Id>,
    /// RibbonDiff.xml
    pub ribbon: Option<Id>,
}

/// Parses a file of the tree and drops the declaration of `xsi`, which only the root carries.
pub fn parse(tree: &Tree, origin: &str, id: Id) -> Result<Element, Box<Diagnostic>> {
    let bytes = tree.read(id)?;
    let mut root = xml::parse(&bytes, &format!("{origin}/{}", tree.name(id)))?;
    if root.name != "ImportExportXml" {
        root.attributes.retain(|(name, _)| name != "xmlns:xsi");
    }
    Ok(root)
}

/// How many pieces are read together at most.
const BATCH_PIECES: usize = 512;

impl Piece {
    /// How many of the pieces are read together, so that they have about so many bytes; none only where there are none.
    pub fn batch(pieces: &[Self], tree: &Tree, most: usize) -> usize {
        let mut bytes = 0;
        let fits = pieces.iter().take(BATCH_PIECES).take_while(|piece| {
            bytes += piece.size(tree);
            bytes <= most
        });
        fits.count().max(1).min(pieces.len())
    }

    /// Bytes of the files it is made of.
    pub fn size(&self, tree: &Tree) -> usize {
        match self {
            Self::Root(id, _) | Self::Children(id) => tree.size(*id),
            Self::Table(table) => table.files().map(|id| tree.size(id)).sum(),
        }
    }

    /// The file beside it, and the part that it is in the zip.
    pub fn payload(&self, nodes: &[Node]) -> Option<(String, String)> {
        let (Self::Root(_, Some(beside)), [Node::Element(element)]) = (self, nodes) else { return None };
        let part = PAYLOAD_FIELDS.iter().find_map(|field| element.child_text(field))?;
        Some((beside.clone(), part.trim_start_matches('/').to_owned()))
    }

    /// Reads and merges its files; all that are malformed are named.
    pub fn load(&self, tree: &Tree, origin: &str) -> Result<Vec<Node>, Vec<Diagnostic>> {
        match self {
            Self::Root(id, _) => Ok(vec![parse(tree, origin, *id).map_err(|finding| vec![*finding])?.into()]),
            Self::Children(id) => Ok(parse(tree, origin, *id).map_err(|finding| vec![*finding])?.children),
            Self::Table(table) => {
                let mut loader = Loader { tree, origin, findings: Vec::new() };
                let entity = table.load(&mut loader);
                match entity {
                    Some(entity) if loader.findings.is_empty() => Ok(vec![entity.into()]),
                    _ => Err(loader.findings),
                }
            }
        }
    }
}

struct Loader<'a> {
    tree: &'a Tree,
    origin: &'a str,
    findings: Vec<Diagnostic>,
}

impl Loader<'_> {
    fn parse(&mut self, id: Id) -> Option<Element> {
        parse(self.tree, self.origin, id).map_err(|finding| self.findings.push(*finding)).ok()
    }

    /// Adds what files hold: the element itself, or the elements in its root.
    fn add(&mut self, files: &[Id], name: &str, target: &mut Element) {
        for root in files.iter().filter_map(|id| self.parse(*id)) {
            if root.name == name { target.push(root) } else { target.children.extend(root.children) }
        }
    }
}

impl Table {
    fn files(&self) -> impl Iterator<Item = Id> {
        let forms = self.forms.iter().flat_map(|(_, files)| files).copied();
        std::iter::once(self.entity)
            .chain(forms)
            .chain(self.views.iter().copied())
            .chain(self.charts.iter().copied())
            .chain(self.ribbon)
    }

    fn load(&self, loader: &mut Loader<'_>) -> Option<Element> {
        let entity = loader.parse(self.entity);
        // The other files are looked at all the same, so that their mistakes are named too.
        let mut all_forms = Vec::new();
        for (form_type, files) in &self.forms {
            let mut forms = Element::new("forms").with("type", form_type);
            loader.add(files, "systemform", &mut forms);
            all_forms.push(forms);
        }
        let mut queries = Element::new("savedqueries");
        loader.add(&self.views, "savedquery", &mut queries);
        let mut charts = Element::default();
        loader.add(&self.charts, "visualization", &mut charts);
        let ribbon = self.ribbon.and_then(|id| loader.parse(id));
        let mut entity = entity?;
        for forms in all_forms.into_iter().filter(|forms| !forms.is_empty()) {
            part(&mut entity, "FormXml").push(forms);
        }
        if !queries.children.is_empty() {
            part(&mut entity, "SavedQueries").push(queries);
        }
        if !self.charts.is_empty() {
            part(&mut entity, "Visualizations").children.extend(charts.children);
        }
        if let Some(root) = ribbon {
            *part(&mut entity, "RibbonDiffXml") = root;
        }
        Some(entity)
    }
}

/// A part of an `<Entity>`, made at its place where it is missing.
fn part<'e>(entity: &'e mut Element, name: &str) -> &'e mut Element {
    const ORDER: [&str; 8] = [
        "Name",
        "EntityInfo",
        "FormXml",
        "SavedQueries",
        "Visualizations",
        "RibbonDiffXml",
        "CustomControlDefaultConfigs",
        "Strings",
    ];
    let rank = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
    let is = |node: &Node, test: &dyn Fn(&str) -> bool| matches!(node, Node::Element(element) if test(&element.name));
    if !entity.children.iter().any(|node| is(node, &|other| other == name)) {
        let after = entity.children.iter().position(|node| is(node, &|other| rank(other) > rank(name)));
        let index = after.unwrap_or(entity.children.len());
        entity.children.insert(index, Element::new(name).into());
    }
    let found = entity.elements_mut().find(|element| element.name == name);
    found.unwrap_or_else(|| unreachable!("it was just made"))
}
