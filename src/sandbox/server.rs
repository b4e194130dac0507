//! The listener: reads requests, applies faults, asks the rooms behind it, writes answers, keeps the
//! log and the state file. Loopback only.

use std::convert::Infallible;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Response, StatusCode};
use hyper::body::{Body as HttpBody, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;
use uuid::Uuid;

use super::dataverse::{self, Service};
use super::entra::{self, ADMIN_SECRET, SignIns};
use super::exchange::{Reply, Request};
use super::faults::{Effect, Faults, Rule};
use super::options::{Options, Scenario};
use super::tokens::Tokens;
use super::world::{ADMIN_CLIENT, TENANT, World};
use crate::files;
use crate::secret::Secret;

const LARGEST_BODY: usize = 200 * 1024 * 1024;
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
    /// The state file holds something else.
    #[error("`{0}` is not a state file of the sandbox: {1}")]
    State(String, #[source] serde_json::Error),
    /// Keys or certificates.
    #[error("cannot make the sandbox's keys: {0}")]
    Keys(String),
}

/// A running sandbox. It ends when it is dropped or shut down.
#[derive(Debug)]
pub struct Sandbox {
    url: Url,
    ca_file: Option<PathBuf>,
    task: tokio::task::JoinHandle<()>,
    _folder: Option<tempfile::TempDir>,
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
    pub fn admin_secret(&self) -> Secret {
        Secret::new(ADMIN_SECRET)
    }

    /// The certificate (PEM) that clients must trust, with TLS.
    #[must_use]
    pub fn ca_file(&self) -> Option<&std::path::Path> {
        self.ca_file.as_deref()
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

struct Shared {
    options: Options,
    tokens: Tokens,
    url: String,
    inner: Mutex<Inner>,
}

struct Inner {
    world: World,
    sign_ins: SignIns,
    faults: Faults,
    log: Vec<Value>,
    requests: u64,
    /// The state before the last write, and how many reads still see it.
    stale: Option<(World, u32)>,
}

/// Starts a sandbox on the current tokio runtime.
pub async fn start(options: Options) -> Result<Sandbox, StartError> {
    let listener =
        TcpListener::bind(("127.0.0.1", options.port)).await.map_err(|e| StartError::Listen(options.port, e))?;
    let port = listener.local_addr().map_err(|e| StartError::Listen(options.port, e))?.port();
    let world = match &options.state {
        Some(path) if path.exists() => {
            let bytes = files::read(path, LARGEST_STATE)?;
            serde_json::from_slice(&bytes).map_err(|e| StartError::State(path.display().to_string(), e))?
        }
        _ => World::new(&options),
    };
    let mut folder = None;
    let mut ca_file = None;
    let acceptor = if options.tls {
        let (config, pem) = certificates().map_err(|e| StartError::Keys(e.to_string()))?;
        let path = if let Some(path) = &options.ca_file {
            path.clone()
        } else {
            let made = tempfile::tempdir().map_err(|e| StartError::Keys(e.to_string()))?;
            let path = made.path().join("dvpack-sandbox-ca.pem");
            folder = Some(made);
            path
        };
        files::write(&path, pem.as_bytes())?;
        ca_file = Some(path);
        Some(tokio_rustls::TlsAcceptor::from(Arc::new(config)))
    } else {
        None
    };
    let text = format!("{}://127.0.0.1:{port}", if options.tls { "https" } else { "http" });
    let url = Url::parse(&text).map_err(|e| StartError::Keys(e.to_string()))?;
    let tokens = Tokens::new(options.token_lifetime).ok_or_else(|| StartError::Keys("no signing key".into()))?;
    let faults = Faults::new(&options.faults);
    let inner = Inner { world, sign_ins: SignIns::default(), faults, log: Vec::new(), requests: 0, stale: None };
    let shared = Arc::new(Shared { options, tokens, url: text, inner: Mutex::new(inner) });
    let task = tokio::spawn(async move {
        // Connections belong to the listener: when it ends, they end.
        let mut connections = tokio::task::JoinSet::new();
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            while connections.try_join_next().is_some() {}
            let (shared, acceptor) = (shared.clone(), acceptor.clone());
            connections.spawn(async move {
                match acceptor {
                    None => serve(shared, stream).await,
                    Some(acceptor) => {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            serve(shared, stream).await;
                        }
                    }
                }
            });
        }
    });
    Ok(Sandbox { url, ca_file, task, _folder: folder })
}

fn certificates() -> Result<(rustls::ServerConfig, String), Box<dyn std::error::Error + Send + Sync>> {
    let mut authority = rcgen::CertificateParams::new(Vec::new())?;
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    authority.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign, rcgen::KeyUsagePurpose::CrlSign];
    authority.distinguished_name.push(rcgen::DnType::CommonName, "dvpack sandbox authority");
    let authority_key = rcgen::KeyPair::generate()?;
    let certificate = authority.self_signed(&authority_key)?;
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let mut server = rcgen::CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    server.use_authority_key_identifier_extension = true;
    server.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let key = rcgen::KeyPair::generate()?;
    let own = server.signed_by(&key, &issuer)?;
    let private = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], private)?;
    Ok((config, certificate.pem()))
}

