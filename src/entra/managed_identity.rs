//! The identity of the Azure machine that dvpack runs on: App Service and Functions, or a virtual machine.
//!
//! Source: Microsoft Learn, "How to use managed identities for App Service" (api-version 2019-08-01; `expires_on`
//! is text) and "… on an Azure VM to acquire an access token" (api-version 2018-02-01; 404, 410, 429 and 5xx are to
//! be tried again with growing pauses; not through a proxy, see [`crate::http`]). That App Service wants the same
//! retries is an assumption.

use std::time::Duration;

use crate::clock;
use crate::http::Method;
use crate::http::header::{HeaderName, HeaderValue};
use url::Url;

use crate::entra::token_endpoint::granted;
use crate::entra::{Answer, Challenge, SignInError, TokenSource};
use crate::http::retry::{PATIENT, Policy};
use crate::http::{Call, Http};
use crate::secret::Secret;

/// The instance metadata service; a link-local address that never leaves the machine's host.
const METADATA: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// About the documented pauses (2, 6, 14 seconds), save the last (30), which a person would not wait for; what the
/// service asks for comes first. Elsewhere than on Azure no connection is made: that is said at once.
const POLICY: Policy = Policy {
    passing: |status| matches!(status, 404 | 410 | 429 | 500..=599),
    attempts: 4,
    first: Duration::from_secs(4),
    most: Duration::from_secs(16),
    connect_again: false,
    ..PATIENT
};

/// Where the identity is asked for.
pub(crate) enum Endpoint {
    /// `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
    AppService { url: Url, header: Secret },
    /// The instance metadata service.
    Machine,
}

/// A system-assigned or, with a client id, a user-assigned identity.
pub(crate) struct ManagedIdentity {
    pub(crate) http: Http,
    pub(crate) endpoint: Endpoint,
    pub(crate) client_id: Option<String>,
}

impl TokenSource for ManagedIdentity {
    fn describe(&self) -> String {
        match &self.client_id {
            Some(id) => format!("managed identity {id}"),
            None => "the managed identity of this machine".to_owned(),
        }
    }

    fn token<'a>(&'a self, challenge: &'a Challenge) -> Answer<'a> {
        Box::pin(async move {
            let (mut url, version) = match &self.endpoint {
                Endpoint::AppService { url, .. } => (url.clone(), "2019-08-01"),
                Endpoint::Machine => {
                    (Url::parse(METADATA).map_err(|error| SignInError::new(error.to_string()))?, "2018-02-01")
                }
            };
            url.query_pairs_mut().append_pair("api-version", version).append_pair("resource", &challenge.resource);
            if let Some(id) = &self.client_id {
                url.query_pairs_mut().append_pair("client_id", id);
            }
            let mut call = Call::new(Method::GET, url).header("accept", "application/json");
            match &self.endpoint {
                Endpoint::AppService { header, .. } => {
                    let mut value = HeaderValue::from_str(header.reveal()).map_err(|_| {
                        SignInError::new("`IDENTITY_HEADER` contains characters that a header must not contain")
                    })?;
                    value.set_sensitive(true);
                    call.headers.insert(HeaderName::from_static("x-identity-header"), value);
                }
                Endpoint::Machine => call = call.header("metadata", "true"),
            }
            let asked = clock::now();
            let reply = self.http.send_by(&POLICY, call).await.map_err(|failure| {
                SignInError::from(failure)
                    .help("managed identity works on Azure only; choose another way to sign in elsewhere")
            })?;
            match reply.status {
                200 => Ok(granted(&reply.body, asked)?.access),
                404 | 410 | 429 | 500..=599 => {
                    Err(SignInError::busy(&reply, format!("the managed identity service answered {}", reply.status)))
                }
                status => Err(SignInError::new(format!("the managed identity service answered {status}"))
                    .help("assign an identity to this machine; for a user-assigned one give its `--client-id`")),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;
    use crate::http::Pace;

    /// The outcome when the service answers with these statuses, and the number of requests.
    async fn answered(statuses: &'static [&'static str]) -> (Result<crate::entra::AccessToken, SignInError>, usize) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/msi/token", listener.local_addr().expect("an address"));
        let server = std::thread::spawn(move || {
            let mut count = 0;
            for status in statuses {
                let (mut stream, _) = listener.accept().expect("a connection");
                let mut head = [0; 4096];
                assert_ne!(stream.read(&mut head).expect("read"), 0);
                count += 1;
                let body = r#"{"access_token":"a.b","expires_on":"4000000000"}"#;
                let length = body.len();
                write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
                    .expect("sent");
            }
            count
        });
        let identity = ManagedIdentity {
            http: Http::new(None).expect("a client").with_pace(Pace::faster(100)),
            endpoint: Endpoint::AppService { url: url.parse().expect("a URL"), header: Secret::new("h") },
            client_id: None,
        };
        let challenge = Challenge {
            authority: "https://login.microsoftonline.com/t".parse().expect("a URL"),
            tenant: "t".into(),
            resource: "https://contoso.crm.dynamics.com".into(),
        };
        let outcome = identity.token(&challenge).await;
        (outcome, server.join().expect("a count"))
    }

    #[tokio::test]
    async fn a_service_that_is_updating_or_busy_is_asked_again_and_a_refusal_is_final() {
        let (token, count) = answered(&["410 Gone", "429 Too Many Requests", "200 OK"]).await;
        assert_eq!((token.expect("a token").token.reveal(), count), ("a.b", 3));
        let (token, count) = answered(&["500 A", "404 B", "503 C", "503 D"]).await;
        assert_eq!(token.expect_err("not now").kind, crate::entra::SignInErrorKind::Unreachable);
        assert_eq!(count, 4);
        let (token, count) = answered(&["400 Bad Request"]).await;
        assert_eq!(token.expect_err("refused").kind, crate::entra::SignInErrorKind::Failed);
        assert_eq!(count, 1);
    }
}
