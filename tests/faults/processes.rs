//! The program itself: killed with SIGKILL, several at once on one environment, under floods of data, and
//! with a clock that is wrong.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use dvpack::sandbox::{Effect, Options, Rule};

use crate::report::{Row, Table};
use crate::stage::{Bundle, Ended, FIRST, NEXT, Stage};

/// The program, about to apply a bundle to a stage.
pub fn command(stage: &Stage, bundle: &Bundle) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dvpack"));
    command.env_clear();
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
        .arg("apply")
        .arg(&bundle.path)
        .args(["--yes", "--other-environment", "--url", stage.sandbox.url().as_str()])
        .env("AZURE_CLIENT_ID", stage.sandbox.admin_client_id().to_string())
        .env("AZURE_CLIENT_SECRET", stage.sandbox.admin_secret())
        .env("DVPACK_TEST_PACE", stage.pace.to_string())
        .env("HOME", std::env::temp_dir())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Waits for a child without standing in the way of the sandbox; its exit code, `-1` for a signal.
pub async fn ended(mut child: Child) -> Option<i32> {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(120) {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status.code().unwrap_or(-1));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // Hung: nothing of it must stay behind.
    let _killed = child.kill();
    None
}

/// A stage for a first apply, or one for an upgrade, and the bundle to apply.
pub async fn prepared(upgrade: bool) -> (Stage, &'static Bundle) {
    prepared_for(upgrade, 2).await
}

/// A job takes so many looks, by whomever: that of a real import outlasts many requests.
async fn prepared_for(upgrade: bool, job_polls: u32) -> (Stage, &'static Bundle) {
    let stage = Stage::new(Options { job_polls, ..Options::default() }).await;
    if !upgrade {
        return (stage, &FIRST);
    }
    assert_eq!(stage.apply(&FIRST).await, Ended::Done);
    (stage, &NEXT)
}

/// Every third request and every write meet SIGKILL.
pub async fn kills() -> Table {
    let mut table = Table::new("The program killed with SIGKILL, run again as a new process");
    for (upgrade, flow) in [(false, "a first apply"), (true, "an upgrade")] {
        for (after, when) in [(false, "before the server did it"), (true, "after the server did it")] {
            let mut row = Row::new(format!("{flow}, {when}"));
            let (stage, bundle) = prepared(upgrade).await;
            let before = stage.sandbox.requests();
            assert_eq!(stage.apply(bundle).await, Ended::Done);
            let log = stage.sandbox.log();
            for request in 1..=stage.sandbox.requests() - before {
                let index = usize::try_from(before + request - 1).expect("few");
                if request % 3 != 0 && log[index]["method"] == "GET" {
                    continue;
                }
                row.judge(kill(upgrade, after, request).await.map_err(|why| format!("request {request}: {why}")));
            }
            table.rows.push(row);
        }
    }
    table
}

async fn kill(upgrade: bool, after: bool, request: u64) -> Result<(), String> {
    let (stage, bundle) = prepared(upgrade).await;
    stage.sandbox.add_fault(Rule { skip: request - 1, effect: Effect::Stall { after }, ..Rule::default() });
    let mut child = command(&stage, bundle).spawn().map_err(|error| error.to_string())?;
    let struck = tokio::time::timeout(Duration::from_secs(60), stage.sandbox.struck()).await;
    child.kill().map_err(|error| error.to_string())?;
    child.wait().map_err(|error| error.to_string())?;
    struck.map_err(|_| "the request was not sent")?;
    stage.sandbox.clear_faults();
    let again = command(&stage, bundle).spawn().map_err(|error| error.to_string())?;
    match ended(again).await {
        Some(0) => stage.converges(bundle).await,
        other => Err(format!("the next process ends with {other:?}")),
    }
}

/// Two and eight processes at once, and as many clients in this process.
pub async fn rivals() -> Table {
    let mut table = Table::new("Several at once on one environment");
    let times = crate::many("DVPACK_FAULT_RIVALS", 1);
    for (count, rounds) in [(2, 4 * times), (8, 2 * times)] {
        for (upgrade, flow) in [(false, "a first apply"), (true, "an upgrade")] {
            let mut row = Row::new(format!("{count} processes, {flow}"));
            for _ in 0..rounds {
                row.judge(race_of_processes(count, upgrade).await);
            }
            table.rows.push(row);
        }
    }
    for (count, rounds) in [(2, 24 * times), (8, 8 * times)] {
        for (upgrade, flow) in [(false, "a first apply"), (true, "an upgrade")] {
            let mut row = Row::new(format!("{count} clients in one process, {flow}"));
            for _ in 0..rounds {
                row.judge(race_of_clients(count, upgrade).await);
            }
            table.rows.push(row);
        }
    }
    table
}

async fn race_of_processes(count: usize, upgrade: bool) -> Result<(), String> {
    let (mut stage, bundle) = prepared_for(upgrade, 6 * u32::try_from(count).unwrap_or(u32::MAX)).await;
    stage.pace = 200;
    let said = tempfile::tempdir().map_err(|error| error.to_string())?;
    let start = |number: usize| {
        let file = std::fs::File::create(said.path().join(number.to_string()))?;
        command(&stage, bundle).stderr(file).spawn()
    };
    let children: Result<Vec<Child>, _> = (0..count).map(start).collect();
    let mut codes = Vec::new();
    for child in children.map_err(|error| error.to_string())? {
        codes.push(ended(child).await);
    }
    // Converged, or told that the environment is busy or that the outcome is not known.
    if codes.iter().any(|code| !matches!(code, Some(0 | 7 | 8))) || !codes.contains(&Some(0)) {
        let bad = codes.iter().position(|code| !matches!(code, Some(0 | 7 | 8))).unwrap_or_default();
        let words = std::fs::read_to_string(said.path().join(bad.to_string())).unwrap_or_default();
        let words = words.lines().find(|line| line.starts_with("error")).unwrap_or_default().to_owned();
        return Err(format!("exit codes {codes:?}: {words}"));
    }
    stage.pace = crate::stage::PACE;
    stage.converges_among_rivals(bundle).await
}

