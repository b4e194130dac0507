//! Plug-in assemblies: metadata with the list of types in customizations.xml, the library in a part
//! whose name is derived from name and id (the rule reproduces 16 of 16 real names).

use uuid::Uuid;

use super::extra::{self, Order};
use super::kind::{Component, Kind};
use crate::diagnostic::Diagnostic;
use crate::dotnet::{self, Identity, Role};
use crate::files;
use crate::guid;
use crate::manifest::components::extra::Extra;
use crate::manifest::components::plugin_assembly::{PluginAssembly as Assembly, PluginType};
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// The kind.
pub struct PluginAssembly;

/// The largest file that can be in a solution at all.
const LIMIT: u64 = 95 * 1024 * 1024;

const ORDER: Order = Order {
    attributes: &["FullName", "PluginAssemblyId", "CustomizationLevel"],
    children: &[
        "Description",
        "IsolationMode",
        "SourceType",
        "Path",
        "Url",
        "UserName",
        "IntroducedVersion",
        "IsCustomizable",
        "AuthType",
        "FileName",
        "PluginTypes",
        "IsHidden",
    ],
    inner: &[],
};
const TYPE: Order = Order {
    attributes: &["AssemblyQualifiedName", "PluginTypeId", "Name"],
    children: &["Description", "FriendlyName", "WorkflowActivityGroupName"],
    inner: &[],
};

/// What the build knows of an assembly: its name in parts, and the types that were found in it.
struct Known {
    full_name: String,
    name: String,
    version: String,
    types: Vec<dotnet::Type>,
}

/// The name of one part of an assembly's full name, such as `Version`.
fn part<'a>(full_name: &'a str, key: &str) -> &'a str {
    full_name.split(", ").find_map(|part| part.strip_prefix(key)?.strip_prefix('=')).unwrap_or_default()
}

fn known(assembly: &Assembly, bytes: &[u8], findings: &mut Vec<Diagnostic>) -> Option<Known> {
    let read = dotnet::read(bytes);
    let full_name = match (&assembly.full_name, &read) {
        (None, Ok(read)) => read.identity.to_string(),
        (None, Err(why)) => {
            findings.push(
                Diagnostic::error("not-an-assembly", format!("`{}` cannot be read: {why}", assembly.path.display()))
                    .at(&assembly.span)
                    .help("name the library that the build leaves (`bin/Release/…/*.dll`), or give `fullName` and `types`"),
            );
            return None;
        }
        (Some((given, span)), Ok(read)) if *given != read.identity.to_string() => {
            findings.push(
                Diagnostic::error("assembly-name-differs", format!("the library says `{}`", read.identity))
                    .at(span)
                    .help("remove `fullName`, or name the library that is meant"),
            );
            return None;
        }
        (Some((given, _)), _) => given.clone(),
    };
    if let Ok(dotnet::Assembly { identity: Identity { token: None, name, .. }, .. }) = &read {
        findings.push(
            Diagnostic::warning("assembly-not-signed", format!("`{name}` has no strong name"))
                .at(&assembly.span)
                .help("sign it (`<SignAssembly>true</SignAssembly>` with a key file): Dataverse accepts no other assembly, except in a plug-in package"),
        );
    }
    let name = full_name.split(", ").next().unwrap_or_default().to_owned();
    let version = part(&full_name, "Version").to_owned();
    Some(Known { full_name, name, version, types: read.map(|read| read.types).unwrap_or_default() })
}

/// The part of an assembly, without the leading `/`.
fn payload_name(name: &str, id: Uuid) -> String {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("PluginAssemblies/{plain}-{}/{plain}.dll", id.hyphenated().to_string().to_uppercase())
}

fn type_element(it: &PluginType, role: Option<Role>, of: &Known, id: Uuid, draft: &mut Draft) -> Element {
    let mut element = Element::new("PluginType")
        .with("AssemblyQualifiedName", format!("{}, {}", it.name, of.full_name))
        .with("PluginTypeId", id.hyphenated().to_string())
        .with("Name", it.name.as_str());
    if let Some(description) = &it.description {
        element.push(Element::text("Description", description.as_str()));
    }
    element.push(Element::text("FriendlyName", it.friendly_name.as_deref().unwrap_or(&it.name)));
    let usual = || (role == Some(Role::WorkflowActivity)).then(|| format!("{} ({})", of.name, of.version));
    if let Some(group) = it.group.clone().or_else(usual) {
        element.push(Element::text("WorkflowActivityGroupName", group));
    }
    extra::merge(&mut element, &it.extra, &TYPE, &mut draft.findings);
    element
}

