//! The one comparison: desired × observed → what differs, and the step that fixes it, or who can.
//!
//! A pure function. `plan`, `status`, `apply` and `doctor` all print what it says, so that they cannot contradict each
//! other: no difference is 0 for all of them, only differences without a step are 9 for all of them.

mod code;
mod explain;
mod left;
mod privileges;
mod process;
mod profiles;
mod settings;
mod solution;
mod user;

use schemars::JsonSchema;
use serde::Serialize;

use crate::deploy::accepted::{Accepted, Idle, Reason};
use crate::deploy::desired::Desired;
use crate::deploy::failure::{Failure, together};
use crate::deploy::observed::Observed;
use crate::deploy::step::{Action, Need, Options, Step};
pub use code::{Code, Difference, Mender};
pub(super) use explain::carried_out_in_vain;
pub(super) use left::has_its_own;
pub(super) use privileges::{privileges_beyond, told};
pub(super) use process::blocked;

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// What it is about.
    pub what: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found.
    pub found: String,
}

/// The result of a comparison.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Everything that was checked.
    pub checks: Vec<Check>,
    /// Everything that differs, except what is accepted.
    pub differences: Vec<Difference>,
    /// What differs and is accepted.
    pub accepted: Vec<Accepted>,
    /// Entries of the list of accepted differences that accept nothing.
    pub idle: Vec<Idle>,
    /// The steps that fix what can be fixed, in order.
    pub steps: Vec<Step>,
    /// Other solutions that an import needs.
    pub needs: Vec<Need>,
    /// What a person should look at, though nothing differs.
    pub notes: Vec<String>,
    /// What prevents an apply from starting. Each is a difference, too.
    pub hindrances: Vec<Failure>,
    /// These differences: kind, thing, property.
    hindering: Vec<(Code, String, String)>,
}

impl Comparison {
    /// Whether the environment matches the bundle, except for what is accepted.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.differences.is_empty()
    }

    /// Everything that differs and can be accepted, or is accepted: not what a step fixes, nor what prevents an apply
    /// from starting.
    pub fn acceptable(&self) -> impl Iterator<Item = &Difference> {
        let open = self.differences.iter().filter(|difference| !difference.has_step() && !self.hinders(difference));
        self.accepted.iter().map(|accepted| &accepted.difference).chain(open)
    }

    fn hinders(&self, difference: &Difference) -> bool {
        self.hindering.contains(&difference.key())
    }

    /// Everything that prevents an apply from starting, as one failure.
    #[must_use]
    pub fn hindrance(&self) -> Option<Failure> {
        together(&self.hindrances)
    }
}

/// Compares.
#[must_use]
pub fn compare(desired: &Desired, observed: &Observed, options: Options) -> Comparison {
    compare_after(desired, observed, options, &[])
}

/// Compares right after these steps were done: what an import sets must be so then.
#[must_use]
pub fn compare_after(desired: &Desired, observed: &Observed, options: Options, done: &[Step]) -> Comparison {
    let mut comparer = Comparer {
        desired,
        observed,
        options,
        done,
        import: None,
        waits: false,
        finishes: false,
        for_writes: Vec::new(),
        result: Comparison::default(),
        user: Vec::new(),
        settings: Vec::new(),
        roles: Vec::new(),
    };
    comparer.requirements();
    for package in &desired.packages {
        comparer.solution(package);
    }
    comparer.user();
    comparer.privileges();
    comparer.settings();
    comparer.left();
    // The user comes first: where consent is missing, this shows before anything is imported.
    let Comparer { result, user, settings, roles, .. } = &mut comparer;
    result.steps = [&mut *user, &mut result.steps, settings, roles].map(std::mem::take).concat();
    comparer.processes();
    comparer.what_writes_need();
    comparer.idle();
    comparer.result
}

struct Comparer<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    options: Options,
    /// What was done right before.
    done: &'a [Step],
    /// The step that imports, in words; absent where none will change the environment's components.
    import: Option<String>,
    /// Whether a new version only waits beside the old one, as was asked for.
    waits: bool,
    /// Whether a staged upgrade is finished, which carries no values of settings.
    finishes: bool,
    /// What prevents an apply from starting if it has something to write, and otherwise only differs.
    for_writes: Vec<(Difference, Failure)>,
    result: Comparison,
    user: Vec<Step>,
    settings: Vec<Step>,
    roles: Vec<Step>,
}

