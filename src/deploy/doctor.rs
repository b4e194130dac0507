//! Whether an apply would succeed, found out only by reading: one question after the other, each with its answer and
//! with advice. “Cannot be read” is an answer, too, and does not prevent the other questions.

mod access;
mod answer;
mod caller;
mod fitting;
mod rights;
mod roles;
mod secret;
mod values;

use std::collections::BTreeSet;

use url::Url;

use crate::catalog::import_texts;
use crate::clock;
use crate::dataverse::solution::Installed;
use crate::dataverse::{Client, async_operation, import, organization, solution, system_user};
use crate::deploy::caller::Who;
use crate::deploy::deletions::{self, Deletion};
use crate::deploy::desired::{Desired, Package};
use crate::deploy::difference::{Code, Comparison, compare};
use crate::deploy::failure::Failure;
use crate::deploy::fitting::uploaded;
use crate::deploy::import::comes_before;
use crate::deploy::machine::Machine;
use crate::deploy::observed::{Observed, observe};
use crate::deploy::progress::Context;
use crate::deploy::reading;
use crate::deploy::step::{Options, ROLES_CONSENT, Step, taken_roles};
use crate::solution::deletion::by_solution;
pub use answer::{Answer, Answers, State};

const VERSION: &str = "server version";

/// Asks everything, even after the first problem. Fails only if sign-in fails or is refused.
///
/// # Errors
/// Only if sign-in fails or is refused: everything else is an answer.
pub async fn examine(
    context: Context<'_>,
    environment: &Url,
    desired: &Desired,
    options: Options,
    machine: &Machine<'_>,
) -> Result<Answers, Failure> {
    let client = context.client;
    let mut answers = Answers::default();
    let who = caller::who(&mut answers, client).await?;
    access::access(&mut answers, client, desired, who.as_ref()).await;
    version(&mut answers, client, desired).await;
    let seen = answers.read("plan", observe(client, desired)).await;
    // The plan comes last on the screen, as a summary.
    let unread = if seen.is_none() { answers.all.pop() } else { None };
    let compared = seen.as_ref().map(|seen| compare(desired, seen, options));
    // If something prevents an apply from starting, its steps are not known.
    let steps = compared.as_ref().filter(|it| it.hindrances.is_empty()).map(|it| it.steps.as_slice());
    rights::privileges(&mut answers, client, desired, steps, who.as_ref()).await;
    roles::roles(&mut answers, client, desired).await;
    running(&mut answers, client).await;
    fitting::fitting(&mut answers, client, desired, steps).await;
    let mut before = Vec::new();
    for package in &desired.packages {
        let uploads = steps.is_none_or(|steps| uploads(desired, steps, package));
        if dependencies(&mut answers, client, package, uploads, &before).await {
            before.push(package.solution.name.as_str());
        }
    }
    consent(&mut answers, client, environment, desired, seen.as_ref(), who.as_ref()).await;
    values::of_machine(&mut answers, desired, machine);
    secret::expiry(&mut answers, desired, clock::today());
    match (compared, seen) {
        (Some(compared), Some(seen)) => {
            deletions(&mut answers, client, desired, &seen, &compared).await;
            roles_taken(&mut answers, &compared, options);
            judged(&mut answers, compared);
        }
        _ => answers.all.extend(unread),
    }
    // A caller who is no longer let in has received no answer.
    match answers.shut_out.take() {
        Some(failure) => Err(failure),
        None => Ok(answers),
    }
}

async fn version(answers: &mut Answers, client: &Client, desired: &Desired) {
    const WHAT: &str = VERSION;
    let Some(version) = answers.read(WHAT, organization::version(client)).await else { return };
    let wanted = desired.descriptor.requires.server_version;
    let unread = if wanted.is_none() { "not understood; the bundle asks for none" } else { "not understood" };
    let found = version.map_or_else(|| unread.to_owned(), |version| version.to_string());
    let enough = wanted.is_none_or(|wanted| version.is_some_and(|version| version >= wanted));
    let needed = wanted.map(|wanted| format!("; the bundle needs {wanted}")).unwrap_or_default();
    answers.add(WHAT, if enough { State::Ok } else { State::Problem }, found + &needed);
    if !enough {
        answers.advise("update the environment in the Power Platform admin center");
    }
}

