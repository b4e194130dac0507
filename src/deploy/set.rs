//! Sets the value of an environment variable and the connection of a connection reference.
//!
//! An import adds variables, references and values: what was seen before it says nothing about them.

use std::time::Duration;

use crate::bundle::descriptor::SettingKind;
use crate::dataverse::ApiError;
use crate::dataverse::connection_reference::{self, Reference};
use crate::dataverse::environment_variable::{self, Variable};
use crate::dataverse::error::DUPLICATE_RECORD;
use crate::deploy::desired::{Desired, Wanted};
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::observed::Observed;
use crate::deploy::progress::Context;

/// How often a value is created, or looked for, whose creation is in doubt.
const ATTEMPTS: u64 = 4;

fn unknown(kind: &str, name: &str) -> Failure {
    Failure::new(FailureKind::Invalid, format!("the plan names {kind} `{name}`, which the bundle does not contain"))
}

fn absent(kind: &str, name: &str) -> Failure {
    Failure::new(FailureKind::Failed, format!("{kind} `{name}` is not in the environment"))
}

fn wanted<'a>(desired: &'a Desired, kind: SettingKind, name: &str) -> Option<&'a Wanted> {
    desired.settings_of(kind).into_iter().find(|setting| setting.name == name)
}

/// Sets a variable; `seen` is absent where it must be read first. A warning where it has more than one value by now: that
/// shows in the read-back, and is no reason to leave the rest undone.
///
/// # Errors
/// Where it cannot be set.
pub async fn variable(
    context: Context<'_>,
    desired: &Desired,
    seen: Option<&Observed>,
    name: &str,
) -> Result<Option<String>, Failure> {
    const KIND: &str = "environment variable";
    let setting = wanted(desired, SettingKind::EnvironmentVariable, name).ok_or_else(|| unknown(KIND, name))?;
    let value = setting.to_send()?;
    let there = match seen {
        Some(seen) => seen.variables.clone(),
        None => environment_variable::find(context.client, &[name]).await?,
    };
    let there = named(there, name).ok_or_else(|| absent(KIND, name))?;
    if there.value_id.is_some() {
        return change(context, &there, value).await;
    }
    create(context, &there, value).await
}

/// Creates the value. Where the answer was lost, or somebody else was quicker, the value is looked for; sent again, the
/// creation makes no second one.
async fn create(context: Context<'_>, there: &Variable, value: &str) -> Result<Option<String>, Failure> {
    let (client, name) = (context.client, there.name.as_str());
    let mut lost: Option<ApiError> = None;
    let mut attempt = 0;
    loop {
        attempt += 1;
        let made = environment_variable::create_value(client, there.definition, name, value).await;
        let Err(error) = made else { return Ok(None) };
        let again = environment_variable::find(client, &[name]).await;
        let again = match again {
            Ok(again) => named(again, name),
            Err(look) => return Err(lost.unwrap_or(error).looked_in_vain(&look).into()),
        };
        if let Some(again) = again.filter(|again| again.value_id.is_some()) {
            return change(context, &again, value).await;
        }
        let open = matches!(error, ApiError::Ambiguous { .. });
        let asked = error.asked_wait();
        let tries = (open || error.is(DUPLICATE_RECORD)) && attempt < ATTEMPTS;
        if !tries || asked > client.patience().throttle_longest {
            return Err(error.after_a_loss(lost).into());
        }
        if open {
            lost = Some(error);
        }
        let pause = asked.max(Duration::from_secs(2 * attempt));
        let wait = context.wait(pause, &format!("environment variable `{name}` is not set")).await;
        wait.map_err(|late| Failure { may_be_done: lost.is_some(), ..late })?;
    }
}

fn named(all: Vec<Variable>, name: &str) -> Option<Variable> {
    all.into_iter().find(|variable| variable.name.eq_ignore_ascii_case(name))
}

/// Changes the one value that a variable has, unless it is right.
async fn change(context: Context<'_>, there: &Variable, value: &str) -> Result<Option<String>, Failure> {
    let name = &there.name;
    if !there.others.is_empty() {
        let count = there.others.len() + 1;
        return Ok(Some(format!("environment variable `{name}` has {count} values by now, and none was changed")));
    }
    let Some(id) = there.value_id.filter(|_| there.active_value() != Some(value)) else { return Ok(None) };
    environment_variable::update_value(context.client, id, name, value, there.inactive).await?;
    Ok(None)
}

/// Sets a connection; `seen` is absent if the reference must be read first.
///
/// # Errors
/// If it cannot be set.
pub async fn connection(
    context: Context<'_>,
    desired: &Desired,
    seen: Option<&Observed>,
    name: &str,
) -> Result<(), Failure> {
    const KIND: &str = "connection reference";
    let setting = wanted(desired, SettingKind::ConnectionReference, name).ok_or_else(|| unknown(KIND, name))?;
    let connection = setting.to_send()?;
    let there = match seen {
        Some(seen) => seen.connections.clone(),
        None => connection_reference::find(context.client, &[name]).await?,
    };
    let is_it = |reference: &&Reference| reference.name.eq_ignore_ascii_case(name);
    let there = there.iter().find(is_it).ok_or_else(|| absent(KIND, name))?;
    if there.active_connection() == Some(connection) {
        return Ok(());
    }
    Ok(connection_reference::set(context.client, there.id, name, connection, there.inactive).await?)
}
