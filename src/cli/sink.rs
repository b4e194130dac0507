//! Where all output ends: the only handles of stdout and stderr. Nothing else in the crate may ask for one
//! (`clippy.toml` refuses it), so that nothing goes round what is done here:
//!
//! - secrets that this process has met are hidden ([`secret::hide`]);
//! - control characters are written out, and commands for pipelines are broken ([`text::harmless`]), in JSON by escapes.
//!
//! A closed pipe is not an error.

#![allow(clippy::disallowed_methods, reason = "this is the one place that prints")]

use std::io::{self, IsTerminal as _, Write};

use serde::Serialize;

use crate::cli::pipeline::Command;
use crate::{secret, text};

/// A stream of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
}

impl Stream {
    pub(super) fn is_terminal(self) -> bool {
        match self {
            Self::Out => io::stdout().is_terminal(),
            Self::Err => io::stderr().is_terminal(),
        }
    }

    /// Text for people.
    pub(super) fn text(self, text: &str) {
        self.write(text::harmless(&secret::hide(text)).as_bytes());
    }

    /// A JSON document.
    pub(super) fn json(self, value: &impl Serialize) {
        let hidden = serde_json::to_value(value).map(|mut value| {
            secret::hide_in(&mut value);
            value
        });
        match hidden.and_then(|value| serde_json::to_string_pretty(&value)) {
            Ok(json) => self.write(format!("{}\n", text::harmless_json(&json)).as_bytes()),
            Err(error) => Self::Err.text(&format!("error: cannot write JSON: {error}\n")),
        }
    }

    /// Bytes that came with the program, as they are.
    pub(super) fn own(self, bytes: &[u8]) {
        self.write(&secret::hide_bytes(bytes));
    }

    /// A command for the pipeline. It was made here, and what is in it was escaped.
    pub(super) fn command(self, command: &Command) {
        self.write(secret::hide(command.line()).as_bytes());
    }

    fn write(self, bytes: &[u8]) {
        match self {
            Self::Out => write_all(&mut io::stdout().lock(), bytes),
            Self::Err => write_all(&mut io::stderr().lock(), bytes),
        }
    }
}

/// Writes, and ends quietly when the reader has gone (`dvpack … | head`).
fn write_all(stream: &mut impl Write, bytes: &[u8]) {
    if let Err(error) = stream.write_all(bytes).and_then(|()| stream.flush())
        && error.kind() == io::ErrorKind::BrokenPipe
    {
        std::process::exit(0);
    }
}
