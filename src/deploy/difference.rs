//! The one comparison: what shall be × what is → what differs, and the step that mends it, or who can.
//!
//! A pure function. `plan`, `status`, `apply` and `doctor` all print what it says, so that they cannot contradict each
//! other: no difference is 0 for all of them, only differences without a step are 9 for all of them.

mod explain;
mod privileges;
mod process;
mod settings;
mod solution;
mod user;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::deploy::desired::Desired;
use crate::deploy::failure::Failure;
use crate::deploy::observed::Observed;
use crate::deploy::plan::{Action, Need, Options, Step};
pub(super) use explain::carried_out_in_vain;
pub use explain::{Code, Mender};
pub(super) use privileges::{privileges_beyond, told};
pub(super) use process::blocked;

/// Something that is not as the bundle says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The kind of difference.
    pub code: Code,
    /// The thing that differs, such as ``security role `Widgets Service` ``.
    #[serde(rename = "where")]
    pub place: String,
    /// What of it.
    pub what: String,
    /// As the bundle wants it.
    pub wanted: String,
    /// As it is.
    pub found: String,
    /// What mends it.
    pub mended_by: Mender,
}

impl Difference {
    /// Whether `apply` mends it.
    #[must_use]
    pub fn has_step(&self) -> bool {
        matches!(self.mended_by, Mender::Step { .. })
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// What it is about.
    pub what: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found.
    pub found: String,
}

/// What a comparison came to.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Everything that was looked at.
    pub checks: Vec<Check>,
    /// Everything that differs.
    pub differences: Vec<Difference>,
    /// The steps that mend what can be mended, in their order.
    pub steps: Vec<Step>,
    /// Other solutions that an import needs.
    pub needs: Vec<Need>,
    /// What a person should look at, though nothing differs.
    pub notes: Vec<String>,
    /// What keeps an apply from beginning. Each is a difference, too.
    pub hindrances: Vec<Failure>,
}

impl Comparison {
    /// Whether the environment is as the bundle says.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.differences.is_empty()
    }

    /// Everything that keeps an apply from beginning, as one failure.
    #[must_use]
    pub fn hindrance(&self) -> Option<Failure> {
        let mut failure = self.hindrances.first()?.clone();
        for other in &self.hindrances[1..] {
            failure.details.push(other.message.clone());
            failure.details.extend(other.details.iter().cloned());
            failure.help.extend(other.help.iter().cloned());
        }
        Some(failure)
    }
}

/// Compares.
#[must_use]
pub fn compare(desired: &Desired, observed: &Observed, options: Options) -> Comparison {
    let mut comparer = Comparer {
        desired,
        observed,
        options,
        import: None,
        waits: false,
        result: Comparison::default(),
        settings: Vec::new(),
        user: Vec::new(),
    };
    comparer.requirements();
    for package in &desired.packages {
        comparer.solution(package);
    }
    comparer.user();
    comparer.privileges();
    comparer.settings();
    let Comparer { settings, user, .. } = &mut comparer;
    let before_processes = [std::mem::take(settings), std::mem::take(user)].concat();
    comparer.result.steps.extend(before_processes);
    comparer.processes();
    comparer.result
}

struct Comparer<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    options: Options,
    /// The step that imports, in words; absent where none will change the environment's components.
    import: Option<String>,
    /// Whether a new version only waits beside the old one, as was asked for.
    waits: bool,
    result: Comparison,
    settings: Vec<Step>,
    user: Vec<Step>,
}

impl Comparer<'_> {
    /// Says what was found. What differs of it is said right after.
    fn look(&mut self, what: impl Into<String>, found: impl Into<String>) {
        self.result.checks.push(Check { what: what.into(), ok: true, found: found.into() });
    }

    /// Says that something differs that was not looked at by itself.
    fn differ(&mut self, difference: Difference) {
        self.result.differences.push(difference);
    }

    /// Says that what was looked at last differs.
    fn differ_in_last(&mut self, difference: Difference) {
        if let Some(check) = self.result.checks.last_mut() {
            check.ok = false;
        }
        self.differ(difference);
    }

    /// Says that something differs, and keeps an apply from beginning. The failure says what to do.
    fn hinder(&mut self, code: Code, place: &str, what: &str, (wanted, found): (&str, &str), failure: Failure) {
        self.differ(Difference {
            code,
            place: place.to_owned(),
            what: what.to_owned(),
            wanted: wanted.to_owned(),
            found: found.to_owned(),
            mended_by: explain::before_an_apply(&failure),
        });
        self.result.hindrances.push(failure);
    }
}

/// A step without privileges.
fn step(action: Action, what: impl Into<String>, why: impl Into<String>) -> Step {
    Step { action, what: what.into(), why: why.into(), privileges: Vec::new() }
}
