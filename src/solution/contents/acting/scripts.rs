//! What runs scripts: forms and dashboards, ribbons, and everything else that names a library, page or code component.
//! Facts: the schemas of forms and ribbons (`FormXml.xsd`, `RibbonTypes.xsd`), and real exports.

use super::act::{Act, ROLE, shown_name};
use super::opens::{Around, of_one};
use crate::solution::profile::name_in;
use crate::solution::xml::Element;

/// Elements that are forms.
const FORMS: [&str; 3] = ["systemform", "Dashboard", "InteractionCentricDashboard"];
/// Elements of a ribbon that call a function of a web resource.
const CALLS: [&str; 2] = ["JavaScriptFunction", "CustomRule"];

/// The parts of a section's item that run scripts, have code components, or are for some roles only.
pub(super) fn of_item(section: &str, item: &Element) -> Vec<Act> {
    let mut found = Vec::new();
    let table = (section == "Entities").then(|| item.child_text("Name")).flatten();
    each(item, &mut |form| {
        if FORMS.contains(&form.name.as_str()) {
            found.push(of_form(form, table.as_deref()));
        }
    });
    let place = format!("customizations.xml/{section}/{}", item.name);
    let name = || table.clone().or_else(|| name_in(item, &place)).unwrap_or_else(|| item.name.clone());
    let is_application = section == "RibbonDiffXml";
    let mut ribbon = Act::new("ribbon", if is_application { "of the application" } else { "" }, None);
    calls(item, "", &mut ribbon);
    if !ribbon.facts.is_empty() {
        if !is_application {
            ribbon.name = name();
        }
        found.push(ribbon);
    }
    let mut rest = Act::new("scripts", "", None);
    beside_forms(item, Around::new(section), &mut rest);
    if !rest.facts.is_empty() {
        rest.name = format!("{section}: {}", name());
        found.push(rest);
    }
    found
}

fn of_form(form: &Element, table: Option<&str>) -> Act {
    let title = form.find("LocalizedNames").and_then(|names| names.elements().next());
    let title = title.and_then(|name| name.attribute("description")).unwrap_or("form");
    let name = table.map_or_else(|| title.to_owned(), |table| format!("{table}: {title}"));
    let id = form.child_text("formid").or_else(|| form.child_text("FormId"));
    let mut act = Act::new("form", &name, id.as_deref());
    own_of_form(form, "", Around::new(""), &mut act);
    act
}

/// Libraries, handlers, pages and code components of an element that is not a form.
fn beside_forms<'a>(element: &'a Element, around: Around<'a>, act: &mut Act) {
    if !FORMS.contains(&element.name.as_str()) {
        own(element, "", act);
        let inside = of_one(element, around, act);
        element.elements().for_each(|child| beside_forms(child, inside, act));
    }
}

/// Libraries, handlers, pages, code components and roles anywhere in a form. A form inside it has its own.
fn own_of_form<'a>(element: &'a Element, event: &str, around: Around<'a>, act: &mut Act) {
    let of = |name: &str| element.attribute(name).unwrap_or_default();
    own(element, event, act);
    let inside = of_one(element, around, act);
    if element.name == "Role" {
        act.add(ROLE, of("Id"));
    }
    let own = (element.name == "event").then(|| {
        let column = element.attribute("attribute").map(|column| format!(" of {column}")).unwrap_or_default();
        let inactive = if of("active").eq_ignore_ascii_case("false") { " (not active)" } else { "" };
        shown_name(&format!("{}{column}{inactive}", of("name"))).into_owned()
    });
    for child in element.elements().filter(|child| !FORMS.contains(&child.name.as_str())) {
        own_of_form(child, own.as_deref().unwrap_or(event), inside, act);
    }
}

/// The script that one element names.
fn own(element: &Element, event: &str, act: &mut Act) {
    let of = |name: &str| element.attribute(name).unwrap_or_default();
    match local(element) {
        "Library" => act.add("library", of("name")),
        "internaljscriptfile" => act.add("library", of("src")),
        "webresource" if !of("type").eq_ignore_ascii_case("css") => act.add("library", of("path")),
        "Handler" => {
            let on = |name: &str, usual: &str, words: &str| {
                let value = of(name);
                if value.is_empty() || value.eq_ignore_ascii_case(usual) {
                    String::new()
                } else {
                    format!(", {words} {value}")
                }
            };
            let rest = on("enabled", "true", "enabled") + &on("parameters", "", "parameters");
            let event = if event.is_empty() { "handler" } else { event };
            act.add(event, &format!("{} of {}{rest}", of("functionName"), of("libraryName")));
        }
        "customControl" => act.add("code component", of("name")),
        _ => {}
    }
}

/// The functions that a ribbon calls, each by the command or rule that does.
fn calls(element: &Element, by: &str, act: &mut Act) {
    let of = |name: &str| element.attribute(name).unwrap_or_default();
    if CALLS.contains(&local(element)) {
        act.add(by, &format!("{} of {}{}", of("FunctionName"), of("Library"), parameters(element)));
    }
    let own = element.attribute("Id").map(|id| shown_name(&format!("{} {id}", element.name)).into_owned());
    let by = own.as_deref().unwrap_or(if by.is_empty() { element.name.as_str() } else { by });
    element.elements().for_each(|child| calls(child, by, act));
}

/// What a function is called with, in order.
fn parameters(function: &Element) -> String {
    let values = function.elements().map(|it| {
        let values = it.attributes.iter().map(|(_, value)| format!(" {value:?}"));
        let text =
            Some(it.content().trim().to_owned()).filter(|text| !text.is_empty()).map(|text| format!(" {text:?}"));
        it.name.clone() + &values.chain(text).collect::<String>()
    });
    let values = values.collect::<Vec<_>>().join(", ");
    if values.is_empty() { values } else { format!(", parameters {values}") }
}

/// Its name without a prefix.
fn local(element: &Element) -> &str {
    element.name.rsplit(':').next().unwrap_or_default()
}

fn each(element: &Element, visit: &mut impl FnMut(&Element)) {
    visit(element);
    element.elements().for_each(|child| each(child, visit));
}
