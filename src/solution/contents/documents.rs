//! Parts that Dataverse reads as documents: what readers could understand in different ways, and how a source's parts
//! are written in normal form if they have only one meaning. Files of components, such as web resources, are data that
//! the server stores and does not read; so are files in unknown folders.

use std::collections::BTreeSet;

use super::canvas::Lists;
use super::{roots, values};
use crate::diagnostic::Diagnostic;
use crate::solution::check::payload_parts;
use crate::solution::components::{self, Parts};
use crate::solution::json::{self, ANY, API, Document, FLOW, Shape};
use crate::solution::package::SolutionPackage;
use crate::solution::part_name::{self, encode_name};
use crate::solution::profile::{self, Purpose, Records};
use crate::solution::xml::Element;

/// Folders of files that components name, and of what belongs to those.
const PAYLOADS: [&str; 3] = ["canvasapps/", "connector/", "webresources/"];

/// What items of customizations.xml say about parts: names in lower case.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Every file that an item names.
    pub(super) payloads: BTreeSet<String>,
    /// Definitions of cloud flows.
    pub(super) flows: BTreeSet<String>,
    /// Descriptions of the APIs of custom connectors.
    pub(super) apis: BTreeSet<String>,
}

impl Named {
    fn of(package: &SolutionPackage) -> Self {
        let part = |file: &str| encode_name(file.trim().trim_start_matches('/')).to_lowercase();
        let items = package.customizations.elements().flat_map(|section| {
            section.elements().flat_map(|item| payload_parts(&section.name, item)).collect::<Vec<_>>()
        });
        let flows = package.section("Workflows").filter_map(|flow| flow.child_text("JsonFileName"));
        let apis = package.section("Connectors").filter_map(api);
        Self { payloads: items.collect(), flows: flows.map(|file| part(&file)).collect(), apis: apis.collect() }
    }
}

/// The part with the description of a connector's API, in lower case.
pub(super) fn api(connector: &Element) -> Option<String> {
    let file = connector.child_text("openapidefinition")?;
    Some(encode_name(file.trim().trim_start_matches('/')).to_lowercase()).filter(|part| !part.is_empty())
}

/// What the documents among the parts say that readers could understand in different ways, or that no reader
/// understands.
/// `language` is the code of the solution's base language.
pub(super) fn read(parts: &Parts, named: &Named, origin: &str, language: Option<&str>) -> Records {
    let mut records = Records::read(parts.iter(), |name| purpose(name, named), origin, language);
    for (name, bytes) in parts {
        records.deviations.extend(json(name, bytes, named, origin));
    }
    records
}

/// What an XML part is for.
fn purpose(name: &str, named: &Named) -> Purpose {
    let lower = name.to_lowercase();
    if PAYLOADS.iter().any(|folder| lower.starts_with(folder)) || named.payloads.contains(&part_name::key(name)) {
        Purpose::Payload
    } else if is_known(&lower) {
        Purpose::Document
    } else {
        Purpose::Carried
    }
}

/// Whether a name in lower case is in a folder of which Dataverse is known to read documents.
fn is_known(lower: &str) -> bool {
    let places = components::all().into_iter().map(components::Kind::place);
    !lower.contains('/') || places.filter(|place| place.ends_with('/')).any(|place| lower.starts_with(place))
}

/// The shape of a JSON part, and whether Dataverse reads it as JSON whatever it contains. Whatever a file is called,
/// what refers to it decides how it is read; the content of a web resource only concerns the program that asks for it.
fn shape(name: &str, bytes: &[u8], named: &Named) -> Option<(Shape, bool)> {
    let lower = name.to_lowercase();
    let is_json = has_extension(&lower, "json");
    let key = part_name::key(name);
    if named.flows.contains(&key) {
        return Some((FLOW, true));
    }
    if named.apis.contains(&key) {
        return Some((API, true));
    }
    if let Some((shape, _)) = values::shape(&lower) {
        return Some((shape, true));
    }
    let is_flow = lower.starts_with("workflows/");
    let is_connector = lower.starts_with("connector/");
    let is_read = is_flow || is_connector || is_known(&lower) && !lower.starts_with("pluginpackages/");
    if !(is_read && is_json) && (lower.starts_with("webresources/") || !json::is_object(bytes)) {
        return None;
    }
    let shape = match () {
        () if is_flow => FLOW,
        () if is_connector && lower.contains("_openapidefinition.") => API,
        () => ANY,
    };
    Some((shape, is_read && is_json))
}

