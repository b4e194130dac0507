//! Whether an apply would succeed, found out by reading alone.

use std::collections::BTreeSet;

use crate::dataverse::{async_operation, organization, role, system_user};
use crate::deploy::desired::Desired;
use crate::deploy::failure::Failure;
use crate::deploy::observed::observe;
use crate::deploy::plan::{Options, plan};
use crate::deploy::progress::Context;
use crate::deploy::verify::Check;

/// What the steps of an apply need of the caller, besides every privilege of the roles that it assigns.
const NEEDED: [&str; 9] = [
    "prvCreateUser",
    "prvReadUser",
    "prvWriteUser",
    "prvReadBusinessUnit",
    "prvReadRole",
    "prvAssignRole",
    "prvImportCustomization",
    "prvReadSolution",
    "prvReadAsyncOperation",
];

/// Looks at everything, also past the first thing that is wrong.
pub async fn examine(context: Context<'_>, environment: &url::Url, desired: &Desired) -> Result<Vec<Check>, Failure> {
    let client = context.client;
    let mut checks = Vec::new();
    let mut check = |what: &str, ok: bool, found: String| checks.push(Check { what: what.into(), ok, found });

    let caller = organization::who_am_i(client).await?;
    check("sign-in", true, format!("user {}", caller.user));
    let version = organization::version(client).await?;
    let wanted = desired.descriptor.requires.server_version;
    let enough = wanted.is_none_or(|wanted| version.is_some_and(|version| version >= wanted));
    let mut found = version.map_or_else(|| "not understood".to_owned(), |version| version.to_string());
    if let Some(wanted) = wanted {
        found.push_str(&format!(", {wanted} is needed"));
    }
    check("server version", enough, found);

    let held = system_user::privileges(client, caller.user).await?;
    let needed: BTreeSet<&str> = NEEDED
        .into_iter()
        .chain(desired.roles().flat_map(|role| role.privileges.iter().map(|privilege| privilege.name.as_str())))
        .collect();
    let ids = role::privilege_ids(client, &needed.iter().copied().collect::<Vec<_>>()).await?;
    // A privilege of a table that the solution brings is not known before the import; its importer then has it.
    let missing: Vec<&str> = needed
        .into_iter()
        .filter(|name| ids.get(&name.to_lowercase()).is_some_and(|id| !held.iter().any(|(have, _)| have == id)))
        .collect();
    let found = if missing.is_empty() { "all held".to_owned() } else { format!("missing: {}", missing.join(", ")) };
    check("privileges of the signed-in user", missing.is_empty(), found);

    let running = async_operation::running(client).await?;
    let found = match running.first() {
        None => "none".to_owned(),
        Some(job) => format!("`{}` (job {}) since {}", job.message_name, job.id, job.created.as_deref().unwrap_or("?")),
    };
    check("running solution operations", running.is_empty(), found);

    let seen = observe(client, desired).await?;
    match plan(environment, desired, &seen, Options::default()) {
        Ok(plan) if plan.is_empty() => check("plan", true, "nothing to do".into()),
        Ok(plan) => check("plan", true, format!("{} steps: `dvpack plan` shows them", plan.steps.len())),
        Err(failure) => {
            let text = failure.details.iter().fold(failure.message, |text, detail| format!("{text}; {detail}"));
            check("plan", false, text);
        }
    }
    for package in &desired.packages {
        let name = &package.solution.name;
        if seen.is_imported(desired) {
            continue;
        }
        let staged = crate::dataverse::import::stage(client, &package.zip).await?;
        let mut found: Vec<String> = staged.missing.iter().map(ToString::to_string).collect();
        found.extend(staged.errors.iter().cloned());
        let text = match (staged.passed, found.is_empty()) {
            (true, _) => "all there".to_owned(),
            (false, true) => "the environment refuses the solution without a reason".to_owned(),
            (false, false) => format!("missing: {}", found.join("; ")),
        };
        check(&format!("what solution `{name}` depends on"), staged.passed, text);
    }
    if desired.user().is_some() {
        let known = seen.active().next().is_some();
        let found = if known {
            "given: the application has a user here".to_owned()
        } else {
            "not known before the user is created; `dvpack consent` gives the link".to_owned()
        };
        check("admin consent", true, found);
    }
    Ok(checks)
}
