//! An application's client secret (client credentials grant).

use crate::entra::token_endpoint;
use crate::entra::{Answer, Challenge, TokenSource};
use crate::http::Http;
use crate::secret::Secret;

/// Client id and client secret.
pub struct ClientSecret {
    http: Http,
    client_id: String,
    secret: Secret,
}

impl ClientSecret {
    /// Sign-in as this application.
    #[must_use]
    pub fn new(http: Http, client_id: String, secret: Secret) -> Self {
        Self { http, client_id, secret }
    }
}

impl TokenSource for ClientSecret {
    fn describe(&self) -> String {
        format!("client secret of application {}", self.client_id)
    }

    fn client_id(&self) -> Option<&str> {
        Some(&self.client_id)
    }

    fn token<'a>(&'a self, challenge: &'a Challenge) -> Answer<'a> {
        Box::pin(async move {
            let scope = challenge.default_scope();
            let form = [
                ("grant_type", "client_credentials"),
                ("client_id", self.client_id.as_str()),
                ("client_secret", self.secret.reveal()),
                ("scope", scope.as_str()),
            ];
            Ok(token_endpoint::token(&self.http, challenge, &form).await?.access)
        })
    }
}
