//! Requests against Microsoft's published service description: entity sets, properties in `$select`,
//! `$filter`, `$orderby`, `$expand` and bodies, navigation properties with `@odata.bind`, operations and
//! their parameters. Shares nothing with the client or the sandbox.
#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dvpack::sandbox::split;
use roxmltree::{Document, Node};
use serde_json::{Map, Value};

/// The description, of one or more documents.
#[derive(Default)]
pub struct Csdl {
    /// Entity and complex types.
    types: BTreeMap<String, Type>,
    sets: BTreeMap<String, String>,
    operations: BTreeMap<String, Vec<Operation>>,
    enums: BTreeSet<String>,
}

#[derive(Default)]
struct Type {
    base: Option<String>,
    properties: BTreeMap<String, String>,
    navigations: BTreeMap<String, String>,
}

struct Operation {
    action: bool,
    bound: Option<String>,
    parameters: Vec<Parameter>,
}

struct Parameter {
    name: String,
    kind: String,
    required: bool,
}

/// The folder of reference material, or `None` (and a line that says so) where it is absent.
pub fn reference() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference");
    let path = std::env::var_os("DVPACK_REFERENCE").map_or_else(beside, PathBuf::from);
    if path.is_dir() {
        Some(path)
    } else {
        println!("skipped: no reference");
        None
    }
}

/// The name without the schema's namespace or alias.
fn plain(name: &str) -> &str {
    name.strip_prefix("mscrm.").or_else(|| name.strip_prefix("Microsoft.Dynamics.CRM.")).unwrap_or(name)
}

/// The type of the members, for a collection.
fn member(kind: &str) -> (&str, bool) {
    match kind.strip_prefix("Collection(").and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => (plain(inner), true),
        None => (plain(kind), false),
    }
}

