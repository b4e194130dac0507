//! Whether the environment has the privileges of the package's roles, each at the level that the role asks for.
//!
//! The environment itself is asked: which privileges there are depends on its apps, and levels can differ from those
//! that the catalog knows. Privileges of tables that the package brings are there only after the import.

use std::collections::BTreeMap;

use crate::catalog::{self, Level};
use crate::dataverse::Client;
use crate::dataverse::role::{self, Known};
use crate::deploy::desired::Desired;
use crate::deploy::doctor::answer::{Answers, State};

pub(super) const WHAT: &str = "privileges of the roles";

/// Names what the environment lacks or does not allow, role by role.
pub(super) async fn roles(answers: &mut Answers, client: &Client, desired: &Desired) {
    let roles = &desired.descriptor.roles;
    let mut names: Vec<&str> =
        roles.iter().flat_map(|role| &role.privileges).map(|privilege| privilege.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return;
    }
    let Some(known) = answers.read(WHAT, role::known_privileges(client, &names)).await else { return };
    let brought: Vec<&str> = desired.own_tables().collect();
    let mut problems = Vec::new();
    let (mut help, mut refused) = (false, false);
    for role in roles {
        let found: Vec<String> = role
            .privileges
            .iter()
            .filter_map(|privilege| problem(&privilege.name, privilege.level, &known, &brought))
            .collect();
        help |= found.iter().any(|text| text.ends_with(MISSING));
        refused |= found.iter().any(|text| !text.ends_with(MISSING));
        if !found.is_empty() {
            problems.push(format!("role `{}`: {}", role.name, found.join(", ")));
        }
    }
    // An import with a level that does not exist is refused; a privilege that does not exist is left out.
    let state = if refused { State::Problem } else { State::Differs };
    if problems.is_empty() {
        answers.add(WHAT, State::Ok, format!("all {} exist, at the levels that the roles ask for", names.len()));
        return;
    }
    answers.add(WHAT, state, problems.join("; ")).advise(
        "correct the role and build again: an import is refused, or leaves such a privilege out, and the verification reports it",
    );
    if help {
        answers.advise("a privilege of another solution's table exists once that solution is installed");
    }
}

/// The message about a privilege that does not exist.
const MISSING: &str = "does not exist here";

fn problem(name: &str, level: Level, known: &BTreeMap<String, Known>, brought: &[&str]) -> Option<String> {
    match known.get(&name.to_lowercase()) {
        Some(known) => {
            let levels = known.levels.filter(|levels| !levels.contains(level))?;
            Some(format!("`{name}` cannot be at {level}, only at {}", levels.names()))
        }
        None => {
            let noun = catalog::split_privilege(name).map(|(_, noun)| noun);
            let own = noun.is_some_and(|noun| brought.iter().any(|table| table.eq_ignore_ascii_case(noun)));
            (!own).then(|| format!("`{name}` {MISSING}"))
        }
    }
}
