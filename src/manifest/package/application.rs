//! `application:`

use jiff::civil::Date;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::leaf::{Day, Guid, TableName, Title, web_address};
use crate::yaml::leaf::{Given, choice, length, parsed, pattern, text};
use crate::yaml::node::{Content, Node};
use crate::yaml::record::record;
use crate::yaml::shape::{At, Definitions, List, Reader, Shape};

record! {
    /// The Entra application (app registration) of the ISV.
    pub struct WrittenApplication => {
        /// Application (client) ID.
        "clientId" required client_id: At<Guid>,
        /// Unique name of the app registration, by which Microsoft Graph finds it. It cannot be changed.
        "uniqueName" optional unique_name: At<ApplicationName>,
        /// Display name of the app registration.
        "name" optional name: At<Title> => "Contoso Widgets",
        /// Supported account types: multiTenant (default) or singleTenant.
        "audience" optional audience: At<Audience>,
        /// Where Entra sends people after sign-in and consent: a list for a web application, or lists by platform.
        "redirectUris" optional redirect_uris: WrittenRedirectUris,
        /// The day on which the client secret expires; `dvpack check` warns 30 days before.
        "secretExpires" optional secret_expires: At<Day>,
        /// Tables that the application reads or writes through the Web API, by schema or logical name. If
        /// you list them, dvpack reports a grant on a table that is neither listed nor needed by a component.
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
pub enum WrittenRedirectUris {
    /// Those of web applications.
    Web(List<At<WebRedirect>>),
    /// By platform.
    ByPlatform(Box<PlatformUris>),
}

impl Shape for WrittenRedirectUris {
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
choice!(
    /// Who can consent.
    for Audience, "audience", "an audience",
    [("multiTenant", Audience::MultiTenant), ("singleTenant", Audience::SingleTenant)]
);

/// `application:`
#[derive(Clone, Debug)]
pub struct Application {
    /// Application (client) id.
    pub client_id: Uuid,
    /// Unique name of the app registration.
    pub unique_name: Option<String>,
    /// Display name of the app registration.
    pub name: Option<String>,
    /// Who can consent.
    pub audience: Audience,
    /// Where Entra sends people after sign-in and consent.
    pub redirect_uris: RedirectUris,
    /// When the client secret runs out.
    pub secret_expires: Option<Date>,
    /// Tables that the application itself works with, and where they are named; absent: not known.
    pub uses: Option<Vec<(String, Span)>>,
}

/// Redirect URIs by platform, as written: Entra compares the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedirectUris {
    /// Web applications.
    pub web: Vec<String>,
    /// Single-page applications.
    pub spa: Vec<String>,
    /// Mobile and desktop applications.
    pub public_client: Vec<String>,
}

impl RedirectUris {
    /// All of them, those of web applications first.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.web.iter().chain(&self.spa).chain(&self.public_client).map(String::as_str)
    }
}

/// The supported account types of the app registration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// Any Entra tenant.
    #[default]
    MultiTenant,
    /// Only the ISV's own.
    SingleTenant,
}

/// The code of the finding about a client ID that `dvpack init` made up.
pub(crate) const PLACEHOLDER: &str = "placeholder-client-id";

/// Whether an id is made up: Entra ID never gives one whose digits before the last group are all zero.
fn is_placeholder(id: Uuid) -> bool {
    id.as_bytes().starts_with(&[0; 10])
}

/// The application.
pub fn application(written: &WrittenApplication, today: Date, findings: &mut Vec<Diagnostic>) -> Option<Application> {
    if let Some(day) = &written.secret_expires {
        let left = today.until(day.value.0).map_or(i32::MAX, |span| span.get_days());
        let finding = match left {
            ..0 => Some(Diagnostic::warning("secret-expiry", format!("the client secret expired on {}", day.value.0))),
            0..=30 => Some(Diagnostic::note("secret-expiry", format!("the client secret expires in {left} days"))),
            _ => None,
        };
        if let Some(finding) = finding {
            findings.push(finding.at(&day.span).help("make a new client secret in Entra ID, then write its day here"));
        }
    }
    if let Some(id) = written.client_id.as_ref().filter(|id| is_placeholder(id.value.0)) {
        findings.push(
            Diagnostic::error(PLACEHOLDER, format!("`{}` is the placeholder of `dvpack init`", id.value.0))
                .at(&id.span)
                .help("write the application (client) ID of your app registration: the Entra admin center shows it under App registrations > your application > Overview"),
        );
    }
    Some(Application {
        client_id: written.client_id.as_ref()?.value.0,
        name: written.name.value(),
        audience: written.audience.value().unwrap_or_default(),
        unique_name: written.unique_name.value(),
        redirect_uris: written.redirect_uris.as_ref().map(|uris| redirect_uris(uris, findings)).unwrap_or_default(),
        secret_expires: written.secret_expires.value(),
        uses: written
            .uses
            .as_ref()
            .map(|list| list.items.iter().map(|table| (table.value.0.clone(), table.span.clone())).collect()),
    })
}

/// The redirect URIs, by platform.
fn redirect_uris(written: &WrittenRedirectUris, findings: &mut Vec<Diagnostic>) -> RedirectUris {
    let mut web = |list: Option<&List<At<WebRedirect>>>| {
        once(list.iter().flat_map(|list| &list.items).map(|it| (&it.value.0, &it.span)), findings)
    };
    match written {
        WrittenRedirectUris::Web(list) => RedirectUris { web: web(Some(list)), ..RedirectUris::default() },
        WrittenRedirectUris::ByPlatform(uris) => {
            let (web, spa) = (web(uris.web.as_ref()), web(uris.spa.as_ref()));
            let native = uris.public_client.iter().flat_map(|list| &list.items);
            let public_client = once(native.map(|it| (&it.value.0, &it.span)), findings);
            RedirectUris { web, spa, public_client }
        }
    }
}

/// Addresses, none of which may be listed twice for one platform.
fn once<'a>(uris: impl Iterator<Item = (&'a String, &'a Span)>, findings: &mut Vec<Diagnostic>) -> Vec<String> {
    let mut met: Vec<String> = Vec::new();
    for (uri, span) in uris {
        if met.contains(uri) {
            let message = format!("the redirect URI `{uri}` is listed twice");
            findings.push(Diagnostic::error("duplicate-redirect-uri", message).at(span).help("keep one of the two"));
        } else {
            met.push(uri.clone());
        }
    }
    met
}
