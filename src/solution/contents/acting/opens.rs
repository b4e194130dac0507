//! Whatever else names a script or a page: every value at a place for addresses, and any attribute or text that names a
//! web resource, or whose name says that it does. Views have scripts that choose images, forms and site maps open pages,
//! and commands of apps call functions; a list of places for scripts would never be complete.
//! Facts: the schemas of forms, site maps and ribbons, and real exports: each of the 476 pages on forms there is named by a
//! bare name, such as `msdyn_/RecordWall.htm`. Icons and images name web resources, too, and `$webresource:` alone names none.

use super::act::{Act, is_blank};
use crate::solution::xml::Element;
use crate::text::shortened;

/// What a value contains that names a web resource.
const MARKS: [&str; 2] = ["$webresource:", "webresourcename="];
/// Parts of the names of attributes and elements that name a script or a page.
const NAMES: [&str; 3] = ["webresource", "javascript", "functionname"];
/// Attributes that are an address, whatever it looks like; `Page` of a site map names a page of an app.
const ATTRIBUTES: [&str; 4] = ["url", "address", "src", "href"];
/// Elements whose text is an address, or the id of a page.
const ELEMENTS: [&str; 5] = ["url", "tileurl", "pageurl", "entityhelpurl", "welcomepageid"];
/// Elements, and attributes and children of them that are shown in another way, or say nothing of scripts.
const KNOWN: [(&str, &str); 16] = [
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
    ("ServiceEndpoint", "Url"),
    ("PluginAssembly", "Url"),
    // The condition of a rule.
    ("PageRule", "Address"),
];

/// How long a text is that is shown as a whole; of a longer one each web resource that it names is shown.
const LONGEST: usize = 400;
/// How much of what an element is called is part of a fact's name.
const LONGEST_LABEL: usize = 120;

/// Whether a file may name a script or a page. Where its bytes are not its text, only the document tells.
pub(super) fn may_be_in(bytes: &[u8]) -> bool {
    const WRITTEN: [&str; 12] = [
        NAMES[0],
        NAMES[1],
        NAMES[2],
        "<url",
        " url",
        "tileurl",
        "pageurl",
        "helpurl",
        "welcomepageid",
        "address=",
        "src=",
        "href=",
    ];
    const OTHERWISE: [&str; 2] = ["&#", "<!"];
    // In UTF-16 each character is two bytes.
    if bytes.contains(&0) {
        return true;
    }
    let lower = bytes.to_ascii_lowercase();
    let has = |text: &str| WRITTEN.iter().chain(&OTHERWISE).any(|it| text.contains(it));
    std::str::from_utf8(&lower).map_or(true, has)
}

/// What a record opens.
pub(super) fn of_record(name: &str, root: &Element) -> Option<Act> {
    let mut act = Act::new("scripts", name, None);
    everywhere(root, Around::new(""), &mut act);
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
    parent: &'a str,
    /// The nearest element around it that has a name or id.
    named: Option<&'a Element>,
    /// The name of the nearest one around it that says that it names a script or a page.
    names: Option<&'a str>,
}

impl<'a> Around<'a> {
    pub(super) const fn new(parent: &'a str) -> Self {
        Self { parent, named: None, names: None }
    }
}

/// What one element opens. Returns what is around its children.
pub(super) fn of_one<'a>(element: &'a Element, around: Around<'a>, act: &mut Act) -> Around<'a> {
    let own = label(element).map(|_| element);
    for (name, value) in &element.attributes {
        if KNOWN.contains(&(element.name.as_str(), name.as_str())) {
            continue;
        }
        let is_parameter = around.parent.eq_ignore_ascii_case("Url") && ["Name", "Value"].contains(&name.as_str());
        let is_place = is_parameter || is_address_attribute(&element.name, name);
        for value in opened(name, value, is_name(name) || is_place) {
            let place = if own.is_some() { name.clone() } else { format!("{} {name}", element.name) };
            act.add(&at(own.or(around.named), &place), &value);
        }
    }
    let is_known = KNOWN.contains(&(around.parent, element.name.as_str()));
    let names = is_name(&element.name).then_some(element.name.as_str()).or(around.names).filter(|_| !is_known);
    if !is_known {
        let place = names.unwrap_or(&element.name);
        for value in opened(place, &element.content(), names.is_some() || is_address(around.parent, &element.name)) {
            act.add(&at(around.named, place), &value);
        }
    }
    Around { parent: &element.name, named: own.or(around.named), names }
}

fn at(by: Option<&Element>, place: &str) -> String {
    let place = shortened(place, LONGEST_LABEL);
    match by.and_then(|by| Some((by, label(by)?))) {
        Some((by, id)) => {
            format!("{} {}: {place}", shortened(&by.name, LONGEST_LABEL), shortened(id, LONGEST_LABEL))
        }
        None => place.into_owned(),
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

/// Whether an attribute is an address. `GetStartedPanePath` and its like are the pages that a site map opens beside a list.
fn is_address_attribute(element: &str, name: &str) -> bool {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    let of_area = element.eq_ignore_ascii_case("SubArea")
        && (is("Page") || name.to_ascii_lowercase().starts_with("getstartedpanepath"));
    of_area || ATTRIBUTES.into_iter().any(is)
}

/// Whether an element's text is an address; `Data` of a control is what its page gets.
fn is_address(parent: &str, name: &str) -> bool {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    ELEMENTS.into_iter().any(is) || parent.eq_ignore_ascii_case("parameters") && is("Data")
}

/// What a value opens; at a place for what opens something, that is the value.
fn opened(name: &str, value: &str, is_place: bool) -> Vec<String> {
    let value = value.trim();
    if is_blank(value) {
        return Vec::new();
    }
    let lower = value.to_ascii_lowercase();
    if is_place {
        return if lower == MARKS[0] { Vec::new() } else { vec![value.to_owned()] };
    }
    let name = name.to_ascii_lowercase();
    let is_image = (name.contains("icon") || name.contains("image")) && !name.contains("imageprovider");
    if is_image {
        return Vec::new();
    }
    let mut named = marked(&lower);
    if value.len() <= LONGEST {
        return named.next().map(|_| value.to_owned()).into_iter().collect();
    }
    named.map(|(start, end)| format!("… {} …", &value[start..end])).collect()
}

/// Where marks stand that something follows, and where that ends.
fn marked(lower: &str) -> impl Iterator<Item = (usize, usize)> {
    let is_end = |it: char| it.is_whitespace() || matches!(it, '"' | '\'' | '&' | '<' | '>');
    MARKS.into_iter().flat_map(move |mark| {
        let found = lower.match_indices(mark).map(move |(at, _)| (at, at + mark.len()));
        found.filter_map(move |(at, from)| {
            let rest = &lower[from..];
            let length = rest.find(is_end).unwrap_or(rest.len());
            (length > 0).then_some((at, from + length))
        })
    })
}
