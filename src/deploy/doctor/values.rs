//! Values of the machine that the bundle takes: which there are, whether one of them is never given, and what allows the
//! others.

use crate::deploy::Desired;
use crate::deploy::doctor::answer::{Answers, State};
use crate::deploy::machine::{Machine, flag};

/// One answer for each. Nothing is read.
pub(super) fn of_machine(answers: &mut Answers, desired: &Desired, machine: &Machine<'_>) {
    for (setting, value) in desired.of_machine() {
        let what = format!("value of this machine for `{setting}`");
        if let Err(failure) = machine.check(&setting, &value) {
            answers.add(what, State::Problem, failure.message);
            for line in failure.help {
                answers.advise(line);
            }
            continue;
        }
        let lacks = machine.lacks(&value);
        let found =
            lacks.map_or(String::new(), |why| format!(", which is {why} here; it may be different where `apply` runs"));
        answers
            .add(what, State::Asks, format!("{}{found}; an apply needs somebody's consent to it", value.words()))
            .advise(format!(
                "`apply` asks for it on a terminal; anywhere else, or without a question, give {}",
                flag(&value)
            ))
            .advise("everyone who can read environment variables of the environment can read the value there");
    }
}
