//! Importing one solution: never started twice, however the attempt before ended.

mod outcome;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::bundle::descriptor::SettingKind;
use crate::dataverse::ApiError;
use crate::dataverse::error::words;
use crate::dataverse::import::{self as service, Action as Start, Missing};
use crate::deploy::desired::{Desired, Package, Wanted};
use crate::deploy::failure::Failure;
use crate::deploy::fitting;
use crate::deploy::job::{Goal, follow, settle, vanished, wait_for_others};
use crate::deploy::meanwhile::{self, Basis};
use crate::deploy::plan::Mode;
use crate::deploy::progress::{Context, Event};
use outcome::{Ended, judge, not_staged, server_failure};

/// How often a start whose outcome is unknown may be followed by another one.
const STARTS: u32 = 3;

/// What the environment's own check said of the packages of a plan.
#[derive(Clone, Debug, Default)]
pub struct Checked(BTreeMap<String, service::Staged>);

impl Checked {
    /// The answer for a solution, once.
    pub fn take(&mut self, solution: &str) -> Option<service::Staged> {
        self.0.remove(solution)
    }
}

/// Has the environment check every package that a plan imports, before anything lasting is written.
///
/// What a package needs of one that is imported before it cannot be there yet: it is checked at its own turn.
pub async fn check(context: Context<'_>, desired: &Desired, basis: Basis<'_>) -> Result<Checked, Failure> {
    let mut checked = Checked::default();
    let mut before: Vec<&str> = Vec::new();
    let uploaded: Vec<_> = fitting::uploaded(desired, &basis.plan.steps).collect();
    // What a running import brings must be there before it is asked for. It may be the one of a killed run, too.
    let waited = !uploaded.is_empty() && wait_for_others(context).await?;
    for (package, mode) in uploaded {
        let name = package.solution.name.as_str();
        if waited {
            let look = meanwhile::look(context, package, mode).await?;
            if look.there {
                continue;
            }
            meanwhile::check(context, basis, (package, mode), &look).await?;
        }
        let staged = service::stage(context.client, &package.zip).await?;
        if staged.passed {
            checked.0.insert(name.to_owned(), staged);
        } else if !comes_before(&staged, &before) && !Goal::Import(package, mode).is_reached(context).await? {
            return Err(not_staged(name, &staged));
        }
        before.push(name);
    }
    Ok(checked)
}

/// Whether everything that a package lacks belongs to packages that are imported before it, and so can come with them.
fn comes_before(staged: &service::Staged, before: &[&str]) -> bool {
    let of_earlier = |missing: &Missing| {
        let owner = missing.solution.as_deref().and_then(|owner| owner.split(' ').next());
        owner.is_some_and(|owner| before.iter().any(|name| name.eq_ignore_ascii_case(owner)))
    };
    !staged.missing.is_empty() && staged.missing.iter().all(of_earlier)
}

