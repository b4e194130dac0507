//! The one door to the terminal. Results go to stdout; progress, warnings and errors to stderr.
//!
//! Nothing goes out with a secret that this process has met in it ([`secret::hide`]).
//! A closed pipe is not an error. Under GitHub Actions and Azure Pipelines findings are repeated as
//! annotations. `--format json` keeps stdout to one JSON document.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the one place that prints")]

use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use clap::ValueEnum;
use serde::Serialize;
use serde_json::json;

use crate::cli::failure::Failure;
use crate::diagnostic::{Diagnostic, Severity};
use crate::secret;

/// The form of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// For machines: one JSON document on stdout.
    Json,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A pipeline service that understands annotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pipeline {
    GitHub,
    Azure,
}

/// Where output goes, and how much of it.
#[derive(Clone, Debug)]
pub struct Shell {
    format: Format,
    verbosity: i8,
    color_out: bool,
    color_err: bool,
    pipeline: Option<Pipeline>,
}

impl Shell {
    /// A shell. `verbosity`: -1 quiet, 0 normal, 1 and more for detail.
    #[must_use]
    pub fn new(format: Format, verbosity: i8, color: Color) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let decide = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                !set("NO_COLOR")
                    && (terminal || set("CLICOLOR_FORCE"))
                    && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
            }
        };
        let is_true = |name: &str| std::env::var(name).is_ok_and(|value| value.eq_ignore_ascii_case("true"));
        let pipeline = if is_true("GITHUB_ACTIONS") {
            Some(Pipeline::GitHub)
        } else if is_true("TF_BUILD") {
            Some(Pipeline::Azure)
        } else {
            None
        };
        Self {
            format,
            verbosity,
            color_out: decide(io::stdout().is_terminal()),
            color_err: decide(io::stderr().is_terminal()),
            pipeline,
        }
    }

    /// Whether results are JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether stdout takes colour.
    #[must_use]
    pub fn color(&self) -> bool {
        self.color_out
    }

    /// How much detail is asked for.
    #[must_use]
    pub fn verbosity(&self) -> i8 {
        self.verbosity
    }

    /// Whether a person sits in front of it and can answer.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        self.format == Format::Human && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether a live progress line can be drawn on stderr.
    #[must_use]
    pub fn can_animate(&self) -> bool {
        self.verbosity == 0 && io::stderr().is_terminal() && self.pipeline.is_none()
    }

    /// The width of the terminal, or 100.
    #[must_use]
    pub fn width(&self) -> usize {
        std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).filter(|width| *width >= 40).unwrap_or(100)
    }

    /// The result, for people. Nothing is printed under `--format json`.
    pub fn result(&self, text: &str) {
        if !self.is_json() {
            out(text);
        }
    }

    /// The result, for machines. Nothing is printed under `--format human`.
    pub fn json(&self, value: &impl Serialize) {
        if self.is_json() {
            self.document(value);
        }
    }

    /// A document that is JSON whatever the format (such as the JSON Schema).
    pub fn document(&self, value: &impl Serialize) {
        let hidden = serde_json::to_value(value).map(|mut value| {
            secret::hide_in(&mut value);
            value
        });
        match hidden.and_then(|value| serde_json::to_string_pretty(&value)) {
            Ok(text) => out(&format!("{text}\n")),
            Err(error) => err(&format!("error: cannot write JSON: {error}\n")),
        }
    }

    /// Bytes as they are, whatever the format.
    pub fn raw(&self, bytes: &[u8]) {
        write_all(&mut io::stdout().lock(), &secret::hide_bytes(bytes));
    }

    /// Progress: one step done or begun.
    pub fn status(&self, verb: &str, message: &str) {
        if self.verbosity >= 0 {
            let (on, off) = if self.color_err { ("\x1b[1;32m", "\x1b[0m") } else { ("", "") };
            err(&format!("{on}{verb:>12}{off} {message}\n"));
        }
    }

    /// Detail, from `-v` (level 1) on.
    pub fn detail(&self, level: i8, message: &str) {
        if self.verbosity >= level {
            err(&format!("{message}\n"));
        }
    }

    /// A line for the person on stderr that is shown even with `-q` (such as a device code).
    pub fn say(&self, message: &str) {
        err(&format!("{message}\n"));
    }

    /// Findings: to stderr for people (and as annotations in pipelines).
    pub fn findings(&self, findings: &[Diagnostic]) {
        for finding in findings {
            if !self.is_json() && (self.verbosity >= 0 || finding.severity == Severity::Error) {
                err(&finding.render(self.color_err, self.width()));
            }
            self.annotate(finding);
        }
    }

    /// A failure, as people or machines read it.
    pub fn failure(&self, failure: &Failure) {
        self.findings(&failure.findings);
        if self.is_json() {
            match &failure.document {
                Some(document) => self.document(document),
                None => self.document(&json!({
                    "ok": false,
                    "exitCode": failure.exit.code(),
                    "message": failure.message,
                    "details": failure.details,
                    "help": failure.help,
                    "requestId": failure.request_id,
                    "diagnostics": failure.findings.iter().map(Diagnostic::to_record).collect::<Vec<_>>(),
                })),
            }
        }
        let message = failure.details.iter().fold(failure.headline(), |text, detail| format!("{text}\n  {detail}"));
        if failure.findings.is_empty() {
            self.annotate(&Diagnostic::error("failed", message.clone()));
        }
        let (on, off) = if self.color_err { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
        err(&format!("{on}error{off}: {message}\n"));
        for line in &failure.help {
            err(&format!(" help: {line}\n"));
        }
        if let Some(id) = &failure.request_id {
            err(&format!(" help: for a support request to Microsoft: request id {id}\n"));
        }
    }

    /// A Markdown file that belongs on the run's page. GitHub Actions names a file to add it to; Azure Pipelines is told.
    pub fn summary(&self, markdown: &str, file: Option<&Path>) {
        if let Some(summary) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) {
            let added = OpenOptions::new().create(true).append(true).open(&summary).and_then(|mut file| {
                file.write_all(secret::hide(markdown).as_bytes())?;
                file.write_all(b"\n")
            });
            if let Err(error) = added {
                err(&format!("warning: cannot write to GITHUB_STEP_SUMMARY: {error}\n"));
            }
        }
        if self.pipeline == Some(Pipeline::Azure)
            && let Some(path) = file.and_then(|path| std::path::absolute(path).ok())
        {
            err(&format!("##vso[task.uploadsummary]{}\n", path.display()));
        }
    }

    fn annotate(&self, finding: &Diagnostic) {
        let Some(pipeline) = self.pipeline else { return };
        let place = finding.place().unwrap_or_default();
        let message = finding.help.iter().fold(finding.message.clone(), |text, help| format!("{text} ({help})"));
        let message = message.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
        let level = if finding.severity == Severity::Error { "error" } else { "warning" };
        let text = match pipeline {
            Pipeline::GitHub => {
                let mut fields = Vec::new();
                if !place.file.is_empty() {
                    fields.push(format!("file={}", place.file.replace(',', "%2C").replace(':', "%3A")));
                }
                fields.extend(place.line.map(|line| format!("line={line}")));
                fields.extend(place.column.map(|column| format!("col={column}")));
                fields.push(format!("title=dvpack {}", finding.code));
                format!("::{level} {}::{message}\n", fields.join(","))
            }
            Pipeline::Azure => {
                let mut fields = format!("type={level};code={};", finding.code);
                if !place.file.is_empty() {
                    fields.push_str(&format!("sourcepath={};", place.file.replace(';', "%3B")));
                }
                for (key, value) in [("linenumber", place.line), ("columnnumber", place.column)] {
                    if let Some(value) = value {
                        fields.push_str(&format!("{key}={value};"));
                    }
                }
                format!("##vso[task.logissue {fields}]{message}\n")
            }
        };
        // Both services read annotations from either stream; stdout is kept for results.
        err(&text);
    }
}

fn out(text: &str) {
    write_all(&mut io::stdout().lock(), secret::hide(text).as_bytes());
}

fn err(text: &str) {
    write_all(&mut io::stderr().lock(), secret::hide(text).as_bytes());
}

/// Writes, and ends quietly when the reader has gone (`dvpack … | head`).
fn write_all(stream: &mut impl Write, bytes: &[u8]) {
    if let Err(error) = stream.write_all(bytes).and_then(|()| stream.flush())
        && error.kind() == io::ErrorKind::BrokenPipe
    {
        std::process::exit(0);
    }
}
