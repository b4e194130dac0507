//! The JSON of a cloud flow: read as exported or as only a definition, its connections checked
//! against the connection references, written as it came or with what the manifest replaces.
//! Facts: 68 flows of real packages.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::diagnostic::{Diagnostic, Source, Span, nearest};
use crate::files;
use crate::manifest::components::cloud_flow::CloudFlow;
use crate::manifest::package::Package;
use crate::manifest::prefix;
use crate::solution::draft::Draft;
use crate::solution::flow::Flow;
use crate::solution::json::{Document, FLOW};

const LIMIT: u64 = 32 * 1024 * 1024;
const CONNECTORS: &str = "/providers/Microsoft.PowerApps/apis/";

/// What is known of one flow while it is checked.
struct Definition<'a> {
    meant: &'a CloudFlow,
    source: Arc<Source>,
    /// Connection reference and connector, of the manifest and its sources.
    known: Vec<(String, String)>,
    prefix: &'a str,
    findings: Vec<Diagnostic>,
}

/// The part's bytes; `None` if the file is not a flow, which has then been reported.
pub(super) fn definition(flow: &CloudFlow, package: &Package, draft: &mut Draft) -> Option<Vec<u8>> {
    let text = match files::read_text(&flow.path, LIMIT) {
        Ok(text) => text,
        Err(error) => {
            draft.findings.push(Diagnostic::error("unreadable-file", error.to_string()).at(&flow.span));
            return None;
        }
    };
    let declared = package.components.connection_references.iter().map(|it| (it.name.clone(), it.connector.clone()));
    let carried = draft.package.connection_references().into_iter().map(|it| (it.name, it.connector));
    let mut reading = Definition {
        meant: flow,
        source: Source::new(flow.path.display().to_string(), text),
        known: declared.chain(carried).collect(),
        prefix: &package.publisher.prefix,
        findings: Vec::new(),
    };
    let bytes = reading.bytes();
    draft.findings.append(&mut reading.findings);
    bytes
}

