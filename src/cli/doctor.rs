//! `dvpack doctor`

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use crate::cli::document::{Document, Ending};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::plan::ChoiceArgs;
use crate::cli::report::{Account, Ended, ReportArgs};
use crate::cli::running;
use crate::cli::shell::Shell;
use crate::cli::target::{Here, LookArgs, TargetArgs};
use crate::cli::voice::Voice;
use crate::deploy::accepted::{Accepted, Idle};
use crate::deploy::deletions::Deletion;
use crate::deploy::difference::Difference;
use crate::deploy::doctor::{self, Answer, Answers, State};
use crate::deploy::report;
use crate::deploy::report::junit::{self, Case, Outcome, deletion, different};

/// Check on one screen whether `apply` would succeed
///
/// Changes nothing, but uploads the solution so that the environment can check its dependencies. Exit code 0: nothing
/// prevents an apply; 7: something does; 8: something could not be read; 9: something differs that an apply does not
/// fix.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    target: TargetArgs<Here>,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    choice: ChoiceArgs,
    #[command(flatten)]
    report: ReportArgs,
}

/// Whether an apply would succeed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DoctorDocument {
    /// The environment.
    environment: Url,
    /// The organization's name, where the environment says it.
    organization: Option<String>,
    /// How the run signed in.
    signed_in: String,
    /// One line.
    verdict: String,
    /// Every question with its answer.
    checks: Vec<Answer>,
    /// What differs from the bundle, and what mends it.
    differences: Vec<Difference>,
    /// What differs and is accepted.
    accepted: Vec<Accepted>,
    /// Entries of the list of accepted differences that accept nothing.
    idle: Vec<Idle>,
    /// What an upgrade would delete.
    deletions: Vec<Deletion>,
    /// What stops nothing and should be known.
    warnings: Vec<String>,
    /// How it ended.
    #[serde(skip)]
    ending: Ending,
}

impl Document for DoctorDocument {
    const VERB: &'static str = "doctor";

    fn ending(&self) -> Ending {
        self.ending.clone()
    }
}

/// Runs `dvpack doctor`.
pub fn run(args: DoctorArgs, shell: &Shell) -> Result<Exit, Failure> {
    args.report.run(&args.target.name(), shell, || running::run(examine(&args, shell)))
}

async fn examine(args: &DoctorArgs, shell: &Shell) -> Result<Ended<DoctorDocument>, Failure> {
    let accepted = args.choice.accepted(None)?;
    let mut session = args.target.session_within(args.look.timeout, shell, &Voice::new(shell)).await?;
    session.desired.accepted = accepted;
    let machine = args.target.machine();
    let options = args.choice.options();
    let answers = doctor::examine(session.context(), &session.url, &session.desired, options, &machine).await?;
    let (exit, verdict) = verdict(&answers);
    // An environment that does not answer is not asked for its name.
    let known = if answers.is_lost() { None } else { session.organization().await };
    let organization = known.and_then(|organization| organization.name);
    let place = report::place(&session.url, organization.as_deref());
    let mut text = report::answers_text(&answers.all, shell.color());
    text.push_str(&report::differences_text(&answers.differences, shell.color()));
    let all = shell.verbosity() > 0;
    text.push_str(&report::accepted_text(&answers.accepted, &answers.idle, all, shell.color()));
    text.push_str(&report::warnings_text(&answers.warnings, shell.color()));
    let cases = answers.all.iter().map(case);
    let differences = answers.differences.iter().filter(|difference| !difference.has_step()).map(different);
    let notes = report::Notes { accepted: &answers.accepted, idle: &answers.idle, warnings: &answers.warnings };
    let deletions = answers.deletions.iter().map(|it| deletion(it, false));
    let open = answers.all.iter().filter(|answer| matches!(answer.state, State::Problem | State::Unread));
    let mut help: Vec<String> = open.flat_map(|answer| answer.help.iter().cloned()).collect();
    let open: Vec<Difference> = answers.differences.iter().filter(|it| !it.has_step()).cloned().collect();
    help.extend(report::advice(&open));
    let ending = Ending::of(exit, verdict.as_str()).help(help);
    Ok(Ended {
        exit,
        text: format!("Signed in by {} to {place}\n{text}{verdict}\n", session.signed_in),
        account: Account {
            subject: place,
            verdict: verdict.clone(),
            cases: cases.chain(deletions).chain(differences).chain(junit::notes(notes)).collect(),
            markdown: report::answers_markdown(&answers.all, &answers.differences, notes),
            sarif: None,
        },
        document: DoctorDocument {
            environment: session.url.clone(),
            organization,
            signed_in: session.signed_in.clone(),
            verdict,
            checks: answers.all,
            differences: answers.differences,
            accepted: answers.accepted,
            idle: answers.idle,
            deletions: answers.deletions,
            warnings: answers.warnings,
            ending,
        },
    })
}

/// For test reports.
fn case(answer: &Answer) -> Case {
    let found = answer.found.clone();
    Case::new(
        &answer.what,
        match answer.state {
            State::Ok => Outcome::Passed,
            State::Problem | State::Unread => Outcome::Failed(found, answer.help.join("\n")),
            // Each difference is a separate case.
            State::Differs | State::Open | State::Asks => Outcome::Skipped(found),
        },
    )
}

fn verdict(answers: &Answers) -> (Exit, String) {
    let things = |count: usize| if count == 1 { "1 thing".to_owned() } else { format!("{count} things") };
    let prevented = |count: usize| format!("{} prevent{} an apply", things(count), if count == 1 { "s" } else { "" });
    let [problems, unread, open] = [State::Problem, State::Unread, State::Open].map(|state| answers.count(state));
    match (problems, unread, open) {
        (0, 0, _) if answers.count(State::Differs) > 0 => {
            (Exit::Differs, "an apply can run, and leaves differences; each names who can mend it".into())
        }
        (0, 0, 0) if answers.count(State::Asks) > 0 => {
            (Exit::Done, "an apply should succeed once its consents are given".into())
        }
        (0, 0, 0) => (Exit::Done, "an apply should succeed".into()),
        (0, 0, open) => {
            let asks = if answers.count(State::Asks) > 0 { " once its consents are given" } else { "" };
            (Exit::Done, format!("ready to apply{asks}; {} can be checked only during the run", things(open)))
        }
        (0, unread, _) => (
            Exit::Inconclusive,
            format!("{} could not be read: whether an apply would succeed is not known", things(unread)),
        ),
        (problems, 0, _) => (Exit::NotReady, prevented(problems)),
        (problems, unread, _) => {
            (Exit::NotReady, format!("{}; {} could not be read", prevented(problems), things(unread)))
        }
    }
}
