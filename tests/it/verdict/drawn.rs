//! States drawn from installed version × layers × user × roles × privileges × settings × processes × options × what is
//! accepted, as it is found or as it was found before.
//!
//! `DVPACK_VERDICT_STATES=10000` draws more of them, `DVPACK_VERDICT_SEED=7` others.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use dvpack::deploy::Desired;
use dvpack::deploy::accepted::{Entry, List};
use dvpack::deploy::difference::{Code, Comparison, Difference, Mender};
use dvpack::deploy::plan::{Mode, Options};
use dvpack::sandbox::{self, Scenario, Snapshot};
use reqwest::Method;
use serde_json::json;

use super::bundle::{EARLIER, LATER, WANTED};
use super::stage::Stage;

/// Numbers that look random, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[usize::try_from(self.roll(list.len() as u64)).expect("small") % list.len()]
    }
}

fn staged() -> Options {
    Options { mode: Some(Mode::Stage), ..Options::default() }
}

/// Environments to begin with.
async fn bases() -> Vec<(&'static str, Snapshot)> {
    let mut bases = Vec::new();
    let none = Options::default();
    for (world, scenarios) in [
        ("", vec![Scenario::ChildBusinessUnit]),
        (" with fewer privileges", vec![Scenario::FewerPrivileges]),
        (" with fewer levels", vec![Scenario::FewerLevels]),
        (" with two users", vec![Scenario::TwoUsers]),
        (" with a user deleted before", vec![Scenario::SoftDeletedUser]),
    ] {
        let options = || sandbox::Options { scenarios: scenarios.clone(), ..sandbox::Options::default() };
        let name = |text: &str| -> &'static str { Box::leak(format!("{text}{world}").into_boxed_str()) };
        let stage = Stage::new(options()).await;
        bases.push((name("fresh"), stage.sandbox.snapshot()));
        stage.apply(&EARLIER, none).await;
        bases.push((name("earlier version"), stage.sandbox.snapshot()));
        stage.apply(&WANTED, staged()).await;
        bases.push((name("staged"), stage.sandbox.snapshot()));
        let stage = Stage::new(options()).await;
        stage.apply(&WANTED, none).await;
        for _ in 0..3 {
            bases.push((name("wanted version"), stage.sandbox.snapshot()));
        }
    }
    let stage = Stage::new(sandbox::Options::default()).await;
    stage.apply(&LATER, none).await;
    bases.push(("later version", stage.sandbox.snapshot()));
    for (name, version, managed) in [("unmanaged", "1.4.0.0", false), ("hollow", "1.4.0.0", true)] {
        let installed = vec![("ContosoFlows".into(), version.parse().expect("a version"), managed)];
        let stage = Stage::new(sandbox::Options { installed, ..sandbox::Options::default() }).await;
        bases.push((name, stage.sandbox.snapshot()));
    }
    bases
}

