//! XML and JSON as one kind of tree: names, texts, and what is inside.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use crate::catalog::credentials;
use crate::digest::sha256;
use crate::solution::contents::{Material, is_introduction, says_introduction};
use crate::solution::json;
use crate::solution::profile::name_of;
use crate::solution::xml::{self, Element, Node};

/// Attributes and children by which people know an item of a list, after the usual names.
const KEYS: [&str; 15] = [
    "schemaname",
    "PhysicalName",
    "LogicalName",
    "uniquename",
    "unqiuename",
    "attributename",
    "functionName",
    "formid",
    "savedqueryid",
    "Id",
    "value",
    "schemaName",
    "type",
    "src",
    "control",
];
/// Attributes with a label's language.
const LANGUAGES: [&str; 3] = ["languagecode", "LCID", "lcid"];
/// Members of JSON by which people know an item of a list.
const MEMBERS: [&str; 8] = ["uniqueName", "UniqueName", "name", "Name", "logicalName", "key", "id", "Id"];

/// Members with the value of an item.
const VALUES: [&str; 4] = ["value", "Value", "defaultValue", "default"];

/// How deep documents are nested as text in documents.
const DEEPEST: usize = 2;

/// Something with a name, a text, and what is inside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tree {
    /// Hash of the whole tree, which distinguishes two trees without walking them.
    hash: u64,
    /// The element's name, `@` and an attribute's, a member's; empty for an item of a JSON list.
    pub(super) name: String,
    /// What people know it by among others of its name.
    pub(super) key: Option<String>,
    /// Its own text.
    pub(super) text: String,
    /// What is inside, in order.
    pub(super) children: Vec<Tree>,
    /// Whether its text is meant to be secret.
    pub(super) is_secret: bool,
    /// Of a component: what its environment variables are.
    pub(super) variables: Variables,
}

/// What the environment variables of a component are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Variables {
    /// Whether their values may be secrets, as far as their definitions are there.
    pub(super) may_be_secret: Option<bool>,
    /// Whether there are values.
    pub(super) has_values: bool,
}

impl Variables {
    fn add(&mut self, material: &Material<'_>) {
        // One of them is enough.
        self.may_be_secret = self.may_be_secret.max(material.defines_secret());
        self.has_values |= material.has_values();
    }

    /// Whether values are hidden, of a component before and now: where nothing says what they are, they are as well.
    pub(super) fn is_secret(sides: [Self; 2]) -> bool {
        let [one, other] = sides;
        one.may_be_secret.max(other.may_be_secret).unwrap_or(one.has_values || other.has_values)
    }
}

impl Hash for Tree {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

impl Tree {
    /// With the hash of all that is in it.
    fn sealed(mut self) -> Self {
        let mut hasher = DefaultHasher::new();
        (&self.name, &self.text, self.is_secret).hash(&mut hasher);
        self.children.iter().for_each(|child| child.hash.hash(&mut hasher));
        self.hash = hasher.finish();
        self
    }

    /// A tree of everything that a component is made of.
    pub(super) fn of<'a>(materials: impl Iterator<Item = Material<'a>>) -> Self {
        let mut variables = Variables::default();
        let children = materials.inspect(|material| variables.add(material)).map(|material| match material {
            Material::Element(element) => Self::xml(&element, DEEPEST, true),
            Material::Part(name, bytes) => Self::part(name, bytes),
        });
        let children = children.collect();
        Self { children, variables, ..Self::default() }.sealed()
    }

