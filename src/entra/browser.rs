//! Sign-in in the person's browser: authorization code with PKCE, coming back to a loopback port.
//!
//! Source: Microsoft identity platform, authorization code flow; RFC 8252 and RFC 7636. Entra ignores the
//! port of `http://localhost` when it compares redirect URIs.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;
use url::Url;

use crate::entra::loopback::{self, Listener};
use crate::entra::random::random_text;
use crate::entra::refresh::{delegated_scope, refreshed};
use crate::entra::token_endpoint;
use crate::entra::{Answer, Challenge, SignInError, Tell, TokenSource};
use crate::http::Http;
use crate::secret::Secret;

const PATIENCE: Duration = Duration::from_secs(300);

/// Browser sign-in; remembers the refresh token, so that the person signs in once.
pub(crate) struct Browser {
    pub(crate) http: Http,
    pub(crate) client_id: String,
    /// The redirect URI as registered, without a port; `http://localhost` where none is given.
    pub(crate) redirect: Option<Url>,
    pub(crate) tell: Tell,
    pub(crate) refresh: Mutex<Option<Secret>>,
}

impl TokenSource for Browser {
    fn describe(&self) -> String {
        format!("browser with application {}", self.client_id)
    }

    fn client_id(&self) -> Option<&str> {
        Some(&self.client_id)
    }

    fn token<'a>(&'a self, challenge: &'a Challenge) -> Answer<'a> {
        Box::pin(async move {
            let mut refresh = self.refresh.lock().await;
            if let Some(access) = refreshed(&self.http, challenge, &self.client_id, &mut refresh).await? {
                return Ok(access);
            }
            let listener = Listener::bind(0).await?;
            // The port does not matter to Entra, host and path do.
            let host = self.redirect.as_ref().and_then(Url::host_str).unwrap_or("localhost");
            let path = self.redirect.as_ref().map_or("/", Url::path);
            let redirect = format!("http://{host}:{}{}", listener.port(), if path == "/" { "" } else { path });
            let verifier = Secret::new(random_text::<32>()?);
            let state = random_text::<16>()?;
            let scope = delegated_scope(challenge);
            let mut url = challenge.endpoint("oauth2/v2.0/authorize");
            url.query_pairs_mut()
                .append_pair("client_id", &self.client_id)
                .append_pair("response_type", "code")
                .append_pair("redirect_uri", &redirect)
                .append_pair("response_mode", "query")
                .append_pair("scope", &scope)
                .append_pair("state", &state)
                .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.reveal())))
                .append_pair("code_challenge_method", "S256")
                .append_pair("prompt", "select_account");
            (self.tell)(&format!("Sign in in the browser. If none opens, visit:\n{url}"));
            loopback::open(&url);
            let callback = listener.wait(path, &state, PATIENCE).await?.ok_or_else(|| {
                SignInError::new("nobody signed in in the browser within five minutes")
                    .help("run again, or use `--device-code` where the browser is on another machine")
            })?;
            if let Some(error) = callback.get("error") {
                return Err(SignInError::new(format!("the browser came back with `{}`", loopback::harmless(error)))
                    .help("run again and sign in with an account that may use the environment"));
            }
            let code = callback.get("code").ok_or_else(|| SignInError::new("the browser came back without a code"))?;
            let form = [
                ("grant_type", "authorization_code"),
                ("client_id", self.client_id.as_str()),
                ("code", code),
                ("redirect_uri", redirect.as_str()),
                ("code_verifier", verifier.reveal()),
                ("scope", scope.as_str()),
            ];
            let granted = token_endpoint::token_once(&self.http, challenge, &form).await?;
            *refresh = granted.refresh;
            Ok(granted.access)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// An authority that gives these answers, one after the other.
    fn authority(answers: Vec<(&'static str, &'static str)>) -> Challenge {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let authority = format!("http://{}/t", listener.local_addr().expect("an address"));
        std::thread::spawn(move || {
            for (status, body) in answers {
                let (mut stream, _) = listener.accept().expect("a connection");
                assert_ne!(stream.read(&mut [0; 4096]).expect("read"), 0);
                let length = body.len();
                write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
                    .expect("sent");
            }
        });
        Challenge {
            authority: authority.parse().expect("a URL"),
            tenant: "t".into(),
            resource: "https://contoso.crm.dynamics.com".into(),
        }
    }

    #[tokio::test]
    async fn a_refresh_token_outlives_an_authority_that_is_out_of_reach_but_not_a_refusal() {
        let http = Http::new(None).expect("a client").with_pace(crate::http::Pace::faster(1000));
        let away = ("503 Service Unavailable", "");
        let challenge = authority(vec![
            away,
            away,
            away,
            ("200 OK", r#"{"access_token":"a.b","expires_in":60}"#),
            ("200 OK", r#"{"access_token":"c.d","expires_in":60,"refresh_token":"next"}"#),
            ("400 Bad Request", r#"{"error":"invalid_grant","error_codes":[700082]}"#),
        ]);
        let mut held = Some(Secret::new("first"));
        let mut steps = Vec::new();
        for _ in 0..5 {
            let outcome = refreshed(&http, &challenge, "c", &mut held).await;
            let outcome = outcome.map(|access| access.map(|access| access.token.reveal().to_owned()));
            steps.push((outcome.map_err(|error| error.kind), held.as_ref().map(|held| held.reveal().to_owned())));
        }
        let step = |access: &str, held: &str| (Ok(Some(access.to_owned())), Some(held.to_owned()));
        let away = (Err(crate::entra::SignInErrorKind::Unreachable), Some("first".to_owned()));
        assert_eq!(steps, [away, step("a.b", "first"), step("c.d", "next"), (Ok(None), None), (Ok(None), None)]);
    }
}
