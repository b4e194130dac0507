//! Names, versions and numbers: the solution's own, and whether components bear the publisher's prefix.
//!
//! Facts: lengths and forms of Microsoft's table reference and error texts; of 327 real packages, which hold components
//! of other publishers too, so that a foreign prefix is a note and said once.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostic;
use crate::manifest::prefix;
use crate::solution::package::SolutionPackage;
use crate::solution::xml::Element;
use crate::version::Version;

/// What was seen of names.
#[derive(Debug, Default)]
pub struct Names {
    /// Prefix in lower case → kinds and names that bear it.
    prefixes: BTreeMap<String, BTreeSet<(&'static str, String)>>,
    /// Values of choices, by choice.
    values: BTreeMap<String, BTreeSet<i64>>,
    long: Vec<(&'static str, String, usize)>,
}

/// Section, where the name stands, the kind, and the longest name. Those of connection references that the server
/// makes for agents have up to 133 characters in real exports, whatever the table reference says.
const NAMED: [(&str, &str, &str, usize); 6] = [
    ("Entities", "Name", "table", 100),
    ("optionsets", "@Name", "choice", 100),
    ("WebResources", "Name", "web resource", 256),
    ("AppModules", "UniqueName", "app", 100),
    ("EntityRelationships", "@Name", "relationship", 100),
    ("connectionreferences", "@connectionreferencelogicalname", "connection reference", 200),
];

impl Names {
    /// Looks at an element of a section of customizations.xml.
    pub fn see(&mut self, section: &str, element: &Element) {
        let Some((_, at, kind, longest)) = NAMED.into_iter().find(|(of, ..)| *of == section) else { return };
        let Some(name) = element.value_at(at) else { return };
        let length = name.chars().count();
        if length > longest {
            self.long.push((kind, name.clone(), length));
        }
        // A relationship is named after the table that it comes from, whoever's that is.
        if let Some(prefix) = prefix::of(&name).filter(|_| kind != "relationship") {
            self.prefixes.entry(prefix.to_lowercase()).or_default().insert((kind, name.clone()));
        }
        if kind == "choice" {
            let options = element.find("options").into_iter().flat_map(Element::elements);
            let values = options.filter_map(|option| option.attribute("value")?.parse::<i64>().ok());
            self.values.entry(name).or_default().extend(values);
        }
    }

    /// Adds what was seen elsewhere.
    pub fn append(&mut self, other: Self) {
        for (prefix, names) in other.prefixes {
            self.prefixes.entry(prefix).or_default().extend(names);
        }
        for (choice, values) in other.values {
            self.values.entry(choice).or_default().extend(values);
        }
        self.long.extend(other.long);
    }

    /// What there is to say.
    pub fn conclude(&self, package: &SolutionPackage, findings: &mut Vec<Diagnostic>) {
        solution(package, findings);
        let at = |finding: Diagnostic| finding.in_file(format!("{}: customizations.xml", package.origin), None);
        for (kind, name, length) in &self.long {
            let message = format!("the name of the {kind} `{name}` has {length} characters");
            findings.push(at(Diagnostic::warning("name-too-long", message)));
        }
        let publisher = package.publisher();
        let own = publisher.prefix.to_lowercase();
        if own.is_empty() {
            return;
        }
        for (prefix, names) in self.prefixes.iter().filter(|(prefix, _)| **prefix != own) {
            let shown: Vec<_> = names.iter().take(3).map(|(kind, name)| format!("{kind} `{name}`")).collect();
            let more = if names.len() > 3 { format!(" and {} more", names.len() - 3) } else { String::new() };
            let message = format!("`{prefix}_` is not the publisher's prefix `{own}_`: {}{more}", shown.join(", "));
            findings.push(
                at(Diagnostic::note("foreign-prefix", message))
                    .help("components of another publisher belong in that publisher's solution"),
            );
        }
        let Ok(first) = publisher.option_value_prefix.parse::<i64>().map(|prefix| prefix * 10_000) else { return };
        for (choice, values) in self.values.iter().filter(|(choice, _)| prefix::is_own(choice, &own)) {
            let outside: Vec<_> = values.iter().filter(|value| !(first..first + 10_000).contains(value)).collect();
            if let Some(value) = outside.first() {
                let message = format!(
                    "{} of {} values of the choice `{choice}` do not start with the publisher's option value prefix, such as {value}",
                    outside.len(),
                    values.len()
                );
                findings.push(
                    at(Diagnostic::note("option-value-prefix-unused", message))
                        .help(format!("values from {first} cannot meet those of another publisher")),
                );
            }
        }
    }
}

/// The solution's own name and version.
fn solution(package: &SolutionPackage, findings: &mut Vec<Diagnostic>) {
    let Some(manifest) = package.solution_manifest() else { return };
    let place = |name: &str| manifest.find(name).map(|element| (element.line, 1)).filter(|(line, _)| *line > 0);
    let file =
        package.manifest.file.as_deref().map_or_else(|| format!("{}: solution.xml", package.origin), str::to_owned);
    let mut error = |code: &'static str, message: String, at: &str, help: &str| {
        findings.push(Diagnostic::error(code, message).in_file(file.as_str(), place(at)).help(help));
    };
    let name = package.unique_name();
    let word = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if name.is_empty() {
        error("unique-name", "the solution has no unique name".into(), "UniqueName", "add <UniqueName>");
    } else if !word(&name) || name.len() > 65 {
        let message = format!("`{name}` is not a unique name");
        error("unique-name", message, "UniqueName", "letters, digits and underscores, no digit first, at most 65");
    }
    let version = package.version_text();
    if version.parse::<Version>().is_err() {
        error(
            "version",
            format!("`{version}` is not a version"),
            "Version",
            "write two to four whole numbers with dots between them",
        );
    }
    let length = package.display_name().chars().count();
    if length > 256 {
        error("display-name", format!("the display name has {length} characters"), "LocalizedNames", "at most 256");
    }
}
