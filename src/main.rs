//! The `dvpack` program: see [`dvpack::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    dvpack::cli::main()
}
