//! What a verb returns when it did not succeed: an exit code, words, findings, advice.

use crate::cli::exit::Exit;
use crate::diagnostic::Diagnostic;
use crate::files::FileError;

/// A verb did not succeed.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// One line: what happened. Empty where the findings say it all.
    pub message: String,
    /// Findings with positions.
    pub findings: Vec<Diagnostic>,
    /// What to do, one line each.
    pub help: Vec<String>,
}

impl Failure {
    /// A failure in words.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), findings: Vec::new(), help: Vec::new() }
    }

    /// A command line that cannot be understood.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// An invalid manifest or bundle, by its findings.
    #[must_use]
    pub fn invalid(findings: Vec<Diagnostic>) -> Self {
        Self { exit: Exit::Invalid, message: String::new(), findings, help: Vec::new() }
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
