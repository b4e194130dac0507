//! Findings as SARIF 2.1.0, for code scanning and for editors.
//!
//! Form: OASIS, “Static Analysis Results Interchange Format (SARIF) Version 2.1.0”. Columns count UTF-16 code units there
//! unless `columnKind` says otherwise; those of findings count characters.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::cli::document::value;
use crate::diagnostic::{Diagnostic, Record, Severity};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Where every code is explained.
const HELP: &str = "docs/diagnostics.md";

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<Found>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
struct Rule {
    id: String,
    help: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    message: Message,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
}

/// The findings as a log with one run.
pub fn log(findings: &[Diagnostic]) -> Value {
    let codes: BTreeSet<&str> = findings.iter().map(|finding| finding.code.as_ref()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let rule = |code: &&str| Rule {
        id: (*code).to_owned(),
        help: Message { text: format!("`{code}` is explained in {HELP} of dvpack.") },
    };
    let results = findings.iter().map(|finding| {
        let index = codes.iter().position(|code| *code == finding.code).unwrap_or_default();
        found(finding, index)
    });
    value(&Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "dvpack",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: codes.iter().map(rule).collect(),
                },
            },
            column_kind: "unicodeCodePoints",
            results: results.collect(),
        }],
    })
}

fn found(finding: &Diagnostic, rule_index: usize) -> Found {
    let record = finding.to_record();
    let text = finding.help.iter().fold(finding.message.clone(), |text, help| format!("{text}\nhelp: {help}"));
    Found {
        rule_id: record.code.clone(),
        rule_index,
        level: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        message: Message { text },
        locations: record.file.as_deref().map(|file| location(file, &record)).into_iter().collect(),
    }
}

fn location(file: &str, record: &Record) -> Location {
    let region = record.line.filter(|line| *line > 0).map(|start_line| Region {
        start_line,
        start_column: record.column.filter(|column| *column > 0),
        end_line: record.end_line,
        end_column: record.end_column,
    });
    Location { physical_location: Physical { artifact_location: Artifact { uri: uri(file) }, region } }
}

/// A path as a relative reference or, where it is absolute, as a `file:` URI.
fn uri(path: &str) -> String {
    if let Ok(url) = url::Url::from_file_path(path) {
        return url.into();
    }
    let path = path.replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path);
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    path.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Source, Span};

    #[test]
    fn a_finding_has_its_rule_its_level_and_its_region() {
        let source = Source::new("my project/dvpack.yaml", "dvpack: 1\nsolutoin: {}\n");
        let findings = [
            Diagnostic::note("zebra", "no place"),
            Diagnostic::error("unknown-key", "unknown key `solutoin`")
                .at(&Span::new(&source, 10..18))
                .help("write `solution`"),
        ];
        let log = log(&findings);
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "unknown-key");
        assert_eq!(run["results"][0]["ruleIndex"], 1);
        assert!(run["results"][0].get("locations").is_none());
        let place = &run["results"][1]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "my%20project/dvpack.yaml");
        let region = serde_json::json!({ "startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 9 });
        assert_eq!(place["region"], region);
    }
}
