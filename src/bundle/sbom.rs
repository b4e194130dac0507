//! `sbom.cdx.json`: a CycloneDX 1.6 bill of materials: every file of the bundle and of its solutions with its digest,
//! and what the files mean: assemblies, web resources, libraries in them, and every component of the solution.
//!
//! It contains no time and no random number: the serial number is derived from the content. Versions are those that
//! the solution states; a component without one gets the solution's.

use serde_json::{Value, json};

use super::contents::Contents;
use super::descriptor::Descriptor;
use super::sha256;
use crate::guid;
use crate::solution;
use crate::solution::contents::PartFacts;

/// The document for a bundle's files (names and digests) and, inside the solutions, their own files and components.
pub(super) fn render(descriptor: &Descriptor, files: &[(&str, String)], contents: &[Contents]) -> Value {
    let mut components = Vec::new();
    for (name, digest) in files {
        let mut component = file(name, name, digest);
        let solution = descriptor.solutions.iter().find(|solution| solution.file == *name);
        if let (Some(solution), Some(inner)) = (solution, contents.iter().find(|it| it.file == *name)) {
            let version = solution.version.to_string();
            component["version"] = json!(version);
            let inside = inner.solution.parts.iter().map(|part| solution_file(name, part, &inner.solution, &version));
            let made = solution_components(name, inner, &version);
            component["components"] = inside.chain(made).collect();
        }
        components.push(component);
    }
    let digests: String = files.iter().map(|(_, digest)| digest.as_str()).collect();
    let serial = guid::stable("sbom", &descriptor.publisher.name, &digests);
    let main = descriptor.solutions.first();
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{serial}"),
        "version": 1,
        "metadata": {
            "tools": { "components": [{ "type": "application", "name": descriptor.tool.name, "version": descriptor.tool.version }] },
            "component": {
                "type": "application",
                "bom-ref": "bundle",
                "name": main.map(|solution| solution.name.as_str()).unwrap_or_default(),
                "version": main.map(|solution| solution.version.to_string()).unwrap_or_default(),
                "publisher": descriptor.publisher.display_name,
            },
        },
        "components": components,
    })
}

fn file(reference: &str, name: &str, digest: &str) -> Value {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    // Assemblies and packages are code that runs on the server: a reviewer looks for these first.
    let kind = if matches!(extension.as_deref(), Some("dll" | "nupkg")) { "library" } else { "file" };
    json!({
        "type": kind,
        "bom-ref": reference,
        "name": name,
        "hashes": [{ "alg": "SHA-256", "content": digest }],
    })
}

/// A file of the solution, with the name and version that the solution gives it.
fn solution_file(zip: &str, part: &PartFacts, solution: &solution::Contents, version: &str) -> Value {
    let reference = format!("{zip}!/{}", part.name);
    let mut component = file(&reference, &part.name, &part.sha256);
    let Some(named) = solution.named_files.iter().find(|named| named.file == part.name) else { return component };
    component["name"] = json!(named.name);
    component["version"] = json!(named.version.as_deref().unwrap_or(version));
    component["properties"] = json!([
        { "name": "dvpack:kind", "value": named.kind },
        { "name": "dvpack:file", "value": part.name },
    ]);
    if named.kind == "Plug-in assembly" {
        component["type"] = json!("library");
    }
    if let Some((name, version)) = banner(&part.head) {
        component["components"] = json!([{
            "type": "library",
            "bom-ref": format!("{reference}#{name}"),
            "name": name,
            "version": version,
            "hashes": component["hashes"],
            "properties": [{ "name": "dvpack:versionFrom", "value": "the comment at the head of the file" }],
        }]);
    }
    component
}

/// The components of the solution; the digest is of their XML without white space between elements, and of their files.
fn solution_components<'a>(zip: &'a str, inner: &Contents, version: &'a str) -> impl Iterator<Item = Value> {
    let roles = inner.roles().into_iter().map(|role| {
        let rows: String = role.privileges.iter().map(|it| format!("{} {}\n", it.name, it.level.name())).collect();
        let digest = sha256(format!("{}\n{rows}", role.id).as_bytes());
        (("Security role".to_owned(), role.name, role.id.to_string()), digest)
    });
    let others = inner
        .solution
        .digests
        .clone()
        .into_iter()
        .filter(|((kind, _), _)| kind != "File")
        .map(|((kind, name), digest)| ((kind, name.clone(), name), digest));
    roles.chain(others).map(move |((kind, name, id), digest)| {
        json!({
            "type": "data",
            "bom-ref": format!("{zip}!{kind}:{id}"),
            "name": name,
            "version": version,
            "hashes": [{ "alg": "SHA-256", "content": digest }],
            "properties": [{ "name": "dvpack:kind", "value": kind }],
        })
    })
}

/// Name and version in the comment at the top of script and style libraries: `/*! jQuery v3.7.1 | …`.
fn banner(bytes: &[u8]) -> Option<(String, String)> {
    let head = String::from_utf8_lossy(bytes.get(..400.min(bytes.len()))?).into_owned();
    let comment = head.trim_start_matches('\u{feff}').trim_start().strip_prefix("/*")?;
    let line = comment.lines().map(|line| line.trim_matches(['*', '!', ' ', '\t'])).find(|line| !line.is_empty())?;
    let words: Vec<&str> = line.split_whitespace().take(6).collect();
    let is_version = |word: &str| {
        let word = word.trim_start_matches(['v', 'V']);
        word.split('.').count() > 1 && word.split('.').all(|part| part.starts_with(|c: char| c.is_ascii_digit()))
    };
    let at = words.iter().position(|word| is_version(word.trim_end_matches([',', ';', '|', '-'])))?;
    let name = words.get(..at)?.join(" ");
    let name = name.trim_matches(['-', '@', ' ', ',']);
    let version = words[at].trim_end_matches([',', ';', '|', '-']).trim_start_matches(['v', 'V']);
    (!name.is_empty()).then(|| (name.to_owned(), version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_known_by_the_comment_at_their_head() {
        let of = |text: &str| banner(text.as_bytes()).map(|(name, version)| format!("{name} {version}"));
        assert_eq!(of("/*! jQuery v3.7.1 | (c) OpenJS */!function(){}").as_deref(), Some("jQuery 3.7.1"));
        assert_eq!(of("/*!\n * Bootstrap v5.3.0 (https://x)\n */").as_deref(), Some("Bootstrap 5.3.0"));
        assert_eq!(of("/**\n * @knockout 3.5.1-rc2, MIT */").as_deref(), Some("knockout 3.5.1-rc2"));
        for other in ["let a = 1; // v1.2", "/* Copyright 2020 Contoso */", "/* 1.2 */", "", "/*"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
