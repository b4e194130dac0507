//! `apply.sh` under faults, after an import: each write meets every one that leaves it in doubt, each read those that
//! make it say something else. Then the script is run again, as it says itself, and must have finished the work.
//!
//! A case takes seconds, most of them of curl and jq: every ninth one is run, with `DVPACK_FAULT_SCRIPT_STEP=1` all.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dvpack::archive::{self, Limits};
use dvpack::dataverse::Request;
use dvpack::sandbox::{Effect, Options, Rule};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::matrix::fault_named;
use crate::processes::{ended, is_there};
use crate::report::{Row, Table};
use crate::stage::{FIRST, Stage};

/// Faults by the names of the matrix, and whether reads meet them, too.
const FAULTS: [(&str, bool); 11] = [
    ("connection closed (FIN) after commit", false),
    ("502 after commit", false),
    ("500 after commit", false),
    ("429 without a code", false),
    ("503, nothing done", true),
    ("200 with a page of a proxy, after commit", true),
    ("body cut short, connection closed", true),
    ("body shorter, length fits", true),
    ("body empty", true),
    ("token expired (401 once)", true),
    ("401 from here on", false),
];

/// The bundle unpacked, and a `sleep` that does not.
struct Script {
    folder: tempfile::TempDir,
    solution: Vec<u8>,
}

impl Script {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let tools = folder.path().join("tools");
        std::fs::create_dir(&tools).expect("a folder");
        std::fs::write(tools.join("sleep"), "#!/bin/sh\n").expect("written");
        let made = Command::new("chmod").arg("+x").arg(tools.join("sleep")).status();
        assert!(made.expect("chmod runs").success());
        let bytes = std::fs::read(&FIRST.path).expect("readable");
        let entries = archive::read(&bytes, &Limits::default()).expect("a bundle");
        let mut sums: Vec<String> = entries
            .iter()
            .filter(|entry| entry.name != "SHA256SUMS")
            .map(|entry| {
                let digest: String = Sha256::digest(&entry.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                format!("{digest}  {}\n", entry.name)
            })
            .collect();
        sums.sort();
        let root = folder.path().join("bundle");
        let mut solution = Vec::new();
        for entry in entries {
            let path = root.join(&entry.name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            std::fs::write(path, &entry.bytes).expect("written");
            if entry.name.starts_with("solutions/") {
                solution = entry.bytes;
            }
        }
        std::fs::write(root.join("SHA256SUMS"), sums.concat()).expect("written");
        Self { folder, solution }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// An environment in which the solution was imported, and nothing else done.
    async fn stage(&self) -> Result<Stage, String> {
        let stage = Stage::new(Options { job_polls: 0, ..Options::default() }).await;
        let client = stage.client().await?;
        let body = serde_json::json!({"CustomizationFile": STANDARD.encode(&self.solution), "PublishWorkflows": true,
            "OverwriteUnmanagedCustomizations": false});
        let started = client.send(Request::post("ImportSolutionAsync", body, "import")).await;
        let job = started.map_err(|error| error.to_string())?.row().id("AsyncOperationId").ok_or("no job")?;
        let look = client.send(Request::get(format!("asyncoperations({job})"), "watch the import").strong()).await;
        look.map_err(|error| error.to_string())?;
        Ok(stage)
    }

    /// Runs it to its end; the exit code, and what it said last.
    async fn run(&self, stage: &Stage) -> (Option<i32>, String) {
        let path = std::env::var("PATH").unwrap_or_default();
        let said = tempfile::NamedTempFile::new().expect("a file");
        let child = Command::new("sh")
            .arg(self.path("bundle/post-import/apply.sh"))
            .args(["--other-environment", "--url", stage.sandbox.url().as_str()])
            .env_clear()
            .env("PATH", format!("{}:{path}", self.path("tools").display()))
            .env("AZURE_CLIENT_ID", stage.sandbox.admin_client_id().to_string())
            .env("AZURE_CLIENT_SECRET", stage.sandbox.admin_secret())
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

async fn case(script: &Script, effect: Effect, times: u64, skip: u64) -> Result<Outcome, String> {
    let stage = script.stage().await?;
    stage.sandbox.add_fault(Rule { skip, times: Some(times), effect, ..Rule::default() });
    let (code, words) = script.run(&stage).await;
    let is_expected = matches!(code, Some(0 | 1 | 4 | 8)) || (skip == 0 && code == Some(2));
    if !is_expected {
        return Err(format!("exit code {code:?}: {words}"));
    }
    if code != Some(0) && words.is_empty() {
        return Err(format!("exit code {code:?} without a word"));
    }
    stage.sandbox.clear_faults();
    let again = script.run(&stage).await;
    if again.0 != Some(0) {
        return Err(format!("run again, it ends with {:?}: {} (before: {code:?}: {words})", again.0, again.1));
    }
    stage.converges(&FIRST).await.map_err(|why| format!("{why} (before: {code:?}: {words})"))?;
    Ok(if code == Some(0) { Outcome::Same } else { Outcome::Next })
}

/// Runs all cases; nothing where curl or jq is not to be had.
pub async fn run() -> Option<Table> {
    if !is_there("curl") || !is_there("jq") {
        return None;
    }
    let script = Arc::new(Script::new());
    let gate = Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)));
    let step = crate::many("DVPACK_FAULT_SCRIPT_STEP", 9).max(1);
    let mut number = 0;
    let mut table = Table::new("apply.sh under faults, then run again as it says");
    let mut plain = Row::new("after an import, no fault".to_owned());
    let stage = script.stage().await.expect("an import");
    let before = stage.sandbox.requests();
    let (code, words) = script.run(&stage).await;
    let log: Vec<_> = stage.sandbox.log().into_iter().skip(usize::try_from(before).unwrap_or(0)).collect();
    plain.judge(if code == Some(0) { stage.converges(&FIRST).await } else { Err(format!("{code:?}: {words}")) });
    table.rows.push(plain);
    for (name, reads) in FAULTS {
        let (effect, times) = fault_named(name);
        let mut cases = JoinSet::new();
        for (skip, entry) in (0..).zip(&log) {
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
                let outcome = case(&script, effect, times, skip).await;
                outcome.map_err(|why| format!("request {}: {why}", skip + 1))
            });
        }
        let mut row = Row::new(format!("after an import: {name}"));
        while let Some(outcome) = cases.join_next().await {
            match outcome.unwrap_or_else(|error| Err(error.to_string())) {
                Ok(Outcome::Same) => row.same += 1,
                Ok(Outcome::Next) => row.next += 1,
                Err(why) => row.violations.push(why),
            }
        }
        table.rows.push(row);
    }
    Some(table)
}
