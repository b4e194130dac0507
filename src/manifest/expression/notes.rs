//! What becomes known while expressions are evaluated, and how much text they may read and give.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use minijinja::{Error, ErrorKind};

/// Text that the expressions of a scalar give.
pub(super) const LONGEST_RESULT: usize = 64 * 1024;

/// Bytes of text that the expressions of a manifest read, each filter counted.
const MOST_READ: usize = 16 * 1024 * 1024;

/// What became known while an expression was evaluated.
#[derive(Debug, Default)]
pub(super) struct Notes {
    noted: Mutex<Noted>,
    /// Bytes of text that all expressions have read so far.
    read: AtomicUsize,
}

#[derive(Debug, Default)]
pub(super) struct Noted {
    /// The name that was asked for last and was not there.
    pub(super) missing: Option<String>,
    /// What was refused first: the name that was asked for, and why.
    pub(super) refused: Option<(String, Refusal)>,
    /// Names that look like those of a secret.
    pub(super) suspicious: Vec<String>,
}

#[derive(Debug)]
pub(super) enum Refusal {
    /// It contains a credential.
    Credential(&'static str),
    /// It has the text of the variable named, which contains one.
    Same(String),
    /// It is longer than what an expression can give.
    Long,
}

impl Notes {
    /// Counts text that is read; an error when all of them have read too much.
    pub(super) fn work(&self, bytes: usize) -> Result<(), Error> {
        let before = self.read.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > MOST_READ {
            return Err(Error::new(ErrorKind::OutOfFuel, "too much text"));
        }
        Ok(())
    }
    /// Whether the expressions have read all that they may.
    pub(super) fn is_exhausted(&self) -> bool {
        self.read.load(Ordering::Relaxed) > MOST_READ
    }
    pub(super) fn note(&self, write: impl FnOnce(&mut Noted)) {
        write(&mut self.noted.lock().unwrap_or_else(PoisonError::into_inner));
    }
    pub(super) fn take(&self) -> Noted {
        std::mem::take(&mut self.noted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
