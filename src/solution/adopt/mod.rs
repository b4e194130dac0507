//! A solution that exists → a project that builds the same: roles, web resources, environment variables and
//! connection references become YAML, the rest a folder named under `source`.
//!
//! Nothing is believed: the project is built after each attempt and each declared component compared. A component
//! that its keys do not give exactly gets `xml:`, and one that even then differs stays in the folder.

mod candidate;

use std::collections::BTreeMap;
use std::path::Path;

use self::candidate::{Built, Candidate, candidates, take};
use super::assemble::{put_together, put_together_with};
use super::folder::Unpacked;
use super::package::SolutionPackage;
use super::role::quoted;
use super::xml::{Element, Node, canonical, first_difference};
use crate::diagnostic::{Diagnostic, Severity};
use crate::files;
use crate::manifest::{self, FILE_NAME, Request};

/// The folder of what is not declared.
const SOURCE: &str = "solution/src";

/// Each attempt can only take components back, or add `xml:` to them.
const ATTEMPTS: usize = 8;

/// A project that was written.
#[derive(Clone, Debug, Default)]
pub struct Adopted {
    /// Components that the manifest declares, by list.
    pub declared: BTreeMap<&'static str, usize>,
    /// Names of components that stay in the folder, though their kind can be declared.
    pub kept: Vec<String>,
    /// What the first build says.
    pub findings: Vec<Diagnostic>,
}

/// Writes a project for `package` into `folder`, which must hold none yet.
pub fn adopt(package: &SolutionPackage, folder: &Path) -> Result<Adopted, Vec<Diagnostic>> {
    let mut chosen = candidates(package);
    let all = chosen.len();
    let mut kept: Vec<String> = Vec::new();
    // The rest comes from memory until there is nothing more to change, and then from the folder, as for everyone.
    let mut whole = false;
    for _ in 0..ATTEMPTS {
        let rest = write(package, &chosen, folder, whole)?;
        let built = match manifest::load(&Request::new(folder)) {
            Ok(loaded) if whole => put_together(&loaded.package),
            Ok(loaded) => put_together_with(&loaded.package, Some(&rest)),
            Err(findings) => {
                let before = chosen.len();
                drop_refused(&mut chosen, &mut kept, package, &findings);
                if chosen.len() == before {
                    return Err(findings);
                }
                continue;
            }
        };
        let (model, findings) = built;
        let before = chosen.len();
        drop_refused(&mut chosen, &mut kept, package, &findings);
        if chosen.len() != before || settle(&mut chosen, &mut kept, &model) {
            continue;
        }
        if !whole {
            whole = true;
            continue;
        }
        let mut declared = BTreeMap::new();
        for candidate in &chosen {
            *declared.entry(candidate.list).or_default() += 1;
        }
        debug_assert_eq!(chosen.len() + kept.len(), all);
        return Ok(Adopted { declared, kept, findings });
    }
    Err(vec![
        Diagnostic::error("not-adopted", "no manifest was found that builds the same solution")
            .in_file(package.origin.as_str(), None),
    ])
}

/// Compares what was built with what was there. Whether anything has to change.
fn settle(chosen: &mut Vec<Candidate>, kept: &mut Vec<String>, model: &SolutionPackage) -> bool {
    let mut changed = false;
    let all = Built::new(model);
    chosen.retain_mut(|candidate| {
        let Some(built) = all.find(candidate) else {
            kept.push(name_of(candidate));
            changed = true;
            return false;
        };
        if first_difference(&candidate.original, &built).is_none() || same_role(candidate, &built) {
            return true;
        }
        changed = true;
        match overrides(&candidate.original, &built) {
            Some(found) if candidate.overrides.is_empty() && candidate.list != "roles" => {
                candidate.overrides = found;
                true
            }
            _ => {
                kept.push(name_of(candidate));
                false
            }
        }
    });
    changed
}

fn name_of(candidate: &Candidate) -> String {
    let original = &candidate.original;
    let attribute =
        ["name", "connectionreferencelogicalname", "schemaname"].iter().find_map(|name| original.attribute(name));
    attribute.map(str::to_owned).or_else(|| original.child_text("Name")).unwrap_or_default()
}

/// Roles are the same if their privileges are, and what servers of different ages write or leave out beside
/// them has the value that it has when it is left out.
fn same_role(candidate: &Candidate, built: &Element) -> bool {
    const UNSAID: [(&str, &str); 3] = [("IsCustomizable", "1"), ("IsAutoAssigned", "0"), ("IntroducedVersion", "")];
    let plain = |role: &Element| {
        let mut role = canonical(role);
        role.children.retain(|node| {
            let unsaid = |e: &Element| {
                UNSAID.iter().any(|(name, value)| e.name == *name && (value.is_empty() || e.content() == *value))
            };
            !matches!(node, Node::Element(element) if unsaid(element))
        });
        if let Some(rows) = role.find_mut("RolePrivileges") {
            rows.children.sort_by_cached_key(|node| format!("{node:?}").to_lowercase());
        }
        role
    };
    candidate.list == "roles" && first_difference(&plain(&candidate.original), &plain(built)).is_none()
}

/// What `xml:` has to say so that `built` becomes `original`; `None` where text and attributes are not enough.
fn overrides(original: &Element, built: &Element) -> Option<Vec<(String, Option<String>)>> {
    let mut found = Vec::new();
    for (name, value) in &original.attributes {
        if built.attribute(name) != Some(value) {
            found.push((format!("@{name}"), Some(value.clone())));
        }
    }
    let gone = built.attributes.iter().filter(|(name, _)| original.attribute(name).is_none());
    found.extend(gone.map(|(name, _)| (format!("@{name}"), None)));
    for element in original.elements() {
        let twin = built.find(&element.name);
        if twin.is_some_and(|twin| first_difference(twin, element).is_none()) {
            continue;
        }
        let flat = element.elements().next().is_none() && element.attributes.is_empty();
        if !flat || original.elements().filter(|other| other.name == element.name).count() > 1 {
            return None;
        }
        found.push((element.name.clone(), Some(element.content())));
    }
    let gone = built.elements().filter(|element| original.find(&element.name).is_none());
    found.extend(gone.map(|element| (element.name.clone(), None)));
    Some(found)
}

