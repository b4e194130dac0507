//! Admin consent: the link that a tenant's administrator opens once, and the answer that comes back.
//!
//! For a server-to-server application what consent brings about is its service principal in the tenant;
//! rights in Dataverse come from the application user's roles alone. Source: Microsoft identity platform,
//! admin consent endpoint (v2.0), and the client credentials flow (v1 form).

use std::time::Duration;

use url::Url;

use crate::entra::loopback::{self, Listener, harmless};
use crate::entra::random::random_text;
use crate::entra::{Challenge, SignInError};

/// What the link asks for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Entra's address, such as `https://login.microsoftonline.com`.
    pub authority: Url,
    /// Tenant id or domain name; without one, the administrator's own tenant.
    pub tenant: Option<String>,
    /// The application.
    pub client_id: String,
    /// The environment's resource, when it is known.
    pub resource: Option<String>,
    /// A redirect URI of the application.
    pub redirect_uri: Option<Url>,
}

impl Request {
    /// For the tenant and the resource of an environment.
    #[must_use]
    pub fn for_challenge(challenge: &Challenge, client_id: &str) -> Self {
        Self {
            authority: challenge.authority.clone(),
            tenant: Some(challenge.tenant.clone()),
            client_id: client_id.to_owned(),
            resource: Some(challenge.resource.clone()),
            redirect_uri: None,
        }
    }

    /// The link. With a known resource it is the v2.0 form (`scope` is required there, and a refusal comes
    /// back with its `state`); else the v1 form, which needs no scope and takes `common`.
    #[must_use]
    pub fn url(&self, state: &str) -> Url {
        let mut url = self.authority.clone();
        url.set_query(None);
        url.set_fragment(None);
        let tenant = self.tenant.as_deref();
        if self.resource.is_some() {
            url.set_path(&format!("{}/v2.0/adminconsent", tenant.unwrap_or("organizations")));
        } else {
            url.set_path(&format!("{}/adminconsent", tenant.unwrap_or("common")));
        }
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("client_id", &self.client_id);
            if let Some(resource) = &self.resource {
                query.append_pair("scope", &format!("{resource}/.default"));
            }
            // Documented as required. Assumption: without it Entra takes the first one that is registered.
            if let Some(redirect) = &self.redirect_uri {
                // A slash that `Url` put behind the bare host was not registered; one behind a path was.
                let text = redirect.as_str();
                let text = if redirect.path() == "/" { text.trim_end_matches('/') } else { text };
                query.append_pair("redirect_uri", text);
            }
            query.append_pair("state", state);
        }
        url
    }
}

/// A `state`: 128 random bits.
pub fn new_state() -> Result<String, SignInError> {
    random_text::<16>()
}

/// How the wait ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Consent was given; Entra names this tenant. That it did is no proof: only signing in is.
    Granted(Option<String>),
    /// Consent was refused, or given by another tenant than asked.
    Refused(String),
    /// Nobody came.
    TimedOut,
}

/// Waits for the browser on loopback; used once.
pub struct Wait {
    listener: Listener,
    path: String,
}

impl Wait {
    /// Listens for `redirect_uri` (`http://localhost`, any port and path); puts the port into it when it has none.
    pub async fn bind(redirect_uri: &mut Url) -> Result<Self, SignInError> {
        if redirect_uri.scheme() != "http" || !matches!(redirect_uri.host_str(), Some("localhost" | "127.0.0.1")) {
            return Err(SignInError::new("waiting needs a redirect URI on this machine")
                .help("register `http://localhost` with the application and give `--redirect-uri http://localhost`"));
        }
        let listener = Listener::bind(redirect_uri.port().unwrap_or(0)).await?;
        redirect_uri
            .set_port(Some(listener.port()))
            .map_err(|()| SignInError::new("the redirect URI takes no port"))?;
        Ok(Self { listener, path: redirect_uri.path().to_owned() })
    }

    /// Waits for the answer that bears `state`; `tenant` is the one that should have consented.
    pub async fn answer(self, state: &str, tenant: Option<&str>, patience: Duration) -> Result<Answer, SignInError> {
        let Some(callback) = self.listener.wait(&self.path, state, patience).await? else {
            return Ok(Answer::TimedOut);
        };
        // `admin_consent=True` is there in a refusal as well, so the error comes first.
        if let Some(error) = callback.get("error") {
            return Ok(Answer::Refused(format!("the answer was `{}`", harmless(error))));
        }
        if !callback.get("admin_consent").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(Answer::Refused("the answer does not say that consent was given".to_owned()));
        }
        let given = callback.get("tenant").map(harmless);
        // Only ids compare; a tenant may be asked for by one of its domain names.
        let expected = tenant.filter(|tenant| uuid::Uuid::try_parse(tenant).is_ok());
        match (expected, &given) {
            (Some(expected), Some(given)) if !expected.eq_ignore_ascii_case(given) => {
                Ok(Answer::Refused(format!("tenant `{given}` consented, not `{expected}`")))
            }
            (Some(expected), None) => Ok(Answer::Refused(format!("the answer does not name tenant `{expected}`"))),
            _ => Ok(Answer::Granted(given)),
        }
    }
}

/// Opens the link in the person's browser.
pub fn open(url: &Url) {
    loopback::open(url);
}
