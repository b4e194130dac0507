//! The `dvpack` program: see [`dvpack::cli`].

use std::process::ExitCode;

/// Packing makes and drops millions of small XML nodes on all processors: see docs/internals/benchmarks.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    dvpack::cli::main()
}