/// Takes back the components that the manifest refuses: the one whose lines a finding names.
fn drop_refused(
    chosen: &mut Vec<Candidate>,
    kept: &mut Vec<String>,
    package: &SolutionPackage,
    findings: &[Diagnostic],
) {
    let text = manifest_text(package, chosen);
    let refused = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let places = refused.filter_map(Diagnostic::place).filter(|place| place.file.ends_with(FILE_NAME));
    let lines: Vec<usize> = places.filter_map(|place| place.line).collect();
    let mut at = 0;
    chosen.retain(|candidate| {
        let item = candidate.yaml(4);
        let Some(start) = text[at..].find(&item) else { return true };
        let first = text[..at + start].matches('\n').count() + 1;
        at += start + item.len();
        let last = text[..at].matches('\n').count();
        let refused = lines.iter().any(|line| (first..=last).contains(line));
        if refused {
            kept.push(name_of(candidate));
        }
        !refused
    });
}

/// Writes manifest and files, and the folder of the rest, empty unless `whole`. The rest.
fn write(
    package: &SolutionPackage,
    chosen: &[Candidate],
    folder: &Path,
    whole: bool,
) -> Result<SolutionPackage, Vec<Diagnostic>> {
    let failed = |error: files::FileError| vec![Diagnostic::error("unwritable-file", error.to_string())];
    let source = folder.join(SOURCE);
    let web = folder.join("web");
    for old in [&source, &web] {
        if old.exists() {
            std::fs::remove_dir_all(old).map_err(|error| failed(files::FileError::new("remove", old, error)))?;
        }
    }
    for candidate in chosen {
        if let Some((part, path)) = &candidate.file
            && let Some(bytes) = package.files.get(part)
        {
            files::write(&folder.join(path), bytes).map_err(failed)?;
        }
    }
    let mut rest = package.clone();
    take(chosen, &mut rest);
    if whole {
        Unpacked::new(&rest).write(&source).map_err(failed)?;
    } else {
        std::fs::create_dir_all(&source).map_err(|error| failed(files::FileError::new("create", &source, error)))?;
    }
    files::write(&folder.join(FILE_NAME), manifest_text(package, chosen).as_bytes()).map_err(failed)?;
    Ok(rest)
}

fn manifest_text(package: &SolutionPackage, chosen: &[Candidate]) -> String {
    let publisher = package.publisher();
    let mut out = String::from("# yaml-language-server: $schema=dvpack.v1.schema.json\ndvpack: 1\n\npublisher:\n");
    let mut line = |key: &str, value: &str| out.push_str(&format!("  {key}: {}\n", quoted(value)));
    line("name", &publisher.name);
    line("displayName", &publisher.display_name);
    line("prefix", &publisher.prefix);
    let number: u32 = publisher.option_value_prefix.parse().unwrap_or(10_000);
    out.push_str(&format!("  optionValuePrefix: {number}\n"));
    let manifest = package.solution_manifest();
    let text = |path: &[&str]| {
        manifest.and_then(|m| m.path(path)).map(Element::content).filter(|text| !text.trim().is_empty())
    };
    for (key, element) in [("email", "EMailAddress"), ("website", "SupportingWebsiteUrl")] {
        if let Some(mut value) = text(&["Publisher", element]) {
            if key == "website" && !value.contains("://") {
                value.insert_str(0, "https://");
            }
            out.push_str(&format!("  {key}: {}\n", quoted(&value)));
        }
    }
    out.push_str(&format!("\nsolution:\n  name: {}\n", quoted(&package.unique_name())));
    out.push_str(&format!("  displayName: {}\n", quoted(&package.display_name())));
    let label = |path: &[&str]| {
        manifest?.path(path)?.elements().find_map(|label| label.attribute("description").map(str::to_owned))
    };
    if let Some(description) = label(&["Descriptions"]).filter(|text| !text.is_empty()) {
        out.push_str(&format!("  description: {}\n", serde_json::Value::from(description)));
    }
    out.push_str(&format!("  version: {}\n", serde_json::Value::from(package.version_text())));
    let languages: Vec<String> =
        package.section("Languages").map(|language| language.content().trim().to_owned()).collect();
    if !languages.is_empty() {
        out.push_str(&format!("  languages: [{}]\n", languages.join(", ")));
    }
    out.push_str(
        "\n# The application of your service, and the user that holds its role:\n\
         # application: { clientId: 00000000-0000-0000-0000-000000000001, name: My service }\n\
         # applicationUser: { roles: [My service] }\n",
    );
    let of_list = |list: &str| chosen.iter().filter(|candidate| candidate.list == list).collect::<Vec<_>>();
    let roles = of_list("roles");
    if !roles.is_empty() {
        out.push_str("\nroles:\n");
        for role in &roles {
            out.push_str(&role.yaml(2));
        }
    }
    out.push_str("\ncomponents:\n");
    for list in ["webResources", "environmentVariables", "connectionReferences"] {
        let found = of_list(list);
        if !found.is_empty() {
            out.push_str(&format!("  {list}:\n"));
            for candidate in &found {
                out.push_str(&candidate.yaml(4));
            }
        }
    }
    out.push_str(&format!("  source: [{SOURCE}]\n"));
    out
}
