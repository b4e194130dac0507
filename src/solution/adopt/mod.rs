//! A solution that exists → a project that builds the same: roles, web resources, environment variables and
//! connection references become YAML, the rest a folder named under `source`.
//!
//! Nothing is believed: the project is built after each attempt and each declared component compared. A component
//! that its keys do not give exactly gets `xml:`, and one that even then differs stays in the folder. What the strict profile
//! does not take as it is written, but has one meaning only, is written in normal form.

mod candidate;
mod identity;

use std::collections::BTreeMap;
use std::path::Path;

use self::candidate::{Built, Candidate, candidates, take};
use super::assemble::{put_together, put_together_with};
use super::contents;
use super::draft::Draft;
use super::folder::Unpacked;
use super::package::SolutionPackage;
use super::profile;
use super::xml::{Element, Node, canonical, first_difference};
use crate::diagnostic::{Diagnostic, Severity};
use crate::files;
use crate::manifest::{self, FILE_NAME, Request};
use crate::yaml::write::{Value, section};

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
    /// What the project has otherwise than the solution; what a build says of it is not here.
    pub findings: Vec<Diagnostic>,
}

/// Writes a project for `package` into `folder`, which must hold none yet. Before the project is built from its folder,
/// the package makes room for what is read there; `again` gives it once more, should that be needed.
///
/// # Errors
/// Findings if the project cannot be written, or does not build the same solution.
pub fn adopt(
    package: SolutionPackage,
    again: impl Fn() -> Result<SolutionPackage, Vec<Diagnostic>>,
    folder: &Path,
) -> Result<Adopted, Vec<Diagnostic>> {
    let (package, lost) = in_normal_form(package);
    let chosen = candidates(&package);
    let all = chosen.len();
    let mut project = Project { package, chosen, kept: Vec::new(), dropped: Vec::new(), lost, manifest: String::new() };
    // The rest comes from memory until there is nothing more to change, and then from the folder, as for everyone.
    let mut whole = false;
    for _ in 0..ATTEMPTS {
        let rest = project.write(folder, whole)?;
        let built = match manifest::load(&Request::new(folder)) {
            Ok(loaded) if whole => {
                drop(rest);
                project.package.customizations = Element::default();
                project.package.files.clear();
                put_together(&loaded.package)
            }
            Ok(loaded) => put_together_with(&loaded.package, Some(rest)),
            Err(findings) if project.drop_refused(&findings) => continue,
            Err(findings) => return Err(findings),
        };
        let Draft { package: model, findings, .. } = built;
        if project.drop_refused(&findings) || project.settle(&model) {
            if whole {
                drop(model);
                (project.package, _) = in_normal_form(again()?);
            }
            continue;
        }
        if !whole {
            whole = true;
            continue;
        }
        let mut declared = BTreeMap::new();
        for candidate in &project.chosen {
            *declared.entry(candidate.list).or_default() += 1;
        }
        debug_assert_eq!(project.chosen.len() + project.kept.len(), all);
        return Ok(Adopted { declared, kept: project.kept, findings: project.lost });
    }
    Err(vec![
        Diagnostic::error("not-adopted", "no manifest that builds the same solution was found")
            .in_file(project.package.origin.as_str(), None),
    ])
}

/// The package as a build would write it, and what is written otherwise than it was. What even so has more than one meaning is
/// left for the build to say.
fn in_normal_form(mut package: SolutionPackage) -> (SolutionPackage, Vec<Diagnostic>) {
    let language = package.manifest.attribute("languagecode").map(str::to_owned);
    let mut findings = contents::tidy(&mut package, language.as_deref());
    findings.extend(profile::normalise(&mut package));
    findings.retain(|finding| finding.code == "normal-form");
    for finding in &mut findings {
        finding.message = format!("the project has it in normal form: {}", finding.message);
    }
    (package, findings)
}

/// A project in the making.
struct Project {
    package: SolutionPackage,
    /// What the manifest declares.
    chosen: Vec<Candidate>,
    /// Names of components that stay in the folder, though their kind can be declared.
    kept: Vec<String>,
    /// Keys of `publisher` and `solution` that the manifest refused.
    dropped: Vec<identity::Key>,
    /// What is said of those, and of what is not written as it was.
    lost: Vec<Diagnostic>,
    /// The manifest as it was written last, whose lines findings name.
    manifest: String,
}

