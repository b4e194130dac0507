//! Why a sign-in did not succeed, and what the person must do about it.

use std::time::Duration;

use crate::http;
use crate::http::retry::LONGER;

/// Sign-in did not succeed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct SignInError {
    /// What the command line makes of it.
    pub kind: SignInErrorKind,
    /// What happened.
    pub message: String,
    /// What the person must do.
    pub help: Vec<String>,
    /// The `AADSTS` number, when Entra gave one.
    pub aadsts: Option<u32>,
    /// Entra's trace and correlation ids, for a support request.
    pub trace: Option<String>,
    /// The wait before another attempt that the service asked for.
    pub retry_after: Option<Duration>,
}

/// The kinds of failed sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInErrorKind {
    /// Wrong or missing credentials (exit code 4).
    Failed,
    /// The application is not known in the tenant: consent is missing (exit code 5).
    ConsentMissing,
    /// Entra answered that it is busy or away (exit code 4, worth another try).
    Unreachable,
    /// No whole answer came, from Entra or the environment (exit code 1, worth another try).
    NoAnswer,
    /// The run's own time is up (exit code 8).
    TimeUp,
}

impl SignInErrorKind {
    /// Whether another try may succeed.
    pub(crate) const fn is_passing(self) -> bool {
        matches!(self, Self::Unreachable | Self::NoAnswer)
    }
}

impl SignInError {
    /// A failure in words.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            kind: SignInErrorKind::Failed,
            message: message.into(),
            help: Vec::new(),
            aadsts: None,
            trace: None,
            retry_after: None,
        }
    }

    /// Nobody can sign in at the moment.
    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        Self { kind: SignInErrorKind::Unreachable, ..Self::new(message) }
    }

    /// The service is busy or away; it may ask for a wait.
    pub(crate) fn busy(reply: &http::Reply, message: impl Into<String>) -> Self {
        let error = Self { retry_after: reply.asked_wait(), ..Self::unreachable(message) };
        match error.retry_after.filter(|wait| wait.as_secs() > 0) {
            Some(wait) => error.help(format!("the service asks to wait {} s: run again then", wait.as_secs())),
            None => error.help("run again in a minute"),
        }
    }

    /// Whose page it probably is, and what to do.
    pub(crate) const OF_PROXY: &str = "a proxy or firewall on the way probably answered in its place: check HTTPS_PROXY and NO_PROXY, or sign in to the network first, then run again";

    /// A page for a browser came where a program is answered, or a proxy's 407. `to`: what was asked.
    pub(crate) fn page(reply: &http::Reply, host: &str, to: &str) -> Self {
        let status = reply.status;
        if status == 407 {
            return Self::new(format!("`{host}` answered 407 {to}")).help(http::PROXY_SIGN_IN);
        }
        Self::new(format!("`{host}` answered {status} {to}, with a web page")).help(Self::OF_PROXY)
    }

    /// The same for the application that deploys, which is another than the package's: whose consent is missing matters.
    pub(crate) fn of_deployer(self, client_id: &str, tenant: &str, resource: &str) -> Self {
        let message = format!("{}: {client_id}, which dvpack signs in as, not the package's own", self.message);
        Self { kind: SignInErrorKind::Failed, message, help: Vec::new(), ..self }
            .help(format!("check the client id (`--client-id`, AZURE_CLIENT_ID) and the tenant `{tenant}` (`--tenant`, AZURE_TENANT_ID)"))
            .help(format!(
                "or let an administrator of the tenant consent to it: dvpack consent --client-id {client_id} --url {resource}"
            ))
    }

    /// Adds a line of advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
}

impl From<http::Failure> for SignInError {
    fn from(failure: http::Failure) -> Self {
        match failure {
            http::Failure::Refused { .. } | http::Failure::Setup(_) => Self::new(failure.to_string()),
            http::Failure::TimeUp { why } => {
                Self { kind: SignInErrorKind::TimeUp, ..Self::new(why) }.help(http::ADVICE).help(LONGER)
            }
            _ => {
                let error = Self { kind: SignInErrorKind::NoAnswer, ..Self::new(failure.to_string()) };
                failure.advice().into_iter().fold(error, Self::help)
            }
        }
    }
}