impl Csdl {
    /// The published description with its later additions, or `None` without the reference.
    pub fn published() -> Option<Self> {
        let folder = reference()?.join("csdl");
        let mut csdl = Self::default();
        for name in ["dataverse-v9.1-metadata.davidmoten.xml", "emulator-v9.2-merged.xml", "supplement-post2020.xml"] {
            let text = std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
            csdl.add(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        assert!(csdl.types.len() > 500 && csdl.operations.len() > 300, "{} types", csdl.types.len());
        Some(csdl)
    }

    /// Adds a document; what is there already stays.
    pub fn add(&mut self, text: &str) -> Result<(), roxmltree::Error> {
        let document = Document::parse(text)?;
        for node in document.descendants().filter(Node::is_element) {
            let name = node.attribute("Name").unwrap_or_default().to_owned();
            match node.tag_name().name() {
                "EntityType" | "ComplexType" => self.add_type(name, node),
                "EnumType" => {
                    self.enums.insert(name);
                }
                "EntitySet" => {
                    let of = plain(node.attribute("EntityType").unwrap_or_default()).to_owned();
                    self.sets.entry(name).or_insert(of);
                }
                kind @ ("Action" | "Function") => self.add_operation(name, kind == "Action", node),
                _ => {}
            }
        }
        Ok(())
    }

    fn add_type(&mut self, name: String, node: Node<'_, '_>) {
        let known = self.types.entry(name).or_default();
        if let Some(base) = node.attribute("BaseType") {
            known.base = Some(plain(base).to_owned());
        }
        for child in node.children().filter(Node::is_element) {
            let name = child.attribute("Name").unwrap_or_default().to_owned();
            let kind = child.attribute("Type").unwrap_or_default().to_owned();
            match child.tag_name().name() {
                "Property" => {
                    known.properties.entry(name).or_insert(kind);
                }
                "NavigationProperty" => {
                    known.navigations.entry(name).or_insert(kind);
                }
                _ => {}
            }
        }
    }

    fn add_operation(&mut self, name: String, action: bool, node: Node<'_, '_>) {
        let mut parameters: Vec<Parameter> = node
            .children()
            .filter(|child| child.has_tag_name((child.tag_name().namespace().unwrap_or(""), "Parameter")))
            .map(|child| {
                let kind = child.attribute("Type").unwrap_or_default().to_owned();
                // For a collection, `Nullable` speaks of its members.
                let required = child.attribute("Nullable") == Some("false") && !kind.starts_with("Collection(");
                Parameter { name: child.attribute("Name").unwrap_or_default().to_owned(), kind, required }
            })
            .collect();
        let bound = (node.attribute("IsBound") == Some("true") && !parameters.is_empty())
            .then(|| member(&parameters.remove(0).kind).0.to_owned());
        let known = self.operations.entry(name).or_default();
        if !known.iter().any(|other| other.bound == bound) {
            known.push(Operation { action, bound, parameters });
        }
    }

    fn chain(&self, name: &str) -> Vec<&Type> {
        let mut found = Vec::new();
        let mut next = Some(name.to_owned());
        while let Some(known) = next.as_ref().and_then(|name| self.types.get(name)) {
            if found.len() > 10 {
                break;
            }
            found.push(known);
            next.clone_from(&known.base);
        }
        found
    }

    fn property(&self, of: &str, name: &str) -> Option<&str> {
        self.chain(of).iter().find_map(|known| known.properties.get(name)).map(String::as_str)
    }

    fn navigation(&self, of: &str, name: &str) -> Option<(&str, bool)> {
        self.chain(of).iter().find_map(|known| known.navigations.get(name)).map(|kind| member(kind))
    }

    /// Everything about a request to the environment that the description does not have.
    pub fn check(&self, method: &str, target: &str, body: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let path = decode(path);
        let Some(rest) = path.strip_prefix("/api/data/v9.") else {
            return vec![format!("{path} is not below the service root")];
        };
        let rest = rest.split_once('/').map_or("", |(_, rest)| rest);
        let place = self.walk(rest, &mut wrong);
        let mut options = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            options.insert(name.into_owned(), value.into_owned());
        }
        match place {
            Place::Rows(of) | Place::Row(of) => {
                self.options(&of, &options, &mut wrong);
                if matches!(method, "POST" | "PATCH") {
                    self.row(&of, body, &mut wrong);
                }
            }
            Place::Action(operation) => {
                if method != "POST" {
                    wrong.push(format!("{method} of an action"));
                }
                self.parameters(operation, body, &mut wrong);
            }
            Place::Function(..) if method != "GET" => wrong.push(format!("{method} of a function")),
            Place::Function(result) => self.options(&result, &options, &mut wrong),
            Place::Reference => {
                let names: Vec<&String> = body.as_object().into_iter().flat_map(Map::keys).collect();
                if method == "POST" && names != ["@odata.id"] {
                    wrong.push(format!("a reference has {names:?} and not `@odata.id`"));
                }
            }
            Place::Other => {}
        }
        wrong
    }

    fn walk(&self, path: &str, wrong: &mut Vec<String>) -> Place<'_> {
        let mut segments = split(path, '/').into_iter();
        let Some(first) = segments.next() else { return Place::Other };
        if matches!(first, "$metadata" | "$batch") {
            return Place::Other;
        }
        let (name, inside) = keyed(first);
        let Some(of) = self.sets.get(name) else {
            return self.unbound(name, inside, wrong);
        };
        let mut of = of.clone();
        if let Some(key) = inside {
            self.key(&of, key, wrong);
        }
        let mut many = inside.is_none();
        for segment in segments {
            let (name, inside) = keyed(segment);
            if name == "$ref" {
                return Place::Reference;
            }
            if name == "$count" {
                return Place::Other;
            }
            if let Some(short) = name.strip_prefix("Microsoft.Dynamics.CRM.") {
                let found = self.operations.get(short).into_iter().flatten();
                let own = found.into_iter().find(|o| o.bound.as_deref().is_some_and(|b| self.is(&of, b)));
                let Some(operation) = own else {
                    // A cast to a derived type, as metadata requests have it.
                    if self.types.contains_key(short) {
                        short.clone_into(&mut of);
                        continue;
                    }
                    wrong.push(format!("no operation `{short}` is bound to `{of}`"));
                    return Place::Other;
                };
                if operation.action {
                    return Place::Action(operation);
                }
                arguments(operation, short, inside.unwrap_or_default(), wrong);
                return Place::Other;
            }
            if let Some((target, collection)) = self.navigation(&of, name) {
                target.clone_into(&mut of);
                many = collection && inside.is_none();
            } else if self.property(&of, name).is_some() {
                return Place::Other;
            } else {
                wrong.push(format!("`{of}` has no navigation property `{name}`"));
                return Place::Other;
            }
        }
        if many { Place::Rows(of) } else { Place::Row(of) }
    }

