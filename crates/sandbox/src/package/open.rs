//! Opens a solution zip.

use std::io::{Cursor, Read};

use roxmltree::Document;

use super::Package;
use super::customizations::definition;
use super::manifest::manifest;
use super::xml::{all, child_text, decode, guid};
use crate::exchange::Fault;

const LARGEST: u64 = 256 * 1024 * 1024;

/// Opens a zip.
pub(crate) fn open(bytes: &[u8]) -> Result<Package, Fault> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| invalid_file())?;
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    let mut total = 0;
    for index in 0..archive.len().min(20_000) {
        let mut entry = archive.by_index(index).map_err(|_| invalid_file())?;
        if entry.is_dir() {
            continue;
        }
        let name = entry.name().map_err(|_| invalid_file())?.into_owned();
        let mut content = Vec::new();
        entry.by_ref().take(LARGEST - total + 1).read_to_end(&mut content).map_err(|_| invalid_file())?;
        total += content.len() as u64;
        if total > LARGEST {
            return Err(Fault::new(413, "0x80044a02", "The solution file is too large."));
        }
        parts.push((name, content));
    }
    let part = |name: &str| parts.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, bytes)| decode(bytes));
    let types = part("[Content_Types].xml").ok_or_else(invalid_file)?;
    let solution = part("solution.xml").ok_or_else(invalid_file)?;
    let customizations = part("customizations.xml").ok_or_else(invalid_file)?;
    let types = Document::parse(&types).map_err(|error| invalid_xml("[Content_Types].xml", &error))?;
    let solution = Document::parse(&solution).map_err(|error| invalid_xml("solution.xml", &error))?;
    let customizations = Document::parse(&customizations).map_err(|error| invalid_xml("customizations.xml", &error))?;
    // A part without a content type does not exist for a reader of the packaging format.
    let covered: Vec<&(String, Vec<u8>)> = parts.iter().filter(|(name, _)| has_content_type(&types, name)).collect();
    if !covered.iter().any(|(name, _)| name.eq_ignore_ascii_case("solution.xml")) {
        return Err(invalid_file());
    }
    let mut package = manifest(&solution).ok_or_else(invalid_file)?;
    package.customizations(&customizations);
    for (name, bytes) in covered {
        let lower = name.to_lowercase();
        if lower.starts_with("environmentvariabledefinitions/") && lower.ends_with("/environmentvariabledefinition.xml")
        {
            let text = decode(bytes);
            let document = Document::parse(&text).map_err(|error| invalid_xml(name, &error))?;
            let folder = &name[..name.len() - "environmentvariabledefinition.xml".len()];
            let beside =
                parts.iter().find(|(n, _)| n.eq_ignore_ascii_case(&format!("{folder}environmentvariablevalues.json")));
            package.definitions.push(definition(&document, beside.map(|(_, bytes)| decode(bytes))));
        }
    }
    for node in all(&customizations, "Workflow") {
        let file = child_text(node, "JsonFileName");
        if let Some(id) = node.attribute("WorkflowId").and_then(guid)
            && let Some(text) = part(file.trim_start_matches('/'))
        {
            package.flow_connections.insert(id, flow_connections(&text));
        }
    }
    let resource = |name: &str| {
        let lower = name.to_lowercase();
        lower.starts_with("webresources/")
            || (lower.starts_with("controls/") && !lower.ends_with("controlmanifest.xml"))
    };
    let sizes = parts.iter().filter(|(name, _)| resource(name)).map(|(_, bytes)| bytes.len());
    package.largest_resource = sizes.max().unwrap_or_default();
    let codes = all(&customizations, "Language").filter_map(|node| node.text()?.trim().parse().ok());
    package.languages = codes.collect();
    package.check();
    Ok(package)
}

/// The connection references that a flow's definition names.
fn flow_connections(definition: &str) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(definition).unwrap_or_default();
    let references = json.pointer("/properties/connectionReferences").and_then(serde_json::Value::as_object);
    let name = |reference: &serde_json::Value| {
        reference.pointer("/connection/connectionReferenceLogicalName")?.as_str().map(str::to_owned)
    };
    references.into_iter().flatten().filter_map(|(_, reference)| name(reference)).collect()
}

fn invalid_file() -> Fault {
    Fault::new(
        400,
        "0x80048060",
        "The solution file is invalid. The compressed file must contain the following files at its root: solution.xml, customizations.xml, and [Content_Types].xml. Customization files exported from previous versions of Microsoft Dynamics 365 are not supported.",
    )
}

fn invalid_xml(part: &str, error: &roxmltree::Error) -> Fault {
    Fault::new(
        400,
        "0x8004802c",
        format!(
            "This solution package cannot be imported because it contains invalid XML. You can attempt to repair the file by manually editing the XML contents using the information found in the schema validation errors, or you can contact your solution provider. {part}: {error}"
        ),
    )
}

fn has_content_type(types: &Document<'_>, name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    types.descendants().any(|node| match node.tag_name().name() {
        "Default" => node.attribute("Extension").is_some_and(|e| e.eq_ignore_ascii_case(extension)),
        "Override" => node.attribute("PartName").is_some_and(|p| p.trim_start_matches('/').eq_ignore_ascii_case(name)),
        _ => false,
    })
}
