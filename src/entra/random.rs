//! Random text for `state`, PKCE verifiers and assertion ids.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::entra::SignInError;
use crate::random;

/// `N` random bytes as base64url.
pub(crate) fn random_text<const N: usize>() -> Result<String, SignInError> {
    let mut bytes = [0_u8; N];
    random::fill(&mut bytes).map_err(|error| SignInError::new(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