impl Comparer<'_> {
    /// Records what was found. Its difference, if any, is recorded right after.
    fn look(&mut self, what: impl Into<String>, found: impl Into<String>) {
        self.result.checks.push(Check { what: what.into(), ok: true, found: found.into() });
    }

    /// Records that something differs that was not checked separately. Returns whether it counts: not if it is
    /// accepted, which is only possible if no step fixes it.
    fn differ(&mut self, difference: Difference) -> bool {
        let entry = if difference.has_step() { None } else { self.desired.accepted.about(&difference) };
        match entry.filter(|entry| entry.accepts(&difference.found)) {
            Some(entry) => {
                let (grants_more, why) = (difference.code.grants_more(), entry.why.clone());
                self.result.accepted.push(Accepted { difference, grants_more, why });
                false
            }
            None => {
                self.result.differences.push(difference);
                true
            }
        }
    }

    /// Records that the thing checked last differs.
    fn differ_in_last(&mut self, difference: Difference) {
        let counts = self.differ(difference);
        if let Some(check) = self.result.checks.last_mut() {
            if counts {
                check.ok = false;
            } else if !check.found.ends_with(ACCEPTED) {
                check.found.push_str(ACCEPTED);
            }
        }
    }

    /// Records that something differs and prevents an apply from starting. The failure says what to do.
    fn hinder(&mut self, code: Code, place: &str, what: &str, (wanted, found): (&str, &str), failure: Failure) {
        let difference = hindering(code, place, what, (wanted, found), &failure);
        self.result.hindering.push(difference.key());
        self.result.differences.push(difference);
        self.result.hindrances.push(failure);
    }

    /// Records that something differs that prevents an apply from starting, if there is anything to write.
    fn hinder_writes(&mut self, code: Code, place: &str, what: &str, (wanted, found): (&str, &str), failure: Failure) {
        self.for_writes.push((hindering(code, place, what, (wanted, found), &failure), failure));
    }

    /// If nothing will be written, what a write would need is a difference like others, which no step fixes.
    fn what_writes_need(&mut self) {
        let needed = std::mem::take(&mut self.for_writes);
        if self.result.steps.is_empty() && self.result.hindrances.is_empty() {
            for (mut difference, failure) in needed {
                difference.mended_by = explain::not_brought(difference.code, &failure);
                self.differ(difference);
            }
            return;
        }
        let (differences, failures): (Vec<Difference>, Vec<_>) = needed.into_iter().unzip();
        self.result.hindering.extend(differences.iter().map(Difference::key));
        self.result.differences.splice(0..0, differences);
        self.result.hindrances.splice(0..0, failures);
    }

    /// Records which entries of the list of accepted differences accept nothing, and why. That one is no longer needed
    /// is known only once nothing is left to do.
    fn idle(&mut self) {
        let differences = &self.result.differences;
        let done = self.result.steps.is_empty() && self.result.hindrances.is_empty();
        for entry in self.desired.accepted.entries() {
            if self.result.accepted.iter().any(|accepted| entry.is_about(&accepted.difference)) {
                continue;
            }
            let reason = match differences.iter().find(|difference| entry.is_about(difference)) {
                None if done => Reason::NoLongerNeeded,
                None => continue,
                Some(difference) if difference.has_step() => Reason::Mended,
                Some(difference) if self.result.hinders(difference) => Reason::InTheWay,
                Some(difference) => Reason::OtherFound { found: difference.found.clone() },
            };
            self.result.idle.push(Idle { entry: entry.clone(), reason });
        }
    }
}

/// Something that prevents an apply from starting. The failure says what to do.
fn hindering(code: Code, place: &str, what: &str, (wanted, found): (&str, &str), failure: &Failure) -> Difference {
    Difference {
        code,
        place: place.to_owned(),
        what: what.to_owned(),
        wanted: wanted.to_owned(),
        found: found.to_owned(),
        mended_by: explain::before_an_apply(code, failure),
    }
}

/// Shown after what was found, if it is accepted.
const ACCEPTED: &str = " (accepted)";

/// A step without privileges.
fn step(action: Action, what: impl Into<String>, why: impl Into<String>) -> Step {
    Step { action, what: what.into(), why: why.into(), privileges: Vec::new(), brings: Vec::new() }
}