    fn unbound(&self, name: &str, inside: Option<&str>, wrong: &mut Vec<String>) -> Place<'_> {
        let found = self.operations.get(name).and_then(|list| list.iter().find(|o| o.bound.is_none()));
        match found {
            Some(operation) if operation.action => Place::Action(operation),
            Some(operation) => {
                arguments(operation, name, inside.unwrap_or_default(), wrong);
                // The rows that functions of this description give are dependencies.
                Place::Function("dependency".into())
            }
            None => {
                wrong.push(format!("there is no entity set or operation `{name}`"));
                Place::Other
            }
        }
    }

    fn is(&self, of: &str, wanted: &str) -> bool {
        let mut next = Some(of.to_owned());
        for _ in 0..10 {
            match next {
                Some(name) if name == wanted => return true,
                Some(name) => next = self.types.get(&name).and_then(|known| known.base.clone()),
                None => return false,
            }
        }
        false
    }

    fn key(&self, of: &str, key: &str, wrong: &mut Vec<String>) {
        if is_guid(key) {
            return;
        }
        for pair in split(key, ',') {
            let name = pair.split_once('=').map_or(pair, |(name, _)| name).trim();
            // The key of metadata rows by name is documented, and not a property of the description's types.
            if self.property(of, name).is_none() && name != "LogicalName" {
                wrong.push(format!("`{name}` is no key of `{of}`"));
            }
        }
    }

    fn options(&self, of: &str, options: &BTreeMap<String, String>, wrong: &mut Vec<String>) {
        for (name, value) in options {
            match name.as_str() {
                "$select" => {
                    for property in value.split(',').map(str::trim) {
                        if self.property(of, property).is_none() {
                            wrong.push(format!("$select: `{of}` has no property `{property}`"));
                        }
                    }
                }
                "$orderby" => {
                    for property in value.split(',').filter_map(|part| part.split_whitespace().next()) {
                        self.path(of, property, "$orderby", wrong);
                    }
                }
                "$filter" => {
                    for path in paths(value) {
                        self.path(of, &path, "$filter", wrong);
                    }
                }
                "$expand" => {
                    for part in split(value, ',') {
                        let (navigation, inside) = keyed(part.trim());
                        let Some((target, _)) = self.navigation(of, navigation) else {
                            wrong.push(format!("$expand: `{of}` has no navigation property `{navigation}`"));
                            continue;
                        };
                        let inner = split(inside.unwrap_or_default(), ';').into_iter();
                        let inner = inner.filter_map(|part| part.split_once('='));
                        let inner = inner.map(|(name, value)| (name.trim().to_owned(), value.to_owned())).collect();
                        self.options(target, &inner, wrong);
                    }
                }
                "$top" | "$count" | "$skiptoken" | "$apply" | "$id" => {}
                other if other.starts_with('@') => {}
                other => wrong.push(format!("there is no query option `{other}`")),
            }
        }
    }

    /// `name`, or `navigation/name`.
    fn path(&self, of: &str, path: &str, option: &str, wrong: &mut Vec<String>) {
        let (head, rest) = path.split_once('/').map_or((path, None), |(head, rest)| (head, Some(rest)));
        match (self.navigation(of, head), rest) {
            (Some((target, _)), Some(rest)) => self.path(target, rest, option, wrong),
            // A lookup may be compared by its navigation property.
            (Some(_), None) => {}
            (None, None) if self.property(of, head).is_some() => {}
            _ => wrong.push(format!("{option}: `{of}` has no property `{path}`")),
        }
    }

    /// The body of a row that is written.
    fn row(&self, of: &str, body: &Value, wrong: &mut Vec<String>) {
        for (name, value) in body.as_object().into_iter().flatten() {
            if let Some(navigation) = name.strip_suffix("@odata.bind") {
                match self.navigation(of, navigation) {
                    Some((target, _)) => {
                        let set = value.as_str().map(|text| text.trim_start_matches('/'));
                        let set = set.and_then(|text| keyed(text.rsplit('/').next().unwrap_or(text)).0.into());
                        let set: Option<&str> = set;
                        let fits = set.and_then(|set| self.sets.get(set)).is_some_and(|kind| self.is(kind, target));
                        if !fits && !value.is_null() {
                            wrong.push(format!("`{name}` is bound to {value}, and not to a row of `{target}`"));
                        }
                    }
                    None => wrong.push(format!("`{of}` has no navigation property `{navigation}`")),
                }
            } else if name.starts_with('@') || name.contains('@') {
                // Annotations.
            } else {
                match self.property(of, name) {
                    Some(_) if name.starts_with('_') => wrong.push(format!("`{name}` of `{of}` can only be read")),
                    Some(kind) => self.value(kind, value, &format!("`{name}` of `{of}`"), wrong),
                    None => wrong.push(format!("`{of}` has no property `{name}`")),
                }
            }
        }
    }

    fn parameters(&self, operation: &Operation, body: &Value, wrong: &mut Vec<String>) {
        let empty = Map::new();
        let body = body.as_object().unwrap_or(&empty);
        for (name, value) in body {
            match operation.parameters.iter().find(|parameter| parameter.name == *name) {
                Some(parameter) => self.value(&parameter.kind, value, &format!("parameter `{name}`"), wrong),
                None => wrong.push(format!("there is no parameter `{name}`")),
            }
        }
        for parameter in operation.parameters.iter().filter(|parameter| parameter.required) {
            if body.get(&parameter.name).is_none_or(Value::is_null) {
                wrong.push(format!("parameter `{}` is missing", parameter.name));
            }
        }
    }

    fn value(&self, kind: &str, value: &Value, what: &str, wrong: &mut Vec<String>) {
        let (of, collection) = member(kind);
        if collection {
            match value.as_array() {
                Some(list) => list.iter().for_each(|item| self.value(of, item, what, wrong)),
                None => wrong.push(format!("{what} is no list")),
            }
            return;
        }
        let fits = match of {
            _ if value.is_null() => true,
            "Edm.Guid" => value.as_str().is_some_and(is_guid),
            "Edm.Boolean" => value.is_boolean(),
            "Edm.Int16" | "Edm.Int32" | "Edm.Int64" => value.is_i64() || value.is_u64(),
            "Edm.Double" | "Edm.Decimal" => value.is_number(),
            kind if kind.starts_with("Edm.") => value.is_string(),
            kind if self.enums.contains(kind) => value.is_string() || value.is_i64(),
            kind => {
                let Some(row) = value.as_object() else {
                    wrong.push(format!("{what} is no object"));
                    return;
                };
                // A row of any type says which.
                let kind = row.get("@odata.type").and_then(Value::as_str).map_or(kind, |text| {
                    let text = text.trim_start_matches('#');
                    plain(text)
                });
                if self.types.contains_key(kind) {
                    self.row(kind, value, wrong);
                } else {
                    wrong.push(format!("{what}: there is no type `{kind}`"));
                }
                true
            }
        };
        if !fits {
            wrong.push(format!("{what} is {value}, and not {of}"));
        }
    }
}

