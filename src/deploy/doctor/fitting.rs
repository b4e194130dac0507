//! Whether what an apply would upload fits: files over the environment's limit, languages that are not turned on.

use crate::dataverse::Client;
use crate::deploy::desired::Desired;
use crate::deploy::doctor::answer::{Answers, State};
use crate::deploy::fitting::{misfits, uploaded};
use crate::deploy::step::Step;

const WHAT: &str = "files and languages of the solution";

/// Reports what does not fit. Nothing is asked if nothing will be uploaded.
pub(super) async fn fitting(answers: &mut Answers, client: &Client, desired: &Desired, steps: Option<&[Step]>) {
    let packages: Vec<_> = match steps {
        Some(steps) => uploaded(desired, steps).map(|(package, _)| package).collect(),
        None => desired.packages.iter().collect(),
    };
    if packages.is_empty() {
        return;
    }
    let Some(misfits) = answers.read(WHAT, misfits(client, &packages)).await else { return };
    if let Some(failure) = misfits.refusal() {
        let found = failure.details.iter().fold(failure.message, |text, detail| format!("{text}; {detail}"));
        answers.add(WHAT, State::Problem, found);
        for line in failure.help {
            answers.advise(line);
        }
    } else {
        match misfits.limit {
            Some(limit) => {
                let found = format!("within the environment's limits (files of at most {} KB)", limit / 1024);
                answers.add(WHAT, State::Ok, found);
            }
            None => {
                answers.add(
                    WHAT,
                    State::Open,
                    "the environment does not show its upload limit; only an import will show it",
                );
            }
        }
    }
    // An import leaves such labels out, and succeeds.
    if let Some(note) = misfits.note() {
        answers.advise(note);
    }
}
