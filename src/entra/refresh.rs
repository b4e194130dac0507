//! Refresh tokens: a person signs in once.

use crate::entra::token_endpoint::{self, Outcome};
use crate::entra::{AccessToken, Challenge, SignInError};
use crate::http::Http;
use crate::secret::Secret;

/// What a public client asks for.
pub(crate) fn delegated_scope(challenge: &Challenge) -> String {
    format!("{}/user_impersonation offline_access", challenge.resource)
}

/// Uses a refresh token, and holds the next one. `None`: there is none, or it is no longer good, and the person must
/// sign in. When the authority is out of reach, the one that is held is as good as before.
pub(crate) async fn refreshed(
    http: &Http,
    challenge: &Challenge,
    client_id: &str,
    held: &mut Option<Secret>,
) -> Result<Option<AccessToken>, SignInError> {
    let Some(refresh) = held.clone() else { return Ok(None) };
    let scope = delegated_scope(challenge);
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", client_id),
        ("refresh_token", refresh.reveal()),
        ("scope", scope.as_str()),
    ];
    match token_endpoint::token(http, challenge, &form).await {
        Ok(granted) => {
            *held = granted.refresh.or(Some(refresh));
            Ok(Some(granted.access))
        }
        Err(Outcome::Refused(_)) => {
            *held = None;
            Ok(None)
        }
        Err(Outcome::Failed(error)) => Err(error),
    }
}
