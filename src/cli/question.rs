//! Questions to the person in front of the terminal.
//!
//! Only someone who can read a question can answer it: if it cannot be shown, or nobody can type, nobody was asked, and
//! the verb refuses to go on.

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;

/// The answer typed to a question; `None`: nobody was asked. It is asked on a separate thread, so that an interruption
/// is noticed meanwhile.
pub(super) async fn ask(shell: &Shell, question: &str) -> Option<String> {
    if !shell.can_ask() || !shell.prompt(question) {
        return None;
    }
    let typed = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        match std::io::stdin().read_line(&mut line) {
            Ok(1..) => Some(line.trim().to_owned()),
            _ => None,
        }
    });
    typed.await.ok().flatten()
}

/// Asks for yes or no; anything but yes is no. `None`: nobody was asked.
pub(super) async fn confirmed(shell: &Shell, question: &str) -> Option<bool> {
    let answer = ask(shell, &format!("{question} [y/N]")).await?;
    Some(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
}

/// Asks for a name, so that nobody agrees from habit; anything else is no. `None`: nobody was asked.
pub(super) async fn named(shell: &Shell, question: &str, name: &str) -> Option<bool> {
    let answer = ask(shell, &format!("{question} Type `{name}` to continue:")).await?;
    Some(answer.trim_matches('`').eq_ignore_ascii_case(name))
}

/// How a verb ends after the answer no: as if it had been interrupted.
pub(super) fn declined(what: &str) -> Failure {
    Failure::new(Exit::Interrupted, format!("{what}; nothing was changed"))
}

/// The refusal of a verb that would have to ask.
pub(super) fn nobody(what: &str, help: &str) -> Failure {
    Failure::usage(format!("{what}: nobody can be asked")).help(help)
}
