//! The machine's own network: reqwest, with rustls and ring.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};
use std::time::Duration;

use reqwest::redirect;
use url::Url;

use crate::clock;
use crate::http::address::is_link_local;
use crate::http::{Body, CONNECT, Call, Failure, Reply, Sending, Upload, Wire, is_loopback, shown_host};

/// Sends requests over the machine's network.
pub(super) struct Native {
    roots: Option<Vec<reqwest::Certificate>>,
    /// A client for each way, made when it is needed: reading the system's roots takes a while.
    clients: [OnceLock<reqwest::Client>; 3],
}

/// How a request gets to its host.
#[derive(Clone, Copy)]
enum Way {
    /// Over the proxy, if the system has one.
    Network,
    /// Past it: a proxy would carry what is meant for this machine off it, and Azure's metadata service cannot be reached
    /// through one.
    Direct,
    /// The same without TLS, so without roots.
    Plain,
}

impl Way {
    fn of(url: &Url) -> Self {
        match (is_loopback(url) || is_link_local(url), url.scheme()) {
            (false, _) => Self::Network,
            (true, "http") => Self::Plain,
            (true, _) => Self::Direct,
        }
    }
}

impl Native {
    /// With the system's trusted roots and these (PEM).
    pub(super) fn new(extra_roots: Option<&[u8]>) -> Result<Self, Failure> {
        static PROVIDER: OnceLock<()> = OnceLock::new();
        PROVIDER.get_or_init(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let roots = extra_roots.map(reqwest::Certificate::from_pem_bundle).transpose().map_err(setup)?;
        let native = Self { roots, clients: <[OnceLock<reqwest::Client>; 3]>::default() };
        if native.roots.is_some() {
            // Roots that cannot be used are said before anything is sent.
            native.client(Way::Network)?;
        }
        Ok(native)
    }

    fn client(&self, way: Way) -> Result<&reqwest::Client, Failure> {
        let kept = &self.clients[way as usize];
        if let Some(client) = kept.get() {
            return Ok(client);
        }
        let mut builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .user_agent(concat!("dvpack/", env!("CARGO_PKG_VERSION")));
        if !matches!(way, Way::Network) {
            builder = builder.no_proxy();
        }
        builder = match (way, &self.roots) {
            (Way::Plain, _) => builder.tls_certs_only([]),
            (_, Some(roots)) => builder.tls_certs_merge(roots.clone()),
            (_, None) => builder,
        };
        let client = builder.build().map_err(setup)?;
        Ok(kept.get_or_init(|| client))
    }

    async fn exchange(&self, call: Call) -> Result<Reply, Failure> {
        let host = shown_host(&call.url);
        let client = self.client(Way::of(&call.url))?;
        let (most, bytes) = (call.timeout, call.most);
        let mut request = client.request(call.method, call.url).headers(call.headers).timeout(most);
        if let Some(token) = &call.bearer {
            request = request.bearer_auth(token.reveal());
        }
        request = match call.body {
            Some(Body::Plain(bytes)) => request.body(bytes),
            Some(Body::Secret(text)) => request.body(text.reveal().to_owned()),
            Some(Body::Upload(upload)) => request.body(reqwest::Body::wrap(Sent { upload, next: 0, left: None })),
            None => request,
        };
        let begun = clock::now();
        let failed = |error: reqwest::Error| failure(&host, clock::since(begun).min(most), &error);
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > bytes {
                return Err(Failure::TooLarge { host });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, headers, body })
    }
}

impl Wire for Native {
    fn send(&self, call: Call) -> Sending<'_> {
        Box::pin(self.exchange(call))
    }
}

fn setup(error: reqwest::Error) -> Failure {
    Failure::Setup(error.to_string())
}

/// An upload on its way. Its size is known, so that the request says `Content-Length`.
struct Sent {
    upload: Upload,
    next: usize,
    left: Option<u64>,
}

impl http_body::Body for Sent {
    type Data = bytes::Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        let left = self.left.unwrap_or_else(|| self.upload.size());
        let piece = self.upload.piece(self.next);
        self.next += 1;
        self.left = Some(left.saturating_sub(piece.as_ref().map_or(0, Vec::len) as u64));
        Poll::Ready(piece.map(|piece| Ok(http_body::Frame::data(piece.into()))))
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.left.unwrap_or_else(|| self.upload.size()))
    }
}

/// Why an exchange with `host` failed, after this time.
fn failure(host: &str, waited: Duration, error: &reqwest::Error) -> Failure {
    let host = host.to_owned();
    if error.is_timeout() {
        return if error.is_connect() {
            Failure::no_connection(host, waited)
        } else {
            Failure::Silent { host, waited }
        };
    }
    // reqwest's own text repeats the URL; the innermost cause is what a person needs.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let why = cause.to_string();
    if error.is_connect() { Failure::Connect { host, why } } else { Failure::Broken { host, why } }
}
