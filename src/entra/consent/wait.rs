//! The answer to a request for consent, as a browser brings it back to this machine.

use std::time::Duration;

use url::Url;

use super::{Tenant, tenant_id};
use crate::entra::SignInError;
use crate::entra::loopback::{self, Listener, harmless};
use crate::http::Http;

/// How the wait ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Consent was given; Entra names this tenant. That it did is not a proof: only signing in is.
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
            .map_err(|()| SignInError::new("the redirect URI cannot have a port"))?;
        Ok(Self { listener, path: redirect_uri.path().to_owned() })
    }

    /// Waits for the answer with this `state`; `tenant` is the one that should consent. The authority is asked where the
    /// answer names a tenant by a domain.
    pub async fn answer(
        self,
        state: &str,
        tenant: Option<&Tenant>,
        (http, authority): (&Http, &Url),
        patience: Duration,
    ) -> Result<Answer, SignInError> {
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
        let given = callback.get("tenant").filter(|given| !given.is_empty());
        let Some(expected) = tenant else { return Ok(Answer::Granted(given.map(harmless))) };
        let Some(given) = given else {
            return Ok(Answer::Refused(format!("the answer does not name tenant `{}`", expected.asked)));
        };
        let shown = harmless(given);
        Ok(match tenant_id(http, authority, given).await {
            Ok(id) if id == expected.id => Answer::Granted(Some(id.to_string())),
            Ok(_) => Answer::Refused(format!("tenant `{shown}` consented, not `{}`", expected.asked)),
            Err(error) => Answer::Refused(format!(
                "the answer names tenant `{shown}`, which could not be compared with `{}`: {error}",
                expected.asked
            )),
        })
    }
}

/// Opens the link in the person's browser.
pub fn open(url: &Url) {
    loopback::open(url);
}
