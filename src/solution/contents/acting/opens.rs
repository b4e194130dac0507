//! Everything else that names a script or a page: any attribute or text that names a web resource, or whose name says
//! so. Views have scripts that choose images, forms and site maps open pages, and commands of apps call functions; a
//! list of places would never be complete.
//! Facts: real exports, where icons and images name web resources, too, and `$webresource:` alone names none.

use super::act::{Act, is_blank};
use crate::solution::xml::Element;

/// What a value contains that names a web resource.
const MARKS: [&str; 2] = ["$webresource:", "webresourcename="];
/// Parts of the names of attributes and elements that name a script or a page.
const NAMES: [&str; 3] = ["webresource", "javascript", "functionname"];
/// Attributes that have an address.
const ADDRESSES: [&str; 4] = ["url", "address", "src", "href"];
/// Elements, with attributes and children that are shown elsewhere or say nothing about scripts.
const KNOWN: [(&str, &str); 13] = [
    ("WebResources", "WebResource"),
    ("Library", "name"),
    ("internaljscriptfile", "src"),
    ("Handler", "functionName"),
    ("Handler", "libraryName"),
    ("JavaScriptFunction", "FunctionName"),
    ("JavaScriptFunction", "Library"),
    ("CustomRule", "FunctionName"),
    ("CustomRule", "Library"),
    ("WebResource", "WebResourceId"),
    ("WebResource", "WebResourceType"),
    // Its icon.
    ("AppModule", "WebResourceId"),
    ("webresource", "path"),
];

/// How many bytes of texts are put together.
const LONGEST: usize = 600;

/// Whether a file may name a script or a page.
pub(super) fn may_be_in(bytes: &[u8]) -> bool {
    // In UTF-16 each character is two bytes.
    bytes.contains(&0)
        || NAMES.iter().any(|name| bytes.windows(name.len()).any(|it| it.eq_ignore_ascii_case(name.as_bytes())))
}

/// What a record opens.
pub(super) fn of_record(name: &str, root: &Element) -> Option<Act> {
    let mut act = Act::new("scripts", name, None);
    everywhere(root, Around { parent: "", named: None }, &mut act);
    Some(act).filter(|act| !act.facts.is_empty())
}

fn everywhere<'a>(element: &'a Element, around: Around<'a>, act: &mut Act) {
    let around = of_one(element, around, act);
    element.elements().for_each(|child| everywhere(child, around, act));
}

/// What is around an element.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    /// The name of its parent.
    pub(super) parent: &'a str,
    /// The nearest enclosing element that has a name or id.
    pub(super) named: Option<&'a Element>,
}

/// What one element opens. Returns what is around its children.
pub(super) fn of_one<'a>(element: &'a Element, around: Around<'a>, act: &mut Act) -> Around<'a> {
    let own = label(element).map(|_| element);
    for (name, value) in &element.attributes {
        if !KNOWN.contains(&(element.name.as_str(), name.as_str()))
            && let Some(value) = opened(name, value)
        {
            let place = if own.is_some() { name.clone() } else { format!("{} {name}", element.name) };
            act.add(&at(own.or(around.named), &place), &value);
        }
    }
    if !KNOWN.contains(&(around.parent, element.name.as_str())) {
        let text = if is_name(&element.name) { text(element) } else { element.content() };
        if let Some(value) = opened(&element.name, &text) {
            act.add(&at(around.named, &element.name), &value);
        }
    }
    Around { parent: &element.name, named: own.or(around.named) }
}

fn at(by: Option<&Element>, place: &str) -> String {
    match by.and_then(|by| Some((by, label(by)?))) {
        Some((by, id)) => format!("{} {id}: {place}", by.name),
        None => place.to_owned(),
    }
}

fn label(element: &Element) -> Option<&str> {
    let of = ["Id", "id", "Name", "name"].into_iter().find_map(|name| element.attribute(name));
    of.filter(|id| !is_blank(id))
}

fn is_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.iter().any(|it| name.contains(it))
}

/// What a value of this name opens, if anything.
fn opened(name: &str, value: &str) -> Option<String> {
    let value = value.trim();
    if is_blank(value) {
        return None;
    }
    let lower = value.to_ascii_lowercase();
    let name = name.to_ascii_lowercase();
    let named = MARKS.iter().filter_map(|mark| marked(&lower, mark)).min();
    let is_address = ADDRESSES.contains(&name.as_str()) && lower.contains("webresources/");
    let is_image = (name.contains("icon") || name.contains("image")) && !name.contains("imageprovider");
    if is_name(&name) {
        return (lower != MARKS[0]).then(|| value.to_owned());
    }
    if is_image || named.is_none() && !is_address {
        return None;
    }
    match named {
        Some(start) if value.len() > LONGEST => Some(format!("… {}", &value[start..])),
        _ => Some(value.to_owned()),
    }
}

/// Where there is a mark with something after it.
fn marked(lower: &str, mark: &str) -> Option<usize> {
    let is_nothing = |it: char| it.is_whitespace() || matches!(it, '"' | '\'' | '&' | '<' | '>');
    let follows = |at: usize| lower[at + mark.len()..].chars().next().is_some_and(|it| !is_nothing(it));
    lower.match_indices(mark).map(|(at, _)| at).find(|at| follows(*at))
}

/// The texts in an element, up to the number that is shown.
fn text(element: &Element) -> String {
    fn add(element: &Element, out: &mut String) {
        let own = element.content();
        if !own.trim().is_empty() {
            out.push(' ');
            out.push_str(own.trim());
        }
        for child in element.elements() {
            if out.len() > LONGEST {
                return;
            }
            add(child, out);
        }
    }
    let mut out = String::new();
    add(element, &mut out);
    out.trim().to_owned()
}
