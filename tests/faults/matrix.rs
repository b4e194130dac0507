//! Every request of an apply meets every fault; then one more plain run.

use std::sync::Arc;
use std::time::Instant;

use dvpack::deploy::plan::Mode;
use dvpack::sandbox::{Effect, Options, Rule, Scenario};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::report::{Row, Table};
use crate::stage::{Bundle, Ended, FIRST, NEXT, Stage};

/// A fault, and whether the client dies of it.
#[derive(Clone)]
struct Fault {
    name: &'static str,
    effect: Effect,
    times: u64,
    dies: bool,
}

fn answer(status: u16, code: Option<&str>, after: bool) -> Effect {
    let message = code.map(|_| "Made up by the fault matrix.".to_owned());
    let headers = if status == 429 { vec![("Retry-After".to_owned(), "1".to_owned())] } else { Vec::new() };
    Effect::Answer { status, code: code.map(str::to_owned), message, body: None, headers, after }
}

fn page(status: u16, after: bool) -> Effect {
    let body = Some("<!DOCTYPE html><html><title>Proxy</title><p>Something went wrong.</html>".to_owned());
    let headers = vec![("Content-Type".to_owned(), "text/html".to_owned())];
    Effect::Answer { status, code: None, message: None, body, headers, after }
}

fn unauthorized(challenge: &str) -> Effect {
    let headers = vec![("WWW-Authenticate".to_owned(), challenge.to_owned())];
    Effect::Answer { status: 401, code: None, message: None, body: None, headers, after: false }
}

impl Fault {
    /// Whether it leaves a write in doubt.
    fn hides(&self) -> bool {
        const SUBSET: &[&str] = &[
            "connection closed (FIN) after commit",
            "connection reset (RST) after commit",
            "502 after commit",
            "429 customization lock, three times",
            "body shorter, length fits",
            "401 from here on",
        ];
        self.dies || SUBSET.contains(&self.name)
    }
}

fn faults() -> Vec<Fault> {
    let fault = |name, effect| Fault { name, effect, times: 1, dies: false };
    vec![
        Fault { dies: true, ..fault("killed, the server did nothing", Effect::Stall { after: false }) },
        Fault { dies: true, ..fault("killed after the server committed", Effect::Stall { after: true }) },
        fault("connection closed, nothing done", Effect::DropBefore),
        fault("connection closed (FIN) after commit", Effect::DropAfter),
        fault("connection reset, nothing done", Effect::Reset { after: false }),
        fault("connection reset (RST) after commit", Effect::Reset { after: true }),
        Fault { times: 0, ..fault("every connection closed from here on", Effect::DropBefore) },
        fault("429 number of requests", answer(429, Some("0x80072322"), false)),
        fault("429 execution time", answer(429, Some("0x80072321"), false)),
        fault("429 concurrent requests", answer(429, Some("-2147015898"), false)),
        fault("429 without a code", answer(429, None, false)),
        Fault { times: 3, ..fault("429 customization lock, three times", answer(429, Some("0x80071151"), false)) },
        fault("502, nothing done", page(502, false)),
        fault("502 after commit", page(502, true)),
        fault("503, nothing done", answer(503, None, false)),
        fault("504 after commit", page(504, true)),
        fault("500 after commit", answer(500, None, true)),
        fault("408 after commit", answer(408, None, true)),
        fault("499 after commit", answer(499, None, true)),
        fault("200 with a page of a proxy, after commit", page(200, true)),
        fault("body cut short, connection closed", Effect::Truncate { bytes: 9 }),
        fault("body shorter, length fits", Effect::Cut { bytes: 20 }),
        fault("body empty", Effect::Cut { bytes: 0 }),
        fault("body slow", Effect::Trickle { milliseconds: 2, bytes: 100 }),
        fault("answer late", Effect::Delay { milliseconds: 50 }),
        fault("no answer after commit", Effect::Stall { after: true }),
        fault("token expired (401 once)", unauthorized("Bearer error=\"invalid_token\"")),
        fault(
            "token revoked (401 with a claims challenge)",
            unauthorized("Bearer error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\""),
        ),
        Fault { times: 0, ..fault("401 from here on", unauthorized("Bearer error=\"invalid_token\"")) },
    ]
}

