//! Random text for `state`, PKCE verifiers and assertion ids, from the system's generator.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::entra::SignInError;

/// `N` random bytes as base64url.
pub(crate) fn random_text<const N: usize>() -> Result<String, SignInError> {
    let mut bytes = [0_u8; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| SignInError::new("the system gives no random numbers"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
