//! `dvpack remove`

use std::time::Duration;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use url::Url;

use crate::cli::document::Document;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::question::{self, confirmed, named};
use crate::cli::running::{self, duration, interruptible};
use crate::cli::shell::Shell;
use crate::cli::target::{Named, TargetArgs};
use crate::cli::voice::Voice;
use crate::dataverse::row_count::RowCount;
use crate::deploy::deletions::{Deletion, Fate};
use crate::deploy::remove::Undo;
use crate::deploy::{observed, remove, report};

/// Undo what `apply` did, and only that
///
/// Takes the bundle's roles from the application user, disables the user if it has no others, and uninstalls the
/// managed solutions with all their data. First reports how many rows that is, and asks for the solution's name;
/// without a terminal it needs `--yes`.
#[derive(Debug, Args)]
pub struct RemoveArgs {
    #[command(flatten)]
    target: TargetArgs<Named>,
    /// Do not ask before removing; required without a terminal
    #[arg(short, long)]
    yes: bool,
    /// Stop waiting after this time, for example 90s, 30m or 2h (a number alone is seconds); the removal continues on
    /// the server
    #[arg(long, value_name = "TIME", default_value = "2h", value_parser = duration)]
    timeout: Duration,
}

/// What was removed.
#[derive(Serialize, JsonSchema)]
pub struct RemoveDocument {
    /// The environment.
    environment: Url,
    /// The organization's name, where the environment says it.
    organization: Option<String>,
    /// What was done, in words and in this order. Empty: there was nothing to remove.
    removed: Vec<String>,
    /// The tables that were deleted, with their rows.
    tables: Vec<RowCount>,
    /// What could not be found out about the deleted tables.
    unknown: Vec<String>,
    /// What stays although the bundle names it, and why.
    kept: Vec<String>,
    /// What was done, and is not so as the environment reads back.
    left: Vec<String>,
}

impl Document for RemoveDocument {
    const VERB: &'static str = "remove";
}

/// Runs `dvpack remove`.
pub fn run(args: RemoveArgs, shell: &Shell) -> Result<Exit, Failure> {
    let voice = Voice::new(shell);
    running::run(interruptible(&voice, async {
        let session = args.target.session_within(args.timeout, shell, &voice).await?;
        let seen = observed::observe(&session.client, &session.desired).await?;
        let undo = remove::plan(&session.desired, &seen);
        let words: Vec<String> = undo.iter().map(ToString::to_string).collect();
        let kept = remove::kept(&session.desired, &seen);
        let document = |organization, (tables, unknown), left| RemoveDocument {
            environment: session.url.clone(),
            organization,
            removed: words.clone(),
            tables,
            unknown,
            kept: kept.clone(),
            left,
        };
        if undo.is_empty() {
            let stays: String = kept.iter().map(|kept| format!("  {kept}\n")).collect();
            shell.result(&format!("nothing to remove\n{stays}"));
            let organization = session.organization().await.and_then(|organization| organization.name);
            shell.json(&document(organization, (Vec::new(), Vec::new()), Vec::new()));
            return Ok(Exit::Done);
        }
        let context = session.context();
        remove::check(context, &undo).await?;
        let losses = remove::losses(context, &seen, &undo).await?;
        let (rows, unknown) = told(&losses);
        let organization = session.organization().await.and_then(|organization| organization.name);
        let place = report::place(&session.url, organization.as_deref());
        shell.say(&format!("To be removed from {place}:\n  {}", words.join("\n  ")));
        for rows in &rows {
            shell.say(&format!("    {rows}"));
        }
        for unknown in &unknown {
            shell.say(&format!("    {unknown}"));
        }
        for kept in &kept {
            shell.say(&format!("  {kept}"));
        }
        if !args.yes {
            let solution = |of_upgrade: bool| {
                undo.iter().find_map(|step| match step {
                    Undo::Uninstall { name, staged, .. } if *staged == of_upgrade => Some(name),
                    _ => None,
                })
            };
            let agreed = match solution(false).or_else(|| solution(true)) {
                Some(name) => named(shell, "Remove this? It cannot be undone.", name).await,
                None => confirmed(shell, "Remove this?").await,
            };
            match agreed {
                Some(true) => {}
                Some(false) => return Err(question::declined("not removed")),
                None => return Err(question::nobody("not removed", "add `--yes`")),
            }
        }
        remove::remove(context, &session.desired, &undo, &losses).await?;
        let left = remove::left(context, &session.desired, &undo).await?;
        if !left.is_empty() {
            let lines: String = left.iter().map(|left| format!("  {left}\n")).collect();
            shell.result(&format!("the environment took every step, and did not keep:\n{lines}"));
            shell.status("help", "see what else changes the environment; then run again");
            shell.json(&document(organization, (rows, unknown), left));
            return Ok(Exit::Differs);
        }
        let count = if undo.len() == 1 { "1 step".to_owned() } else { format!("{} steps", undo.len()) };
        let stays: String = kept.iter().map(|kept| format!("  {kept}\n")).collect();
        shell.result(&format!("removed: {count}\n{stays}"));
        shell.json(&document(organization, (rows, unknown), Vec::new()));
        Ok(Exit::Done)
    }))
}

/// The tables to be deleted with their rows, and what is not known about them, in words.
fn told(losses: &[Deletion]) -> (Vec<RowCount>, Vec<String>) {
    let mut tables = Vec::new();
    let mut unknown = Vec::new();
    for it in losses {
        let name = it.name.clone().or_else(|| it.id.map(|id| id.to_string()));
        match (&it.fate, name) {
            (Fate::Deleted, Some(table)) => tables.push(RowCount { table, rows: it.rows }),
            _ => unknown.push(format!("solution `{}`: {it}", it.solution)),
        }
    }
    (tables, unknown)
}
