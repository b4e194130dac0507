//! `dvpack doctor`

use clap::Args;
use serde_json::json;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::plan::ChoiceArgs;
use crate::cli::shell::Shell;
use crate::cli::target::{self, LookArgs, TargetArgs};
use crate::cli::voice::Voice;
use crate::deploy::doctor::{self, Answers, State};
use crate::deploy::report;

/// Say on one screen whether `apply` would succeed
///
/// Changes nothing; the solution is uploaded for the environment's own check of its dependencies.
/// Exit code 0: nothing is in the way; 7: something is; 8: something could not be read; 9: something differs that an
/// apply does not mend.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
}

/// Runs `dvpack doctor`.
pub fn run(args: DoctorArgs, shell: &Shell) -> Result<Exit, Failure> {
    target::run(async {
        let session = args.target.session_within(args.look.timeout, shell, &Voice::new(shell)).await?;
        let machine = args.target.machine();
        let options = args.choice.options();
        let answers = doctor::examine(session.context(), &session.url, &session.desired, options, &machine).await?;
        let (exit, verdict) = verdict(&answers);
        // An environment that does not answer is not asked for its name.
        let known = if answers.count(State::Unread) == 0 { session.organization().await } else { None };
        let organization = known.and_then(|organization| organization.name);
        let place = report::place(&session.url, organization.as_deref());
        let mut text = report::answers_text(&answers.all, shell.color());
        text.push_str(&report::differences_text(&answers.differences, shell.color()));
        shell.result(&format!("Signed in by {} to {place}\n{text}{verdict}\n", session.signed_in));
        shell.json(&json!({
            "ok": exit == Exit::Done, "environment": session.url, "organization": organization, "signedIn": session.signed_in, "verdict": verdict,
            "checks": answers.all, "differences": answers.differences,
        }));
        Ok(exit)
    })
}

fn verdict(answers: &Answers) -> (Exit, String) {
    let things = |count: usize| if count == 1 { "1 thing".to_owned() } else { format!("{count} things") };
    let [problems, unread, open] = [State::Problem, State::Unread, State::Open].map(|state| answers.count(state));
    match (problems, unread, open) {
        (0, 0, _) if answers.count(State::Differs) > 0 => {
            (Exit::Differs, "an apply can run, and leaves differences: see above who can mend them".into())
        }
        (0, 0, 0) => (Exit::Done, "an apply should succeed".into()),
        (0, 0, open) => {
            (Exit::Done, format!("nothing is in the way of an apply; {} will show only then", things(open)))
        }
        (0, unread, _) => (
            Exit::Inconclusive,
            format!("{} could not be read: whether an apply would succeed is not known", things(unread)),
        ),
        (problems, 0, _) => (Exit::NotReady, format!("{} in the way of an apply", things(problems))),
        (problems, unread, _) => (
            Exit::NotReady,
            format!("{} in the way of an apply; {} could not be read", things(problems), things(unread)),
        ),
    }
}
