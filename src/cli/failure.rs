//! What a verb returns when it did not succeed: an exit code, words, findings, advice.

use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::exit::Exit;
use crate::dataverse::ApiError;
use crate::dataverse::import::Missing;
use crate::deploy::{self, FailureKind};
use crate::diagnostic::{Diagnostic, Record, Severity};
use crate::files::FileError;

/// A verb did not succeed.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// One line: what happened. Empty if the findings say it all.
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
    /// The environment that a run had reached, with the organization's name if it is known.
    pub place: Option<String>,
    /// Whether `--format json` has printed its document already.
    pub silent: bool,
    /// What `--format json` prints if the verb has more to report than the failure itself.
    pub document: Option<Box<serde_json::Value>>,
}

/// What a verb prints with `--format json` when it did not succeed and has no document of its own for that.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FailureDocument {
    /// The number of this form; `docs/json-output.md` says what it promises.
    pub format: u32,
    /// Always `false`.
    pub ok: bool,
    /// The exit code.
    pub exit_code: u8,
    /// What happened, in one line; where there are diagnostics only, the first error of them.
    pub message: String,
    /// The causes, the first one first, one line each.
    pub details: Vec<String>,
    /// What to do, one line each.
    pub help: Vec<String>,
    /// Components that the environment lacks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Missing>,
    /// The service's id of the request that failed.
    pub request_id: Option<String>,
    /// Findings with positions.
    pub diagnostics: Vec<Record>,
}

impl FailureDocument {
    /// The number of the form.
    pub const FORMAT: u32 = 1;
}

impl Failure {
    /// What `--format json` prints if the verb has no more to report than the failure itself.
    #[must_use]
    pub fn to_document(&self) -> FailureDocument {
        FailureDocument {
            format: FailureDocument::FORMAT,
            ok: false,
            exit_code: self.exit.code(),
            message: self.summary(),
            details: self.details.clone(),
            help: self.help.clone(),
            missing: self.missing.clone(),
            request_id: self.request_id.clone(),
            diagnostics: self.findings.iter().map(Diagnostic::to_record).collect(),
        }
    }

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
            place: None,
            silent: false,
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

    /// The same for readers who see only this line: the first error itself, and how many there are.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut errors = self.findings.iter().filter(|finding| finding.severity == Severity::Error);
        match (self.message.as_str(), errors.next(), errors.count()) {
            ("", Some(first), 0) => first.message.clone(),
            ("", Some(first), more) => format!("{} errors; the first: {}", more + 1, first.message),
            _ => self.headline(),
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
        // A file that cannot be read is an unusable input, just like one whose content makes no sense.
        let exit = if error.doing == "read" { Exit::Invalid } else { Exit::Failed };
        Self::new(exit, error.to_string())
    }
}

impl From<deploy::Failure> for Failure {
    fn from(failure: deploy::Failure) -> Self {
        let exit = match failure.kind {
            FailureKind::Failed => Exit::Failed,
            FailureKind::Usage => Exit::Usage,
            FailureKind::Invalid => Exit::Invalid,
            FailureKind::SignIn => Exit::SignIn,
            FailureKind::ConsentMissing => Exit::ConsentMissing,
            FailureKind::Refused => Exit::Refused,
            FailureKind::NotReady => Exit::NotReady,
            FailureKind::Inconclusive => Exit::Inconclusive,
        };
        let mut out = Self::new(exit, failure.message);
        out.details = failure.details;
        out.help = failure.help;
        out.request_id = failure.request_id;
        out.missing = failure.missing;
        out
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        deploy::Failure::from(error).into()
    }
}