/// What readers could understand in different ways in a JSON part.
fn json(name: &str, bytes: &[u8], named: &Named, origin: &str) -> Vec<Diagnostic> {
    let Some((shape, is_read)) = shape(name, bytes, named) else { return Vec::new() };
    let report = |message: String, at, help| {
        Diagnostic::error("ambiguous-solution", message).in_file(format!("{origin}: {name}"), at).help(help)
    };
    match Document::read(bytes, shape) {
        Err(error) if is_read => vec![report(error.why, error.at, "export the component again, or correct the file")],
        Err(_) => Vec::new(),
        Ok(document) => {
            let mut found: Vec<Diagnostic> = document
                .ambiguous
                .into_iter()
                .map(|why| report(why, None, "write each name once, and as Dataverse spells it"))
                .collect();
            if is_read && !document.is_plain {
                let why = "it is not UTF-8 without a byte order mark, which not all readers of JSON take".to_owned();
                found.push(report(why, None, "save it as UTF-8 without a byte order mark"));
            }
            found
        }
    }
}

/// Writes in normal form what has only one meaning, and reports what readers could understand in different ways, each
/// at the source that it comes from. `language` is the code of the base language.
pub fn tidy(package: &mut SolutionPackage, language: Option<&str>) -> Vec<Diagnostic> {
    let origin = package.origin.clone();
    let mut findings = roots::complete(package);
    let mut warn = |name: &str, what: &str| {
        findings.push(Diagnostic::warning("normal-form", what).in_file(format!("{origin}: {name}"), None));
    };
    for name in package.files.keys().cloned().collect::<Vec<_>>() {
        let encoded = part_name::encoded(&name).filter(|encoded| !package.files.contains_key(encoded));
        if let Some(encoded) = encoded
            && let Some(bytes) = package.files.remove(&name)
        {
            let why = "since Dataverse ignores a part with such a name";
            warn(&name, &format!("the part is named `{encoded}` in the solution, {why}"));
            package.files.insert(encoded, bytes);
            // The reader of the zip reported it under the old name.
            let gone = format!("the part `{name}`: ");
            package.findings.retain(|it| it.code != "ignored-part" || !it.message.starts_with(&gone));
        }
    }
    let named = Named::of(package);
    for (name, bytes) in &mut package.files {
        if let Some((shape, true)) = shape(name, bytes, &named)
            && Document::read(bytes, shape).is_ok_and(|document| !document.is_plain)
            && let Ok(plain) = Document::plain(bytes)
        {
            *bytes = plain;
            warn(name, "it is written as UTF-8 without a byte order mark");
        }
    }
    for (name, what) in profile::tidy(&mut package.files) {
        warn(&name, what);
    }
    findings.extend(read(&package.files, &named, &origin, language).deviations);
    for app in package.section("CanvasApps") {
        let file = app.file.as_deref().map_or_else(|| format!("{origin}: customizations.xml"), str::to_owned);
        for (line, why) in Lists::of("CanvasApps", app).problems {
            let finding = Diagnostic::error("ambiguous-solution", why).in_file(file.as_str(), Some((line.max(1), 1)));
            findings.push(finding.help("export the app again, or correct the JSON"));
        }
    }
    let mut variables = package.environment_variables();
    findings.extend(values::secrets_in_defaults(&mut variables, &origin));
    let values = values::values(&package.files, &variables, &package.publisher().prefix);
    findings.extend(values.iter().filter_map(|value| value.finding(&origin)));
    findings
}

/// Whether a name in lower case has this extension.
pub(super) fn has_extension(lower: &str, extension: &str) -> bool {
    lower.rsplit_once('.').is_some_and(|(_, found)| found == extension)
}
