//! One connection: bytes to requests, replies to bytes, and the ways in which a fault ends it.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::uri::Authority;
use axum::http::{Response, StatusCode};
use hyper::body::{Body as HttpBody, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::exchange::{Reply, Request};
use super::faults::Line;
use super::handshake::Handshake;
use super::host::Host;

const LARGEST_BODY: usize = 200 * 1024 * 1024;

/// Serves a connection until it ends.
pub(super) async fn serve(host: Arc<Host>, stream: TcpStream, handshake: Option<Handshake>) {
    let reset = Arc::new(AtomicBool::new(false));
    match handshake {
        None => serve_stream(host, Wire { stream, reset: Arc::clone(&reset) }, reset).await,
        Some(handshake) => {
            let Some(stream) = handshake.spoil(stream).await else { return };
            let wire = Wire { stream, reset: Arc::clone(&reset) };
            if let Some(stream) = handshake.shake(wire).await {
                serve_stream(host, stream, reset).await;
            }
        }
    }
}

async fn serve_stream<S>(host: Arc<Host>, stream: S, reset: Arc<AtomicBool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| {
        let (host, reset) = (Arc::clone(&host), Arc::clone(&reset));
        async move { exchange(&host, request, &reset).await }
    });
    // An error here is a client that went away, or a connection that a fault closed.
    let _ended = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

const PLAIN: &str = "text/plain; charset=utf-8";

/// The host that a request asks for: one `Host` header, and the same in the target where that names one.
fn asked_host<'a>(headers: &'a [(String, String)], target: Option<&str>) -> Option<&'a str> {
    let mut hosts = headers.iter().filter(|(name, _)| name == "host").map(|(_, host)| host.as_str());
    let host = hosts.next()?;
    let same = target.is_none_or(|target| target.eq_ignore_ascii_case(host));
    (same && hosts.next().is_none()).then_some(host)
}

async fn exchange(
    host: &Host,
    incoming: hyper::Request<Incoming>,
    reset: &AtomicBool,
) -> Result<Response<Body>, Closed> {
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
    let Some(named) = asked_host(&headers, parts.uri.authority().map(Authority::as_str)) else {
        return Ok(respond(Reply::text(400, PLAIN, "A request names one host.")));
    };
    // A page whose name resolves to this machine (DNS rebinding) sends its own name.
    if !host.is_own(named) {
        return Ok(respond(Reply::text(421, PLAIN, "The sandbox answers to the loopback names of its own port only.")));
    }
    let request = Request {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes()).map(|(k, v)| (k.into_owned(), v.into_owned())).collect(),
        origin: format!("{}://{named}", host.scheme()),
        headers,
        body: body.to_vec(),
    };
    if request.path.starts_with("/__sandbox/") {
        return Ok(respond(host.control(&request)));
    }
    let target = if query.is_empty() { request.path.clone() } else { format!("{}?{query}", request.path) };
    let (reply, line) = host.work(&request, &target);
    match line {
        Line::Whole => {}
        Line::Closed => return Err(Closed),
        Line::Reset => {
            reset.store(true, Ordering::SeqCst);
            return Err(Closed);
        }
        Line::Held => return std::future::pending().await,
        Line::Late(pause) => tokio::time::sleep(pause).await,
        Line::Short(bytes) => return Ok(spoiled(reply, bytes, usize::MAX, None)),
        Line::Slow(part, pause) => return Ok(spoiled(reply, usize::MAX, part, Some(pause))),
    }
    let mut response = respond(reply);
    if request.method == "HEAD" {
        *response.body_mut() = Body::empty();
    }
    Ok(response)
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

/// A stream that can be made to end with a reset.
struct Wire {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.reset.load(Ordering::SeqCst) {
            // Closing then sends RST in place of FIN.
            let _set = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.load(Ordering::SeqCst) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A body that is cut off or sent slowly.
struct Spoiled {
    bytes: Bytes,
    keep: usize,
    part: usize,
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
        let next = self.sent.saturating_add(self.part).min(self.keep);
        let part = self.bytes.slice(self.sent..next);
        self.sent = next;
        self.sleep = self.pause.map(|pause| Box::pin(tokio::time::sleep(pause)));
        Poll::Ready(Some(Ok(Frame::data(part))))
    }
}

fn respond(reply: Reply) -> Response<Body> {
    build(reply.status, &reply.headers, Body::from(reply.body))
}

fn spoiled(reply: Reply, keep: usize, part: usize, pause: Option<Duration>) -> Response<Body> {
    let bytes = Bytes::from(reply.body);
    let mut headers = reply.headers;
    headers.push(("Content-Length".into(), bytes.len().to_string()));
    let body = Spoiled { keep: keep.min(bytes.len()), part, bytes, sent: 0, pause, sleep: None };
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
