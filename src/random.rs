//! The one source of random numbers, good enough for secrets.
//!
//! Nothing else in the library draws any (`clippy.toml` forbids it). A build with the feature `native` asks the system;
//! without it, the host hands a `Source` over once, with `host::install`.

#[cfg(not(feature = "native"))]
pub use imp::Source;
pub use imp::fill;
#[cfg(not(feature = "native"))]
pub(crate) use imp::install;

/// There are no random numbers to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandom;

/// A random number.
///
/// # Errors
///
/// [`NoRandom`] if the source fails.
pub fn number() -> Result<u64, NoRandom> {
    let mut bytes = [0; 8];
    fill(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

#[cfg(feature = "native")]
mod imp {
    use ring::rand::{SecureRandom as _, SystemRandom};

    use super::NoRandom;

    /// Fills the bytes from the system's generator.
    ///
    /// # Errors
    ///
    /// [`NoRandom`] if the generator fails.
    pub fn fill(bytes: &mut [u8]) -> Result<(), NoRandom> {
        SystemRandom::new().fill(bytes).map_err(|_| NoRandom)
    }
}

#[cfg(not(feature = "native"))]
mod imp {
    use std::sync::OnceLock;

    use super::NoRandom;

    /// Fills bytes with random ones; `false` if it cannot.
    pub type Source = fn(&mut [u8]) -> bool;

    static SOURCE: OnceLock<Source> = OnceLock::new();

    /// Takes the host's source; `false` if there is one already.
    pub fn install(source: Source) -> bool {
        SOURCE.set(source).is_ok()
    }

    /// Fills the bytes from the host's source.
    ///
    /// # Errors
    ///
    /// [`NoRandom`] if the source fails or there is none.
    pub fn fill(bytes: &mut [u8]) -> Result<(), NoRandom> {
        SOURCE.get().is_some_and(|source| source(bytes)).then_some(()).ok_or(NoRandom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_differ() {
        assert_ne!(number(), number());
    }
}
