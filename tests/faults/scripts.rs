//! `apply.sh` under faults: each write meets every one that leaves it in doubt, each read those that make it
//! tell something else. Then the script is run again, as it says itself, and must have finished the work.
//!
//! A case takes seconds, most of them of curl and jq: every nineteenth one is run, with `DVPACK_FAULT_SCRIPT_STEP=1` all.

use std::process::{Command, Stdio};
use std::sync::Arc;

use dvpack::archive::{self, Limits};
use dvpack::sandbox::{Effect, Rule};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::matrix::fault_named;
use crate::processes::{ended, is_there, prepared};
use crate::report::{Row, Table};
use crate::stage::{Bundle, FIRST, NEXT, Stage};

/// Faults by the names of the matrix, and whether reads meet them, too.
const FAULTS: [(&str, bool); 12] = [
    ("connection closed (FIN) after commit", false),
    ("502 after commit", false),
    ("500 after commit", false),
    ("429 without a code", false),
    ("429 customization lock, three times", false),
    ("503, nothing done", true),
    ("200 with a page of a proxy, after commit", true),
    ("body cut short, connection closed", true),
    ("body shorter, length fits", true),
    ("body empty", true),
    ("token expired (401 once)", true),
    ("401 from here on", false),
];

/// Bundles unpacked, and a `sleep` that does not.
struct Script {
    folder: tempfile::TempDir,
}

impl Script {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let tools = folder.path().join("tools");
        std::fs::create_dir(&tools).expect("a folder");
        std::fs::write(tools.join("sleep"), "#!/bin/sh\n").expect("written");
        let made = Command::new("chmod").arg("+x").arg(tools.join("sleep")).status();
        assert!(made.expect("chmod runs").success());
        for bundle in [&FIRST, &NEXT] {
            let bytes = std::fs::read(&bundle.path).expect("readable");
            for entry in archive::read(&bytes, &Limits::default()).expect("a bundle") {
                let path = folder.path().join(bundle.version).join(&entry.name);
                std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
                std::fs::write(path, entry.bytes).expect("written");
            }
        }
        Self { folder }
    }

    /// Runs it to its end; the exit code, and what it said last.
    async fn run(&self, stage: &Stage, bundle: &Bundle) -> (Option<i32>, String) {
        let path = std::env::var("PATH").unwrap_or_default();
        let said = tempfile::NamedTempFile::new().expect("a file");
        let child = Command::new("sh")
            .arg(self.folder.path().join(bundle.version).join("post-import/apply.sh"))
            .args(["--url", stage.sandbox.url().as_str()])
            .env_clear()
            .env("PATH", format!("{}:{path}", self.folder.path().join("tools").display()))
            .env("AZURE_CLIENT_ID", stage.sandbox.admin_client_id().to_string())
            .env("AZURE_CLIENT_SECRET", stage.sandbox.admin_secret().reveal())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(said.reopen().expect("a file"))
            .spawn()
            .expect("sh runs");
        let code = ended(child).await;
        let words = std::fs::read_to_string(said.path()).unwrap_or_default();
        (code, words.lines().rfind(|line| line.starts_with("error")).unwrap_or_default().to_owned())
    }
}

enum Outcome {
    Same,
    Next,
}

async fn case(script: &Script, upgrade: bool, effect: Effect, times: u64, request: u64) -> Result<Outcome, String> {
    let (stage, bundle) = prepared(upgrade).await;
    stage.sandbox.add_fault(Rule { skip: request - 1, times: Some(times), effect, ..Rule::default() });
    let (code, words) = script.run(&stage, bundle).await;
    // What a script that is cut off by one of its tools ends with is among the others.
    if !matches!(code, Some(0 | 1 | 4 | 7 | 8 | 9)) && !(request == 1 && code == Some(2)) {
        return Err(format!("exit code {code:?}: {words}"));
    }
    if code != Some(0) && words.is_empty() {
        return Err(format!("exit code {code:?} without a word"));
    }
    stage.sandbox.clear_faults();
    let again = script.run(&stage, bundle).await;
    if again.0 != Some(0) {
        return Err(format!("run again, it ends with {:?}: {} (before: {code:?}: {words})", again.0, again.1));
    }
    stage.converges(bundle).await.map_err(|why| format!("{why} (before: {code:?}: {words})"))?;
    Ok(if code == Some(0) { Outcome::Same } else { Outcome::Next })
}

/// Runs all cases; nothing where curl or jq is not to be had.
pub async fn run() -> Option<Table> {
    if !is_there("curl") || !is_there("jq") {
        return None;
    }
    let script = Arc::new(Script::new());
    let gate = Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)));
    let step = crate::many("DVPACK_FAULT_SCRIPT_STEP", 19).max(1);
    let mut number = 0;
    let mut table = Table::new("apply.sh under faults, then run again as it says");
    for (upgrade, flow) in [(false, "a first apply"), (true, "an upgrade")] {
        let (stage, bundle) = prepared(upgrade).await;
        let before = stage.sandbox.requests();
        let (code, words) = script.run(&stage, bundle).await;
        let mut plain = Row::new(format!("{flow}, no fault"));
        plain.judge(if code == Some(0) { stage.converges(bundle).await } else { Err(format!("{code:?}: {words}")) });
        table.rows.push(plain);
        let log: Vec<_> = stage.sandbox.log().into_iter().skip(usize::try_from(before).unwrap_or(0)).collect();
        for (name, reads) in FAULTS {
            let (effect, times) = fault_named(name);
            let mut cases = JoinSet::new();
            for (request, entry) in (1..).zip(&log) {
                if !reads && entry["method"] == "GET" {
                    continue;
                }
                number += 1;
                if number % step != 0 {
                    continue;
                }
                let (script, gate, effect) = (Arc::clone(&script), Arc::clone(&gate), effect.clone());
                cases.spawn(async move {
                    let _turn = gate.acquire_owned().await;
                    let outcome = case(&script, upgrade, effect, times, request).await;
                    outcome.map_err(|why| format!("request {request}: {why}"))
                });
            }
            let mut row = Row::new(format!("{flow}: {name}"));
            while let Some(outcome) = cases.join_next().await {
                match outcome.unwrap_or_else(|error| Err(error.to_string())) {
                    Ok(Outcome::Same) => row.same += 1,
                    Ok(Outcome::Next) => row.next += 1,
                    Err(why) => row.violations.push(why),
                }
            }
            table.rows.push(row);
        }
    }
    Some(table)
}
