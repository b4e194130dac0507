//! What is printed when dvpack itself has a bug.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;
use std::process;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// From now on, a panic ends the program with dvpack's own message, without secrets.
pub(super) fn watch(shell: &Shell) {
    let shell = shell.clone();
    std::panic::set_hook(Box::new(move |panic| {
        let failure = told(panic, &Backtrace::capture());
        shell.failure(&failure);
        process::exit(failure.exit.code().into());
    }));
}

fn told(panic: &PanicHookInfo<'_>, trace: &Backtrace) -> Failure {
    let what = panic.payload();
    let what = what.downcast_ref::<&str>().copied().or_else(|| what.downcast_ref::<String>().map(String::as_str));
    let what = what.unwrap_or("it is not said what");
    let place = panic.location().map(|place| format!(" ({}:{})", place.file(), place.line())).unwrap_or_default();
    let mut failure = Failure::new(Exit::Failed, format!("this is a mistake in dvpack: {what}{place}"));
    let more = match trace.status() {
        BacktraceStatus::Captured => {
            failure.details.push(trace.to_string());
            ""
        }
        _ => "; with RUST_BACKTRACE=1 it says more",
    };
    let (version, system, machine) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    failure
        .help("no file is half-written; an apply that ran may have done part of its work, and continues when it is run again")
        .help(format!("please report this text and the command (dvpack {version}, {system} {machine}){more}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::shell::{Color, Format};
    use crate::secret::Secret;

    const SECRET: &str = "c0rrect-horse-battery";

    /// Run by the test below, in a separate process.
    #[test]
    #[ignore = "it ends the process"]
    fn a_thread_that_panics() {
        let _known = Secret::new(SECRET.to_owned());
        watch(&Shell::new(Format::Human, 0, Color::Never));
        std::thread::spawn(|| panic!("not expected: {SECRET}")).join().expect_err("a panic");
    }

    #[test]
    fn a_panic_is_told_without_secrets_and_ends_the_program() {
        let ran = process::Command::new(std::env::current_exe().expect("this program"))
            .args(["--ignored", "--exact", "--nocapture", "cli::bug::tests::a_thread_that_panics"])
            .env_remove("RUST_BACKTRACE")
            .output()
            .expect("run");
        let told = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(1), "{told}");
        assert!(told.contains("error: this is a mistake in dvpack: not expected: *** (src/cli/bug.rs:"), "{told}");
        assert!(told.contains("help: please report") && !told.contains(SECRET), "{told}");
    }
}
