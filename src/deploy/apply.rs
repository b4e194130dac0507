//! Carries out a plan, step by step, and reads everything back.

use uuid::Uuid;

use crate::clock;
use crate::dataverse::process::{self, Kind};
use crate::dataverse::system_user::Given;
use crate::dataverse::{ApiError, business_unit, system_user};
use crate::deploy::accepted::{Accepted, Idle};
use crate::deploy::agreed::Agreed;
use crate::deploy::desired::{Desired, built_in};
use crate::deploy::difference::{Check, Difference, Mender, blocked, carried_out_in_vain, compare, compare_after};
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::import;
use crate::deploy::meanwhile::Basis;
use crate::deploy::observed::{self, Observed};
use crate::deploy::plan::Plan;
use crate::deploy::preconditions;
use crate::deploy::progress::{Context, Event, Ran};
use crate::deploy::reading;
use crate::deploy::set;
use crate::deploy::shipped::Process;
use crate::deploy::step::{Action, Options, Step};
use crate::deploy::user;

/// The outcome of an apply.
#[derive(Clone, Debug)]
pub struct Applied {
    /// How many steps were done.
    pub steps: usize,
    /// What was read back.
    pub checks: Vec<Check>,
    /// What still differs.
    pub differences: Vec<Difference>,
    /// What differs and is accepted.
    pub accepted: Vec<Accepted>,
    /// Entries of the list of accepted differences that accept nothing.
    pub idle: Vec<Idle>,
    /// Warnings of the server.
    pub warnings: Vec<String>,
}

impl Applied {
    /// Whether everything is as it should be, except for what is accepted.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Does what the plan says. `seen` is what the plan was made from: with nothing to do it is the read-back, too.
///
/// What the steps need is read first, and the environment checks the packages: if that fails, nothing is written. Nor
/// is anything sent unless somebody has `agreed` to everything that the plan needs consent to.
///
/// # Errors
/// If a step fails, the environment has changed since the plan, or time is up.
pub async fn apply(
    context: Context<'_>,
    desired: &Desired,
    plan: &Plan,
    seen: &Observed,
    options: Options,
    agreed: Agreed<'_>,
) -> Result<Applied, Failure> {
    agreed.covers(desired, plan)?;
    let user = seen.active().next().map(|user| user.id);
    let checked = import::Checked::default();
    let mut run = Run { context, desired, plan, seen, options, user, checked, warnings: Vec::new() };
    if !plan.is_empty() {
        run.warnings = preconditions::check(context, desired, plan, seen).await?;
        run.checked = import::check(context, desired, Basis { plan, seen }).await?;
    }
    for (index, step) in plan.steps.iter().enumerate() {
        context.progress.event(Event::Step { number: index + 1, of: plan.steps.len(), what: step.what.clone() });
        let begun = clock::now();
        let outcome = run.step(&step.action).await;
        let (seconds, done) = (clock::since(begun).as_secs_f64(), outcome.is_ok());
        context.progress.event(Event::StepEnded(Ran { what: step.what.clone(), seconds, done }));
        outcome.map_err(|failure| after(&plan.steps[..index], step, failure))?;
    }
    let compared = if plan.is_empty() {
        compare(desired, seen, options)
    } else {
        let read = observed::observe(context.client, desired).await;
        compare_after(desired, &read.map_err(|error| unread(&plan.steps, error))?, options, &plan.steps)
    };
    let mut differences = compared.differences;
    for difference in &mut differences {
        let same = |other: &&Difference| (&other.place, &other.what) == (&difference.place, &difference.what);
        if let Mender::Step { step } = &difference.mended_by
            && plan.differences.iter().find(same).is_some_and(Difference::has_step)
        {
            difference.mended_by = carried_out_in_vain(step);
        }
    }
    let (accepted, idle) = (compared.accepted, compared.idle);
    Ok(Applied {
        steps: plan.steps.len(),
        checks: compared.checks,
        differences,
        accepted,
        idle,
        warnings: run.warnings,
    })
}

/// A run in progress.
struct Run<'a> {
    context: Context<'a>,
    desired: &'a Desired,
    plan: &'a Plan,
    seen: &'a Observed,
    options: Options,
    /// The application user, once there is one.
    user: Option<Uuid>,
    checked: import::Checked,
    warnings: Vec<String>,
}

