//! A bundle and the environment it goes to, with a sign-in, until a deadline: what every run against an environment
//! works with, whoever started it.
//!
//! The order is always the same: bundle → [`Given`] → the environment's address → [`Desired`] → sign-in → [`Session`].
//! The caller decides who signs in and what a person is asked in between; [`within`] puts a deadline on all of it.

use std::any::Any;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::bundle::Bundle;
use crate::bundle::descriptor::Descriptor;
use crate::clock;
use crate::dataverse::Client;
use crate::dataverse::log::Log;
use crate::dataverse::organization::{self, Organization};
use crate::deploy::desired::Desired;
use crate::deploy::failure::{Failure, FailureKind, NOT_IN_TIME};
use crate::deploy::progress::{Context, Event, Progress};
use crate::deploy::signature::Signature;
use crate::entra::{TokenCache, environment_url};
use crate::http::retry::LONGER;
use crate::http::{self, Http, Pace, Watch};

/// A bundle that was read: what it says, its solution files, and who signed it.
#[derive(Clone, Debug)]
pub struct Given {
    /// What it says.
    pub descriptor: Descriptor,
    /// Its solution files, in the order of their import.
    pub zips: Vec<Vec<u8>>,
    /// Signatures that were checked.
    pub signatures: Vec<Signature>,
}

impl Given {
    /// What a bundle gives, with the signatures that were checked.
    ///
    /// # Errors
    /// `Invalid` if a solution file that the bundle describes is not in it.
    pub fn of(bundle: &Bundle, signatures: Vec<Signature>) -> Result<Self, Failure> {
        let descriptor = bundle.descriptor().clone();
        let zip = |solution| bundle.solution_zip(solution).map(<[u8]>::to_vec);
        let mut zips = Vec::new();
        for solution in &descriptor.solutions {
            let missing = || format!("the bundle does not contain `{}`", solution.file);
            zips.push(zip(solution).ok_or_else(|| Failure::new(FailureKind::Invalid, missing()))?);
        }
        Ok(Self { descriptor, zips, signatures })
    }

    /// The environment it goes to: the one that was named, else the one that it was built for.
    ///
    /// # Errors
    /// `SignIn` if the text is not the address of an environment; `Usage` if there is none.
    pub fn environment(&self, named: Option<&str>) -> Result<Url, Failure> {
        let built_for = self.descriptor.environment.as_ref().and_then(|environment| environment.url.as_ref());
        match (named, built_for) {
            (Some(text), _) => Ok(environment_url(text)?),
            (None, Some(url)) => Ok(url.clone()),
            (None, None) => Err(Failure::new(FailureKind::Usage, "which environment?")
                .help("name it, for example `--url https://contoso.crm.dynamics.com`")),
        }
    }

    /// The desired state of the environment. Values of the machine are not read yet.
    ///
    /// # Errors
    /// `Invalid` if the bundle contradicts itself, `Refused` if it assigns a built-in role.
    pub fn desired(self) -> Result<Desired, Failure> {
        let mut desired = Desired::new(self.descriptor, self.zips)?;
        desired.signatures = self.signatures;
        Ok(desired)
    }
}

/// How requests are sent, and who is informed.
#[derive(Clone)]
pub struct Line {
    /// The network client.
    pub http: Http,
    /// How fast waits pass.
    pub pace: Pace,
    /// Where requests are written to.
    pub log: Option<Log>,
    /// Receives what happens.
    pub progress: Arc<dyn Progress>,
}

impl Line {
    /// The network client for the exchanges of the sign-in, which are logged as well.
    #[must_use]
    pub fn for_sign_in(&self) -> Http {
        match &self.log {
            Some(log) => self.http.clone().with_watch(watch(log)),
            None => self.http.clone(),
        }
    }
}

/// A bundle and the environment it goes to.
pub struct Session {
    /// The desired state.
    pub desired: Desired,
    /// The environment.
    pub client: Client,
    /// Its URL.
    pub url: Url,
    /// How the run signed in.
    pub signed_in: String,
    /// Receives what happens.
    progress: Arc<dyn Progress>,
    /// A server that runs as long as the session.
    served_by: Option<Box<dyn Any + Send + Sync>>,
}

impl Session {
    /// Connects with the environment at `url`. Nothing is sent yet.
    ///
    /// # Errors
    /// `Usage` if no credential may be sent to this address.
    pub fn new(desired: Desired, url: Url, line: Line, tokens: TokenCache) -> Result<Self, Failure> {
        let Line { http, pace, log, progress } = line;
        let signed_in = tokens.describe();
        let heard = Arc::clone(&progress);
        let notice = Arc::new(move |text: &str| heard.event(Event::Note(text.to_owned())));
        let mut client = Client::new(http, &url, Arc::new(tokens))
            .map_err(|failure| Failure::new(FailureKind::Usage, failure.to_string()))?
            .with_pace(pace)
            .with_notice(notice);
        if let Some(log) = log {
            client = client.with_log(log);
        }
        Ok(Self { desired, client, url, signed_in, progress, served_by: None })
    }

    /// Keeps the environment's server as long as the session.
    #[must_use]
    pub fn served_by(mut self, server: impl Any + Send + Sync) -> Self {
        self.served_by = Some(Box::new(server));
        self
    }

    /// Which organization this is. It only helps people to recognize it: if it cannot be read at once, the run
    /// continues without it.
    pub async fn organization(&self) -> Option<Organization> {
        organization::current(&self.client).await.ok()
    }

    /// The id of the organization, by which a saved plan knows its environment.
    ///
    /// # Errors
    /// If the environment does not say who is signed in.
    pub async fn organization_id(&self, known: Option<&Organization>) -> Result<Option<Uuid>, Failure> {
        match known.and_then(|organization| organization.id) {
            Some(id) => Ok(Some(id)),
            None => Ok(organization::who_am_i(&self.client).await?.organization),
        }
    }

    /// What the steps of a run need.
    #[must_use]
    pub fn context(&self) -> Context<'_> {
        Context { client: &self.client, progress: &*self.progress }
    }
}

/// Opens a session for work that ends after `timeout`, opening included. `open` gets the network client with that
/// deadline.
///
/// # Errors
/// Those of `open`, and `Inconclusive` if it does not end in time.
pub async fn within<E: From<Failure>, F: Future<Output = Result<Session, E>>>(
    timeout: Duration,
    http: Http,
    open: impl FnOnce(Http) -> F,
) -> Result<Session, E> {
    let end = clock::now().checked_add(timeout);
    let http = http.with_deadline(end);
    let session = clock::timeout(timeout, open(http.clone())).await;
    let mut session = session.unwrap_or_else(|_| Err(nobody_signed_in(&http).into()))?;
    session.client = session.client.with_deadline(end);
    Ok(session)
}

/// Time is up before anybody is signed in.
fn nobody_signed_in(http: &Http) -> Failure {
    let mut failure = Failure::new(FailureKind::Inconclusive, NOT_IN_TIME);
    if let Some((host, waited)) = http.waiting() {
        failure.details.push(http::Failure::Silent { host, waited }.to_string());
        failure.help.push(http::ADVICE.to_owned());
        failure.help.push(LONGER.to_owned());
    }
    failure
}

/// Writes the exchanges of a sign-in to the log.
fn watch(log: &Log) -> Watch {
    let log = log.clone();
    Arc::new(move |method, url, outcome, took| {
        let outcome = match outcome {
            Ok(status) => json!({ "status": status }),
            Err(failure) => json!({ "failure": failure.to_string() }),
        };
        log.sign_in(method.as_str(), url.as_str(), &outcome, took);
    })
}
