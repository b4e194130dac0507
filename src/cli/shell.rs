//! The one door to the terminal. Results go to stdout; progress, warnings and errors to stderr.
//!
//! `sink` makes all output harmless. Under GitHub Actions and Azure Pipelines, findings are
//! repeated as annotations. `--format json` keeps stdout to one JSON document.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use clap::ValueEnum;
use serde::Serialize;

use crate::cli::document::{Document, whole};
use crate::cli::failure::Failure;
use crate::cli::pipeline::Pipeline;
use crate::cli::sink::Stream;
use crate::diagnostic::{Diagnostic, Severity};
use crate::files;
use crate::process_env;
use crate::secret;
use crate::text::{self, style};

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
        let set = |name: &str| process_env::raw(name).is_some_and(|value| !value.is_empty());
        let decide = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                !set("NO_COLOR")
                    && (terminal || set("CLICOLOR_FORCE"))
                    && process_env::raw("TERM").is_none_or(|t| t != "dumb")
            }
        };
        Self {
            format,
            verbosity,
            color_out: decide(Stream::Out.is_terminal()),
            color_err: decide(Stream::Err.is_terminal()),
            pipeline: Pipeline::detect(),
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

    /// Whether a person is at the terminal and can answer. Everything printed so far must have reached them.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        let shown = Stream::Out.is_open() && Stream::Err.is_open();
        self.format == Format::Human && io::stdin().is_terminal() && Stream::Err.is_terminal() && shown
    }

    /// Whether a live progress line can be drawn on stderr.
    #[must_use]
    pub fn can_animate(&self) -> bool {
        self.verbosity == 0 && Stream::Err.is_terminal() && Stream::Err.is_open() && self.pipeline.is_none()
    }

    /// The width of the terminal, or 100.
    #[must_use]
    pub fn width(&self) -> usize {
        process_env::text("COLUMNS").and_then(|text| text.parse().ok()).filter(|width| *width >= 40).unwrap_or(100)
    }

    /// The result, for people. Nothing is printed under `--format json`.
    pub fn result(&self, text: &str) {
        if !self.is_json() {
            out(text);
        }
    }

    /// The result, for machines. Nothing is printed under `--format human`.
    pub fn json(&self, document: &impl Document) {
        if self.is_json() {
            self.document(&whole(document));
        }
    }

    /// A document that is JSON whatever the format (such as the JSON Schema).
    pub fn document(&self, value: &impl Serialize) {
        Stream::Out.json(value);
    }

    /// Bytes that came with the program (licences, completions), as they are, whatever the format.
    pub fn raw(&self, bytes: &[u8]) {
        Stream::Out.own(bytes);
    }

    /// A question, after which the answer is typed; whether a person can have read it and what it is about.
    #[must_use]
    pub fn prompt(&self, question: &str) -> bool {
        err(&format!("{question} "));
        Stream::Out.is_open() && Stream::Err.is_open()
    }

    /// What the command-line parser prints: help, a version, or a usage error, which repeats arguments.
    pub fn usage(&self, message: &clap::Error) {
        let (stream, color) =
            if message.use_stderr() { (Stream::Err, self.color_err) } else { (Stream::Out, self.color_out) };
        let rendered = message.render();
        let plain = process_env::arguments().all(|argument| !argument.to_string_lossy().contains(text::is_control));
        if color && plain {
            stream.text(&text::own_styles(&rendered.ansi().to_string()));
        } else {
            stream.text(&rendered.to_string());
        }
    }

    /// Progress: one step done or begun.
    pub fn status(&self, verb: &str, message: &str) {
        if self.verbosity >= 0 {
            let verb = style(self.color_err, "1;32", &format!("{verb:>12}"));
            err(&format!("{verb} {message}\n"));
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
        }
        self.annotate(findings);
    }

    /// A failure, as people or machines read it.
    pub fn failure(&self, failure: &Failure) {
        self.findings(&failure.findings);
        if self.is_json() && !failure.silent {
            match &failure.document {
                Some(document) => self.document(document),
                None => self.document(&failure.to_document()),
            }
        }
        let message = failure.details.iter().fold(failure.headline(), |text, detail| format!("{text}\n  {detail}"));
        if failure.findings.is_empty() {
            self.annotate(&[Diagnostic::error("failed", message.clone())]);
        }
        err(&format!("{}: {message}\n", style(self.color_err, "1;31", "error")));
        for line in &failure.help {
            err(&format!(" help: {line}\n"));
        }
        if let Some(id) = &failure.request_id {
            err(&format!(" help: for a support request to Microsoft: request id {id}\n"));
        }
    }

    /// A Markdown file that belongs on the run's page. GitHub Actions names a file to add it to; Azure Pipelines gets a
    /// command.
    pub fn summary(&self, markdown: &str, file: Option<&Path>) {
        if let Some(summary) = process_env::raw("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) {
            let text = format!("{}\n", text::harmless(&secret::hide(markdown)));
            if let Err(error) = files::append(Path::new(&summary), text.as_bytes()) {
                err(&format!("warning: cannot write to GITHUB_STEP_SUMMARY: {error}\n"));
            }
        }
        if let Some(command) = self.pipeline.and_then(|pipeline| pipeline.summary(file?)) {
            Stream::Err.command(&command);
        }
    }

    /// The most severe first: a service shows only a limited number.
    fn annotate(&self, findings: &[Diagnostic]) {
        let Some(pipeline) = self.pipeline else { return };
        let mut worst_first: Vec<&Diagnostic> = findings.iter().collect();
        worst_first.sort_by_key(|finding| finding.severity);
        for command in worst_first.into_iter().filter_map(|finding| pipeline.annotation(finding)) {
            // Both services read annotations from either stream; stdout is kept for results.
            Stream::Err.command(&command);
        }
    }
}

fn out(text: &str) {
    Stream::Out.text(text);
}

fn err(text: &str) {
    Stream::Err.text(text);
}
