//! Sets the value of an environment variable and the connection of a connection reference.
//!
//! An import adds variables, references and values: what was seen before it says nothing about them.

use crate::bundle::descriptor::SettingKind;
use crate::dataverse::connection_reference::{self, Reference};
use crate::dataverse::environment_variable::{self, Variable};
use crate::deploy::desired::{Desired, Wanted};
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::observed::Observed;
use crate::deploy::progress::Context;

fn unknown(kind: &str, name: &str) -> Failure {
    Failure::new(FailureKind::Invalid, format!("the plan names {kind} `{name}`, which the bundle does not contain"))
}

fn absent(kind: &str, name: &str) -> Failure {
    Failure::new(FailureKind::Failed, format!("{kind} `{name}` is not in the environment"))
}

fn wanted<'a>(desired: &'a Desired, kind: SettingKind, name: &str) -> Option<&'a Wanted> {
    desired.settings_of(kind).into_iter().find(|setting| setting.name == name)
}

/// Sets a variable; `seen` is absent if it must be read first.
///
/// # Errors
/// If it cannot be set, or has more than one value.
pub async fn variable(
    context: Context<'_>,
    desired: &Desired,
    seen: Option<&Observed>,
    name: &str,
) -> Result<(), Failure> {
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
    let made = environment_variable::create_value(context.client, there.definition, name, value).await;
    let Err(error) = made else { return Ok(()) };
    // The answer was lost, or somebody else was faster: look before making a second value.
    match environment_variable::find(context.client, &[name]).await {
        Ok(again) => match named(again, name).filter(|again| again.value_id.is_some()) {
            Some(again) => change(context, &again, value).await,
            None => Err(error.into()),
        },
        Err(look) => Err(error.looked_in_vain(&look).into()),
    }
}

fn named(all: Vec<Variable>, name: &str) -> Option<Variable> {
    all.into_iter().find(|variable| variable.name.eq_ignore_ascii_case(name))
}

/// Changes the one value that a variable has, unless it is right.
async fn change(context: Context<'_>, there: &Variable, value: &str) -> Result<(), Failure> {
    let name = &there.name;
    if !there.others.is_empty() {
        let count = there.others.len() + 1;
        let failure = Failure::not_ready(format!("environment variable `{name}` has {count} values"));
        return Err(failure.help(environment_variable::ONE_VALUE));
    }
    let Some(id) = there.value_id.filter(|_| there.active_value() != Some(value)) else { return Ok(()) };
    Ok(environment_variable::update_value(context.client, id, name, value, there.inactive).await?)
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
