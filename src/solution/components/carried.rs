//! Kinds that come from `source` unchanged and cannot be declared yet: found and named by a table.
//! Facts: the sections and folders of 327 real packages.

use super::kind::{Component, Kind, Parts};
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// Where a component's element has a name or an ID: `@attribute`, `child`, or empty for the
/// first label in `LocalizedNames`.
fn value(element: &Element, at: &str) -> Option<String> {
    let text = match at {
        "" => element.find("LocalizedNames")?.elements().next()?.attribute("description")?.to_owned(),
        _ => element.value_at(at)?,
    };
    (!text.is_empty()).then_some(text)
}

/// A kind that lives in a section of customizations.xml.
pub struct InSection {
    label: &'static str,
    section: &'static str,
    element: &'static str,
    /// For processes: the `Category`.
    category: Option<&'static str>,
    name: &'static str,
    id: &'static str,
    root_type: u32,
    folder: &'static str,
    declared: Option<(&'static str, Declare)>,
}

/// Adds what a manifest declares of a kind.
type Declare = fn(&Package, &mut Draft);

/// A kind that is a plain folder of the zip, one sub-folder per component.
pub struct InFolder {
    label: &'static str,
    folder: &'static str,
}

/// A row of the table.
pub(super) const fn kind(
    label: &'static str,
    [section, element]: [&'static str; 2],
    [name, id]: [&'static str; 2],
    root_type: u32,
    folder: &'static str,
) -> InSection {
    InSection { label, section, element, category: None, name, id, root_type, folder, declared: None }
}

/// A category of processes.
pub(super) const fn process(label: &'static str, category: &'static str) -> InSection {
    InSection {
        category: Some(category),
        ..kind(label, ["Workflows", "Workflow"], ["@Name", "@WorkflowId"], 29, "Workflows/")
    }
}

impl InSection {
    /// The same, which the manifest declares under `key`.
    pub(super) const fn declared(self, key: &'static str, declare: Declare) -> Self {
        Self { declared: Some((key, declare)), ..self }
    }
}

const INLINE: &str = "Other/Customizations.xml";

/// Those in sections; 0 means “no root component”.
pub static SECTIONS: &[InSection] = &[
    process("Classic workflow", "0"),
    process("Dialog process", "1"),
    process("Business rule", "2"),
    process("Action", "3"),
    process("Business process flow", "4"),
    process("Desktop flow", "6"),
    kind("Dialog form", ["Dialogs", "Dialog"], ["", "FormId"], 60, "Dialogs/"),
    kind(
        "Virtual table source",
        ["EntityDataSources", "EntityDataSource"],
        ["Name", "@EntityDataSourceId"],
        183,
        "EntityDataSources/",
    ),
    kind("AI model", ["AIModels", "AIModel"], ["msdyn_name", "msdyn_aimodelid"], 401, INLINE),
    kind(
        "Column image setting",
        ["AttributeImageConfigs", "AttributeImageConfig"],
        ["attributelogicalname", "parententitylogicalname"],
        431,
        INLINE,
    ),
    kind(
        "Table image setting",
        ["EntityImageConfigs", "EntityImageConfig"],
        ["parententitylogicalname", "parententitylogicalname"],
        432,
        INLINE,
    ),
];

const fn folder(label: &'static str, folder: &'static str) -> InFolder {
    InFolder { label, folder }
}

/// Those in their own folders.
pub static FOLDERS: &[InFolder] = &[
    folder("Custom API request parameter", "customapirequestparameters/"),
    folder("Custom API response property", "customapiresponseproperties/"),
    folder("Agent", "bots/"),
    folder("Agent component", "botcomponents/"),
    folder("Agent component collection", "botcomponentcollections/"),
    folder("Command", "appactions/"),
    folder("AI plug-in", "aiplugins/"),
    folder("AI plug-in operation", "aipluginoperations/"),
    folder("AI skill", "aiskillconfigs/"),
    folder("Table search", "dvtablesearchs/"),
    folder("Table search entity", "dvtablesearchentities/"),
    folder("Masking rule", "maskingrules/"),
    folder("Power BI report", "powerbireports/"),
    folder("Schedule", "msdyn_schedules/"),
];

impl Kind for InSection {
    fn label(&self) -> &'static str {
        self.label
    }
    fn place(&self) -> &'static str {
        self.section
    }
    fn root_type(&self) -> Option<u32> {
        (self.root_type != 0).then_some(self.root_type)
    }
    fn declared_as(&self) -> Option<&'static str> {
        self.declared.map(|(key, _)| key)
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        if let Some((_, declare)) = self.declared {
            declare(package, draft);
        }
    }
    fn folder(&self) -> &'static str {
        self.folder
    }
    fn in_item(&self, item: &Element) -> Vec<Component> {
        let category = || item.child_text("Category");
        if item.name != self.element || self.category.is_some_and(|wanted| category().as_deref() != Some(wanted)) {
            return Vec::new();
        }
        let id = value(item, self.id).unwrap_or_default();
        vec![Component { kind: self.label, name: value(item, self.name).unwrap_or_else(|| id.clone()), id }]
    }
}

impl Kind for InFolder {
    fn label(&self) -> &'static str {
        self.label
    }
    fn place(&self) -> &'static str {
        self.folder
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.records")
    }
    fn folder(&self) -> &'static str {
        self.folder
    }
    fn in_parts(&self, parts: &Parts) -> Vec<Component> {
        in_folder(self.label, self.folder, parts)
    }
}

/// The components that have a sub-folder of `folder` each.
pub fn in_folder(label: &'static str, folder: &str, parts: &Parts) -> Vec<Component> {
    // A folder without a record is not a component: its files are listed as belonging to no component.
    let key = |name: &'_ String| {
        let (key, file) = name.strip_prefix(folder)?.split_once('/')?;
        let is_own = !file.contains('/') && file.to_lowercase().ends_with(".xml");
        is_own.then(|| key.to_owned())
    };
    let mut names: Vec<String> = parts.keys().filter_map(key).collect();
    names.dedup();
    names.into_iter().map(|name| Component { kind: label, name: name.clone(), id: name }).collect()
}
