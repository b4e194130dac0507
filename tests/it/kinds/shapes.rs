//! What the elements of a path look like over many solutions: what they hold, in which order, and which form
//! their values have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use dvpack::solution::SolutionPackage;
use dvpack::solution::xml::{self, Element};

/// Elements that are of several sorts, and what tells the sorts apart: a child, or an attribute (`@…`). The sort is
/// part of the path.
const SORTS: &[(&str, &str)] = &[
    ("Workflow", "Category"),
    ("EntityRelationship", "EntityRelationshipType"),
    ("RootComponent", "@type"),
    ("ServiceEndpoint", "Contract"),
    ("attribute", "Type"),
    ("control", "@classid"),
    ("environmentvariabledefinition", "type"),
    ("forms", "@type"),
    ("optionset", "OptionSetType"),
    ("savedquery", "querytype"),
];

/// All elements of one path.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// How many there are.
    pub seen: usize,
    /// Names of children, attributes (`@…`) and `text`, and how many of the elements have them.
    pub parts: BTreeMap<String, usize>,
    /// In which orders the children stand: each name once, where it comes first.
    pub orders: BTreeSet<Vec<String>>,
    /// The forms of the values, by part: attributes and `text`.
    pub forms: BTreeMap<String, BTreeSet<&'static str>>,
    /// The values themselves, by part.
    pub values: BTreeMap<String, Values>,
}

/// The values of a part, as long as they are few: then they are words of Dataverse.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// How many there are.
    pub seen: usize,
    /// The different ones; nothing where there are more than [`FEW`].
    pub known: Option<BTreeSet<String>>,
}

const FEW: usize = 8;

impl Values {
    fn add(&mut self, seen: usize, more: Option<BTreeSet<String>>) {
        let first = self.seen == 0;
        self.seen += seen;
        self.known = match (self.known.take(), more) {
            (Some(mut known), Some(more)) => {
                known.extend(more);
                Some(known)
            }
            (None, more) if first => more,
            _ => None,
        };
        self.known.take_if(|known| known.len() > FEW);
    }
}

/// Shapes by path.
pub type Shapes = BTreeMap<String, Shape>;

/// Adds the shapes of `more`.
pub fn join(mut all: Shapes, more: Shapes) -> Shapes {
    for (path, shape) in more {
        let known = all.entry(path).or_default();
        known.seen += shape.seen;
        shape.parts.into_iter().for_each(|(part, count)| *known.parts.entry(part).or_default() += count);
        known.orders.extend(shape.orders);
        shape.forms.into_iter().for_each(|(part, forms)| known.forms.entry(part).or_default().extend(forms));
        shape
            .values
            .into_iter()
            .for_each(|(part, more)| known.values.entry(part).or_default().add(more.seen, more.known));
    }
    all
}

/// The shapes of a solution; only those of the paths in `known`, where it is given.
pub fn shapes(package: &SolutionPackage, known: Option<&Shapes>) -> Shapes {
    let mut found = Shapes::new();
    for section in package.customizations.elements().filter(|it| it.name != "Languages" && !it.is_empty()) {
        walk(section, "", known, &mut found);
    }
    if let Some(manifest) = package.solution_manifest() {
        walk(manifest, "", known, &mut found);
    }
    for (name, bytes) in &package.files {
        let folder = folders(name);
        let is_xml = Path::new(name).extension().is_some_and(|it| it.eq_ignore_ascii_case("xml"));
        let may = is_xml && folder.contains('/');
        if may && known.is_none_or(|known| known.keys().any(|path| path.starts_with(&folder))) {
            // A few files that end in `.xml` are web resources or are not well formed.
            if let Ok(root) = xml::parse(bytes, name) {
                walk(&root, &folder, known, &mut found);
            }
        }
    }
    found
}

