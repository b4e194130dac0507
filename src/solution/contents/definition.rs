//! Definitions of environment variables: what readers could take in different ways, and their normal form.
//! Facts: 75 definitions of real solutions, and the columns of the table: `type` is a choice of six, `isrequired` is yes
//! or no. ASSUMED: `secretstore` is 0 (Azure Key Vault) or 1 (Dataverse); all real ones have 0.

use std::collections::BTreeSet;

use super::documents::has_extension;
use crate::diagnostic::Diagnostic;
use crate::manifest::meant::VariableKind;
use crate::solution::xml::{self, Node};

const FOLDER: &str = "environmentvariabledefinitions";
const FILE: &str = "environmentvariabledefinition.xml";
const HELP: &str = "correct the definition, or export the variable again";

/// Elements that contain one of a few values, and which.
const VALUES: [(&str, &str); 3] = [
    (
        "type",
        "100000000 (text), 100000001 (number), 100000002 (yes or no), 100000003 (JSON), 100000004 (data source) and 100000005 (secret)",
    ),
    ("isrequired", "0 and 1"),
    ("secretstore", "0 and 1"),
];

/// Whether an element of [`VALUES`] has a value that Dataverse has, as Dataverse writes it.
fn is_value(name: &str, text: &str) -> bool {
    if name == "type" { VariableKind::of_number(text).is_some() } else { matches!(text, "0" | "1") }
}

/// The same definition with type and flags as Dataverse writes them; nothing where they are, or mean nothing.
pub(super) fn normal(name: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let [FOLDER, _, FILE] = name.split('/').collect::<Vec<_>>()[..] else { return None };
    let mut root = xml::parse(bytes, name).ok()?;
    let mut changed = false;
    for child in root.elements_mut() {
        let Some((known, _)) = VALUES.iter().find(|(known, _)| *known == child.name) else { continue };
        let text = child.content();
        let meant = match text.trim().to_ascii_lowercase().as_str() {
            "true" if *known != "type" => "1".to_owned(),
            "false" if *known != "type" => "0".to_owned(),
            other => other.to_owned(),
        };
        if text != meant && is_value(known, &meant) && child.elements().next().is_none() {
            child.set_content(&meant);
            changed = true;
        }
    }
    changed.then(|| xml::write_document(&root))
}

/// What readers of definitions of environment variables could take in different ways: in a file that is one by its
/// name or by its root, in whatever folder and spelling.
pub(super) fn deviations(name: &str, bytes: &[u8], origin: &str) -> Vec<Diagnostic> {
    let lower = name.to_lowercase();
    let is_named = lower.rsplit('/').next().is_some_and(|file| file == FILE);
    let could_be = is_named || has_extension(&lower, "xml") && contains(bytes, b"environmentvariabledefinition");
    if !could_be {
        return Vec::new();
    }
    let root = match xml::parse(bytes, &format!("{origin}: {name}")) {
        Ok(root) => root,
        // One that cannot be read hides what it says.
        Err(finding) => return vec![finding.help("save it as UTF-8, as Dataverse exports it")],
    };
    if !is_named && !root.name.eq_ignore_ascii_case("environmentvariabledefinition") {
        return Vec::new();
    }
    let file = format!("{origin}: {name}");
    let mut found = Vec::new();
    let mut report = |line: usize, message: String| {
        let finding = Diagnostic::error("ambiguous-solution", message).help(HELP);
        found.push(finding.in_file(file.as_str(), Some((line.max(1), 1))));
    };
    let schema_name = root.attribute("schemaname").unwrap_or_default();
    match name.split('/').collect::<Vec<_>>()[..] {
        [FOLDER, folder, FILE] if folder.eq_ignore_ascii_case(schema_name) => {}
        [FOLDER, folder, FILE] => {
            report(root.line, format!("it is in the folder `{folder}`, and defines `{schema_name}`"));
        }
        _ => report(1, format!("a variable is defined in `{FOLDER}/<schema name>/{FILE}`, and nowhere else")),
    }
    if root.name != "environmentvariabledefinition" {
        report(root.line, format!("its root is `{}`, not `environmentvariabledefinition`", root.name));
    }
    for (attribute, _) in root.attributes.iter().filter(|(attribute, _)| attribute != "schemaname") {
        report(root.line, format!("a definition has the attribute `schemaname` only, not `{attribute}`"));
    }
    let mut met = BTreeSet::new();
    for child in root.elements() {
        if !met.insert(child.name.to_lowercase()) {
            report(child.line, format!("a second `{}`", child.name));
        }
        if !child.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            report(child.line, format!("`{}` is not spelled in lower case", child.name));
        }
        let odd = child.children.iter().any(|node| matches!(node, Node::Comment(_) | Node::Instruction(..)));
        let mixed = child.elements().next().is_some() && !child.content().trim().is_empty();
        let nested = !["displayname", "description", "parentdefinitionid"].contains(&child.name.as_str())
            && child.elements().next().is_some();
        if odd || mixed || nested {
            report(child.line, format!("`{}` contains other things than text or labels", child.name));
        }
    }
    for (name, takes) in VALUES {
        match root.find(name) {
            Some(child) if !is_value(name, &child.content()) => {
                let shown: String = child.content().chars().take(40).collect();
                report(child.line, format!("`{name}` is `{}`; Dataverse has {takes}", shown.escape_debug()));
            }
            None if name == "type" => report(root.line, format!("it has no `type`; Dataverse has {takes}")),
            _ => {}
        }
    }
    if root.children.iter().any(|node| matches!(node, Node::Text(text) if !text.trim().is_empty())) {
        report(root.line, "text between its elements".to_owned());
    }
    found
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}