/// Something that somebody changes by hand; what it was.
async fn change(stage: &Stage, dice: &mut Dice) -> String {
    let workflow = *dice.pick(&["Nightly", "Mailer"]);
    let privilege = *dice.pick(&["prvReadAccount", "prvWriteAccount", "prvReadContact", "prvCreateNote"]);
    let other = *dice.pick(&["prvWriteContact", "prvReadLead", "prvDeleteAccount", "prvActOnBehalfOfAnotherUser"]);
    let role = *dice.pick(&["System Administrator", "Basic User", "System Customizer"]);
    let (what, done) = match dice.roll(17) {
        13 => ("take the column security profile away", stage.profile("Credit Desk", false).await),
        14 => ("assign another column security profile", stage.profile("Auditors", true).await),
        15 => ("delete the column security profile", stage.delete_profile("Credit Desk").await),
        0 => ("take a privilege away", stage.privilege(privilege, None).await),
        1 => ("make a privilege as shallow as it can be", stage.privilege("prvReadAccount", Some("Basic")).await),
        2 => ("make a privilege deeper", stage.privilege("prvWriteAccount", Some("Global")).await),
        3 => ("add a privilege", stage.privilege(other, Some("Global")).await),
        4 => ("assign another role", stage.assign(role).await),
        5 => ("take the role away", stage.unassign("Flow Service").await),
        6 => ("disable the user", stage.patch_user(&json!({"isdisabled": true})).await),
        7 => {
            let disabled = stage.patch_user(&json!({"isdisabled": true})).await;
            let Some(user) = stage.user().await.filter(|_| disabled) else { return "nothing".into() };
            (
                "delete the user",
                stage.send(Method::DELETE, &format!("systemusers({user})"), &json!(null)).await.0 == 204,
            )
        }
        8 => {
            let unit = stage.find("businessunits", "businessunitid", "name eq 'sandbox-child'").await;
            let (Some(user), Some(unit)) = (stage.user().await, unit) else { return "nothing".into() };
            let body = json!({"BusinessUnit": {"businessunitid": unit}, "ReassignPrincipal": {"systemuserid": user}});
            let path = format!("systemusers({user})/Microsoft.Dynamics.CRM.SetBusinessSystemUser");
            ("move the user", stage.send(Method::POST, &path, &body).await.0 == 204)
        }
        9 | 10 => {
            let key = "environmentvariablevalueid";
            let Some(id) = stage.find("environmentvariablevalues", key, "statecode eq 0").await else {
                return "nothing".into();
            };
            let path = format!("environmentvariablevalues({id})");
            if dice.roll(2) == 0 {
                ("change a variable", stage.send(Method::PATCH, &path, &json!({"value": "other"})).await.0 == 204)
            } else {
                ("delete a variable's value", stage.send(Method::DELETE, &path, &json!(null)).await.0 == 204)
            }
        }
        11 => {
            let key = "connectionreferenceid";
            let Some(id) = stage.find("connectionreferences", key, "statecode eq 0").await else {
                return "nothing".into();
            };
            let value = if dice.roll(2) == 0 { json!("other") } else { json!(null) };
            let body = json!({"connectionid": value});
            (
                "change a connection",
                stage.send(Method::PATCH, &format!("connectionreferences({id})"), &body).await.0 == 204,
            )
        }
        12 => {
            let Some(id) = stage.find("workflows", "workflowid", &format!("name eq '{workflow}'")).await else {
                return "nothing".into();
            };
            let body = json!({"statecode": 0, "statuscode": 1});
            ("turn a flow off", stage.send(Method::PATCH, &format!("workflows({id})"), &body).await.0 == 204)
        }
        _ => {
            let Some(id) = stage.find("workflows", "workflowid", &format!("name eq '{workflow}'")).await else {
                return "nothing".into();
            };
            ("delete a flow", stage.send(Method::DELETE, &format!("workflows({id})"), &json!(null)).await.0 == 204)
        }
    };
    if done { what.to_owned() } else { "nothing".to_owned() }
}

/// What somebody accepts of what differs now: some of it as it is, some as it was found before, some of what is not there.
fn accept(compared: &Comparison, dice: &mut Dice) -> (List, &'static str) {
    let kind = dice.roll(4);
    if kind == 0 {
        return (List::default(), "nothing is accepted");
    }
    let mut entries = Vec::new();
    for difference in &compared.differences {
        let mut entry = Entry::of(difference);
        match (kind, dice.roll(3)) {
            (1, _) | (2, 0) => {}
            (2, 1) => continue,
            _ => entry.found.push_str(" before"),
        }
        entries.push(entry);
    }
    if dice.roll(3) == 0 {
        let found = |code| Difference {
            code,
            place: "security role `Flow Service`".into(),
            what: "privilege prvReadAccount".into(),
            wanted: "Global".into(),
            found: "Basic".into(),
            mended_by: Mender::Step { step: "none".into() },
        };
        entries.push(Entry::of(&found(Code::PrivilegeShallower)));
        entries.push(Entry::of(&found(Code::ProcessMissing)));
    }
    (
        List::new(entries),
        ["", "all is accepted", "some is accepted", "all was accepted as it was before"]
            [usize::try_from(kind).expect("small")],
    )
}

#[derive(Default)]
struct Counts {
    states: BTreeSet<Vec<String>>,
    codes: BTreeMap<u8, usize>,
    changes: BTreeMap<String, usize>,
    requests: u64,
    /// What a state ends with before and after some of its differences were accepted.
    accepted: BTreeMap<(u8, u8), usize>,
    violations: Vec<String>,
}

fn verdict(compared: &Comparison) -> u8 {
    match (compared.hindrances.is_empty(), compared.steps.is_empty(), compared.is_same()) {
        (false, ..) => 7,
        (true, false, _) => 10,
        (true, true, false) => 9,
        (true, true, true) => 0,
    }
}

