//! What the server's words about a failed staging or import mean; its words themselves stay among the details.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::catalog::import_texts::{self, Kind, Reading};
use crate::clock;
use crate::dataverse::policy::Patience;
use crate::dataverse::{Client, dependency};
use crate::deploy::failure::{Failure, FailureKind};

/// A longer list of names does not help.
const MOST: usize = 20;
/// How long a failure waits for what only explains it.
const EXPLANATION: Duration = Duration::from_secs(5);

/// What to do where something else uses what is to be removed.
const IN_USE: &str = "take the component out of what uses it, then run again";

/// Asks for what only explains a failure: once, and not for long, so that the failure itself is told.
pub async fn briefly<T>(client: &Client, look: impl AsyncFnOnce(&Client) -> Option<T>) -> Option<T> {
    let client = client.clone().with_patience(Patience::NONE);
    clock::timeout(EXPLANATION, look(&client)).await.ok().flatten()
}

/// Adds what these texts mean, if that is known; returns whether it is.
pub fn interpret(failure: &mut Failure, texts: &[String]) -> bool {
    let readings = read(texts);
    let Some(first) = readings.first() else { return false };
    failure.kind = match first.kind {
        Kind::Failed => FailureKind::Failed,
        Kind::NotReady => FailureKind::NotReady,
        Kind::Inconclusive => FailureKind::Inconclusive,
    };
    failure.message = format!("{}: {}", failure.message, first.meaning);
    failure.details.splice(0..0, readings.iter().skip(1).map(|reading| reading.meaning.clone()));
    failure.help.splice(0..0, readings.iter().map(|reading| reading.advice.clone()));
    let mut seen = BTreeSet::new();
    failure.help.retain(|line| seen.insert(line.clone()));
    true
}

/// A refusal with its meaning, if known, in place of the server's words, which move to the details.
pub fn reworded(failure: Failure, message: &str, said: String) -> Failure {
    let mut read = Failure { message: message.to_owned(), help: Vec::new(), ..failure.clone() };
    if !interpret(&mut read, std::slice::from_ref(&said)) {
        return failure;
    }
    if !read.details.contains(&said) {
        read.details.push(said);
    }
    read
}

/// The same for a removal, which the server refuses in words that are read as an import's, too.
pub fn of_removal(failure: Failure, texts: &[String]) -> Failure {
    if read(texts).iter().all(|reading| reading.in_use.is_none()) {
        return failure;
    }
    let mut failure = Failure { kind: FailureKind::NotReady, help: vec![IN_USE.to_owned()], ..failure };
    failure.details.extend(texts.iter().filter(|text| !failure.details.contains(text)).cloned().collect::<Vec<_>>());
    failure
}

/// What a text of the server means, with what to do; the text alone where that is not known.
#[must_use]
pub fn explained(said: &str) -> String {
    match import_texts::read(said) {
        Some(reading) => format!("{}: {} ({said})", reading.meaning, reading.advice),
        None => said.to_owned(),
    }
}

/// The same end; a failure names what still uses a component, where the server's words only count it.
///
/// # Errors
/// The failure that it is given.
pub async fn with_users<T>(client: &Client, ended: Result<T, Failure>) -> Result<T, Failure> {
    let mut failure = match ended {
        Ok(done) => return Ok(done),
        Err(failure) => failure,
    };
    let lines = users(client, &failure.details).await;
    failure.details.splice(0..0, lines);
    Err(failure)
}

/// What still uses the components that these texts say are in use.
pub async fn users(client: &Client, texts: &[String]) -> Vec<String> {
    let used: Vec<_> = read(texts).into_iter().filter_map(|reading| reading.in_use).collect();
    let mut lines = Vec::new();
    if used.is_empty() {
        return lines;
    }
    let look = async |client: &Client| {
        for (kind, id) in used {
            let found = dependency::for_delete(client, &kind, id).await.unwrap_or_default();
            lines.extend(found.iter().take(MOST).map(ToString::to_string));
            if found.len() > MOST {
                lines.push(format!("and {} more", found.len() - MOST));
            }
        }
        Some(())
    };
    // What cannot be found out must not hide the failure itself.
    let _found = briefly(client, look).await;
    lines
}

/// Each meaning once.
fn read(texts: &[String]) -> Vec<Reading> {
    let mut readings: Vec<Reading> = Vec::new();
    for reading in texts.iter().filter_map(|text| import_texts::read(text)) {
        if !readings.iter().any(|known| known.meaning == reading.meaning) {
            readings.push(reading);
        }
    }
    readings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_meaning_comes_first_and_the_words_stay() {
        let texts = [
            "CustomControl with name A.B failed to import with error: Webresource content size is too big.".to_owned(),
            "SecLib::CheckPrivilege failed. PrivilegeName: prvCreateEntity, PrivilegeId: 1".to_owned(),
            "an unknown text".to_owned(),
        ];
        let mut failure = Failure::new(FailureKind::Failed, "the import of solution `X` failed");
        failure.details.extend(texts.clone());
        assert!(interpret(&mut failure, &texts));
        assert_eq!(failure.kind, FailureKind::NotReady);
        assert!(failure.message.starts_with("the import of solution `X` failed: a file of the solution A.B is larger"));
        assert_eq!(failure.details[0], "the signed-in user lacks the privilege `prvCreateEntity`");
        assert_eq!(failure.details[1..], texts);
        assert_eq!(failure.help.len(), 2);
        let mut other = Failure::new(FailureKind::Failed, "it failed");
        assert!(!interpret(&mut other, &texts[2..]) && other.message == "it failed" && other.help.is_empty());
    }
}
