//! One part of a section: the files it is made of, and how they become its elements.

use super::layout::{ElementFiles, PAYLOAD_FIELDS, TABLES};
use super::misplaced::wrong_root;
use super::tree::{Id, Tree};
use crate::diagnostic::Diagnostic;
use crate::solution::xml::{self, Element, Node};

/// What a section is filled with.
pub enum Piece {
    /// A file that holds one element, and the lower-case name of the payload beside it, if it may have one.
    Root(Id, &'static ElementFiles, Option<String>),
    /// A file of relationships.
    Relationships(Id),
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

/// What a piece became.
#[derive(Default)]
pub struct Loaded {
    /// The elements.
    pub nodes: Vec<Node>,
    /// What was noticed.
    pub warnings: Vec<Diagnostic>,
}

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
            Self::Root(id, ..) | Self::Relationships(id) => tree.size(*id),
            Self::Table(table) => table.files().map(|id| tree.size(id)).sum(),
        }
    }

    /// The file beside it, and the part that it is in the zip.
    pub fn payload(&self, nodes: &[Node]) -> Option<(String, String)> {
        let (Self::Root(_, _, Some(beside)), [Node::Element(element)]) = (self, nodes) else { return None };
        let part = PAYLOAD_FIELDS.iter().find_map(|field| element.child_text(field))?;
        Some((beside.clone(), part.trim_start_matches('/').to_owned()))
    }

    /// Reads and merges its files; all that are malformed are named.
    pub fn load(&self, tree: &Tree, origin: &str) -> Result<Loaded, Vec<Diagnostic>> {
        let mut loader = Loader { tree, origin, findings: Vec::new(), warnings: Vec::new() };
        let mut nodes = Vec::new();
        match self {
            Self::Root(id, place, _) => nodes.extend(loader.take(&[*id], place.element, &[place.section])),
            Self::Relationships(id) => {
                nodes.extend(loader.take(&[*id], "EntityRelationship", &["EntityRelationships"]));
            }
            Self::Table(table) => nodes.extend(table.load(&mut loader).map(Node::from)),
        }
        let Loader { findings, warnings, .. } = loader;
        if findings.is_empty() { Ok(Loaded { nodes, warnings }) } else { Err(findings) }
    }
}

struct Loader<'a> {
    tree: &'a Tree,
    origin: &'a str,
    findings: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

impl Loader<'_> {
    fn parse(&mut self, id: Id) -> Option<Element> {
        parse(self.tree, self.origin, id).map_err(|finding| self.findings.push(*finding)).ok()
    }

    /// The root of a file, which must have that name.
    fn root(&mut self, id: Id, name: &str) -> Option<Element> {
        let root = self.parse(id)?;
        if root.name == name {
            return Some(root);
        }
        self.refuse(id, &root, name);
        None
    }

    fn refuse(&mut self, id: Id, root: &Element, wanted: &str) {
        let file = format!("{}/{}", self.origin, self.tree.name(id));
        self.findings.push(wrong_root(&file, root.line, &root.name, wanted));
    }

    /// What files hold: the element itself, or all in a root that is a list of such elements.
    fn take(&mut self, files: &[Id], element: &str, lists: &[&str]) -> Vec<Node> {
        let mut nodes = Vec::new();
        for id in files {
            match self.parse(*id) {
                Some(root) if root.name == element => nodes.push(root.into()),
                Some(root) if lists.contains(&root.name.as_str()) => nodes.extend(root.children),
                Some(root) => self.refuse(*id, &root, element),
                None => {}
            }
        }
        nodes
    }

    /// Says that a table's file has no element for what stands in files beside it.
    fn unlisted(&mut self, table: &Table, entity: &Element, name: &str, place: &str) {
        if entity.find(name).is_some() {
            return;
        }
        let file = self.tree.name(table.entity);
        let folder = file.rsplit_once('/').map_or(TABLES, |(folder, _)| folder);
        let message = format!("it has no `<{name} />`; `{folder}/{place}` is packed anyway");
        let help = match name {
            "Visualizations" => format!("add `<{name} />`, without which SolutionPackager silently leaves out charts"),
            _ => format!("add `<{name} />`, as SolutionPackager writes it"),
        };
        let finding = Diagnostic::warning("unlisted-section", message).help(help);
        self.warnings.push(finding.in_file(format!("{}/{file}", self.origin), None));
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
        let entity = loader.root(self.entity, "Entity");
        // The other files are looked at all the same, so that their mistakes are named too.
        let mut all_forms = Vec::new();
        for (form_type, files) in &self.forms {
            let mut forms = Element::new("forms").with("type", form_type);
            forms.children = loader.take(files, "systemform", &["forms"]);
            all_forms.push(forms);
        }
        let mut queries = Element::new("savedqueries");
        queries.children = loader.take(&self.views, "savedquery", &["savedqueries"]);
        let charts = loader.take(&self.charts, "visualization", &["Visualizations", "visualizations"]);
        let ribbon = self.ribbon.and_then(|id| loader.root(id, "RibbonDiffXml"));
        let mut entity = entity?;
        for forms in all_forms.into_iter().filter(|forms| !forms.is_empty()) {
            loader.unlisted(self, &entity, "FormXml", "FormXml/");
            part(&mut entity, "FormXml").push(forms);
        }
        if !queries.children.is_empty() {
            loader.unlisted(self, &entity, "SavedQueries", "SavedQueries/");
            part(&mut entity, "SavedQueries").push(queries);
        }
        if !charts.is_empty() {
            loader.unlisted(self, &entity, "Visualizations", "Visualizations/");
            part(&mut entity, "Visualizations").children.extend(charts);
        }
        if let Some(root) = ribbon {
            loader.unlisted(self, &entity, "RibbonDiffXml", "RibbonDiff.xml");
            *part(&mut entity, "RibbonDiffXml") = root;
        }
        Some(entity)
    }
}

/// A part of an `<Entity>`, made at its place where it is missing.
pub fn part<'e>(entity: &'e mut Element, name: &str) -> &'e mut Element {
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