    fn part(name: &str, bytes: &[u8]) -> Self {
        let is_xml = name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("xml"));
        if is_xml && let Ok(root) = xml::parse_data(bytes, name) {
            let is_said = says_introduction(name, bytes);
            return Self { key: Some(name.to_owned()), ..Self::xml(&root, DEEPEST, is_said) };
        }
        if json::may_be(bytes)
            && let Ok(document) = json::Document::read(bytes, json::ANY)
        {
            return Self { key: Some(name.to_owned()), ..Self::json(name, &document.value, DEEPEST) };
        }
        let text = format!("{} bytes, sha256 {}", bytes.len(), sha256(bytes));
        Self { name: name.to_owned(), text, ..Self::default() }.sealed()
    }

    /// `timeless`: without the versions in which something was introduced, which are listed by themselves.
    fn xml(element: &Element, deep: usize, timeless: bool) -> Self {
        let leaf = |name: String, text: &str| Self { name, text: text.to_owned(), ..Self::default() };
        let attribute = |(name, value): &(String, String)| {
            Self { is_secret: is_secret(name, value), ..leaf(format!("@{name}"), value) }.sealed()
        };
        let mut children: Vec<Self> = element.attributes.iter().map(attribute).collect();
        let (mut text, mut has_elements) = (String::new(), false);
        for node in &element.children {
            match node {
                Node::Element(child) => {
                    has_elements = true;
                    if !(timeless && is_version(child)) {
                        children.push(Self::xml(child, deep, timeless));
                    }
                }
                Node::Text(more) => text.push_str(more),
                Node::Comment(more) => {
                    children.push(leaf("comment()".to_owned(), more).sealed());
                }
                Node::Instruction(it) => {
                    children.push(leaf(format!("?{}", it.target), &it.content).sealed());
                }
            }
        }
        if has_elements && text.trim().is_empty() {
            text.clear();
        }
        let is_secret = is_secret(&element.name, &text);
        Self {
            name: element.name.clone(),
            key: key(element).filter(|_| !is_secret),
            text,
            children,
            is_secret,
            ..Self::default()
        }
        .opened(deep)
    }

    fn json(name: &str, value: &Value, deep: usize) -> Self {
        let mut own = Self { name: name.to_owned(), ..Self::default() };
        match value {
            Value::Object(members) => {
                own.children = members.iter().map(|(name, value)| Self::json(name, value, deep)).collect();
                let known = |name: &&str| members.get(*name).and_then(Value::as_str);
                own.key = MEMBERS.iter().find_map(known).map(str::to_owned);
                // `{"name": "password", "value": "…"}`
                if own.key.as_deref().is_some_and(credentials::looks_secret) {
                    let values = own.children.iter_mut().filter(|it| VALUES.contains(&it.name.as_str()));
                    values.for_each(|it| *it = Self { is_secret: true, ..std::mem::take(it) }.sealed());
                }
            }
            Value::Array(items) => own.children = items.iter().map(|item| Self::json("", item, deep)).collect(),
            Value::String(text) => {
                // A text that looks like another value is in quotes.
                let is_other = serde_json::from_str::<Value>(text).is_ok_and(|it| !it.is_object() && !it.is_array());
                own.text = if is_other { value.to_string() } else { text.clone() };
                own.is_secret = is_secret(name, text);
                return own.opened(deep);
            }
            other => own.text = other.to_string(),
        }
        own.sealed()
    }

    /// With the document that its text is, where it is one. What may be secret is not opened: its pieces would be
    /// shown.
    fn opened(mut self, deep: usize) -> Self {
        let text = self.text.trim().to_owned();
        let may_be_secret = self.is_secret || is_value(&self.name);
        let Some(deep) = deep.checked_sub(1).filter(|_| text.len() > 1 && !may_be_secret) else {
            return self.sealed();
        };
        let document = match text.as_bytes()[0] {
            b'<' => xml::parse(text.as_bytes(), "").ok().map(|root| Self::xml(&root, deep, false)),
            b'{' | b'[' => {
                let read = json::Document::read(text.as_bytes(), json::ANY).ok().filter(|it| it.ambiguous.is_empty());
                read.map(|document| Self::json("", &document.value, deep))
            }
            _ => None,
        };
        if let Some(document) = document {
            // Its text no longer identifies it.
            self.key = self.key.take().filter(|key| *key != text);
            self.children.push(document);
            self.text.clear();
        }
        self.sealed()
    }

    /// Everything in it on one line, for something that is new or gone as a whole; `shown` returns the text of each.
    pub(super) fn summary(&self, shown: &impl Fn(&Self) -> String) -> String {
        let mut out = String::new();
        self.summarise("", shown, &mut out);
        out
    }

    fn summarise(&self, path: &str, shown: &impl Fn(&Self) -> String, out: &mut String) {
        // More is never shown.
        if out.len() > 2_000 {
            return;
        }
        if !self.text.is_empty() {
            let mark = if path.is_empty() { "" } else { " = " };
            let sign = if out.is_empty() { "" } else { ", " };
            out.push_str(&format!("{sign}{path}{mark}{}", shown(self)));
        }
        for child in &self.children {
            child.summarise(&join(path, &child.name, None), shown, out);
        }
    }
}

/// Elements and members whose text is meant to be secret, besides those whose names say so.
const SECRET: [&str; 4] = ["secureconfiguration", "secureconfig", "authvalue", "saskey"];

fn is_secret(name: &str, text: &str) -> bool {
    let is_flag = matches!(text.trim(), "" | "0" | "1" | "true" | "false");
    !is_flag && (SECRET.contains(&name.to_ascii_lowercase().as_str()) || credentials::looks_secret(name))
}

/// Whether a name is that of an environment variable's default or value.
pub(super) fn is_value(name: &str) -> bool {
    name.eq_ignore_ascii_case("defaultvalue") || name.eq_ignore_ascii_case("value")
}

/// A path with one more step.
pub(super) fn join(path: &str, name: &str, key: Option<&str>) -> String {
    let key = key.map(|key| format!("[{}]", crate::text::shortened(key, 120))).unwrap_or_default();
    let slash = if path.is_empty() || name.is_empty() { "" } else { "/" };
    format!("{path}{slash}{name}{key}")
}

/// What people know an element by: its language, its name, its id, or its text.
fn key(element: &Element) -> Option<String> {
    let language = LANGUAGES.iter().find_map(|name| element.attribute(name));
    let known = language.map(str::to_owned).or_else(|| name_of(element));
    let known = known.or_else(|| {
        KEYS.iter().find_map(|name| element.attribute(name).map(str::to_owned).or_else(|| element.child_text(name)))
    });
    let text = || {
        let is_leaf = element.elements().next().is_none();
        is_leaf.then(|| element.content().trim().to_owned()).filter(|text| text.len() < 80)
    };
    known.or_else(text).filter(|key| !key.trim().is_empty())
}

/// Whether it only says in which version something was introduced: such a difference is listed separately.
fn is_version(element: &Element) -> bool {
    is_introduction(&element.name)
        && element.attributes.is_empty()
        && element.content().bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}
