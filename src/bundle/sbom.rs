//! `sbom.cdx.json`: a CycloneDX 1.6 bill of materials with the digest of every file.
//!
//! No clock and no random number goes in: the serial number is derived from the content.

use serde_json::{Value, json};

use super::descriptor::Descriptor;
use super::sha256;
use crate::archive::Entry;
use crate::guid;

/// The document for a bundle's entries and, inside the solution, the solution's own files.
pub(super) fn render(descriptor: &Descriptor, entries: &[Entry], solution_files: &[Entry]) -> Value {
    let mut components = Vec::new();
    for entry in entries {
        let nested = descriptor.solutions.iter().any(|solution| solution.file == entry.name);
        let mut component = file(&entry.name, &entry.name, &entry.bytes);
        if nested {
            component["components"] = solution_files
                .iter()
                .map(|inner| file(&format!("{}!/{}", entry.name, inner.name), &inner.name, &inner.bytes))
                .collect();
        }
        components.push(component);
    }
    let digests: String = entries.iter().map(|entry| sha256(&entry.bytes)).collect();
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

fn file(reference: &str, name: &str, bytes: &[u8]) -> Value {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    // Assemblies and packages are code that runs on the server: a reviewer looks for these first.
    let kind = if matches!(extension.as_deref(), Some("dll" | "nupkg")) { "library" } else { "file" };
    json!({
        "type": kind,
        "bom-ref": reference,
        "name": name,
        "hashes": [{ "alg": "SHA-256", "content": sha256(bytes) }],
    })
}