/// The declared types, or those that were found.
fn types(assembly: &Assembly, of: &Known, findings: &mut Vec<Diagnostic>) -> Vec<(PluginType, Option<Role>)> {
    let role = |name: &str| of.types.iter().find(|found| found.name == name).map(|found| found.role);
    if let Some(declared) = &assembly.types {
        return declared.iter().map(|it| (it.clone(), role(&it.name))).collect();
    }
    if of.types.is_empty() {
        findings.push(
            Diagnostic::error("no-plugin-types", format!("no public plug-in class was found in `{}`", of.name))
                .at(&assembly.span)
                .help("list them under `types`: a class whose base stands in another assembly is not found by itself"),
        );
    }
    let meant = |found: &dotnet::Type| PluginType {
        name: found.name.clone(),
        id: None,
        friendly_name: None,
        description: None,
        group: None,
        extra: Extra::default(),
        span: assembly.span.clone(),
    };
    of.types.iter().map(|found| (meant(found), Some(found.role))).collect()
}

fn declare(assembly: &Assembly, package: &Package, draft: &mut Draft) {
    let bytes = match files::read(&assembly.path, LIMIT) {
        Ok(bytes) => bytes,
        Err(error) => {
            draft.findings.push(Diagnostic::error("unreadable-file", error.to_string()).at(&assembly.span));
            return;
        }
    };
    let Some(known) = known(assembly, &bytes, &mut draft.findings) else { return };
    // Another major or minor version is another assembly for Dataverse, so it gets other GUIDs.
    let generation = known.version.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
    let key = format!("{}/{generation}", known.name);
    let publisher = &package.publisher.name;
    let id = assembly.id.unwrap_or_else(|| guid::stable("pluginassembly", publisher, &key));
    let file = payload_name(&known.name, id);
    let mut element = Element::new("PluginAssembly")
        .with("FullName", known.full_name.as_str())
        .with("PluginAssemblyId", id.hyphenated().to_string())
        .with("CustomizationLevel", "1");
    if let Some(description) = &assembly.description {
        element.push(Element::text("Description", description.as_str()));
    }
    element.push(Element::text("IsolationMode", (assembly.isolation as u32).to_string()));
    element.push(Element::text("SourceType", (assembly.source as u32).to_string()));
    element.push(Element::text("IntroducedVersion", package.solution.version.to_string()));
    element.push(Element::text("FileName", format!("/{file}")));
    let mut list = Element::new("PluginTypes");
    for (it, role) in types(assembly, &known, &mut draft.findings) {
        let of = |name: &str| guid::stable("plugintype", publisher, &format!("{key}/{name}"));
        let id = it.id.unwrap_or_else(|| of(&it.name));
        list.push(type_element(&it, role, &known, id, draft));
    }
    element.push(list);
    extra::merge(&mut element, &assembly.extra, &ORDER, &mut draft.findings);
    if draft.add_element("SolutionPluginAssemblies", element, &assembly.span) {
        draft.add_root_by("91", &[("id", &guid::braced(id)), ("schemaName", &known.full_name)]);
        draft.add_file(&file, bytes, &assembly.span);
    }
}

impl Kind for PluginAssembly {
    fn label(&self) -> &'static str {
        "Plug-in assembly"
    }
    fn place(&self) -> &'static str {
        "SolutionPluginAssemblies"
    }
    fn root_type(&self) -> Option<u32> {
        Some(91)
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.pluginAssemblies")
    }
    fn folder(&self) -> &'static str {
        "PluginAssemblies/"
    }
    fn in_item(&self, item: &Element) -> Vec<Component> {
        if item.name != "PluginAssembly" {
            return Vec::new();
        }
        let value = |name| item.attribute(name).unwrap_or_default().to_owned();
        let name = value("FullName");
        let id = Some(value("PluginAssemblyId")).filter(|id| !id.is_empty()).unwrap_or_else(|| name.clone());
        vec![Component { kind: self.label(), name, id }]
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        for assembly in &package.components.plugin_assemblies {
            declare(assembly, package, draft);
        }
        if !package.components.plugin_assemblies.is_empty() {
            draft.sort_section("SolutionPluginAssemblies", |it| it.child_text("FileName").unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_names_are_those_of_the_server() {
        let id = Uuid::from_u128(0xba08_a0e9_c18e_443a_b24d_9458_cf66_d38a);
        assert_eq!(
            payload_name("CalculatePrice.Plugin", id),
            "PluginAssemblies/CalculatePricePlugin-BA08A0E9-C18E-443A-B24D-9458CF66D38A/CalculatePricePlugin.dll"
        );
    }
}
