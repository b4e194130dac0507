//! `application:` and `signers:`

use serde_json::{Value, json};
use url::Url;

use crate::manifest::written::leaf::{Audience, Day, Guid, TableName, Title, WebAddress, web_address};
use crate::yaml::leaf::{Words, length, parsed, pattern, text};
use crate::yaml::node::{Content, Node};
use crate::yaml::record::record;
use crate::yaml::shape::{At, Definitions, List, Reader, Shape};

record! {
    /// The Entra application (app registration) of the ISV.
    pub struct Application => {
        /// Application (client) ID.
        "clientId" required client_id: At<Guid>,
        /// Unique name of the app registration, by which Microsoft Graph finds it. It cannot be changed.
        "uniqueName" optional unique_name: At<ApplicationName>,
        /// Display name of the app registration.
        "name" optional name: At<Title>,
        /// Supported account types: multiTenant (default) or singleTenant.
        "audience" optional audience: At<Audience>,
        /// Where Entra sends people after sign-in and consent: a list for a web application, or lists by platform.
        "redirectUris" optional redirect_uris: RedirectUris,
        /// The day on which the client secret expires; `dvpack check` warns 30 days before.
        "secretExpires" optional secret_expires: At<Day>,
        /// Tables that the application reads or writes through the Web API, by schema or logical name. Where they are
        /// listed, a grant on a table that neither they nor a component need is reported.
        "uses" optional uses: List<At<TableName>>,
    }
}

record! {
    /// Redirect URIs by platform.
    pub struct PlatformUris => {
        /// Web applications; the consent link uses the first.
        "web" optional web: List<At<WebRedirect>>,
        /// Single-page applications.
        "spa" optional spa: List<At<WebRedirect>>,
        /// Mobile and desktop applications.
        "publicClient" optional public_client: List<At<ClientRedirect>>,
    }
}

/// Redirect URIs: a list means web applications.
#[derive(Clone, Debug)]
pub enum RedirectUris {
    /// Those of web applications.
    Web(List<At<WebRedirect>>),
    /// By platform.
    ByPlatform(Box<PlatformUris>),
}

impl Shape for RedirectUris {
    fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
        match node.content {
            Content::Mapping(_) => PlatformUris::read(node, reader).map(|uris| Self::ByPlatform(Box::new(uris))),
            _ => List::read(node, reader).map(Self::Web),
        }
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "anyOf": [List::<At<WebRedirect>>::schema(definitions), PlatformUris::schema(definitions)] })
    }
}

record! {
    /// Who is expected to sign: the owner of a key, or an identity and who vouches for it.
    pub struct ExpectedSigner => {
        /// SHA-256 of the public key, as `dvpack sign` prints it.
        "key" optional key: At<KeyDigest>,
        /// An e-mail address or the URI of a workflow, as Sigstore certifies it.
        "identity" optional identity: At<Words>,
        /// The OIDC issuer that vouches for the identity.
        "issuer" optional issuer: At<WebAddress>,
    }
}

text!(
    /// The unique name of an app registration. Which characters Microsoft Graph takes is an assumption: those that
    /// need no escape in `applications(uniqueName='…')`.
    ApplicationName, "application-unique-name", "a unique name of an application", "contoso-widgets",
    |text| {
        length(text, 120)?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if text.bytes().all(plain) { Ok(()) } else { Err("letters, digits, `-`, `_` and `.` are allowed".into()) }
    },
    pattern("^[A-Za-z0-9._-]{1,120}$")
);

/// Whether Entra can send a native client there: `https`, `http`, or a scheme of the app's own, but nothing that a
/// browser would run or open as a file.
#[must_use]
pub fn is_client_redirect(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        !matches!(url.scheme(), "javascript" | "vbscript" | "data" | "blob" | "file" | "about" | "view-source")
            && url.username().is_empty()
            && url.password().is_none()
    })
}

/// Whether Entra can send a browser there.
#[must_use]
pub fn is_web_redirect(text: &str) -> bool {
    web_address(text).is_ok()
}

parsed!(
    /// A redirect URI of a web or single-page application. The text is kept: Entra compares it.
    WebRedirect(String), "url", "a web address", "https://contoso.com/signed-in",
    |text| web_address(text).map(|_| text.to_owned()),
    json!({ "type": "string", "pattern": "\\$\\{\\{|^https?://[^\\s]+$" })
);
parsed!(
    /// A redirect URI of a mobile or desktop application. The text is kept: Entra compares it.
    ClientRedirect(String), "redirect-uri", "a redirect URI", "http://localhost",
    |text| if is_client_redirect(text) { Ok(text.to_owned()) } else { Err("Entra does not send a client there".into()) },
    json!({ "type": "string", "pattern": "\\$\\{\\{|^[A-Za-z][A-Za-z0-9+.-]*:[^\\s]+$" })
);
parsed!(
    /// The digest of a public key, as lower-case hex.
    KeyDigest(String), "key-digest", "the digest of a public key",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    |text| {
        let digest = text.strip_prefix("sha256:").ok_or("it must start with `sha256:`")?.to_ascii_lowercase();
        let good = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
        if good { Ok(digest) } else { Err("64 hexadecimal digits are expected after `sha256:`".into()) }
    },
    json!({ "type": "string", "pattern": "\\$\\{\\{|^sha256:[0-9a-fA-F]{64}$" })
);