/// The folders of a part without the names of components: `customapis/` of `customapis/contoso_A/customapi.xml`.
fn folders(name: &str) -> String {
    let pieces: Vec<&str> = name.split('/').collect();
    pieces[..pieces.len() - 1].iter().step_by(2).map(|piece| format!("{piece}/")).collect()
}

fn walk(element: &Element, above: &str, known: Option<&Shapes>, found: &mut Shapes) {
    let path = format!("{above}{}", sort(element));
    if known.is_some_and(|known| !known.contains_key(&path)) {
        return;
    }
    let shape = found.entry(path.clone()).or_default();
    shape.seen += 1;
    let mut parts = BTreeSet::new();
    for (name, value) in element.attributes.iter().filter(|(name, _)| !name.starts_with("xmlns")) {
        let part = format!("@{name}");
        shape.forms.entry(part.clone()).or_default().insert(form(value));
        shape.values.entry(part.clone()).or_default().add(1, Some(BTreeSet::from([value.clone()])));
        parts.insert(part);
    }
    let mut order: Vec<String> = Vec::new();
    for child in element.elements() {
        parts.insert(sort(child));
        if !order.contains(&child.name) {
            order.push(child.name.clone());
        }
    }
    let nil = element.attribute("xsi:nil").is_some();
    if order.is_empty() && !nil {
        let text = element.content();
        shape.forms.entry("text".to_owned()).or_default().insert(form(&text));
        shape.values.entry("text".to_owned()).or_default().add(1, Some(BTreeSet::from([text])));
    }
    for part in parts {
        *shape.parts.entry(part).or_default() += 1;
    }
    if order.len() > 1 {
        shape.orders.insert(order);
    }
    let below = format!("{path}/");
    for child in element.elements() {
        walk(child, &below, known, found);
    }
}

/// The element's name, and its sort.
fn sort(element: &Element) -> String {
    let table = match element.name.as_str() {
        "Entity" => element.path(&["EntityInfo", "entity"]),
        // Not that of a query.
        "entity" => Some(element).filter(|table| table.find("attributes").is_some()),
        _ => None,
    };
    if let Some(table) = table {
        // A table of the solution's own has managed properties; another one comes with its settings, or without.
        let sorts = [("CanCreateAttributes", "own"), ("IsActivity", "settings")];
        let found = sorts.iter().find(|(child, _)| table.find(child).is_some());
        return format!("{}({})", element.name, found.map_or("shell", |(_, sort)| sort));
    }
    let place = SORTS.iter().find(|(name, _)| *name == element.name).map(|(_, place)| *place);
    match place.and_then(|place| element.value_at(place)) {
        Some(value) => format!("{}({})", element.name, value.trim_matches(['{', '}']).to_lowercase()),
        None => element.name.clone(),
    }
}

/// The form of a value.
fn form(text: &str) -> &'static str {
    let bare = text.trim_matches(['{', '}']);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if bare.len() == 36 && bare.split('-').map(str::len).eq([8, 4, 4, 4, 12]) {
        let braces = text.starts_with('{');
        let upper = bare.bytes().any(|byte| byte.is_ascii_uppercase());
        return match (braces, upper) {
            (true, false) => "{guid}",
            (true, true) => "{GUID}",
            (false, false) => "guid",
            (false, true) => "GUID",
        };
    }
    match text {
        "" => "nothing",
        "0" | "1" => "0 or 1",
        "true" | "false" => "true or false",
        "True" | "False" => "True or False",
        _ if digits(text.trim_start_matches('-')) => "number",
        _ if text.contains('.') && text.split('.').all(digits) => "numbers with points",
        _ if text.starts_with('/') => "/path",
        _ => "text",
    }
}

/// Whether values of the form `ours` may stand where those of `theirs` stand in real solutions.
pub fn fits(ours: &str, theirs: &BTreeSet<&'static str>) -> bool {
    let number = ours == "0 or 1" && theirs.contains("number");
    theirs.contains(ours) || theirs.contains("text") || number
}