async fn serve<S>(shared: Arc<Shared>, stream: S)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| {
        let shared = shared.clone();
        async move { shared.exchange(request).await }
    });
    // An error here is a client that went away, or a connection that a fault closed.
    let _ended = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// A connection that a fault closes.
#[derive(Debug, thiserror::Error)]
#[error("closed by a fault")]
struct Closed;

impl From<Infallible> for Closed {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// A body that is cut off or sent slowly.
struct Spoiled {
    bytes: Bytes,
    keep: usize,
    sent: usize,
    pause: Option<Duration>,
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl HttpBody for Spoiled {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        if let Some(sleep) = &mut self.sleep
            && sleep.as_mut().poll(context).is_pending()
        {
            return Poll::Pending;
        }
        self.sleep = None;
        if self.sent >= self.keep {
            return Poll::Ready((self.keep < self.bytes.len()).then_some(Err(Closed)));
        }
        let next = if self.pause.is_some() { self.sent + 1 } else { self.keep };
        let part = self.bytes.slice(self.sent..next);
        self.sent = next;
        self.sleep = self.pause.map(|pause| Box::pin(tokio::time::sleep(pause)));
        Poll::Ready(Some(Ok(Frame::data(part))))
    }
}

impl Shared {
    async fn exchange(&self, incoming: hyper::Request<Incoming>) -> Result<Response<Body>, Closed> {
        let (parts, body) = incoming.into_parts();
        let Ok(body) = axum::body::to_bytes(Body::new(body), LARGEST_BODY).await else {
            return Ok(respond(Reply::empty(413)));
        };
        let headers: Vec<(String, String)> = parts
            .headers
            .iter()
            .map(|(k, v)| (k.as_str().to_owned(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
            .collect();
        let query = parts.uri.query().unwrap_or_default();
        let host = headers.iter().find(|(name, _)| name == "host").map_or("localhost", |(_, host)| host.as_str());
        let request = Request {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes())
                .map(|(k, v)| (k.into_owned(), v.into_owned()))
                .collect(),
            origin: format!("{}://{host}", self.url.split("://").next().unwrap_or("http")),
            headers,
            body: body.to_vec(),
        };
        if request.path.starts_with("/__sandbox/") {
            return Ok(respond(self.control(&request)));
        }
        let target = if query.is_empty() { request.path.clone() } else { format!("{}?{query}", request.path) };
        let (reply, effect) = self.work(&request, &target);
        match effect {
            Some(Effect::DropBefore | Effect::DropAfter) => return Err(Closed),
            Some(Effect::Delay { milliseconds }) => tokio::time::sleep(Duration::from_millis(milliseconds)).await,
            Some(Effect::Truncate { bytes }) => return Ok(spoil(reply, bytes, None)),
            Some(Effect::Trickle { milliseconds }) => {
                return Ok(spoil(reply, usize::MAX, Some(Duration::from_millis(milliseconds))));
            }
            _ => {}
        }
        let mut response = respond(reply);
        if request.method == "HEAD" {
            *response.body_mut() = Body::empty();
        }
        Ok(response)
    }

    /// Does the work of one request under the lock; a fault may replace it.
    fn work(&self, request: &Request, target: &str) -> (Reply, Option<Effect>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let inner = &mut *inner;
        inner.requests += 1;
        let number = inner.requests;
        let effect = inner.faults.take(request, target, number);
        let before = inner.world.version;
        let instead = effect.as_ref().and_then(Effect::reply);
        let works = match &effect {
            Some(Effect::DropBefore | Effect::Redirect { .. }) => false,
            Some(Effect::Answer { after, .. }) => *after,
            _ => true,
        };
        let mut reply = if works { self.answer(inner, request, number) } else { Reply::empty(500) };
        if let Some(instead) = instead {
            reply = instead;
        }
        inner.log.push(json!({"number": number, "method": request.method, "path": target_masked(target), "headers": masked_headers(request), "body": masked_body(request), "status": reply.status, "fault": effect}));
        if before != inner.world.version
            && let Some(path) = &self.options.state
            && let Ok(bytes) = serde_json::to_vec(&inner.world)
        {
            // A state that cannot be written must not stop the exchange; the log tells of it.
            if let Err(error) = files::write(path, &bytes) {
                inner.log.push(json!({"error": error.to_string()}));
            }
        }
        (reply, effect)
    }

    /// The address as the caller knows it: each name of this machine is a name of the sandbox.
    fn address(&self, request: &Request) -> String {
        let port = Url::parse(&self.url).ok().and_then(|url| url.port());
        match Url::parse(&request.origin) {
            Ok(url) if url.port() == port && matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")) => {
                url.origin().ascii_serialization()
            }
            _ => self.url.clone(),
        }
    }

    fn answer(&self, inner: &mut Inner, request: &Request, number: u64) -> Reply {
        let address = self.address(request);
        if request.path.starts_with("/api/data/") {
            if number.is_multiple_of(5)
                && let Some(reply) = self.options.scenarios.iter().find_map(|scenario| dataverse::throttled(*scenario))
            {
                return reply;
            }
            let service = Service { options: &self.options, tokens: &self.tokens, url: &address };
            let strong = request.header("consistency").is_some_and(|value| value.eq_ignore_ascii_case("strong"));
            if request.method == "GET"
                && !strong
                && let Some((old, left)) = &mut inner.stale
                && *left > 0
            {
                *left -= 1;
                return dataverse::answer(&service, &mut old.clone(), request);
            }
            let keep = self.options.scenarios.contains(&Scenario::StaleReads) && request.method != "GET";
            let old = keep.then(|| inner.world.clone());
            let version = inner.world.version;
            let reply = dataverse::answer(&service, &mut inner.world, request);
            if let Some(old) = old
                && inner.world.version != version
            {
                inner.stale = Some((old, 2));
            }
            return reply;
        }
        entra::answer(&self.options, &self.tokens, &mut inner.sign_ins, &mut inner.world, &address, request)
            .unwrap_or_else(|| {
                Reply::text(404, "text/plain; charset=utf-8", "The sandbox serves nothing at this address.")
            })
    }

    /// `/__sandbox/…`: the log, the state, faults.
    fn control(&self, request: &Request) -> Reply {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/__sandbox/log") => Reply::plain_json(200, &json!(inner.log)),
            ("DELETE", "/__sandbox/log") => {
                inner.log.clear();
                Reply::empty(204)
            }
            ("GET", "/__sandbox/state") => Reply::plain_json(200, &json!(inner.world)),
            ("GET", "/__sandbox/faults") => Reply::plain_json(200, &json!(inner.faults.rules())),
            ("POST", "/__sandbox/faults") => match serde_json::from_slice::<Rule>(&request.body) {
                Ok(rule) => {
                    inner.faults.add(rule);
                    Reply::empty(204)
                }
                Err(error) => Reply::text(400, "text/plain; charset=utf-8", error.to_string()),
            },
            ("DELETE", "/__sandbox/faults") => {
                inner.faults.clear();
                Reply::empty(204)
            }
            ("POST", "/__sandbox/revoke") => {
                self.tokens.revoke();
                Reply::empty(204)
            }
            _ => Reply::empty(404),
        }
    }
}

const SECRET_FIELDS: &[&str] =
    &["client_secret", "client_assertion", "refresh_token", "code", "code_verifier", "device_code"];

fn target_masked(target: &str) -> String {
    match target.split_once('?') {
        Some((path, query))
            if query.split('&').any(|pair| pair.split('=').next().is_some_and(|k| SECRET_FIELDS.contains(&k))) =>
        {
            format!("{path}?***")
        }
        _ => target.to_owned(),
    }
}

fn masked_headers(request: &Request) -> Value {
    let pairs = request.headers.iter().map(|(name, value)| {
        let value = if name == "authorization" || name == "cookie" { "***" } else { value };
        (name.clone(), json!(value))
    });
    Value::Object(pairs.collect())
}

fn masked_body(request: &Request) -> Value {
    if request.body.is_empty() {
        return Value::Null;
    }
    if let Ok(mut body) = serde_json::from_slice::<Value>(&request.body) {
        if let Some(file) = body.get("CustomizationFile").and_then(Value::as_str).map(str::len) {
            body["CustomizationFile"] = json!(format!("({file} characters)"));
        }
        return body;
    }
    let pairs = request.form().into_iter().map(|(name, value)| {
        let value = if SECRET_FIELDS.contains(&name.as_str()) { "***".to_owned() } else { value };
        (name, json!(value))
    });
    Value::Object(pairs.collect())
}

fn respond(reply: Reply) -> Response<Body> {
    build(reply.status, &reply.headers, Body::from(reply.body))
}

fn spoil(reply: Reply, keep: usize, pause: Option<Duration>) -> Response<Body> {
    let bytes = Bytes::from(reply.body);
    let mut headers = reply.headers;
    headers.push(("Content-Length".into(), bytes.len().to_string()));
    let body = Spoiled { keep: keep.min(bytes.len()), bytes, sent: 0, pause, sleep: None };
    build(reply.status, &headers, Body::new(body))
}

fn build(status: u16, headers: &[(String, String)], body: Body) -> Response<Body> {
    let mut builder =
        Response::builder().status(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    builder.body(body).unwrap_or_else(|_| Response::new(Body::empty()))
}