impl Project {
    /// Compares what was built with what was there. Whether anything has to change.
    fn settle(&mut self, model: &SolutionPackage) -> bool {
        let mut changed = false;
        let all = Built::new(model);
        let kept = &mut self.kept;
        self.chosen.retain_mut(|candidate| {
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

    /// Takes back what the manifest refuses: the components whose lines findings name, and keys of `publisher` and
    /// `solution` that can be left out. Whether there was any.
    fn drop_refused(&mut self, findings: &[Diagnostic]) -> bool {
        let text = std::mem::take(&mut self.manifest);
        let refused = findings.iter().filter(|finding| finding.severity == Severity::Error);
        let places = refused.filter_map(|finding| Some((finding, finding.place()?)));
        let places: Vec<(&Diagnostic, usize)> = places
            .filter(|(_, place)| place.file.ends_with(FILE_NAME))
            .filter_map(|(finding, place)| Some((finding, place.line?)))
            .collect();
        let before = (self.chosen.len(), self.dropped.len());
        for (finding, line) in &places {
            if let Some(key) = identity::key_on(&text, *line).filter(|key| !self.dropped.contains(key)) {
                let message = format!("`{}.{}` is not kept: {}", key.0, key.1, finding.message);
                self.lost.push(Diagnostic::warning("not-kept", message).in_file(self.package.origin.as_str(), None));
                self.dropped.push(key);
            }
        }
        let kept = &mut self.kept;
        let mut at = 0;
        self.chosen.retain(|candidate| {
            let item = candidate.lines();
            let Some(start) = text[at..].find(&item) else { return true };
            let first = text[..at + start].matches('\n').count() + 1;
            at += start + item.len();
            let last = text[..at].matches('\n').count();
            let refused = places.iter().any(|(_, line)| (first..=last).contains(line));
            if refused {
                kept.push(name_of(candidate));
            }
            !refused
        });
        before != (self.chosen.len(), self.dropped.len())
    }

    /// Writes manifest and files, and the folder of the rest, empty unless `whole`. The rest.
    fn write(&mut self, folder: &Path, whole: bool) -> Result<SolutionPackage, Vec<Diagnostic>> {
        let failed = |error: files::FileError| vec![Diagnostic::error("unwritable-file", error.to_string())];
        let source = folder.join(SOURCE);
        let web = folder.join("web");
        for old in [&source, &web] {
            if old.exists() {
                std::fs::remove_dir_all(old).map_err(|error| failed(files::FileError::new("remove", old, error)))?;
            }
        }
        for candidate in &self.chosen {
            if let Some((part, path)) = &candidate.file
                && let Some(bytes) = self.package.named_part(part)
            {
                files::write(&folder.join(path), bytes).map_err(failed)?;
            }
        }
        let mut rest = self.package.clone();
        take(&self.chosen, &mut rest);
        if whole {
            Unpacked::new(&rest).write(&source).map_err(failed)?;
        } else {
            std::fs::create_dir_all(&source)
                .map_err(|error| failed(files::FileError::new("create", &source, error)))?;
        }
        self.manifest = self.manifest_text();
        files::write(&folder.join(FILE_NAME), self.manifest.as_bytes()).map_err(failed)?;
        Ok(rest)
    }

    fn manifest_text(&self) -> String {
        let of_list = |list: &str| {
            let found: Vec<Value> =
                self.chosen.iter().filter(|candidate| candidate.list == list).map(Candidate::item).collect();
            (!found.is_empty()).then(|| (list.to_owned(), Value::List(found)))
        };
        let (publisher, solution) = identity::keys(&self.package, &self.dropped);
        let mut components: Vec<(String, Value)> =
            ["webResources", "environmentVariables", "connectionReferences"].into_iter().filter_map(of_list).collect();
        components.push(("source".into(), Value::InlineList(vec![Value::text(SOURCE)])));
        let mut parts = vec![
            "# yaml-language-server: $schema=dvpack.v1.schema.json\ndvpack: 1\n".to_owned(),
            section("publisher", publisher),
            section("solution", solution),
            "# The application of your service, and the user that gets its role:\n\
             # application: { clientId: 00000000-0000-0000-0000-000000000001, name: My service }\n\
             # applicationUser: { roles: [My service] }\n"
                .to_owned(),
        ];
        parts.extend(of_list("roles").map(|(list, roles)| section(&list, roles)));
        parts.push(section("components", Value::Map(components)));
        parts.join("\n")
    }
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