async fn running(answers: &mut Answers, client: &Client) {
    const WHAT: &str = "running solution operations";
    let Some(running) = answers.read(WHAT, async_operation::running(client)).await else { return };
    let Some(job) = running.first() else {
        answers.add(WHAT, State::Ok, "none");
        return;
    };
    let since = job.created.as_deref().map(|since| format!(" since {since}")).unwrap_or_default();
    answers
        .add(WHAT, State::Open, format!("`{}` (job {}){since}; an apply waits for its end", job.message_name, job.id))
        .advise("what it changes shows when it has ended; the environment's solution history shows what it is");
}

/// Whether these steps upload a package: an apply has just those checked.
fn uploads(desired: &Desired, steps: &[Step], package: &Package) -> bool {
    uploaded(desired, steps).any(|(uploaded, _)| uploaded.solution.name == package.solution.name)
}

/// What a solution needs, as the environment itself checks it; whether it is one that an apply imports. `uploads`: whether
/// an apply has it checked, too, or may, where its steps are not known. `before` are those that are imported before it.
async fn dependencies(
    answers: &mut Answers,
    client: &Client,
    package: &Package,
    uploads: bool,
    before: &[&str],
) -> bool {
    let name = package.solution.name.as_str();
    let what = format!("what solution `{name}` depends on");
    let read = async {
        let installed = solution::find(client, &[name], true).await?;
        let there = installed.into_iter().find(|installed| installed.name.eq_ignore_ascii_case(name));
        // Nothing is imported over an unmanaged one: the plan deals with that.
        let imports = |there: &Installed| {
            there.managed == package.solution.managed && there.version < Some(package.solution.version)
        };
        match there {
            Some(there) if !imports(&there) => Ok(Err(Some(there))),
            there if !uploads => Ok(Err(there)),
            _ => import::stage(client, &package.zip).await.map(Ok),
        }
    };
    let Some(read) = answers.read(&what, read).await else { return false };
    let staged = match read {
        Ok(staged) => staged,
        Err(Some(there))
            if there.managed == package.solution.managed && there.version == Some(package.solution.version) =>
        {
            answers.add(what, State::Ok, "nothing to check: this version is installed");
            return false;
        }
        Err(_) if !uploads => {
            answers.add(what, State::Ok, "nothing to check: an apply does not upload it");
            return false;
        }
        // The plan says what keeps it from being imported.
        Err(_) => return false,
    };
    if staged.passed {
        answers.add(what, State::Ok, "all there");
        return true;
    }
    if comes_before(&staged, before) {
        answers.add(what, State::Ok, "what is missing comes with the bundle's solutions that are imported before it");
        return true;
    }
    let missing: Vec<String> = staged.missing.iter().map(ToString::to_string).collect();
    let mut found: Vec<String> = Vec::new();
    found.extend((!missing.is_empty()).then(|| format!("missing: {}", missing.join("; "))));
    let readings: Vec<_> = staged.errors.iter().map(|said| (said, import_texts::read(said))).collect();
    found.extend(readings.iter().map(|(said, reading)| match reading {
        Some(reading) => format!("{}: {said}", reading.meaning),
        None => format!("the environment refuses the solution: {said}"),
    }));
    found.extend(reading::users(client, &staged.errors).await);
    if found.is_empty() {
        answers.add(what, State::Problem, "the environment refuses the solution without a reason");
        return true;
    }
    let owners: BTreeSet<&str> = staged.missing.iter().filter_map(|missing| missing.solution.as_deref()).collect();
    answers.add(what, State::Problem, found.join("; "));
    let mut advice: Vec<&str> =
        readings.iter().filter_map(|(_, reading)| Some(reading.as_ref()?.advice.as_str())).collect();
    advice.dedup();
    for line in advice {
        answers.advise(line);
    }
    if !owners.is_empty() {
        let owners: Vec<&str> = owners.into_iter().collect();
        answers.advise(format!("install or update {} first", owners.join(", ")));
    }
    true
}

async fn consent(
    answers: &mut Answers,
    client: &Client,
    environment: &Url,
    desired: &Desired,
    seen: Option<&Observed>,
    who: Option<&Who>,
) {
    const WHAT: &str = "admin consent";
    let Some((application, _)) = desired.user() else { return };
    let id = application.client_id;
    if who.is_some_and(|who| who.application() == Some(id)) {
        answers.add(WHAT, State::Ok, "given: this run is signed in as the application");
        return;
    }
    let there = match seen {
        Some(seen) => seen.active().next().is_some(),
        None => {
            let users = answers.read(WHAT, system_user::of_application(client, id, false)).await;
            let Some(users) = users else { return };
            users.iter().any(|user| !user.deleted)
        }
    };
    if there {
        answers.add(WHAT, State::Ok, "given: the application has a user here");
        return;
    }
    let found = format!("application {id} has no user here yet; whether the tenant knows it shows when one is created");
    let environment = environment.as_str().trim_end_matches('/');
    answers
        .add(WHAT, State::Open, found)
        .advise("if nobody has consented yet, an administrator of the tenant opens the link of this command once:")
        .advise(format!("dvpack consent --client-id {id} --url {environment}"));
}