async fn race_of_clients(count: usize, upgrade: bool) -> Result<(), String> {
    let (stage, bundle) = prepared_for(upgrade, 6 * u32::try_from(count).unwrap_or(u32::MAX)).await;
    let mut runs: Vec<std::pin::Pin<Box<dyn Future<Output = Ended> + '_>>> = Vec::new();
    for _ in 0..count {
        runs.push(Box::pin(stage.apply(bundle)));
    }
    let ended = all(runs).await;
    if ended.contains(&Ended::Hung) || !ended.contains(&Ended::Done) {
        return Err(format!("{ended:?}"));
    }
    stage.converges_among_rivals(bundle).await
}

/// All of them, side by side.
async fn all<T>(mut futures: Vec<std::pin::Pin<Box<dyn Future<Output = T> + '_>>>) -> Vec<T> {
    let mut done: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, done) in futures.iter_mut().zip(&mut done).filter(|(_, done)| done.is_none()) {
            if let std::task::Poll::Ready(value) = future.as_mut().poll(context) {
                *done = Some(value);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

/// Bodies of 66 MiB, plain and compressed, at several requests: refused in bounded memory.
pub async fn floods() -> Table {
    const MOST: u64 = 256 << 10;
    let mut table = Table::new("Answers and lists that are too large: refused, with at most 256 MiB of memory");
    let flood = |compressed| Effect::Flood { megabytes: 66, compressed };
    let body = |body: String| Effect::Answer {
        status: 200,
        code: None,
        message: None,
        body: Some(body),
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        after: false,
    };
    let many = |piece: &str, size: usize| body(format!("{{\"value\":[{}0]}}", piece.repeat(size / piece.len())));
    // A list whose pages have no end, each of them allowed.
    let next = "\"@odata.nextLink\":\"solutions?$skiptoken=1\"";
    let page = |row: &str, size: usize| body(format!("{{{next},\"value\":[{}0]}}", row.repeat(size / row.len())));
    let text = format!("\"{}\",", " ".repeat(1 << 20));
    for (name, effect) in [
        ("plain", flood(false)),
        ("compressed (a gzip bomb)", flood(true)),
        ("60 MiB of numbers", many("0,", 60 << 20)),
        ("15 MiB of numbers", many("0,", 15 << 20)),
        ("15 MiB of objects", many("{\"\":0},", 15 << 20)),
        ("15 MiB of lists", many("[0],", 15 << 20)),
        ("half a million small values on each of many pages", page("0,", 1 << 20)),
        ("15 MiB of text on each of many pages", page(&text, 15 << 20)),
    ] {
        let mut row = Row::new(name);
        for path in ["/solutions", "/ImportSolutionAsync"] {
            let (stage, bundle) = prepared(false).await;
            let times = Some(u64::from(!name.contains("pages")));
            stage.sandbox.add_fault(Rule { path: Some(path.into()), times, effect: effect.clone(), ..Rule::default() });
            let Ok(child) = command(&stage, bundle).spawn() else {
                row.violations.push("the program does not start".into());
                continue;
            };
            let status = PathBuf::from(format!("/proc/{}/status", child.id()));
            let watch = tokio::spawn(async move {
                let mut most = 0;
                while let Ok(text) = std::fs::read_to_string(&status) {
                    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
                    let Some(size) = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()) else {
                        break;
                    };
                    most = most.max(size);
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                most
            });
            let code = ended(child).await;
            let most = watch.await.unwrap_or(u64::MAX);
            row.judge(if most > MOST || matches!(code, None | Some(-1 | 101)) {
                Err(format!("{path}: exit code {code:?}, {} MiB", most >> 10))
            } else {
                stage.converges(bundle).await.map_err(|why| format!("{path}: {why}"))
            });
        }
        table.rows.push(row);
    }
    table
}

/// Whether a program is to be had.
pub fn is_there(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// The program under a clock that is wrong; nothing of it may depend on the time of day.
pub async fn clocks() -> Option<Table> {
    if !is_there("faketime") {
        return None;
    }
    let mut table = Table::new("The client's clock is wrong (faketime)");
    for offset in ["-1 hour", "+1 hour", "-10 years", "+10 years"] {
        let mut row = Row::new(offset);
        for upgrade in [false, true] {
            let (stage, bundle) = prepared(upgrade).await;
            let plain = command(&stage, bundle);
            let mut command = Command::new("faketime");
            command.args(["-f", &offset.replace(" hour", "h").replace(" years", "y")]).arg(plain.get_program());
            command.args(plain.get_args()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command.env_clear();
            for (name, value) in plain.get_envs() {
                if let Some(value) = value {
                    command.env(name, value);
                }
            }
            let code = match command.spawn() {
                Ok(child) => ended(child).await,
                Err(_) => None,
            };
            row.judge(if code == Some(0) { stage.converges(bundle).await } else { Err(format!("exit code {code:?}")) });
        }
        table.rows.push(row);
    }
    crate::limits::jump(&mut table).await;
    Some(table)
}
