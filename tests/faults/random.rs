//! Schedules of faults by chance, from a seed that is printed: several faults in one run, several runs.

use std::sync::Arc;

use dvpack::sandbox::{Effect, Options, Rule};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::matrix::any_fault;
use crate::report::{Row, Table};
use crate::stage::{Ended, FIRST, NEXT, Stage};

/// Numbers by chance (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }
}

/// As many schedules as `DVPACK_FAULT_SEEDS` says, from the seed `DVPACK_FAULT_FIRST_SEED` on.
pub async fn run() -> Table {
    let count = crate::many("DVPACK_FAULT_SEEDS", 60) as u64;
    let mut table = Table::new("Faults by chance: up to four in a run, up to five runs, first apply and upgrade");
    let first = crate::many("DVPACK_FAULT_FIRST_SEED", 1) as u64;
    let mut row = Row::new(format!("{count} seeds from {first} on"));
    // Most of the time each waits for an answer that is late or never comes.
    let gate = Arc::new(Semaphore::new(crate::many("DVPACK_FAULT_AT_ONCE", 32)));
    let mut schedules = JoinSet::new();
    for seed in first..first + count {
        let gate = Arc::clone(&gate);
        schedules.spawn(async move {
            let _turn = gate.acquire_owned().await;
            schedule(seed).await.map_err(|why| format!("seed {seed}: {why}"))
        });
    }
    while let Some(outcome) = schedules.join_next().await {
        let outcome = outcome.unwrap_or_else(|error| Err(error.to_string()));
        if let Err(why) = &outcome {
            // A long run need not end to be of use.
            println!("  {why}");
        }
        row.judge(outcome);
    }
    table.rows.push(row);
    table
}

async fn schedule(seed: u64) -> Result<(), String> {
    let mut chance = Chance(seed);
    let stage = Stage::new(Options { job_polls: 2, ..Options::default() }).await;
    for bundle in [&FIRST, &NEXT] {
        for _ in 0..5 {
            stage.sandbox.clear_faults();
            let mut dies = false;
            for _ in 0..=chance.below(4) {
                let (effect, times) = any_fault(usize::try_from(chance.below(1000)).unwrap_or(0));
                dies |= matches!(effect, Effect::Stall { .. });
                stage.sandbox.add_fault(Rule { skip: chance.below(24), times: Some(times), effect, ..Rule::default() });
            }
            // A client that waits for an answer that never comes is killed, every other time.
            let ended = if dies && chance.below(2) == 0 {
                tokio::select! {
                    ended = stage.apply_impatiently(bundle) => ended,
                    () = tokio::time::sleep(std::time::Duration::from_millis(60 + chance.below(200))) => Ended::Killed,
                }
            } else {
                stage.apply_impatiently(bundle).await
            };
            match ended {
                Ended::Done => break,
                Ended::Hung => return Err("a run hangs".into()),
                Ended::Failed(_) | Ended::Killed => {}
            }
        }
        stage.converges(bundle).await?;
    }
    Ok(())
}