impl<'a> Run<'a> {
    /// What is known about the settings: nothing after this run has imported something, which may have added or changed
    /// them.
    fn now(&self) -> Option<&'a Observed> {
        (!self.plan.imports()).then_some(self.seen)
    }

    async fn step(&mut self, action: &Action) -> Result<(), Failure> {
        let (context, desired, seen) = (self.context, self.desired, self.seen);
        match action {
            Action::ImportSolution { solution, mode, settings, .. } => {
                let package = desired
                    .packages
                    .iter()
                    .find(|package| package.solution.name == *solution)
                    .ok_or_else(|| unknown("solution", solution))?;
                let checked = self.checked.take(solution);
                let basis = Basis { plan: self.plan, seen };
                let how = (*mode, settings.as_slice());
                self.warnings.extend(import::import(context, desired, basis, package, how, checked).await?);
            }
            Action::SetVariable { name } => {
                self.warnings.extend(set::variable(context, desired, self.now(), name).await?);
            }
            Action::SetConnection { name } => set::connection(context, desired, self.now(), name).await?,
            Action::PurgeUser { user } => system_user::purge(context.client, *user).await?,
            Action::CreateUser { business_unit, application: id } => {
                let (application, _) = desired.user().ok_or_else(|| unknown("user", &id.to_string()))?;
                let patience = self.options.wait_for_consent;
                self.user = Some(user::create(context, application, *business_unit, patience).await?);
            }
            Action::EnableUser { user } => {
                let (application, _) = desired.user().ok_or_else(|| unknown("user", &user.to_string()))?;
                system_user::set_disabled(context.client, *user, application.client_id, false).await?;
            }
            Action::AssignRole { role } => assign(context, desired, seen, self.user, *role).await?,
            Action::AssignProfile { profile } => {
                let user = self.user.ok_or_else(|| unknown("user", &profile.to_string()))?;
                user::assign(context, user, Given::Profile(*profile)).await?;
            }
            Action::UnassignRole { user, role, .. } => system_user::unassign(context.client, *user, *role).await?,
            Action::TurnOn { kind, id, name } => self.warnings.extend(turn_on(context, *kind, *id, name).await?),
            Action::TurnOnShipped => self.warnings.extend(turn_on_shipped(context, desired, seen).await?),
        }
        Ok(())
    }
}

/// A failure, with what was done before it and stays done.
fn after(done: &[Step], under_way: &Step, failure: Failure) -> Failure {
    let mut failure = failure.after(&words(done), &under_way.what);
    let assigns = |step: &Step| matches!(step.action, Action::AssignRole { .. });
    let perhaps = failure.may_be_done && assigns(under_way);
    if done.iter().any(|step| matches!(step.action, Action::CreateUser { .. })) && !perhaps && !done.iter().any(assigns)
    {
        failure.details.push("the application user stays; dvpack has given it no role".into());
        failure.help.push("the next `dvpack apply` continues with that user; `dvpack remove` disables it".into());
    }
    failure
}

fn words(steps: &[Step]) -> Vec<String> {
    steps.iter().map(|step| step.what.clone()).collect()
}

/// Every step was carried out, but the result cannot be read.
fn unread(done: &[Step], error: ApiError) -> Failure {
    let failure = Failure::from(error);
    let steps = if done.len() == 1 { "the 1 step was".to_owned() } else { format!("all {} steps were", done.len()) };
    let message = format!("{steps} carried out; reading back failed: {}", failure.message);
    Failure { kind: FailureKind::Inconclusive, message, ..failure }
        .after(&words(done), "")
        .help("run the same command again: it reads back, and does nothing twice")
}

fn unknown(kind: &str, name: &str) -> Failure {
    Failure::new(FailureKind::Invalid, format!("the plan names {kind} `{name}`, which the bundle does not contain"))
}

/// Turns a process on. If one is refused, the rest still continues: it is reported, and shows in the read-back.
async fn turn_on(context: Context<'_>, kind: Kind, id: Uuid, name: &str) -> Result<Option<String>, Failure> {
    match process::turn_on(context.client, kind, id, name).await {
        Ok(()) => Ok(None),
        Err(error @ ApiError::Server { .. }) => Ok(Some(reading::explained(&error.to_string()))),
        Err(error) => Err(error.into()),
    }
}

async fn turn_on_shipped(context: Context<'_>, desired: &Desired, seen: &Observed) -> Result<Vec<String>, Failure> {
    let mut warnings = Vec::new();
    let wanted: Vec<&Process> =
        desired.processes().filter(|process| blocked(process, desired, seen).is_none()).collect();
    let ids: Vec<(Kind, Uuid)> = wanted.iter().map(|process| (process.kind, process.id)).collect();
    for state in process::states(context.client, &ids).await?.iter().filter(|state| !state.on) {
        if let Some(process) = wanted.iter().find(|process| process.id == state.id) {
            context.note(format!("turning on {} `{}`", process.kind.word(), process.name));
            warnings.extend(turn_on(context, process.kind, process.id, &process.name).await?);
        }
    }
    Ok(warnings)
}

async fn assign(
    context: Context<'_>,
    desired: &Desired,
    seen: &Observed,
    user: Option<Uuid>,
    root: Uuid,
) -> Result<(), Failure> {
    let role = desired.roles().find(|role| role.id == root).ok_or_else(|| unknown("role", &root.to_string()))?;
    let user = user.ok_or_else(|| unknown("user", &role.name))?;
    let unit: &business_unit::BusinessUnit =
        seen.business_units.first().ok_or_else(|| unknown("business unit", &role.name))?;
    let copy = match seen.copies.get(&root) {
        Some(copy) => copy.clone(),
        None => user::role_copy(context, root, &role.name, unit.id).await?,
    };
    if copy.is_built_in() {
        return Err(built_in(&copy.name));
    }
    user::assign(context, user, Given::Role(copy.id)).await
}
