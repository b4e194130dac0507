//! From a manifest to a managed solution: frame, sources, declared components, checks, zip.

use super::check;
use super::components::{self, labels};
use super::contents;
use super::draft::{Draft, root_key};
use super::folder::read_folder_as;
use super::package::{PackageType, SolutionPackage};
use super::profile;
use super::role::{self, Role};
use super::skeleton;
use super::xml::{Element, Node};
use super::zip::{MAX_ZIP, read_zip, write_zip};
use crate::diagnostic::{Diagnostic, Severity};
use crate::files;
use crate::manifest::components::labels::Labels;
use crate::manifest::package::Package;
use crate::manifest::package::publisher::Publisher;

/// A solution that is ready to ship.
#[derive(Clone, Debug)]
pub struct Assembled {
    /// The managed solution zip.
    pub zip: Vec<u8>,
    /// The roles of the manifest with their rows, each with the reason that the author gives.
    pub roles: Vec<Role>,
    /// Warnings and notes.
    pub findings: Vec<Diagnostic>,
}

/// The platform build that packages of dvpack are written for, as in `pac solution init`'s template.
const PLATFORM: &str = "9.1.0.643";
const PACKAGE_FORMAT: &str = "9.1";

/// What a manifest means as a model, before it is judged.
pub(super) fn put_together(package: &Package) -> Draft {
    put_together_with(package, None)
}

/// The same, with `brought` in place of what stands in the first source.
pub(super) fn put_together_with(package: &Package, mut brought: Option<SolutionPackage>) -> Draft {
    let mut draft = Draft::new(frame(package));
    for source in &package.components.sources {
        if let Some(brought) = brought.take() {
            draft.merge(brought, &source.span);
            continue;
        }
        let path = source.path.clone();
        let shown = source.path.display().to_string();
        let read = if files::is_dir(&path) {
            read_folder_as(&path, PackageType::Managed)
        } else {
            files::read(&path, MAX_ZIP as u64)
                .map_err(|error| vec![Diagnostic::error("unreadable-file", error.to_string()).at(&source.span)])
                .and_then(|bytes| read_zip(&bytes, &shown))
        };
        match read {
            Ok(found) => {
                let mut found = SolutionPackage { origin: shown, ..found };
                let language = draft.package.manifest.attribute("languagecode");
                draft.findings.extend(contents::tidy(&mut found, language));
                draft.merge(found, &source.span);
            }
            Err(findings) => draft.findings.extend(findings),
        }
    }
    components::declare(package, &mut draft);
    sort(&mut draft.package);
    draft
}

/// Builds the managed solution that a manifest means.
///
/// # Errors
/// All findings, if one of them is an error.
pub fn assemble(package: &Package) -> Result<Assembled, Vec<Diagnostic>> {
    let Draft { package: mut model, mut findings, granted, .. } = put_together(package);
    findings.extend(profile::normalise(&mut model));
    findings.extend(profile::deviations(&model));
    let own = role::OwnTables::known(package, &model);
    findings.extend(role::review(package, &granted, &model, &own, &role::Needs::of(&model)));
    let facts = check::Facts::of(&model);
    declare_dependencies(package, &facts, &mut model);
    findings.extend(check::conclude(&facts, &model, model.files.keys().map(String::as_str)));
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(findings);
    }
    let zip = write_zip(&model)?;
    if zip.len() > MAX_ZIP {
        let message = format!("the solution has {} bytes; Dataverse takes at most 95 MB", zip.len());
        findings.push(Diagnostic::error("solution-too-large", message).at(&package.solution.name_span));
        return Err(findings);
    }
    let roles = granted.into_iter().map(|it| it.role).collect();
    Ok(Assembled { zip, roles, findings })
}

/// The publisher's two addresses.
fn addresses(publisher: &Publisher) -> Element {
    let set = |index: usize| publisher.addresses.get(index).map_or(&[][..], |set| &set[..]);
    Element::new("Addresses").child(skeleton::address(1, set(0))).child(skeleton::address(2, set(1)))
}

