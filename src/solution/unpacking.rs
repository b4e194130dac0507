//! Splitting a package into the files of SolutionPackager's layout.

use std::collections::{BTreeMap, BTreeSet};

use super::folder::{MERGED, OUTPUT, PARTS};
use super::package::SolutionPackage;
use super::xml::{Element, Node, write_fragment};

const HEAD: &str = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n";

fn document(element: &Element) -> Vec<u8> {
    let mut element = element.clone();
    if element.attribute("xmlns:xsi").is_none() {
        element.set_attribute("xmlns:xsi", super::skeleton::XSI);
    }
    format!("{HEAD}{}", write_fragment(&element)).into_bytes()
}

/// A file name that every system can hold.
fn safe(name: &str) -> String {
    let clean: String =
        name.chars().map(|c| if c.is_control() || "<>:\"/\\|?*".contains(c) { '_' } else { c }).collect();
    let trimmed = clean.trim_end_matches(['.', ' ']);
    if trimmed.is_empty() { "_".to_owned() } else { trimmed.to_owned() }
}

/// The files by relative name.
pub fn split(package: &SolutionPackage) -> BTreeMap<String, Vec<u8>> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut customizations = package.customizations.clone();
    for section in customizations.elements_mut() {
        split_section(section, &mut files);
    }
    let connectors = package.section("Connectors").next().is_some();
    let workflows = package.section("Workflows").flat_map(Element::elements).filter(|e| e.name.ends_with("FileName"));
    let mentioned: BTreeSet<String> = workflows.map(|e| e.content().trim_start_matches('/').to_lowercase()).collect();
    for (name, bytes) in &package.files {
        let target = match name.split_once('/') {
            Some(("Connector", rest)) if connectors => format!("Connectors/{rest}"),
            _ if homeless(name, &mentioned) => format!("{PARTS}{name}"),
            _ => name.clone(),
        };
        files.entry(target).or_insert_with(|| bytes.clone());
    }
    files.insert("Other/Customizations.xml".to_owned(), document(&customizations));
    files.insert("Other/Solution.xml".to_owned(), document(&package.manifest));
    files
}

/// Whether the layout has no place for a part, so that reading it back would lose it.
fn homeless(name: &str, mentioned: &BTreeSet<String>) -> bool {
    let lower = name.to_lowercase();
    let Some((top, rest)) = lower.split_once('/') else { return true };
    MERGED.contains(&top)
        || OUTPUT.contains(&top)
        || (top == "canvasapps" && rest.contains('/'))
        || (top == "workflows" && !mentioned.contains(&lower))
        || top == "connectors"
        || lower.ends_with(".data.xml")
}

/// Whether a name that XML gave is a path below the folder, on every system.
fn stays_inside(name: &str) -> bool {
    !name.contains(['\\', ':', '\0']) && name.split('/').all(|piece| !matches!(piece, "" | "." | ".."))
}

/// Moves the elements of a section to files of their own, if every one of them can be.
fn split_section(section: &mut Element, files: &mut BTreeMap<String, Vec<u8>>) {
    let name_of: fn(&Element) -> Option<String> = match section.name.as_str() {
        "Roles" => |e| Some(format!("Roles/{}.xml", safe(e.attribute("name")?))),
        "optionsets" => |e| Some(format!("OptionSets/{}.xml", safe(e.attribute("Name")?))),
        "Workflows" => |e| {
            let file = e.child_text("JsonFileName").or_else(|| e.child_text("XamlFileName"))?;
            Some(format!("{}.data.xml", file.strip_prefix('/')?))
        },
        "SolutionPluginAssemblies" | "CustomControls" => {
            |e| Some(format!("{}.data.xml", e.child_text("FileName")?.strip_prefix('/')?))
        }
        "SdkMessageProcessingSteps" => {
            |e| Some(format!("SdkMessageProcessingSteps/{}.xml", safe(e.attribute("SdkMessageProcessingStepId")?)))
        }
        _ => return,
    };
    let mut moved: BTreeMap<String, (String, Vec<u8>)> = BTreeMap::new();
    for node in &section.children {
        let Node::Element(element) = node else { return };
        let Some(name) = name_of(element).filter(|name| stays_inside(name)) else { return };
        if moved.insert(name.to_lowercase(), (name, document(element))).is_some() {
            return; // two would share a file: keep the section whole
        }
    }
    section.children.clear();
    section.long_empty = false;
    files.extend(moved.into_values());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_in_xml_cannot_leave_the_folder() {
        for bad in ["../x", "/x", "a/../../x", "a\\x", "c:x", "", "a//b", "a/."] {
            assert!(!stays_inside(bad), "{bad}");
        }
        assert!(stays_inside("Workflows/Import data-1.json.data.xml"));
        assert_eq!(safe("a/b: c?. "), "a_b_ c_");
    }
}
