//! The program at its limits: an answer that never comes and a time limit, a disk that is full, a clock that jumps.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dvpack::sandbox::{Effect, Options, Rule};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::processes::{command, ended};
use crate::report::{Row, Table};
use crate::stage::{Ended, FIRST, Stage};

/// The time limit of a run that waits for an answer, and what may be added: a tenth, and what a process needs to start.
const LIMIT: Duration = Duration::from_secs(4);
const MORE: Duration = Duration::from_millis(400 + 2500);

/// Whatever does not come, a run ends when its time is up, and the next one finishes the work.
pub async fn deadlines() -> Table {
    let mut table = Table::new("A time limit of 4 s, and at each request an answer that does not come in time");
    let stage = Stage::new(Options { job_polls: 2, ..Options::default() }).await;
    assert_eq!(stage.apply(&FIRST).await, Ended::Done);
    let requests = stage.sandbox.requests();
    let gate = Arc::new(Semaphore::new(8));
    for (name, effect) in [
        ("no answer", Effect::Stall { after: true }),
        ("a byte every half second", Effect::Trickle { milliseconds: 500, bytes: 1 }),
        ("an answer after a minute", Effect::Delay { milliseconds: 60_000 }),
    ] {
        let mut cases = JoinSet::new();
        for request in 1..=requests {
            let (effect, gate) = (effect.clone(), Arc::clone(&gate));
            cases.spawn(async move {
                let _turn = gate.acquire_owned().await;
                late(effect, request).await.map_err(|why| format!("request {request}: {why}"))
            });
        }
        let mut row = Row::new(name);
        for outcome in cases.join_all().await {
            row.judge(outcome);
        }
        table.rows.push(row);
    }
    table
}

async fn late(effect: Effect, request: u64) -> Result<(), String> {
    let stage = Stage::new(Options { job_polls: 2, ..Options::default() }).await;
    stage.sandbox.add_fault(Rule { skip: request - 1, times: Some(0), effect, ..Rule::default() });
    let begun = Instant::now();
    let child = command(&stage, &FIRST).args(["--timeout", "4s"]).spawn().map_err(|error| error.to_string())?;
    let code = ended(child).await;
    let took = begun.elapsed();
    if took > LIMIT + MORE || !matches!(code, Some(1 | 4 | 8)) {
        return Err(format!("exit code {code:?} after {took:?}"));
    }
    stage.converges(&FIRST).await
}

/// A full disk under the request log or the report: it is reported by name, and so is the outcome of the work.
pub async fn files() -> Option<Table> {
    let full = std::path::Path::new("/dev/full");
    if !full.exists() {
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("missing/report.md");
    std::fs::write(folder.path().join("missing"), "no folder").expect("written");
    let mut table = Table::new("A log and a report that cannot be written");
    for (name, flag, path, fails, code, words) in [
        ("the log is on a full disk", "--log-file", full, false, 0, "requests are missing from `/dev/full`"),
        ("the report cannot be made", "--report", report.as_path(), false, 1, "error: cannot create"),
        ("and the import fails, too", "--report", report.as_path(), true, 1, "the import of solution"),
    ] {
        let mut row = Row::new(name);
        let scenarios = if fails { vec![dvpack::sandbox::Scenario::ImportFails] } else { Vec::new() };
        let stage = Stage::new(Options { scenarios, ..Options::default() }).await;
        let mut command = command(&stage, &FIRST);
        command.arg(flag).arg(path).stdout(Stdio::null()).stderr(Stdio::piped());
        let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic");
        row.judge(match output {
            Ok(output) => {
                let told = String::from_utf8_lossy(&output.stderr).into_owned();
                let place = if path == full { path } else { path.parent().expect("a folder") };
                let named = told.contains(words) && told.contains(&format!("`{}`", place.display()));
                if output.status.code() != Some(code) || !named {
                    Err(format!("exit code {:?}: {told}", output.status.code()))
                } else if fails {
                    Ok(())
                } else {
                    stage.converges(&FIRST).await
                }
            }
            Err(error) => Err(error.to_string()),
        });
        table.rows.push(row);
    }
    Some(table)
}

/// The client's clock jumps while the import runs (`faketime` reads the time from a file).
pub async fn jump(table: &mut Table) {
    for jump in ["-10y", "+10y"] {
        let mut row = Row::new(format!("{jump} in the middle of an import"));
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("time");
        let outcome = async {
            std::fs::write(&file, "+0").map_err(|error| error.to_string())?;
            let mut stage = Stage::new(Options { job_polls: 12, ..Options::default() }).await;
            stage.pace = 30;
            let poll = Rule { path: Some("asyncoperations(".into()), skip: 2, ..Rule::default() };
            stage.sandbox.add_fault(Rule { effect: Effect::Delay { milliseconds: 20 }, ..poll });
            let plain = command(&stage, &FIRST);
            let mut command = Command::new("faketime");
            command.args(["-f", "+0"]).arg(plain.get_program()).args(plain.get_args()).env_clear();
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            for (name, value) in plain.get_envs() {
                if let Some(value) = value {
                    command.env(name, value);
                }
            }
            command.env("FAKETIME_TIMESTAMP_FILE", &file).env("FAKETIME_NO_CACHE", "1");
            let child = command.spawn().map_err(|error| error.to_string())?;
            tokio::time::timeout(Duration::from_secs(60), stage.sandbox.struck()).await.map_err(|_| "no poll")?;
            std::fs::write(&file, jump).map_err(|error| error.to_string())?;
            let code = ended(child).await;
            stage.pace = crate::stage::PACE;
            if code == Some(0) { stage.converges(&FIRST).await } else { Err(format!("exit code {code:?}")) }
        };
        row.judge(outcome.await);
        table.rows.push(row);
    }
}
