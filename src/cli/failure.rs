//! What a verb returns when it did not succeed: an exit code, words, findings, advice.

use crate::cli::exit::Exit;
use crate::dataverse::import::Missing;
use crate::diagnostic::{Diagnostic, Severity};
use crate::files::FileError;

/// A verb did not succeed.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// One line: what happened. Empty where the findings say it all.
    pub message: String,
    /// The causes, the first one first, one line each.
    pub details: Vec<String>,
    /// Findings with positions.
    pub findings: Vec<Diagnostic>,
    /// What to do, one line each.
    pub help: Vec<String>,
    /// Components that an environment lacks.
    pub missing: Vec<Missing>,
    /// The service's id of the request that failed.
    pub request_id: Option<String>,
    /// What `--format json` prints, where a verb has more to tell than the failure itself.
    pub document: Option<Box<serde_json::Value>>,
}

impl Failure {
    /// A failure in words.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            details: Vec::new(),
            findings: Vec::new(),
            help: Vec::new(),
            missing: Vec::new(),
            request_id: None,
            document: None,
        }
    }

    /// A command line that cannot be understood.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// An invalid manifest or bundle, by its findings.
    #[must_use]
    pub fn invalid(findings: Vec<Diagnostic>) -> Self {
        Self { findings, ..Self::new(Exit::Invalid, "") }
    }

    /// What happened, in one line.
    #[must_use]
    pub fn headline(&self) -> String {
        let errors = self.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        match (self.message.as_str(), errors) {
            ("", 1) => "1 error".to_owned(),
            ("", count) => format!("{count} errors"),
            (text, _) => text.to_owned(),
        }
    }

    /// Adds a line of advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::new(Exit::Failed, error.to_string())
    }
}
