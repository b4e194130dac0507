//! Where all output ends: the only handles of stdout and stderr. Nothing else in the crate may ask for one
//! (`clippy.toml` refuses it), so that nothing goes round what is done here:
//!
//! - secrets that this process has read are hidden ([`secret::hide`]);
//! - control characters are written out, and commands for pipelines are broken ([`text::harmless`]), in JSON by
//!   escapes.
//!
//! Output is never the end of the work. A reader that goes away (`dvpack … | head -1`, a closed terminal) stops the
//! printing on its stream and nothing else; any other trouble (a full disk) stops it, too, and is reported: see
//! [`finish`].

#![allow(clippy::disallowed_methods, reason = "this is the one place that prints")]

use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde::Serialize;

use crate::cli::exit::Exit;
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

    /// Whether everything so far could be written.
    pub(super) fn is_open(self) -> bool {
        matches!(*self.end().lock().unwrap_or_else(PoisonError::into_inner), End::Open)
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
            Err(error) => self.close(End::Failed(error.to_string())),
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
        // Output after a gap would mislead.
        if !self.is_open() {
            return;
        }
        let written = match self {
            Self::Out => write_all(&mut io::stdout().lock(), bytes),
            Self::Err => write_all(&mut io::stderr().lock(), bytes),
        };
        if let Err(error) = written {
            self.close(if is_reader_gone(&error) { End::Gone } else { End::Failed(error.to_string()) });
        }
    }

    fn close(self, end: End) {
        *self.end().lock().unwrap_or_else(PoisonError::into_inner) = end;
    }

    fn end(self) -> &'static Mutex<End> {
        static OUT: Mutex<End> = Mutex::new(End::Open);
        static ERR: Mutex<End> = Mutex::new(End::Open);
        match self {
            Self::Out => &OUT,
            Self::Err => &ERR,
        }
    }
}

/// The state of a stream.
enum End {
    /// Everything was written.
    Open,
    /// Nobody reads it any more.
    Gone,
    /// It cannot be written to, for this reason.
    Failed(String),
}

/// The exit code of a run that ended with `exit`. A result that somebody waits for and that could not be written is
/// reported.
pub(super) fn finish(exit: Exit) -> Exit {
    let failed = match &*Stream::Out.end().lock().unwrap_or_else(PoisonError::into_inner) {
        End::Failed(why) => why.clone(),
        End::Open | End::Gone => return exit,
    };
    Stream::Err.text(&format!(
        "error: the result could not be written to stdout: {failed}\n  the work itself continued, and ended with exit code {}\n",
        exit.code()
    ));
    exit.unwritten()
}

/// Whether nobody reads the stream any more: a closed pipe, or a terminal that was hung up.
fn is_reader_gone(error: &io::Error) -> bool {
    let codes: &[i32] = if cfg!(windows) {
        // ERROR_INVALID_HANDLE, ERROR_BROKEN_PIPE, ERROR_NO_DATA, ERROR_PIPE_NOT_CONNECTED
        &[6, 109, 232, 233]
    } else {
        // EIO, EPIPE
        &[5, 32]
    };
    error.kind() == ErrorKind::BrokenPipe || error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

/// Writes everything. A stream that another program has made non-blocking is waited for.
fn write_all(stream: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    loop {
        let step = if bytes.is_empty() { stream.flush().map(|()| None) } else { stream.write(bytes).map(Some) };
        match step {
            Ok(None) => return Ok(()),
            Ok(Some(0)) => return Err(ErrorKind::WriteZero.into()),
            Ok(Some(count)) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(Duration::from_millis(5)),
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns one answer after the other, and accepts everything in the end.
    struct Moody(Vec<io::Result<usize>>, Vec<u8>);

    impl Write for Moody {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = self.0.pop().unwrap_or(Ok(bytes.len()))?;
            self.1.extend(&bytes[..count]);
            Ok(count)
        }
        fn flush(&mut self) -> io::Result<()> {
            self.0.pop().unwrap_or(Ok(0)).map(|_| ())
        }
    }

    #[test]
    fn a_busy_stream_is_waited_for_and_gets_everything_once() {
        let busy = || Err(ErrorKind::WouldBlock.into());
        let mut stream = Moody(vec![busy(), busy(), Ok(3), Err(ErrorKind::Interrupted.into()), Ok(1), busy()], vec![]);
        write_all(&mut stream, b"result").expect("written");
        assert_eq!(stream.1, b"result");
        write_all(&mut Moody(vec![Ok(0)], vec![]), b"result").expect_err("a stream that takes nothing");
    }

    #[test]
    fn a_reader_that_went_away_is_told_from_a_disk_that_is_full() {
        let os = io::Error::from_raw_os_error;
        for (gone, error) in [
            (true, io::Error::from(ErrorKind::BrokenPipe)),
            (true, os(if cfg!(windows) { 109 } else { 32 })),
            (true, os(if cfg!(windows) { 232 } else { 5 })),
            (false, os(if cfg!(windows) { 112 } else { 28 })),
            (false, ErrorKind::WriteZero.into()),
            (false, ErrorKind::PermissionDenied.into()),
        ] {
            assert_eq!(is_reader_gone(&error), gone, "{error}");
        }
    }
}