/// What an upgrade deletes. Without an upgrade, nothing is reported.
async fn deletions(answers: &mut Answers, client: &Client, desired: &Desired, seen: &Observed, compared: &Comparison) {
    const WHAT: &str = "what the upgrade deletes";
    if compared.hindrance().is_some() || !compared.steps.iter().any(deletions::is_upgrade) {
        return;
    }
    let read = deletions::of_steps(client, desired, seen, &compared.steps);
    let Some(found) = answers.read(WHAT, read).await else { return };
    let told: Vec<String> = by_solution(&found)
        .into_iter()
        .map(|(solution, words, all)| {
            let all: Vec<String> = all.iter().map(ToString::to_string).collect();
            format!("the upgrade of solution `{solution}` {words}: {}", all.join("; "))
        })
        .collect();
    if told.is_empty() {
        answers.add(WHAT, State::Ok, "nothing");
    } else if !found.iter().any(Deletion::needs_consent) {
        answers.add(WHAT, State::Ok, told.join(". "));
    } else {
        answers.add(WHAT, State::Asks, told.join(". "));
        for line in deletions::advice(&compared.steps) {
            answers.advise(line);
        }
    }
    answers.deletions = found;
}

/// Roles that only the bundle wants removed from the application user. Without any, nothing is reported.
fn roles_taken(answers: &mut Answers, compared: &Comparison, options: Options) {
    let taken: Vec<String> = taken_roles(&compared.steps).into_iter().map(|name| format!("`{name}`")).collect();
    if taken.is_empty() || options.only_declared_roles || compared.hindrance().is_some() {
        return;
    }
    let verb = if taken.len() == 1 { "is" } else { "are" };
    let found = format!("{} {verb} taken from it, as the bundle asks for", taken.join(", "));
    answers.add("other roles of the application user", State::Asks, found).advise(ROLES_CONSENT);
}

/// What an apply would do, and what it would leave as it is.
fn judged(answers: &mut Answers, compared: Comparison) {
    const WHAT: &str = "plan";
    if let Some(failure) = compared.hindrance() {
        let found = failure.details.iter().fold(failure.message, |text, detail| format!("{text}; {detail}"));
        answers.add(WHAT, State::Problem, found);
        for line in failure.help {
            answers.advise(line);
        }
    } else {
        settle(answers, VERSION, &compared, &[Code::ServerVersion]);
        settle(answers, roles::WHAT, &compared, &[Code::PrivilegeUnknown, Code::PrivilegeLevel]);
        let found = match compared.steps.len() {
            0 => "nothing to do".to_owned(),
            1 => "1 step: `dvpack plan` shows it".to_owned(),
            steps => format!("{steps} steps: `dvpack plan` shows them"),
        };
        match compared.differences.iter().filter(|difference| !difference.has_step()).count() {
            0 => answers.add(WHAT, State::Ok, found),
            1 => answers.add(WHAT, State::Differs, format!("{found}; 1 difference stays after an apply")),
            stay => answers.add(WHAT, State::Differs, format!("{found}; {stay} differences stay after an apply")),
        };
    }
    answers.differences = compared.differences;
    answers.accepted = compared.accepted;
    answers.idle = compared.idle;
    answers.warnings = compared.notes;
}

/// Problems with the server or the privileges only prevent what has to be written. If nothing prevents an
/// apply from starting, an answer weighs as much as its differences.
fn settle(answers: &mut Answers, what: &str, compared: &Comparison, codes: &[Code]) {
    let differs = compared.differences.iter().any(|difference| codes.contains(&difference.code));
    let accepted = compared.accepted.iter().any(|accepted| codes.contains(&accepted.difference.code));
    let wrong = |answer: &&mut Answer| answer.what == what && matches!(answer.state, State::Problem | State::Differs);
    for answer in answers.all.iter_mut().filter(wrong) {
        answer.state = if differs { State::Differs } else { State::Ok };
        answer.ok = !differs;
        if !differs {
            answer.help.clear();
            answer.found.push_str(if accepted { " (accepted)" } else { " (no difference results from it)" });
        }
    }
}