/// The empty solution: identity from the manifest, sections that are always there.
fn frame(package: &Package) -> SolutionPackage {
    let (solution, publisher) = (&package.solution, &package.publisher);
    let languages = &solution.languages;
    let base = languages.first().copied().unwrap_or(1033);
    let none = Labels::default();
    let text_or_nil =
        |name: &str, text: Option<&str>| text.map_or_else(|| skeleton::nil(name), |t| Element::text(name, t));
    let publisher_element = Element::new("Publisher")
        .child(Element::text("UniqueName", publisher.name.as_str()))
        .child(labels::names(&publisher.display_name))
        .child(labels::descriptions(publisher.description.as_ref().unwrap_or(&none)))
        .child(text_or_nil("EMailAddress", publisher.email.as_deref()))
        .child(text_or_nil("SupportingWebsiteUrl", publisher.website.as_deref()))
        .child(Element::text("CustomizationPrefix", publisher.prefix.as_str()))
        .child(Element::text("CustomizationOptionValuePrefix", publisher.option_value_prefix.to_string()))
        .child(addresses(publisher));
    let mut manifest = Element::new("SolutionManifest")
        .child(Element::text("UniqueName", solution.name.as_str()))
        .child(labels::names(&solution.display_name))
        .child(labels::descriptions(solution.description.as_ref().unwrap_or(&none)))
        .child(Element::text("Version", solution.version.normalized().to_string()))
        .child(Element::text("Managed", PackageType::Managed.flag()));
    if let Some(page) = &solution.configuration_page {
        manifest.push(Element::text("ConfigurationPage", page.as_str()));
    }
    let manifest = manifest
        .child(publisher_element)
        .child(Element::new("RootComponents"))
        .child(Element::new("MissingDependencies"));
    let root = Element::new("ImportExportXml")
        .with("version", PLATFORM)
        .with("SolutionPackageVersion", PACKAGE_FORMAT)
        .with("languagecode", base.to_string())
        .with("generatedBy", "CrmLive")
        .with("xmlns:xsi", skeleton::XSI)
        .child(manifest);
    let mut customizations = skeleton::customizations();
    for language in languages {
        let code = Element::text("Language", language.to_string());
        skeleton::section(&mut customizations, "Languages").push(code);
    }
    SolutionPackage {
        origin: solution.name.clone(),
        manifest: root,
        customizations,
        files: std::collections::BTreeMap::new(),
        findings: Vec::new(),
    }
}

/// Writes what is needed of other solutions into `MissingDependencies`. Which solution has it is known where the
/// manifest requires just one; else it is written as the server writes what no solution holds.
fn declare_dependencies(package: &Package, facts: &check::Facts, model: &mut SolutionPackage) {
    let solution = match package.requires.solutions.as_slice() {
        [(name, Some(version))] => format!("{name} ({version})"),
        _ => "Active".to_owned(),
    };
    let prefix = package.publisher.prefix.as_str();
    let missing = facts.missing(model);
    let list =
        model.manifest.find_mut("SolutionManifest").and_then(|manifest| manifest.find_mut("MissingDependencies"));
    if let Some(list) = list {
        for missing in missing.iter().filter(|missing| !missing.is_own(prefix)) {
            list.children.extend(missing.elements(&solution).into_iter().map(Node::from));
        }
    }
}

/// The server's orders: root components by type and key; tables, roles, choices, relationships by name.
fn sort(package: &mut SolutionPackage) {
    let element = |node: &Node| if let Node::Element(element) = node { Some(element.clone()) } else { None };
    if let Some(roots) = package.manifest.find_mut("SolutionManifest").and_then(|m| m.find_mut("RootComponents")) {
        roots.children.sort_by_cached_key(|node| element(node).map(|root| root_key(&root)));
    }
    for section in ["Entities", "Roles", "optionsets", "EntityRelationships"] {
        let Some(section) = package.customizations.find_mut(section) else { continue };
        section.children.sort_by_cached_key(|node| {
            let Node::Element(element) = node else { return String::new() };
            let name = element.attribute("name").or_else(|| element.attribute("Name")).map(str::to_owned);
            name.or_else(|| element.child_text("Name")).unwrap_or_default().to_lowercase()
        });
    }
}
