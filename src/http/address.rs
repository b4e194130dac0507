//! Which addresses dvpack may send anything to.

use url::{Host, Url};

use crate::http::Failure;

/// Whether anything may be sent to this URL.
pub fn check_url(url: &Url) -> Result<(), Failure> {
    let refuse = |why| {
        let mut shown = url.clone();
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
        shown.set_query(None);
        Err(Failure::Refused { url: shown.to_string(), why })
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("user information in a URL");
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(url) || is_link_local(url) => Ok(()),
        "http" => refuse("`http://` is allowed on loopback only; use `https://`"),
        _ => refuse("only `https://` is spoken here"),
    }
}

/// A URL's host as messages name it: with its port, where that is not the usual one.
#[must_use]
pub fn shown_host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether a URL's host is this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Whether a URL's host is an IPv4 link-local address, which no router forwards.
pub(super) fn is_link_local(url: &Url) -> bool {
    matches!(url.host(), Some(Host::Ipv4(address)) if address.is_link_local())
}
