//! `--allow-value`: which values of this machine a bundle may take.

use std::collections::BTreeSet;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::question::{confirmed, declined};
use crate::cli::shell::Shell;
use crate::deploy::machine::{Allowed, Machine, Value, not_allowed};
use crate::deploy::{Desired, Plan};

/// What a person allows.
#[derive(Clone, Debug, Default, Args)]
pub struct AllowArgs {
    /// Let the bundle use this environment variable or file of this machine for one of its settings; repeatable
    /// (`--yes` does not allow it)
    #[arg(long = "allow-value", value_name = "env:NAME|file:PATH")]
    values: Vec<Value>,
}

/// What a verb does with the values of this machine that a bundle takes.
#[derive(Clone, Debug, Default)]
pub enum Values<'a> {
    /// Nothing: it neither needs nor reads them.
    #[default]
    Ignored,
    /// It reads those that are allowed, and does without the others.
    Compared(&'a AllowArgs),
    /// It needs all of them. Those of an approved plan are allowed, too.
    Needed(&'a AllowArgs, Option<&'a Plan>),
}

impl Values<'_> {
    /// The plan that was approved, if there is one.
    pub fn approved(&self) -> Option<&Plan> {
        match self {
            Self::Needed(_, approved) => *approved,
            Self::Ignored | Self::Compared(_) => None,
        }
    }

    /// Reads what is allowed. `Needed`: asks for the rest on a terminal, else refuses.
    pub async fn read(self, desired: &mut Desired, machine: &Machine<'_>, shell: &Shell) -> Result<(), Failure> {
        let (args, needed, approved) = match self {
            Self::Ignored => return Ok(()),
            Self::Compared(args) => (args, false, None),
            Self::Needed(args, approved) => (args, true, approved),
        };
        let wanted = desired.of_machine();
        if let Some(value) = args.values.iter().find(|value| !wanted.iter().any(|(_, wanted)| wanted == *value)) {
            let mut failure = Failure::usage(format!("`--allow-value {value}`: the bundle does not use this value"));
            failure.details =
                wanted.iter().map(|(setting, value)| format!("`{setting}` ← {}", value.words())).collect();
            return Err(failure);
        }
        // A value that no bundle may have is refused before anybody is asked.
        desired.read(machine, &Allowed::default())?;
        let mut allowed: BTreeSet<Value> = args.values.iter().cloned().collect();
        match approved {
            Some(plan) if plan.allows_values_of(desired) => allowed.extend(plan.consents.values.iter().cloned()),
            // The plan is for something else and is refused for that reason.
            Some(_) => return Ok(()),
            None => {}
        }
        let open: Vec<(String, Value)> = wanted.into_iter().filter(|(_, value)| !allowed.contains(value)).collect();
        if needed && !open.is_empty() {
            if !shell.can_ask() {
                return Err(not_allowed(&open).into());
            }
            for (setting, value) in &open {
                if allowed.contains(value) {
                    continue;
                }
                let question = format!(
                    "The bundle takes {} of this machine for `{setting}`; everyone who can read environment variables of the environment can read it there. Allow it?",
                    value.words()
                );
                match confirmed(shell, &question).await {
                    Some(true) => {}
                    Some(false) => return Err(declined("not applied")),
                    None => return Err(not_allowed(&open).into()),
                }
                allowed.insert(value.clone());
            }
        }
        Ok(desired.read(machine, &Allowed(allowed))?)
    }
}