async fn draw(bases: &[(&'static str, Snapshot)], seeds: std::ops::Range<u64>) -> Counts {
    let stage = Stage::new(sandbox::Options::default()).await;
    let mut counts = Counts::default();
    for seed in seeds {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..4 {
            dice.roll(2);
        }
        let (name, base) = dice.pick(bases);
        stage.sandbox.restore(base);
        let mut state = vec![(*name).to_owned()];
        for _ in 0..dice.roll(5) {
            state.push(change(&stage, &mut dice).await);
        }
        let mode = *dice.pick(&[None, None, None, Some(Mode::Update), Some(Mode::Upgrade), Some(Mode::Stage)]);
        let options = Options { mode, only_declared_roles: dice.roll(4) == 0, ..Options::default() };
        let compared = stage.compared(&WANTED.desired, options).await;
        let (list, accepting) = accept(&compared, &mut dice);
        state.push(accepting.to_owned());
        let plain = verdict(&compared);
        let desired = Desired { accepted: list, ..WANTED.desired.clone() };
        stage.sandbox.restore(&stage.sandbox.snapshot());
        match stage.law_of(&desired, options).await {
            Ok(verdict) => {
                if verdict.accepted > 0 {
                    *counts.accepted.entry((plain, verdict.code)).or_default() += 1;
                }
                *counts.codes.entry(verdict.code).or_default() += 1;
                counts.requests = counts.requests.max(verdict.requests.unwrap_or(0));
            }
            Err(why) => counts.violations.push(format!("seed {seed}: {state:?}, {options:?}: {why}")),
        }
        for what in &state {
            *counts.changes.entry(what.clone()).or_default() += 1;
        }
        state.push(format!("{options:?}"));
        counts.states.insert(state);
    }
    counts
}

#[test]
fn the_law_holds_in_every_state_that_is_drawn() {
    let number = |name: &str, usual| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (states, seed): (u64, u64) = (number("DVPACK_VERDICT_STATES", 300), number("DVPACK_VERDICT_SEED", 1));
    let begun = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let bases: Vec<_> = runtime.block_on(bases());
    let bases: &'static [_] = Box::leak(bases.into_boxed_slice());
    let begin = seed * 1_000_000;
    let half = states / 2;
    let parts = [begin..begin + half, begin + half..begin + states];
    let tasks = parts.map(|seeds| runtime.spawn(draw(bases, seeds)));
    let mut all = Counts::default();
    for task in tasks {
        let part = runtime.block_on(task).expect("ended");
        all.states.extend(part.states);
        for (code, count) in part.codes {
            *all.codes.entry(code).or_default() += count;
        }
        for (what, count) in part.changes {
            *all.changes.entry(what).or_default() += count;
        }
        all.requests = all.requests.max(part.requests);
        for (change, count) in part.accepted {
            *all.accepted.entry(change).or_default() += count;
        }
        all.violations.extend(part.violations);
    }
    let mut table = format!(
        "{states} states drawn ({} different) in {:.0?}; plan ended with {:?}; at most {} requests where nothing is to be done\n",
        all.states.len(),
        begun.elapsed(),
        all.codes,
        all.requests
    );
    for ((before, after), count) in &all.accepted {
        table.push_str(&format!(
            "  {count:5}  with accepted differences, plan ends with {after} in place of {before}\n"
        ));
    }
    for (what, count) in &all.changes {
        table.push_str(&format!("  {count:5}  {what}\n"));
    }
    println!("{table}");
    crate::support::report("verdict.txt", &table);
    let shown: Vec<&String> = all.violations.iter().take(12).collect();
    assert!(all.violations.is_empty(), "{} violations: {shown:#?}", all.violations.len());
    for code in [0, 7, 9, 10] {
        assert!(all.codes.get(&code).is_some_and(|count| *count >= 3), "{:?}", all.codes);
    }
    for change in [(9, 0), (10, 10)] {
        assert!(all.accepted.get(&change).is_some_and(|count| *count >= 3), "{change:?}: {:?}", all.accepted);
    }
    assert!(
        all.accepted.keys().all(|(before, after)| before == after || (*before, *after) == (9, 0)),
        "{:?}",
        all.accepted
    );
}