/// Imports a package, which was checked already as a rule; warnings of the server.
pub async fn import(
    context: Context<'_>,
    desired: &Desired,
    basis: Basis<'_>,
    package: &Package,
    (mode, settings): (Mode, &[String]),
    mut checked: Option<service::Staged>,
) -> Result<Vec<String>, Failure> {
    let parameters = parameters(desired, settings)?;
    let name = &package.solution.name;
    let mut locked_for = Duration::ZERO;
    let mut unknown = 0;
    let mut lost = false;
    let goal = Goal::Import(package, mode);
    loop {
        if checked.is_none() && mode != Mode::Promote {
            // Ours may be among them: killed runs leave their import running.
            wait_for_others(context).await?;
            if goal.is_reached(context).await? {
                return Ok(done_meanwhile(context));
            }
            let staged = service::stage(context.client, &package.zip).await?;
            if !staged.passed {
                return Err(not_staged(name, &staged));
            }
            checked = Some(staged);
        }
        wait_for_others(context).await?;
        // An import that ran while the environment was observed, or while this one was uploaded and checked, may have
        // ended before anybody looked for it; an upgrade that was finished since leaves nothing to promote.
        let look = meanwhile::look(context, package, mode).await?;
        if look.there {
            return Ok(done_meanwhile(context));
        }
        meanwhile::check(context, basis, (package, mode), &look).await?;
        let started = if mode == Mode::Promote {
            context.progress.event(Event::JobStarting);
            service::promote(context.client, name).await
        } else {
            let upload = checked.take().and_then(|staged| staged.upload);
            let start = match mode {
                Mode::Upgrade => Start::Upgrade,
                Mode::Stage => Start::Hold,
                _ => Start::Import,
            };
            context.progress.event(Event::JobStarting);
            service::start(context.client, start, upload, &package.zip, parameters.clone()).await
        };
        let ended = match started {
            Ok(started) => {
                let followed = finish(context, package, mode, &started).await;
                followed.map_err(|mut failure| {
                    failure.request_id = failure.request_id.or(started.request_id);
                    failure
                })?
            }
            Err(error) if error.is_lock() => {
                context.progress.event(Event::JobEnded);
                Ended::Locked
            }
            // What was uploaded for the check is not kept for ever.
            Err(error) if error.is_absent() && !lost && mode != Mode::Promote => {
                lost = true;
                context.progress.event(Event::JobEnded);
                continue;
            }
            Err(error @ ApiError::Ambiguous { .. }) => {
                let Some(error) = settle(context, goal, error).await? else { return Ok(Vec::new()) };
                unknown += 1;
                if unknown >= STARTS {
                    return Err(error.into());
                }
                continue;
            }
            Err(error) => {
                context.progress.event(Event::JobEnded);
                return Err(server_failure(name, error));
            }
        };
        match ended {
            Ended::Imported(warnings) => return Ok(warnings),
            Ended::Locked => {
                let patience = context.client.patience();
                if locked_for + patience.lock_wait > patience.lock_total {
                    return Err(Failure::not_ready("another solution operation holds the environment's lock")
                        .detail(format!("waited {}", words(locked_for)))
                        .help("see the solution history of the environment, and run again when it has ended"));
                }
                locked_for += patience.lock_wait;
                context.note("another solution operation is running in the environment; waiting for it");
                context.wait(patience.lock_wait, "another solution operation is still running").await?;
            }
        }
    }
}

/// Somebody else's import, or that of a killed run, did the work.
fn done_meanwhile(context: Context<'_>) -> Vec<String> {
    context.note("the solution was imported in the meantime");
    Vec::new()
}

/// Follows the job of an import to its end and judges it.
async fn finish(
    context: Context<'_>,
    package: &Package,
    mode: Mode,
    started: &service::Started,
) -> Result<Ended, Failure> {
    let goal = Goal::Import(package, mode);
    match follow(context, goal, started.job, started.import_job).await? {
        Some(ended) => judge(context, package, goal, &ended, started.import_job).await,
        None if goal.is_reached_by(context, started.job).await? => Ok(Ended::Imported(Vec::new())),
        None => Err(vanished(started.job)),
    }
}

/// `ComponentParameters`: the settings that are given along.
fn parameters(desired: &Desired, names: &[String]) -> Result<Vec<Value>, Failure> {
    desired.settings.iter().filter(|setting| names.contains(&setting.name)).map(parameter).collect()
}

fn parameter(setting: &Wanted) -> Result<Value, Failure> {
    let value = setting.to_send()?;
    Ok(match setting.kind {
        SettingKind::EnvironmentVariable => json!({
            "@odata.type": "Microsoft.Dynamics.CRM.environmentvariablevalue",
            "schemaname": setting.name,
            "value": value,
        }),
        SettingKind::ConnectionReference => json!({
            "@odata.type": "Microsoft.Dynamics.CRM.connectionreference",
            "connectionreferencelogicalname": setting.name,
            "connectorid": setting.connector,
            "connectionid": value,
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_earlier_packages_can_bring_all_of_is_waited_for() {
        let missing = |owner: &str| Missing { component: "a_b".into(), solution: Some(owner.into()), needed_by: None };
        let comes = |owners: &[&str]| {
            let missing = owners.iter().map(|owner| missing(owner)).collect();
            comes_before(&service::Staged { missing, ..service::Staged::default() }, &["First"])
        };
        assert!(comes(&["First (1.0)"]) && comes(&["first"]));
        assert!(!comes(&["First (1.0)", "Absent (2.0)"]) && !comes(&["Absent"]) && !comes(&[]));
        let nobody = Missing { component: "a_b".into(), ..Missing::default() };
        assert!(!comes_before(&service::Staged { missing: vec![nobody], ..service::Staged::default() }, &["First"]));
    }
}
