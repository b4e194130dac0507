//! Makes the files of a bundle fit its bundle.json and its solutions: `fitted IN OUT`. Ends with 3 where it cannot be done.

#![allow(clippy::disallowed_methods, reason = "a program of its own")]

use std::process::ExitCode;

use dvpack::archive::{Limits, read, write};
use dvpack::bundle::fitted;

fn main() -> ExitCode {
    let paths: Vec<_> = std::env::args_os().skip(1).collect();
    let [from, to] = &paths[..] else { return ExitCode::from(2) };
    let made = std::fs::read(from).ok().and_then(|bytes| write(&fitted(&read(&bytes, &Limits::default()).ok()?)?).ok());
    match made.map(|bytes| std::fs::write(to, bytes)) {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(_)) => ExitCode::FAILURE,
        None => ExitCode::from(3),
    }
}
