//! An option of another verb: the tip names that verb, and no option that only looks similar.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

/// Options that only `dvpack apply` has, because only it makes the changes that need them.
const CONSENTS: [&str; 4] = ["allow-delete", "allow-value", "only-declared-roles", "other-environment"];

/// Says which verb has an option that this one does not have. Other errors stay as they are.
pub(super) fn named(mut error: Error, program: &Command) -> Error {
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidArg) else { return error };
    let given = given.clone();
    let verbs: Vec<String> = program
        .get_subcommands()
        .filter(|verb| has(verb, &given))
        .map(|verb| format!("`dvpack {}`", verb.get_name()))
        .collect();
    let Some((last, others)) = verbs.split_last() else { return error };
    let verbs = if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) };
    let mut tips = vec![format!("`{given}` is an option of {verbs}")];
    if CONSENTS.iter().any(|consent| given.strip_prefix("--") == Some(consent)) {
        tips.push("or let somebody approve a saved plan, which carries it: `dvpack plan -o FILE`, then `dvpack apply --plan FILE`".into());
    }
    error.remove(ContextKind::SuggestedArg);
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips.into_iter().map(StyledStr::from).collect()));
    error
}

/// Whether a verb has an option, by its long or its short name.
fn has(verb: &Command, given: &str) -> bool {
    let long = given.strip_prefix("--");
    let short = given.strip_prefix('-').and_then(|rest| rest.chars().next());
    verb.get_arguments().any(|argument| match long {
        Some(long) => argument.get_long() == Some(long),
        None => short.is_some() && argument.get_short() == short,
    })
}
