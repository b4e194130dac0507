//! Starting and stopping: the listeners, the certificate, the state file. Loopback only.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use url::Url;
use uuid::Uuid;

use super::connection;
use super::entra::ADMIN_SECRET;
use super::faults::Rule;
use super::handshake::{self, Handshake};
use super::host::Host;
use super::log::Log;
use super::options::Options;
use super::tokens::Tokens;
use super::world::{ADMIN_CLIENT, TENANT, World};
use crate::files;

const LARGEST_STATE: u64 = 1024 * 1024 * 1024;

/// Why a sandbox could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port cannot be had.
    #[error("cannot listen on port {0} of this machine: {1}")]
    Listen(u16, #[source] std::io::Error),
    /// A file of state or certificate.
    #[error(transparent)]
    File(#[from] files::FileError),
    /// The state file contains something else.
    #[error("`{0}` is not a state file of the sandbox: {1}")]
    State(String, #[source] serde_json::Error),
    /// Keys or certificates.
    #[error("cannot make the sandbox's keys: {0}")]
    Keys(String),
}

/// An environment as it was at some time.
#[derive(Clone)]
pub struct Snapshot(World);

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Snapshot")
    }
}

/// A running sandbox. It ends when it is dropped or shut down.
pub struct Sandbox {
    url: Url,
    ca_file: Option<PathBuf>,
    host: Arc<Host>,
    connections: watch::Receiver<u64>,
    task: tokio::task::JoinHandle<()>,
    _folder: Option<tempfile::TempDir>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

impl Sandbox {
    /// The environment's address; the sign-in service has the same one.
    #[must_use]
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// The made-up tenant.
    #[must_use]
    pub fn tenant_id(&self) -> Uuid {
        TENANT
    }

    /// The made-up application that administers the environment.
    #[must_use]
    pub fn admin_client_id(&self) -> Uuid {
        ADMIN_CLIENT
    }

    /// Its secret, which opens nothing else.
    #[must_use]
    pub fn admin_secret(&self) -> &'static str {
        ADMIN_SECRET
    }

    /// The certificate (PEM) that clients must trust, with TLS.
    #[must_use]
    pub fn ca_file(&self) -> Option<&std::path::Path> {
        self.ca_file.as_deref()
    }

    /// All requests so far, with secrets masked; what `/__sandbox/log` gives.
    #[must_use]
    pub fn log(&self) -> Vec<Value> {
        self.host.log()
    }

    /// How many requests there were so far, control pages aside.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.host.requests()
    }

    /// How many connections were accepted so far.
    #[must_use]
    pub fn connections(&self) -> u64 {
        *self.connections.borrow()
    }

    /// The whole state, as `/__sandbox/state` returns it.
    #[must_use]
    pub fn state(&self) -> Value {
        self.host.state()
    }

    /// The environment as it is, to be put back later, here or in another sandbox.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(self.host.snapshot())
    }

    /// Puts an environment back as it was, and begins a new log.
    pub fn restore(&self, snapshot: &Snapshot) {
        self.host.restore(snapshot.0.clone());
    }

    /// Rows of these tables only, who has which role, and the jobs, in the form of the whole state.
    #[must_use]
    pub fn state_of(&self, tables: &[&str]) -> Value {
        self.host.state_of(tables)
    }

    /// Adds a rule to the faults.
    pub fn add_fault(&self, rule: Rule) {
        self.host.add_fault(rule);
    }

    /// Removes all rules.
    pub fn clear_faults(&self) {
        self.host.clear_faults();
    }

    /// Refuses all tokens issued so far.
    pub fn revoke_tokens(&self) {
        self.host.tokens.revoke();
    }

    /// Ends when a fault strikes; one that has struck before counts.
    pub async fn struck(&self) {
        let mut strikes = self.host.strikes.subscribe();
        // The sender lives as long as the host.
        let _ended = strikes.wait_for(|strikes| *strikes > 0).await;
    }

    /// Stops listening.
    pub fn shutdown(self) {
        self.task.abort();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts a sandbox on the current tokio runtime.
///
/// # Errors
/// Where the port is taken, a file of state or certificate cannot be read or written, or no keys can be made.
pub async fn start(options: Options) -> Result<Sandbox, StartError> {
    let failed = |error| StartError::Listen(options.port, error);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    // The same port of the other loopback address, where this machine has one and it is free.
    let second = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.ok();
    let world = match &options.state {
        Some(path) if path.exists() => {
            let bytes = files::read(path, LARGEST_STATE)?;
            serde_json::from_slice(&bytes).map_err(|e| StartError::State(path.display().to_string(), e))?
        }
        _ => World::new(&options),
    };
    if let Some(path) = options.state.as_ref().filter(|path| !path.exists()) {
        // Better to report now that a place cannot be written to than after the first import.
        let bytes = serde_json::to_vec(&world).map_err(|e| StartError::State(path.display().to_string(), e))?;
        files::write(path, &bytes)?;
    }
    let tls = options.tls || options.tls_fault.is_some();
    let (handshake, ca_file, folder) = if tls { shake(&options)? } else { (None, None, None) };
    let text = format!("{}://127.0.0.1:{port}", if tls { "https" } else { "http" });
    let url = Url::parse(&text).map_err(|e| StartError::Keys(e.to_string()))?;
    let tokens = Tokens::new(options.token_lifetime).ok_or_else(|| StartError::Keys("no signing key".into()))?;
    let log_file = options.log_file.clone().or_else(|| std::env::var_os("DVPACK_SANDBOX_LOG").map(PathBuf::from));
    let log = Log::new(log_file.as_deref())
        .map_err(|error| files::FileError::new("append to", &log_file.unwrap_or_default(), error))?;
    let host = Arc::new(Host::new(options, tokens, text, world, log));
    let (counter, connections) = watch::channel(0);
    let task = tokio::spawn(accept(Arc::clone(&host), listener, second, handshake, counter));
    Ok(Sandbox { url, ca_file, host, connections, task, _folder: folder })
}

type Shaken = (Option<Handshake>, Option<PathBuf>, Option<tempfile::TempDir>);

/// Makes the certificate, and writes the one to trust.
fn shake(options: &Options) -> Result<Shaken, StartError> {
    let (handshake, pem) = handshake::prepare(options.tls_fault).map_err(|e| StartError::Keys(e.to_string()))?;
    let (path, folder) = match &options.ca_file {
        Some(path) => (path.clone(), None),
        None => {
            let made = tempfile::tempdir().map_err(|e| StartError::Keys(e.to_string()))?;
            (made.path().join("dvpack-sandbox-ca.pem"), Some(made))
        }
    };
    files::write(&path, pem.as_bytes())?;
    Ok((Some(handshake), Some(path), folder))
}

async fn accept(
    host: Arc<Host>,
    first: TcpListener,
    second: Option<TcpListener>,
    handshake: Option<Handshake>,
    counter: watch::Sender<u64>,
) {
    // Connections belong to the listener: when it ends, they end.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let accepted = match &second {
            Some(second) => tokio::select! {
                accepted = first.accept() => accepted,
                accepted = second.accept() => accepted,
            },
            None => first.accept().await,
        };
        let Ok((stream, _)) = accepted else { continue };
        counter.send_modify(|count| *count += 1);
        while connections.try_join_next().is_some() {}
        connections.spawn(connection::serve(Arc::clone(&host), stream, handshake.clone()));
    }
}
