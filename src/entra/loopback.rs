//! The one-shot web server on loopback that a browser comes back to, after sign-in or consent.
//!
//! It takes a GET of the expected path with the expected `state`; everything else is answered and
//! ignored, so that a stray or forged request neither ends the wait nor gets in.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use url::{Url, form_urlencoded};

use crate::clock;
use crate::entra::SignInError;

const HEAD_LIMIT: usize = 32 << 10;

/// A bound port.
pub(crate) struct Listener {
    listener: TcpListener,
    port: u16,
}

/// The query of the request that came back.
pub(crate) struct Callback(Vec<(String, String)>);

impl Callback {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Listener {
    /// Listens on a port of 127.0.0.1; 0 means any.
    pub(crate) async fn bind(port: u16) -> Result<Self, SignInError> {
        let wrong = |error: std::io::Error| SignInError::new(format!("cannot listen on a loopback port: {error}"));
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(wrong)?;
        let port = listener.local_addr().map_err(wrong)?.port();
        Ok(Self { listener, port })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Waits for the browser. `None`: it did not come in time.
    pub(crate) async fn wait(
        self,
        path: &str,
        state: &str,
        patience: Duration,
    ) -> Result<Option<Callback>, SignInError> {
        let serve = async {
            loop {
                let Ok((stream, _)) = self.listener.accept().await else {
                    clock::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                // One connection at a time, but none may hold the door for long.
                let one = clock::timeout(Duration::from_secs(5), answer(stream, path, state)).await;
                if let Ok(Some(callback)) = one {
                    return callback;
                }
            }
        };
        Ok(clock::timeout(patience, serve).await.ok())
    }
}

/// Answers one request; gives its query when it is the awaited one.
async fn answer(mut stream: TcpStream, path: &str, state: &str) -> Option<Callback> {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let count = stream.read(&mut buffer).await.ok()?;
        if count == 0 || head.len() + count > HEAD_LIMIT {
            return None;
        }
        head.extend_from_slice(&buffer[..count]);
    }
    let callback = awaited(&head, path, state);
    let (status, text) = match &callback {
        Some(callback) if callback.get("error").is_some() => {
            ("200 OK", "It was refused. You can close this page and return to the terminal.")
        }
        Some(_) => ("200 OK", "Done. You can close this page and return to the terminal."),
        None => ("400 Bad Request", "This is not the answer that dvpack waits for."),
    };
    let page = format!("<!doctype html><meta charset=utf-8><title>dvpack</title><p>{text}</p>\n");
    let reply = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Referrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
    // The page is a courtesy: the answer counts even where the browser has gone.
    let _ = stream.write_all(reply.as_bytes()).await;
    let _ = stream.shutdown().await;
    callback
}

/// The query of a request, if it is a GET of `path` that has `state`.
fn awaited(head: &[u8], path: &str, state: &str) -> Option<Callback> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let (target_path, query) = target.split_once('?')?;
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let states: Vec<_> = pairs.iter().filter(|(key, _)| key == "state").collect();
    let same_path = target_path.trim_end_matches('/') == path.trim_end_matches('/');
    let fits = method == "GET" && same_path && matches!(states.as_slice(), [(_, value)] if value == state);
    fits.then_some(Callback(pairs))
}

/// Text that came through a browser, for a terminal: no control characters, bounded.
pub(crate) fn harmless(text: &str) -> String {
    crate::secret::cut(text, |c| c.is_ascii_alphanumeric() || "-_. :".contains(c), 200)
}

/// Opens a page in the person's browser, as well as it can be done; its address was shown before.
pub(crate) fn open(url: &Url) {
    let mut command = if cfg!(target_os = "macos") {
        std::process::Command::new("open")
    } else if cfg!(windows) {
        let mut command = std::process::Command::new("rundll32");
        command.arg("url.dll,FileProtocolHandler");
        command
    } else {
        std::process::Command::new("xdg-open")
    };
    let quiet = std::process::Stdio::null;
    let _ = command.arg(url.as_str()).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_awaited_request_counts() {
        let is = |head: &str| awaited(head.as_bytes(), "/", "s1").is_some();
        assert!(is("GET /?code=x&state=s1 HTTP/1.1\r\n\r\n"));
        assert!(!is("GET /?code=x&state=s2 HTTP/1.1\r\n\r\n"));
        assert!(!is("GET /?code=x HTTP/1.1\r\n\r\n"));
        assert!(!is("GET /?code=x&state=s1&state=s2 HTTP/1.1\r\n\r\n"));
        assert!(!is("POST /?code=x&state=s1 HTTP/1.1\r\n\r\n"));
        assert!(!is("GET /other?code=x&state=s1 HTTP/1.1\r\n\r\n"));
    }
}