impl Definition<'_> {
    fn bytes(&mut self) -> Option<Vec<u8>> {
        let text = &self.source.text;
        let document = match Document::read(text.as_bytes(), FLOW) {
            Ok(document) => document,
            Err(error) => {
                let (line, column) = error.at.unwrap_or((1, 1));
                let start = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
                let mut at = (start + column.saturating_sub(1)).min(text.len());
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                let why = error.why;
                self.findings.push(
                    Diagnostic::error("flow-json", format!("the flow cannot be read: {why}"))
                        .at(&Span::new(&self.source, at..at + 1))
                        .help("export the flow in a solution and take its file below `Workflows/`"),
                );
                return None;
            }
        };
        for why in &document.ambiguous {
            self.findings.push(
                Diagnostic::error("flow-json", format!("readers could take the flow in different ways: {why}"))
                    .at(&self.meant.span)
                    .related(&Span::new(&self.source, 0..1), "this file")
                    .help("write each name once, and as Dataverse spells it"),
            );
        }
        let value = document.value;
        if value.pointer("/properties/definition").is_some_and(Value::is_object) {
            return self.exported(value);
        }
        if value.get("triggers").is_some_and(Value::is_object) {
            return self.alone(value);
        }
        self.findings.push(
            Diagnostic::error("flow-json", "the file contains neither an exported flow nor a workflow definition")
                .at(&self.meant.span)
                .related(&Span::new(&self.source, 0..1), "this file")
                .help("an exported flow has `properties.definition`, a definition alone has `triggers` and `actions`"),
        );
        None
    }

    /// A flow as exported: the manifest's connections replace the file's.
    fn exported(&mut self, mut value: Value) -> Option<Vec<u8>> {
        let used = Flow::of(&value["properties"]["definition"]).used;
        let mut references = match value.pointer("/properties/connectionReferences") {
            Some(Value::Object(map)) => map.clone(),
            _ => Map::new(),
        };
        for connection in &self.meant.connections {
            if !references.contains_key(&connection.key) && !used.iter().any(|(key, _)| *key == connection.key) {
                let keys: Vec<&str> = references.keys().map(String::as_str).collect();
                self.findings.push(unknown_connection(&connection.key, &connection.key_span, &keys));
            }
        }
        self.replace(&mut references, &used);
        for (key, _) in &used {
            if !references.contains_key(key) {
                self.findings.push(
                    Diagnostic::error(
                        "flow-connection",
                        format!("the flow uses the connection `{key}`, which it does not define"),
                    )
                    .at(&self.find(key))
                    .help(format!(
                        "add it in the file under `connectionReferences`, or write `connections: {{ {key}: … }}`"
                    )),
                );
            }
        }
        self.check(&references);
        if self.meant.connections.is_empty() {
            return Some(self.source.text.clone().into_bytes());
        }
        value["properties"]["connectionReferences"] = Value::Object(references);
        Some(value.to_string().into_bytes())
    }

    /// Only a definition: the manifest names all of its connections.
    fn alone(&mut self, definition: Value) -> Option<Vec<u8>> {
        let used = Flow::of(&definition).used;
        let mut references = Map::new();
        self.replace(&mut references, &used);
        let missing: Vec<&(String, Option<String>)> =
            used.iter().filter(|(key, _)| !references.contains_key(key)).collect();
        for (key, _) in &missing {
            let finding = Diagnostic::error("flow-connection", format!("no connection reference for `{key}`"))
                .at(&self.find(key))
                .help(format!("write in the manifest, at `{}`: `connections: {{ {key}: … }}`", self.meant.name));
            self.findings.push(finding);
        }
        for connection in &self.meant.connections {
            if !used.iter().any(|(key, _)| *key == connection.key) {
                let keys: Vec<&str> = used.iter().map(|(key, _)| key.as_str()).collect();
                self.findings.push(unknown_connection(&connection.key, &connection.key_span, &keys));
            }
        }
        self.check(&references);
        let whole = json!({
            "properties": { "connectionReferences": references, "definition": definition, "templateName": "" },
            "schemaVersion": "1.0.0.0",
        });
        Some(whole.to_string().into_bytes())
    }

    /// Puts the manifest's connections into those of the file.
    fn replace(&self, references: &mut Map<String, Value>, used: &BTreeSet<(String, Option<String>)>) {
        for connection in &self.meant.connections {
            let entry = references.entry(connection.key.clone()).or_insert_with(|| {
                let of_reference = self.known.iter().find(|(name, _)| name.eq_ignore_ascii_case(&connection.reference));
                let of_action = used.iter().find(|(key, _)| *key == connection.key).and_then(|(_, api)| api.as_deref());
                let connector = of_reference.map(|(_, connector)| connector.as_str()).or(of_action);
                let api = connector.and_then(|id| id.rsplit('/').next()).unwrap_or(&connection.key);
                json!({ "runtimeSource": "embedded", "connection": {}, "api": { "name": api } })
            });
            if !entry.is_object() {
                *entry = json!({});
            }
            entry["connection"] = json!({ "connectionReferenceLogicalName": connection.reference });
            if let Some(runtime) = connection.runtime {
                entry["runtimeSource"] = runtime.word().into();
            }
        }
    }

    /// Every connection names an existing connection reference for the same connector.
    fn check(&mut self, references: &Map<String, Value>) {
        for (key, reference) in references {
            let replaced = self.meant.connections.iter().find(|connection| connection.key == *key);
            let name = reference.pointer("/connection/connectionReferenceLogicalName").and_then(Value::as_str);
            let Some(name) = name else {
                self.findings.push(
                    Diagnostic::warning(
                        "flow-connection",
                        format!("the connection `{key}` of the flow has no connection reference"),
                    )
                    .at(&self.find(key))
                    .help(format!(
                        "it has to be connected by hand after each import; write `connections: {{ {key}: … }}`"
                    )),
                );
                continue;
            };
            let span = replaced.map_or_else(|| self.find(name), |connection| connection.span.clone());
            let Some((_, connector)) = self.known.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) else {
                let finding = self.unknown_reference(name, key, &span);
                self.findings.push(finding);
                continue;
            };
            let api = reference.pointer("/api/name").and_then(Value::as_str);
            // A custom connector's name differs by environment; it has a logical name beside it.
            let custom = reference.pointer("/api/logicalName").is_some();
            let expected = connector.strip_prefix(CONNECTORS);
            if let (Some(api), Some(expected), false) = (api, expected, custom)
                && !api.eq_ignore_ascii_case(expected)
            {
                self.findings.push(
                    Diagnostic::error(
                        "flow-connector",
                        format!(
                            "the flow's connection `{key}` is one of `{api}`, the reference `{name}` of `{expected}`"
                        ),
                    )
                    .at(&span)
                    .help("name a connection reference of the same connector"),
                );
            }
        }
    }

    fn unknown_reference(&self, name: &str, key: &str, span: &Span) -> Diagnostic {
        let own = prefix::is_own(name, self.prefix);
        let message = format!("`{name}` is not a connection reference of this solution");
        let finding = if own {
            Diagnostic::error("unknown-connection-reference", message)
        } else {
            Diagnostic::warning("unknown-connection-reference", message)
        };
        let finding = finding.at(span);
        match nearest(name, self.known.iter().map(|(known, _)| known.as_str())) {
            Some(near) => finding.help(format!("write `{near}`")),
            None if own => finding.help("declare it under `components.connectionReferences`"),
            None => finding.help(format!(
                "declare one of your own and write `connections: {{ {key}: … }}`, or make sure that the other solution is there first"
            )),
        }
    }

    /// Where a quoted text first occurs in the file.
    fn find(&self, text: &str) -> Span {
        let quoted = format!("\"{text}\"");
        match self.source.text.find(&quoted) {
            Some(at) => Span::new(&self.source, at..at + quoted.len()),
            None => self.meant.span.clone(),
        }
    }
}

fn unknown_connection(key: &str, span: &Span, known: &[&str]) -> Diagnostic {
    let finding = Diagnostic::error("flow-connection", format!("the flow has no connection `{key}`")).at(span);
    match nearest(key, known.iter().copied()) {
        Some(near) => finding.help(format!("write `{near}`")),
        None if known.is_empty() => finding.help("the flow uses no connection at all: remove it"),
        None => finding.help(format!("its connections: {}", known.join(", "))),
    }
}
