//! Who a solution is, from solution.xml.

use std::collections::{HashMap, HashSet};

use crate::solution::profile::{Walk, base_label};
use crate::solution::xml::Element;
use crate::version::Version;

/// Who publishes a solution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublisherFacts {
    /// Unique name.
    pub name: String,
    /// Display name.
    pub display_name: String,
    /// Customization prefix.
    pub prefix: String,
    /// Option value prefix, as written.
    pub option_value_prefix: String,
}

/// Names, version and publisher.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Unique name; empty where the file has none.
    pub name: String,
    /// Display name in the base language, else the unique name.
    pub display_name: String,
    /// The version as written.
    pub version_text: String,
    /// The version, if it is valid.
    pub version: Option<Version>,
    /// Whether it is managed.
    pub managed: bool,
    /// Who publishes it.
    pub publisher: PublisherFacts,
}

impl Identity {
    /// Reads the root of solution.xml; what it lacks is a deviation.
    pub(super) fn read(root: &Element, walk: &mut Walk) -> Self {
        let identity = Self::of(root);
        for (what, value) in [
            ("UniqueName", &identity.name),
            ("Version", &identity.version_text),
            ("Publisher/UniqueName", &identity.publisher.name),
            ("Publisher/CustomizationPrefix", &identity.publisher.prefix),
        ] {
            if value.is_empty() {
                walk.deviate(root.line, format!("it has no `{what}`"));
            }
        }
        identity
    }

    /// The identity that the root of solution.xml gives.
    #[must_use]
    pub fn of(root: &Element) -> Self {
        let manifest = root.find("SolutionManifest");
        let language = root.attribute("languagecode");
        let text = |path: &[&str]| {
            let element = manifest.and_then(|manifest| manifest.path(path));
            element.map(|element| element.content().trim().to_owned()).unwrap_or_default()
        };
        let name = text(&["UniqueName"]);
        let publisher = text(&["Publisher", "UniqueName"]);
        let label = |element: Option<&Element>, name: &str| {
            let list = element.and_then(|element| element.find("LocalizedNames"));
            let label = list.and_then(|list| base_label(list, language)?.attribute("description"));
            label.filter(|label| !label.is_empty()).unwrap_or(name).to_owned()
        };
        let version_text = text(&["Version"]);
        Self {
            display_name: label(manifest, &name),
            version: version_text.parse().ok(),
            version_text,
            managed: text(&["Managed"]) == "1",
            publisher: PublisherFacts {
                display_name: label(manifest.and_then(|manifest| manifest.find("Publisher")), &publisher),
                prefix: text(&["Publisher", "CustomizationPrefix"]),
                option_value_prefix: text(&["Publisher", "CustomizationOptionValuePrefix"]),
                name: publisher,
            },
            name,
        }
    }
}

/// A name or description in a language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// What it is of: `LocalizedNames`, `Publisher/Descriptions`.
    pub of: String,
    /// The language's code, as written.
    pub language: String,
    /// The text.
    pub text: String,
}

/// The names and descriptions of solution and publisher in all languages.
pub(super) fn labels(root: &Element) -> Vec<Label> {
    let mut found = Vec::new();
    for (path, before) in [(&["SolutionManifest"][..], ""), (&["SolutionManifest", "Publisher"], "Publisher/")] {
        let lists = root.path(path).into_iter().flat_map(Element::elements);
        for list in lists.filter(|list| ["LocalizedNames", "Descriptions"].contains(&list.name.as_str())) {
            found.extend(list.elements().map(|label| Label {
                of: format!("{before}{}", list.name),
                language: label.attribute("languagecode").unwrap_or_default().to_owned(),
                text: label.attribute("description").unwrap_or_default().to_owned(),
            }));
        }
    }
    found
}

/// Another solution's components that the file says it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// Unique name of the owner.
    pub solution: String,
    /// The owner's version where the file was exported.
    pub version: Option<Version>,
    /// The components, by name.
    pub components: Vec<String>,
}

/// Owners that every environment has, or that only say that something was customized.
fn is_nobody(name: &str) -> bool {
    ["", "active", "default", "system", "basic"].contains(&name.to_ascii_lowercase().as_str())
}

/// What the solution named `own` needs from others.
pub(super) fn dependencies(root: &Element, own: &str) -> Vec<Dependency> {
    let list = root.path(&["SolutionManifest", "MissingDependencies"]);
    let mut found: Vec<Dependency> = Vec::new();
    let mut places: HashMap<String, (usize, HashSet<String>)> = HashMap::new();
    for missing in list.into_iter().flat_map(Element::elements).filter(|it| it.name == "MissingDependency") {
        let Some(required) = missing.find("Required") else { continue };
        // `Name (1.2.0.0)`
        let owner = required.attribute("solution").unwrap_or_default().trim();
        let (name, version) = match owner.split_once(" (") {
            Some((name, version)) => (name.trim(), version.trim_end_matches(')').parse().ok()),
            None => (owner, None),
        };
        if is_nobody(name) || name.eq_ignore_ascii_case(own) {
            continue;
        }
        let component = ["schemaName", "displayName", "id"]
            .iter()
            .find_map(|attribute| required.attribute(attribute).map(str::trim).filter(|text| !text.is_empty()));
        let component = component.unwrap_or("a component without a name").to_owned();
        let (place, met) = places.entry(name.to_ascii_lowercase()).or_insert_with(|| {
            found.push(Dependency { solution: name.to_owned(), version: None, components: Vec::new() });
            (found.len() - 1, HashSet::new())
        });
        let known = &mut found[*place];
        known.version = known.version.max(version);
        if met.insert(component.clone()) {
            known.components.push(component);
        }
    }
    found
}