enum Place<'a> {
    Rows(String),
    Row(String),
    Action(&'a Operation),
    Function(String),
    Reference,
    Other,
}

/// The parameters of a function, in parentheses.
fn arguments(operation: &Operation, name: &str, inside: &str, wrong: &mut Vec<String>) {
    let given: Vec<(&str, &str)> =
        split(inside, ',').into_iter().filter_map(|pair| pair.split_once('=')).map(|(n, v)| (n.trim(), v)).collect();
    for (given, value) in &given {
        match operation.parameters.iter().find(|parameter| parameter.name == *given) {
            Some(parameter) if parameter.kind == "Edm.Guid" && !is_guid(value) && !value.starts_with('@') => {
                wrong.push(format!("parameter `{given}` of `{name}` is {value}, and no GUID"));
            }
            Some(parameter) if parameter.kind == "Edm.String" && !value.starts_with(['\'', '@']) => {
                wrong.push(format!("parameter `{given}` of `{name}` is {value}, and no string"));
            }
            Some(_) => {}
            None => wrong.push(format!("function `{name}` has no parameter `{given}`")),
        }
    }
    for parameter in operation.parameters.iter().filter(|parameter| parameter.required) {
        if !given.iter().any(|(name, _)| *name == parameter.name) {
            wrong.push(format!("parameter `{}` of `{name}` is missing", parameter.name));
        }
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

fn keyed(segment: &str) -> (&str, Option<&str>) {
    match segment.split_once('(').and_then(|(name, rest)| Some((name, rest.strip_suffix(')')?))) {
        Some((name, key)) => (name, Some(key)),
        None => (segment, None),
    }
}

/// The paths in a filter: what is no literal, operator or function.
fn paths(filter: &str) -> Vec<String> {
    const WORDS: &[&str] = &["eq", "ne", "gt", "ge", "lt", "le", "and", "or", "not", "null", "true", "false"];
    let mut found = Vec::new();
    let mut chars = filter.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if c == '\'' {
            for (_, c) in chars.by_ref() {
                if c == '\'' {
                    break;
                }
            }
        } else if c.is_alphanumeric() || c == '_' {
            let mut end = start + c.len_utf8();
            while let Some((index, c)) = chars.peek().copied() {
                if !(c.is_alphanumeric() || matches!(c, '_' | '/' | '-' | ':' | '.' | '+')) {
                    break;
                }
                end = index + c.len_utf8();
                chars.next();
            }
            let word = &filter[start..end];
            let called = chars.peek().is_some_and(|(_, c)| *c == '(');
            let literal = is_guid(word) || word.starts_with(|c: char| c.is_ascii_digit());
            if !called && !literal && !WORDS.contains(&word) {
                found.push(word.to_owned());
            }
        }
    }
    found
}

/// The description of 2020 calls it `ManyToManyRelationships2` in the type, and by its name in its own bindings; recorded
/// answers have the name.
const MISNAMED: &str = "`EntityMetadata` has no navigation property `ManyToManyRelationships`";

/// Checks the entries of a sandbox's log that the client or the scripts sent; which request, and what is wrong with it.
pub fn violations<'a>(csdl: &Csdl, entries: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    let mut wrong = BTreeSet::new();
    for entry in entries {
        let path = entry["path"].as_str().unwrap_or_default();
        let method = entry["method"].as_str().unwrap_or_default();
        if !path.starts_with("/api/data/") {
            continue;
        }
        for why in csdl.check(method, path, &entry["body"]).into_iter().filter(|why| !why.ends_with(MISNAMED)) {
            wrong.insert(format!("{method} {path} {}: {why}", entry["body"]));
        }
    }
    wrong
}
