//! How a verb's work runs: for how long, and what is reported when somebody stops it.

use std::future::Future;
use std::time::Duration;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::voice::{Running, Voice};

/// How a time is written.
const TIME: &str = "write a time, for example 90s, 30m or 2h; a number alone is seconds";

/// Reads a time such as `90s`, `30m`, `2h`; a number alone is seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(TIME.into()),
    };
    let number: u64 = number.parse().map_err(|_| TIME.to_owned())?;
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

/// Runs a verb's work.
pub fn run<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot start: {error}")))?;
    let result = runtime.block_on(work);
    // A thread may still wait for an answer on a terminal; nobody needs it any more.
    runtime.shutdown_background();
    result
}

/// Does work that changes the environment, until it ends or somebody stops it (Ctrl-C, or a pipeline's end signal). A
/// terminal that is closed stops the printing only. Windows lets no program outlive its console: there it is a stop,
/// too.
pub async fn interruptible<T>(voice: &Voice, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    // From here on the signal has no effect, as long as the process lives.
    #[cfg(unix)]
    let _hangups = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup());
    tokio::select! {
        result = work => result,
        () = stopped() => Err(interrupted(&voice.running(), voice.steps())),
    }
}

async fn stopped() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    #[cfg(windows)]
    {
        use tokio::signal::windows::{ctrl_break, ctrl_close, ctrl_logoff, ctrl_shutdown};
        if let (Ok(mut breaks), Ok(mut closes), Ok(mut logoffs), Ok(mut shutdowns)) =
            (ctrl_break(), ctrl_close(), ctrl_logoff(), ctrl_shutdown())
        {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = breaks.recv() => {}
                _ = closes.recv() => {}
                _ = logoffs.recv() => {}
                _ = shutdowns.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

fn interrupted(running: &Running, (done, under_way): (Vec<String>, Option<String>)) -> Failure {
    let mut failure = told(running);
    failure.details.extend((!done.is_empty()).then(|| format!("done before that: {}", done.join("; "))));
    // While it waits for an earlier job, nothing of the step is sent.
    let sent = under_way.filter(|_| !matches!(running, Running::Before(_)));
    failure.details.extend(sent.map(|step| format!("perhaps done: {step}")));
    failure
}

fn told(running: &Running) -> Failure {
    match running {
        Running::Nothing => {
            Failure::new(Exit::Interrupted, "interrupted; this run has left no job running on the server")
                .help("run the same command again: it reads the environment first and continues from there")
        }
        Running::Perhaps => Failure::new(
            Exit::Interrupted,
            "interrupted while a job was being started; it may be running on the server",
        )
        .help("run the same command again: it looks for the job, and does not start it twice"),
        Running::PerhapsJob(job) => Failure::new(
            Exit::Interrupted,
            format!(
                "interrupted while a job was being started; job {job} still runs on the server, and may be that one"
            ),
        )
        .help("run the same command again: it waits for the job, and does not start it twice"),
        Running::Before(job) => Failure::new(
            Exit::Interrupted,
            format!("interrupted while waiting for job {job}, which was there before and still runs on the server"),
        )
        .help("run the same command again: it continues to wait"),
        Running::Job(job) => {
            Failure::new(Exit::Interrupted, format!("interrupted; job {job} still runs on the server"))
                .help("run the same command again: it waits for the job, and does not start it twice")
        }
    }
}
