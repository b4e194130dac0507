//! The fault matrix: what becomes of an environment when an apply meets faults, killed processes, rivals,
//! throttling, bad certificates, redirects and odd jobs. Prints a table and fails on the first violation's count.
//!
//!     cargo test --test faults                  # everything
//!     cargo test --test faults -- matrix        # one section
//!
//! Longer, for once: `DVPACK_FAULT_SEEDS=10000` schedules by chance (in parts: `DVPACK_FAULT_FIRST_SEED=3001`; with
//! `CARGO_PROFILE_DEV_OPT_LEVEL=1` at a quarter of the processor time),
//! `DVPACK_FAULT_RIVALS=5` times as many races, `DVPACK_FAULT_REQUESTS=10000` under a limit,
//! `DVPACK_FAULT_SCRIPT_STEP=1` every case of the script.
//!
//! The oracle is the sandbox's own state and log, see `stage.rs`.

#![allow(clippy::disallowed_methods, reason = "tests use the machine")]
#![allow(clippy::print_stdout, reason = "the table is what this program is for")]

#[path = "../support/csdl.rs"]
mod csdl;
mod limits;
mod matrix;
mod network;
mod processes;
mod random;
mod report;
mod scripts;
mod stage;
mod waiting;

use std::process::ExitCode;
use std::time::Instant;

use report::Table;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    if std::env::args().any(|word| word == "--list") {
        return ExitCode::SUCCESS;
    }
    let wanted = |section: &str| words.is_empty() || words.iter().any(|word| section.contains(word.as_str()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut tables: Vec<Table> = Vec::new();
    let mut section = |name: &str, make: &mut dyn FnMut() -> Table| {
        if wanted(name) {
            let begun = Instant::now();
            let table = make();
            table.print();
            println!("  ({name}: {:.1} s)", begun.elapsed().as_secs_f64());
            tables.push(table);
        }
    };
    for (index, flow) in matrix::flows() {
        section(&format!("matrix of {flow}"), &mut || runtime.block_on(matrix::run(index)));
    }
    section("requests", &mut || runtime.block_on(matrix::requests()));
    section("jobs", &mut || runtime.block_on(waiting::jobs()));
    section("retry-after", &mut || runtime.block_on(waiting::retry_after()));
    section("storm", &mut || runtime.block_on(waiting::storm()));
    section("tokens", &mut || runtime.block_on(waiting::tokens()));
    section("tls", &mut || runtime.block_on(network::handshakes()));
    section("redirects", &mut || runtime.block_on(network::redirects()));
    section("kills", &mut || runtime.block_on(processes::kills()));
    section("rivals", &mut || runtime.block_on(processes::rivals()));
    section("floods", &mut || runtime.block_on(processes::floods()));
    section("clocks", &mut || runtime.block_on(processes::clocks()).unwrap_or_else(|| skipped("no faketime")));
    section("deadlines", &mut || runtime.block_on(limits::deadlines()));
    section("files", &mut || runtime.block_on(limits::files()).unwrap_or_else(|| skipped("no /dev/full")));
    section("scripts", &mut || runtime.block_on(scripts::run()).unwrap_or_else(|| skipped("no curl or no jq")));
    section("random", &mut || runtime.block_on(random::run()));
    if let Some(table) = described() {
        table.print();
        tables.push(table);
    }
    let cases: usize = tables.iter().map(Table::cases).sum();
    let violations: usize = tables.iter().map(Table::violations).sum();
    println!("\n{cases} cases, {violations} violations");
    if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A section that could not be run, which counts where nothing may be left out.
fn skipped(why: &str) -> Table {
    let mut table = Table::new(&format!("skipped: {why}"));
    if std::env::var_os("DVPACK_NO_SKIP").is_some() {
        let mut row = report::Row::new(why.to_owned());
        row.violations.push("nothing may be left out here (DVPACK_NO_SKIP)".to_owned());
        table.rows.push(row);
    }
    table
}

/// How many, unless a variable says otherwise.
pub fn many(variable: &str, usual: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Every request that was seen is one of the published service description.
fn described() -> Option<Table> {
    let seen = stage::SEEN.lock().expect("no panic while it is held");
    let csdl = csdl::Csdl::published().filter(|_| !seen.is_empty())?;
    let mut table = Table::new("Every kind of request, against the published service description");
    let mut row = report::Row::new(format!("{} kinds of requests", seen.len()));
    let wrong = csdl::violations(&csdl, seen.values());
    row.same = seen.len() - wrong.len().min(seen.len());
    row.violations.extend(wrong);
    table.rows.push(row);
    Some(table)
}