/// One of the faults, and how often it strikes.
pub fn any_fault(index: usize) -> (Effect, u64) {
    let mut faults = faults();
    let fault = faults.swap_remove(index % faults.len());
    // One that strikes for ever would end every run.
    (fault.effect, fault.times.max(1))
}

/// The fault of that name, and how often it strikes.
pub fn fault_named(name: &str) -> (Effect, u64) {
    let fault = faults().into_iter().find(|fault| fault.name == name).unwrap_or_else(|| panic!("no fault `{name}`"));
    (fault.effect, fault.times)
}

/// What leads to an environment in which the run under test starts.
#[derive(Clone, Copy)]
struct Flow {
    name: &'static str,
    scenario: Option<Scenario>,
    /// Whether it meets every fault, or only those that leave a write in doubt.
    every: bool,
    /// What was applied before.
    before: Option<(&'static std::sync::LazyLock<Bundle>, Option<Mode>)>,
    staged: bool,
    bundle: &'static std::sync::LazyLock<Bundle>,
}

const FLOWS: &[Flow] = &[
    Flow { name: "a first apply", every: true, scenario: None, before: None, staged: false, bundle: &FIRST },
    Flow {
        name: "an upgrade",
        every: true,
        scenario: None,
        before: Some((&FIRST, None)),
        staged: false,
        bundle: &NEXT,
    },
    Flow {
        name: "an apply over a soft-deleted user",
        every: false,
        scenario: Some(Scenario::SoftDeletedUser),
        before: None,
        staged: false,
        bundle: &FIRST,
    },
    Flow {
        name: "a staged upgrade",
        every: false,
        scenario: None,
        before: Some((&FIRST, None)),
        staged: true,
        bundle: &NEXT,
    },
];

impl Flow {
    async fn stage(self) -> Stage {
        let options = Options { scenarios: self.scenario.into_iter().collect(), job_polls: 2, ..Options::default() };
        let mut stage = Stage::new(options).await;
        if let Some((bundle, mode)) = self.before {
            stage.mode = mode;
            assert_eq!(stage.apply(bundle).await, Ended::Done, "{}", self.name);
        }
        if self.staged {
            stage.mode = Some(Mode::Stage);
            // The new version waits beside the old one, so what is read back may still differ.
            let ended = stage.apply(self.bundle).await;
            assert!(!matches!(ended, Ended::Hung), "{}: {ended:?}", self.name);
        }
        stage.mode = None;
        stage
    }
}

enum Outcome {
    /// The run itself got over it.
    Same,
    /// The run failed, and the next one finished the work.
    Next,
    Violated(String),
}

async fn case(flow: Flow, fault: Fault, request: u64) -> Outcome {
    let stage = flow.stage().await;
    let before = stage.sandbox.requests();
    let effect = fault.effect;
    stage.sandbox.add_fault(Rule {
        skip: request - 1,
        times: Some(fault.times),
        effect: effect.clone(),
        ..Rule::default()
    });
    let ended = if fault.dies {
        stage.apply_and_die(flow.bundle).await
    } else if matches!(effect, Effect::Stall { .. }) {
        stage.apply_impatiently(flow.bundle).await
    } else {
        stage.apply(flow.bundle).await
    };
    if ended == Ended::Hung {
        return Outcome::Violated("the run hangs".into());
    }
    if fault.name.ends_with("after commit") && denies(&ended) && writes(&stage, before + request) {
        return Outcome::Violated(format!("a write that was done is said to have failed: {ended:?}"));
    }
    match stage.converges(flow.bundle).await {
        Err(why) => Outcome::Violated(format!("{why} (the run before: {ended:?})")),
        Ok(()) if ended == Ended::Done => Outcome::Same,
        Ok(()) => Outcome::Next,
    }
}

/// Whether a run says that something has failed (exit code 1), and not that it is perhaps done.
fn denies(ended: &Ended) -> bool {
    matches!(ended, Ended::Failed(why) if why.contains("kind: Failed"))
}

/// Whether the request of that number is a write of which something stays.
fn writes(stage: &Stage, number: u64) -> bool {
    let log = stage.sandbox.log();
    let entry = log.iter().find(|entry| entry["number"].as_u64() == Some(number));
    entry.is_some_and(|entry| {
        let path = entry["path"].as_str().unwrap_or_default();
        entry["method"] != "GET" && path.starts_with("/api/data/") && !path.ends_with("/StageSolution")
    })
}

/// How many requests each flow takes, and whether the documentation says so.
pub async fn requests() -> Table {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/internals/faults.md");
    let page = std::fs::read_to_string(page).expect("a page").replace('\n', " ");
    let mut table = Table::new("Requests of each flow, as docs/internals/faults.md has them");
    let (all, hiding) = (faults().len(), faults().iter().filter(|fault| fault.hides()).count());
    for flow in FLOWS {
        let stage = flow.stage().await;
        let before = stage.sandbox.requests();
        assert_eq!(stage.apply(flow.bundle).await, Ended::Done, "{}", flow.name);
        let requests = stage.sandbox.requests() - before;
        let cases = requests * if flow.every { all } else { hiding } as u64;
        let mut row = Row::new(format!("{} ({requests}), {cases} cases", flow.name));
        for said in [format!("{} ({requests})", flow.name), format!("{cases} for {}", flow.name)] {
            row.judge(if page.contains(&said) { Ok(()) } else { Err(format!("the page does not say `{said}`")) });
        }
        table.rows.push(row);
    }
    table
}

/// How many flows there are, by name.
pub fn flows() -> impl Iterator<Item = (usize, &'static str)> {
    FLOWS.iter().map(|flow| flow.name).enumerate()
}

/// Runs the matrix of one flow.
pub async fn run(flow: usize) -> Table {
    let flow = FLOWS[flow];
    let stage = flow.stage().await;
    let before = stage.sandbox.requests();
    assert_eq!(stage.apply(flow.bundle).await, Ended::Done, "{}", flow.name);
    let requests = stage.sandbox.requests() - before;
    stage.converges(flow.bundle).await.unwrap_or_else(|why| panic!("{} without a fault: {why}", flow.name));
    let mut table = Table::new(&format!("Every request of {} ({requests} requests)", flow.name));
    let gate = Arc::new(Semaphore::new(12));
    let mut cases = JoinSet::new();
    let faults = faults().into_iter().filter(|fault| flow.every || fault.hides()).collect::<Vec<_>>();
    for (index, fault) in faults.iter().enumerate() {
        for request in 1..=requests {
            let (fault, gate) = (fault.clone(), Arc::clone(&gate));
            cases.spawn(async move {
                let _turn = gate.acquire_owned().await;
                let begun = Instant::now();
                let outcome = case(flow, fault, request).await;
                (index, request, begun.elapsed(), outcome)
            });
        }
    }
    table.rows = faults.iter().map(|fault| Row::new(fault.name)).collect();
    while let Some(ended) = cases.join_next().await {
        match ended {
            Ok((index, request, took, outcome)) => {
                let row = &mut table.rows[index];
                row.slowest = row.slowest.max(took);
                match outcome {
                    Outcome::Same => row.same += 1,
                    Outcome::Next => row.next += 1,
                    Outcome::Violated(why) => row.violations.push(format!("request {request}: {why}")),
                }
            }
            Err(panic) => table.rows[0].violations.push(format!("a case panicked: {panic}")),
        }
    }
    table
}
