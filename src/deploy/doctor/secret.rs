//! When the application's client secret expires, if the bundle says so.

use jiff::civil::Date;

use crate::deploy::Desired;
use crate::deploy::doctor::answer::{Answers, State};

const WHAT: &str = "client secret of the application";

/// How many days before, it is reported; `dvpack check` warns as early.
const EARLY: i32 = 30;

/// Reports a secret that has expired or soon will, by the date that stood in the manifest. An apply does without it,
/// and whether there is a new one by now, only the publisher knows.
pub(super) fn expiry(answers: &mut Answers, desired: &Desired, today: Date) {
    let Some((application, _)) = desired.user() else { return };
    let Some(day) = application.secret_expires else { return };
    let left = today.until(day).map_or(i32::MAX, |span| span.get_days());
    if left > EARLY {
        answers.add(WHAT, State::Ok, format!("expires on {day}"));
        return;
    }
    let found = if left < 0 { format!("expired on {day}") } else { format!("expires on {day}, in {left} days") };
    answers
        .add(WHAT, State::Open, format!("{found}, by the bundle; whether there is a new one is not known here"))
        .advise("make a new client secret in Entra ID before the application is used, and write its day as `application.secretExpires`");
}
