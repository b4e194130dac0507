//! Whether the signed-in user may do what an apply does.

use crate::dataverse::Client;
use crate::deploy::caller::Who;
use crate::deploy::desired::Desired;
use crate::deploy::doctor::answer::{Answers, State};
use crate::deploy::rights;
use crate::deploy::step::Step;

const WHAT: &str = "privileges of the signed-in user";

/// Names what is missing, and who must have it; an apply refuses to start for the same reasons. Without `steps` it is
/// what a first apply needs.
pub(super) async fn privileges(
    answers: &mut Answers,
    client: &Client,
    desired: &Desired,
    steps: Option<&[Step]>,
    who: Option<&Who>,
) {
    let needed = steps.map_or_else(|| rights::of_everything(desired), |steps| rights::of_steps(desired, steps));
    if needed.is_empty() {
        let found = match steps.map_or(0, <[Step]>::len) {
            0 => {
                answers.add(WHAT, State::Ok, "none needed: nothing is to be written");
                return;
            }
            1 => "which ones the step needs is not documented; the environment says so if one is missing",
            _ => "which ones the steps need is not documented; the environment says so if one is missing",
        };
        answers.add(WHAT, State::Open, found);
        return;
    }
    let Some(who) = who else {
        let why = answers.lost.clone().unwrap_or_else(|| "who is signed in could not be read".to_owned());
        answers.add(WHAT, State::Unread, format!("not asked: {why}"));
        return;
    };
    let read = rights::missing(client, who.user, &needed, None);
    let Some(missing) = answers.read(WHAT, read).await else { return };
    if missing.is_empty() {
        answers.add(WHAT, State::Ok, format!("all {} that an apply needs", needed.len()));
        return;
    }
    answers.add(WHAT, State::Problem, format!("{} missing: {}", missing.len(), rights::words(&missing)));
    for line in rights::advice(&missing, who) {
        answers.advise(line);
    }
}
