//! A server that repeats what it was sent: the request's line, headers and body, secrets and all, in every place of a
//! refusal where a client may look for words. What a client then prints must not have the secrets in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::exchange::{Reply, Request};

/// The part of a body that is repeated; a complete solution would hide the rest.
const LONGEST: usize = 16 * 1024;

/// How the request is spelt in the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spelling {
    /// As it came.
    #[default]
    Plain,
    /// As a JSON text, in the JSON text that the answer is anyway.
    Json,
    /// Percent-encoded, as in a link.
    Url,
    /// With entities, as on a page.
    Xml,
    /// In base64, as in a token.
    Base64,
    /// As it came, and not in JSON at all.
    Page,
}

impl Spelling {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Plain, Self::Json, Self::Url, Self::Xml, Self::Base64, Self::Page];

    fn of(self, text: &str) -> String {
        match self {
            Self::Plain | Self::Page => text.to_owned(),
            Self::Json => json!(text).to_string(),
            Self::Url => url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
            Self::Xml => {
                let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                text.replace('"', "&quot;").replace('\'', "&#39;")
            }
            Self::Base64 => STANDARD.encode(text),
        }
    }
}

/// The answer that repeats the request.
pub(super) fn reply(status: u16, spelling: Spelling, request: &Request, target: &str) -> Reply {
    let mut text = format!("{} {target}\n", request.method);
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    text.push_str(&String::from_utf8_lossy(&request.body[..request.body.len().min(LONGEST)]));
    let text = spelling.of(&text);
    let reply = if spelling == Spelling::Page {
        Reply::text(status, "text/html; charset=utf-8", text)
    } else if request.path.starts_with("/api/data/") {
        Reply::odata(status, &json!({"error": {"code": "0x80040216", "message": text}}))
    } else {
        Reply::plain_json(
            status,
            &json!({"error": text, "error_description": text, "error_codes": [], "trace_id": text, "correlation_id": text}),
        )
    };
    // The token, or what else authorizes, where a client looks for an id, for a place and for who may sign in.
    let bearer = spelling.of(request.header("authorization").unwrap_or("none"));
    let place: String = url::form_urlencoded::byte_serialize(bearer.as_bytes()).collect();
    let bearer = bearer.replace(|c: char| !c.is_ascii_graphic() && c != ' ', "");
    reply
        .with("x-ms-service-request-id", bearer.clone())
        .with("Location", format!("/{place}"))
        .with("WWW-Authenticate", format!("Bearer error_description=\"{}\"", bearer.replace('"', "'")))
}
