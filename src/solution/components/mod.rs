//! Component kinds: one trait, one file per kind that can be declared, one place ([`all`]) that
//! lists them all. `docs/components.md` is generated from the same table.

mod canvas_app;
mod carried;
mod choice;
mod cloud_flow;
mod code_component;
mod column_security_profile;
mod connection_reference;
mod connection_role;
mod custom_api;
mod custom_connector;
mod dashboard;
mod email_template;
mod environment_variable;
mod extra;
mod kind;
pub(super) mod labels;
mod model_driven_app;
mod names;
mod plugin_assembly;
mod plugin_package;
mod plugin_types;
mod record;
mod report;
pub(crate) mod role;
mod service_endpoint;
mod step;
mod table;
pub mod unproven;

pub(crate) mod web_resource;

pub(super) use canvas_app::connections as canvas_app_connections;

use std::sync::LazyLock;

pub use kind::{Component, Kind, Parts};

use self::record::Record;
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::package::SolutionPackage;
use crate::solution::xml::Element;

/// Rows of the tables that no other kind has.
static RECORD: LazyLock<Record> = LazyLock::new(|| Record::beside(&named()));

/// Every kind, in the order of reports.
#[must_use]
pub fn all() -> Vec<&'static dyn Kind> {
    let mut kinds = named();
    kinds.push(&*RECORD);
    kinds
}

/// Every kind except the rows of all other tables.
fn named() -> Vec<&'static dyn Kind> {
    let mut kinds: Vec<&'static dyn Kind> = vec![
        &role::SecurityRole,
        &web_resource::WebResource,
        &environment_variable::EnvironmentVariable,
        &connection_reference::ConnectionReference,
        &plugin_assembly::PluginAssembly,
        &plugin_package::PluginPackage,
        &service_endpoint::ServiceEndpoint,
        &step::Step,
        &custom_api::CustomApi,
        &code_component::CodeComponent,
        &custom_connector::CustomConnector,
        &table::Table,
        &table::Relationship,
        &choice::Choice,
        &cloud_flow::KIND,
        &column_security_profile::KIND,
        &canvas_app::KIND,
        &dashboard::KIND,
        &dashboard::INTERACTIVE,
        &email_template::EmailTemplate,
        &report::KIND,
        &connection_role::ConnectionRole,
        &model_driven_app::KIND,
        &model_driven_app::SITE_MAP,
    ];
    kinds.extend(carried::SECTIONS.iter().map(|kind| kind as &dyn Kind));
    kinds.extend(carried::FOLDERS.iter().map(|kind| kind as &dyn Kind));
    kinds
}

/// Adds all that the manifest declares; roles last, since they name tables.
pub(super) fn declare(package: &Package, draft: &mut Draft) {
    let (roles, others): (Vec<_>, Vec<_>) = all().into_iter().partition(|kind| kind.place() == "Roles");
    for kind in others.into_iter().chain(roles) {
        kind.declare(package, draft);
    }
}

/// The components of a package: by kind in the order of [`all`], then by name.
#[must_use]
pub fn list(package: &SolutionPackage) -> Vec<Component> {
    let mut found = Vec::new();
    for kind in all() {
        let sections = std::iter::once(kind.place()).chain(kind.older_section());
        let items = sections.flat_map(|section| package.section(section)).flat_map(|item| kind.in_item(item));
        let mut some: Vec<Component> = items.chain(kind.in_parts(&package.files)).collect();
        some.sort();
        found.extend(some);
    }
    found
}

/// Sections that contain settings of the whole solution or parts of its tables, but no components.
const NO_COMPONENTS: [&str; 3] = ["EntityMaps", "Languages", "OrganizationSettings"];

/// Second forms and payloads of kinds that are listed: older environment variables, connectors' files.
const SECOND_FORMS: [&str; 2] = ["section `EnvironmentVariables`", "folder `Connector/`"];

