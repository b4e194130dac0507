//! Waiting: what throttling asks for, tokens that run out, jobs that do not end as jobs should.

use std::time::{Duration, Instant};

use dvpack::dataverse::Request;
use dvpack::sandbox::{Effect, Limit, Options, Rule, Scenario};

use crate::report::{Row, Table};
use crate::stage::{Ended, FIRST, Stage};

/// `Retry-After` in every form: never a request before the floor, and no hang.
pub async fn retry_after() -> Table {
    const PACE: u32 = 20;
    const DATE: &str = "a date";
    let mut table = Table::new("429 with Retry-After: no request before the time, and none that waits for ever");
    let past = jiff::Timestamp::now().checked_sub(jiff::SignedDuration::from_hours(1)).expect("a time");
    let date = |time: jiff::Timestamp| time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (name, value, floor, waits) in [
        ("an integer: 3", Some("3".to_owned()), 3000, true),
        ("a fraction: 2.5", Some("2.5".to_owned()), 2500, true),
        ("a date, 40 seconds away", Some(DATE.to_owned()), 20_000, true),
        ("a date that is past", Some(date(past)), 0, true),
        ("absent", None, 400, true),
        ("negative: -5", Some("-5".to_owned()), 400, true),
        ("garbage: soon", Some("soon".to_owned()), 400, true),
        ("not a number: NaN", Some("NaN".to_owned()), 400, true),
        ("a day: 86400", Some("86400".to_owned()), 0, false),
        ("endless: 1e300", Some("1e300".to_owned()), 0, false),
    ] {
        let mut row = Row::new(name);
        for (method, path) in [("GET", "/solutions"), ("POST", "/ImportSolutionAsync"), ("POST", "/systemusers")] {
            let mut stage = Stage::new(Options::default()).await;
            stage.pace = PACE;
            let soon = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_secs(40)).expect("a time");
            let value = value.as_ref().map(|value| if value == DATE { date(soon) } else { value.clone() });
            let headers = value.into_iter().map(|value| ("Retry-After".to_owned(), value)).collect();
            let effect = Effect::Answer {
                status: 429,
                code: Some("0x80072322".into()),
                message: None,
                body: None,
                headers,
                after: false,
            };
            let rule = Rule { method: Some(method.into()), path: Some(path.into()), effect, ..Rule::default() };
            stage.sandbox.add_fault(rule);
            let begun = Instant::now();
            let ended = stage.apply(&FIRST).await;
            let took = begun.elapsed();
            stage.pace = crate::stage::PACE;
            let log = stage.sandbox.log();
            let at = log.iter().position(|entry| entry["fault"].is_object()).expect("it struck");
            let time = |index: usize| log.get(index).and_then(|entry| entry["at"].as_u64());
            let gap = time(at + 1).zip(time(at)).map(|(next, this)| next - this);
            row.judge(match (waits, gap) {
                (true, Some(gap)) if ended == Ended::Done && (gap + 1) * u64::from(PACE) >= floor => {
                    stage.converges(&FIRST).await
                }
                (false, None) if matches!(ended, Ended::Failed(_)) && took < Duration::from_secs(20) => {
                    stage.converges(&FIRST).await
                }
                _ => Err(format!("{method} {path}: {ended:?}, next request after {gap:?} ms of {floor}/{PACE}")),
            });
        }
        table.rows.push(row);
    }
    table
}

/// A limit as the service has it: 6000 requests in 300 seconds, on a clock 600 times as fast.
pub async fn storm() -> Table {
    const EACH: usize = 120;
    const SPEED: u32 = 600;
    let requests = crate::many("DVPACK_FAULT_REQUESTS", 600);
    let mut table = Table::new("A request limit in force: never refused right after a wait, little time lost");
    let mut row = Row::new(format!("{requests} requests, {EACH} in each 300 s"));
    let limit = Limit { requests: EACH, window: Duration::from_secs(300), speed: SPEED };
    let mut stage = Stage::new(Options { limit: Some(limit), ..Options::default() }).await;
    stage.pace = SPEED;
    row.judge(
        async {
            let client = stage.client().await?;
            let begun = Instant::now();
            for _ in 0..requests {
                client.send(Request::get("RetrieveVersion()", "ask")).await.map_err(|error| error.to_string())?;
            }
            let took = begun.elapsed();
            let log = stage.sandbox.log();
            let refused = log.iter().filter(|entry| entry["status"] == 429).count();
            // Whoever waits as long as told is never refused twice in a row, and is refused at all: the limit was in force.
            let windows = requests / EACH;
            if log.windows(2).any(|two| two.iter().all(|entry| entry["status"] == 429)) {
                return Err(format!("refused again right after a wait; {refused} refusals in {windows} windows"));
            }
            if refused + 1 < windows {
                return Err(format!("only {refused} refusals in {windows} windows"));
            }
            let ideal = Duration::from_secs(300) / SPEED * u32::try_from(windows - 1).expect("few");
            let most = ideal.mul_f64(1.1) + Duration::from_secs(2);
            if took > most {
                return Err(format!("took {took:?} where {ideal:?} is ideal"));
            }
            Ok(())
        }
        .await,
    );
    table.rows.push(row);
    table
}