/// Types of root components of relationships and environment variables, which are exported with and without.
const SOMETIMES_ROOTED: [u32; 2] = [10, 380];

/// What a package contains beyond the kinds of [`all`]: sections, folders and root components that are
/// carried as they are, without being named. Empty: everything is understood.
#[must_use]
pub fn not_understood(package: &SolutionPackage) -> Vec<String> {
    let filled = package.customizations.elements().filter(|section| section.elements().next().is_some());
    let sections = filled.map(|section| section.name.as_str()).collect();
    not_understood_among(&package.manifest, &sections, &package.files)
}

/// The same, of solution.xml, the names of sections that have elements, and the parts.
#[must_use]
pub fn not_understood_among(
    manifest: &Element,
    sections: &std::collections::BTreeSet<&str>,
    parts: &Parts,
) -> Vec<String> {
    let kinds = all();
    let mut found = Vec::new();
    for name in sections {
        if !NO_COMPONENTS.contains(name) && !kinds.iter().any(|kind| kind.place() == *name) {
            found.push(format!("section `{name}`"));
        }
    }
    let top = |path: &str| path.split('/').next().unwrap_or_default().to_lowercase();
    let known: Vec<String> = kinds.iter().flat_map(|kind| [top(kind.place()), top(kind.folder())]).collect();
    let folders = parts.keys().map(|name| match name.split_once('/') {
        Some((folder, _)) => format!("folder `{folder}/`"),
        None => format!("file `{name}`"),
    });
    let known_folder = |text: &String| known.iter().any(|known| text.to_lowercase() == format!("folder `{known}/`"));
    found.extend(folders.filter(|text| !known_folder(text)));
    let roots = manifest.path(&["SolutionManifest", "RootComponents"]).into_iter().flat_map(Element::elements);
    for number in roots.filter_map(|root| root.attribute("type")?.parse::<u32>().ok()) {
        if !SOMETIMES_ROOTED.contains(&number) && !kinds.iter().any(|kind| kind.root_type() == Some(number)) {
            let name = crate::catalog::component_type_name(number).unwrap_or("unknown");
            found.push(format!("root component of type {number} ({name})"));
        }
    }
    found.retain(|text| !SECOND_FORMS.contains(&text.as_str()));
    found.sort();
    found.dedup();
    found
}

/// The table of kinds in Markdown, for `docs/components.md`.
#[must_use]
pub fn table() -> String {
    let mut text = String::from(
        "| Kind | Declared in the manifest | Carried from `source` | In the zip | Unpacked | Root component type |\n\
         |---|---|---|---|---|---|\n",
    );
    for kind in all() {
        let declared = kind.declared_as().map_or_else(|| "–".to_owned(), |key| format!("`{key}`"));
        let root = kind.root_type().map_or_else(|| "none".to_owned(), |number| number.to_string());
        let (label, place, folder) = (kind.label(), kind.place(), kind.folder());
        text.push_str(&format!("| {label} | {declared} | yes | `{place}` | `{folder}` | {root} |\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pages contain what the code lists, behind a marker that says where it is from, up to the next empty line.
    #[test]
    fn the_documented_tables_are_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/components.md");
        let text = std::fs::read_to_string(path).expect("docs/components.md");
        let mut current = text.clone();
        for (source, table) in
            [("src/solution/components", table()), ("src/solution/components/unproven.rs", unproven::table())]
        {
            let marker = format!("<!-- generated from {source} -->\n");
            let (head, rest) = current.split_once(&marker).expect("the marker");
            let behind = rest.split_once("\n\n").map_or(String::new(), |(_, behind)| format!("\n{behind}"));
            current = format!("{head}{marker}{table}{behind}");
        }
        if std::env::var_os("DVPACK_UPDATE_DOCS").is_some() {
            std::fs::write(path, current).expect("written");
        } else {
            assert_eq!(text, current, "run the tests once with DVPACK_UPDATE_DOCS=1");
        }
    }
}