/// Tokens that live shorter than the import, and that are revoked while it runs.
pub async fn tokens() -> Table {
    let mut table = Table::new("Tokens that end while the import runs");
    let mut row = Row::new("a life of two seconds, an import of many");
    let options = Options { token_lifetime: Duration::from_secs(2), job_polls: 24, ..Options::default() };
    let mut stage = Stage::new(options).await;
    stage.pace = 60;
    let ended = stage.apply(&FIRST).await;
    stage.pace = crate::stage::PACE;
    let log = stage.sandbox.log();
    let signed_in = log.iter().filter(|e| e["path"].as_str().is_some_and(|p| p.ends_with("/token"))).count();
    // The first 401 is the probe's.
    let refused = log.iter().filter(|entry| entry["status"] == 401).count();
    row.judge(if ended == Ended::Done && signed_in > 1 && refused == 1 {
        stage.converges(&FIRST).await
    } else {
        Err(format!("{ended:?}, {signed_in} sign-ins, {refused} answers 401"))
    });
    table.rows.push(row);
    let mut row = Row::new("revoked at a request: one new token, then on");
    for skip in [3, 8, 11, 14] {
        let stage = Stage::new(Options::default()).await;
        stage.sandbox.add_fault(Rule { skip, effect: Effect::Delay { milliseconds: 150 }, ..Rule::default() });
        let (ended, ()) = tokio::join!(stage.apply(&FIRST), async {
            stage.sandbox.struck().await;
            stage.sandbox.revoke_tokens();
        });
        let log = stage.sandbox.log();
        let signed_in = log.iter().filter(|e| e["path"].as_str().is_some_and(|p| p.ends_with("/token"))).count();
        row.judge(if ended == Ended::Done && signed_in == 2 {
            stage.converges(&FIRST).await
        } else {
            Err(format!("{ended:?}, {signed_in} sign-ins"))
        });
    }
    table.rows.push(row);
    let mut row = Row::new("refused for ever: one new token, then an end");
    let stage = Stage::new(Options::default()).await;
    let effect =
        Effect::Answer { status: 401, code: None, message: None, body: None, headers: Vec::new(), after: false };
    let path = Some("/api/data/v9.2/solutions".to_owned());
    stage.sandbox.add_fault(Rule { path, times: Some(0), effect, ..Rule::default() });
    let ended = stage.apply(&FIRST).await;
    let asked = stage.sandbox.log().iter().filter(|entry| entry["fault"].is_object()).count();
    row.judge(if matches!(ended, Ended::Failed(_)) && asked == 2 {
        stage.converges(&FIRST).await
    } else {
        Err(format!("{ended:?}, asked {asked} times"))
    });
    table.rows.push(row);
    table
}

/// Jobs that do not end as jobs should: what the run says, and that nothing is started twice.
pub async fn jobs() -> Table {
    let mut table = Table::new("Odd jobs");
    for (scenario, words) in [
        (Scenario::JobNeverEnds, Some("time is up")),
        (Scenario::JobVanishes, None),
        (Scenario::ImportFails, Some("the import of solution `ContosoWidgets` failed")),
        (Scenario::ImportResultFailed, Some("the import of solution `ContosoWidgets` failed")),
        (Scenario::ProgressBackwards, None),
        (Scenario::Locked, None),
    ] {
        let mut row = Row::new(format!("{scenario}: {}", scenario.text()));
        let mut stage = Stage::new(Options { scenarios: vec![scenario], ..Options::default() }).await;
        if scenario == Scenario::JobNeverEnds {
            stage.deadline = Duration::from_millis(1500);
        }
        let ended = stage.apply(&FIRST).await;
        let again = if words.is_some() { Some(stage.apply(&FIRST).await) } else { None };
        let log = stage.sandbox.log();
        let started = log.iter().filter(|e| e["path"] == "/api/data/v9.2/ImportSolutionAsync" && e["done"] == 200);
        let started = started.count();
        row.judge(match (words, &ended, again) {
            (None, Ended::Done, _) => stage.converges(&FIRST).await,
            // Whatever the result said: the version is there, and is not imported again.
            (Some(words), Ended::Failed(why), Some(Ended::Done))
                if why.contains(words) && scenario == Scenario::ImportResultFailed && started == 1 =>
            {
                Ok(())
            }
            // An import that failed may be started again; one that still runs must not.
            (Some(words), Ended::Failed(why), Some(Ended::Failed(_)))
                if why.contains(words) && (scenario != Scenario::JobNeverEnds || started == 1) =>
            {
                Ok(())
            }
            other => Err(format!("{other:?}, started {started} times")),
        });
        table.rows.push(row);
    }
    let mut row = Row::new("somebody else's import is running: waited for, not disturbed");
    let stage = Stage::new(Options { job_polls: 12, ..Options::default() }).await;
    row.judge(
        async {
            // Another solution, by another client: the first half of an apply that nobody follows.
            let client = stage.client().await?;
            let other = crate::stage::other_solution();
            let body = serde_json::json!({"CustomizationFile": other, "OverwriteUnmanagedCustomizations": false,
                "PublishWorkflows": true});
            let request = Request::post("ImportSolutionAsync", body, "start another import");
            client.send(request).await.map_err(|error| error.to_string())?;
            match stage.apply(&FIRST).await {
                Ended::Done => stage.converges(&FIRST).await,
                ended => Err(format!("{ended:?}")),
            }
        }
        .await,
    );
    table.rows.push(row);
    table
}
