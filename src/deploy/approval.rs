//! Whether an approved plan still is what has to be done.
//!
//! An approval covers what the plan says, for the bundle and the environment that it was made from. An interrupted run
//! may continue under the same approval: the new plan lacks what it did already, and nothing else.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;
use url::Url;

use crate::deploy::deletions::LACKING;
use crate::deploy::desired::Desired;
use crate::deploy::facts::Fact;
use crate::deploy::facts::PROFILES;
use crate::deploy::failure::{Failure, FailureKind};
use crate::deploy::guard;
use crate::deploy::plan::{FORMAT, Plan};
use crate::deploy::step::{Action, Gain, Mode, Options, Step};
use crate::secret;

/// Neither value is in the plan, so it is not known which one it was.
const VALUE_CHANGED: &str =
    "since the plan was approved, a value of this machine has changed, or the environment's value for it";

impl Plan {
    /// Whether the approval includes applying a bundle for another environment to `url`.
    #[must_use]
    pub fn allows_other_environment(&self, desired: &Desired, url: &Url) -> bool {
        self.bundle == desired.digest()
            && guard::is_same(&self.environment, url)
            && self.consents.other_environment.is_some()
            && self.consents.other_environment == guard::built_for_another(desired, url)
    }

    /// Whether a step sets a value of the machine that applies.
    fn sets_from_machine(&self, step: &Step) -> bool {
        let is_of_machine = |name: &str| {
            self.settings.iter().any(|setting| setting.name == name && setting.origin.of_machine().is_some())
        };
        matches!(&step.action, Action::SetVariable { name } if is_of_machine(name))
    }

    /// Whether it sets the fact with this name: an import may have set it to a value of the solution before that.
    fn sets(&self, about: &str) -> bool {
        let sets = |step: &Step| match &step.action {
            Action::SetVariable { name } => about == format!("setting `{name}`"),
            _ => false,
        };
        self.steps.iter().any(sets)
    }

    /// Whether it has a step. The reason for setting a variable is only certain once its value of the machine was read.
    fn has(&self, step: &Step) -> bool {
        let is_same = |other: &Step| match step.action {
            // What a role allows is compared separately: [`Plan::gains_more`].
            Action::SetVariable { .. } | Action::AssignRole { .. } => {
                written(&(&other.action, &other.what)) == written(&(&step.action, &step.what))
            }
            _ => written(other) == written(step),
        };
        self.steps.iter().any(is_same)
    }

    /// What a step grants now that this plan does not list for it, in words.
    fn gains_more(&self, step: &Step) -> Option<String> {
        let approved = self.steps.iter().find(|other| written(&other.action) == written(&step.action))?;
        let is_approved = |gain: &Gain| {
            let same = |other: &&Gain| other.privilege.eq_ignore_ascii_case(&gain.privilege);
            approved.privileges.iter().find(same).is_some_and(|other| other.level >= gain.level)
        };
        let more = step.privileges.iter().filter(|gain| !is_approved(gain));
        let more: Vec<String> = more.map(|gain| format!("{} ({})", gain.privilege, gain.level)).collect();
        (!more.is_empty()).then(|| format!("granted, but not approved: {}: {}", step.what, more.join(", ")))
    }

    /// Reads a saved plan. One with another format version is refused for that reason, whatever else it says.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let invalid = |error: serde_json::Error| {
            Failure::new(FailureKind::Invalid, format!("not a plan: {error}"))
                .help("name a file that `dvpack plan -o FILE` wrote")
        };
        let document: Value = serde_json::from_str(text).map_err(invalid)?;
        match document.get("format").and_then(Value::as_u64) {
            Some(format) if format != u64::from(FORMAT) && document.get("steps").is_some() => {
                let message = format!("a plan of format {format}, and this dvpack reads format {FORMAT}");
                Err(Failure::new(FailureKind::Refused, message)
                    .detail("another version of dvpack made it, which may mean something else by it")
                    .help("make a new plan with `dvpack plan -o FILE`, and have it approved"))
            }
            // From the text again, so that duplicate keys are refused.
            _ => serde_json::from_str(text).map_err(invalid),
        }
    }

    /// The options that it was made with, besides those that `given` has.
    #[must_use]
    pub fn options(&self, given: Options) -> Options {
        let chosen = self.steps.iter().find_map(|step| match step.action {
            Action::ImportSolution { mode: mode @ (Mode::Update | Mode::Stage), .. } => Some(mode),
            _ => None,
        });
        Options {
            mode: given.mode.or(chosen),
            only_declared_roles: given.only_declared_roles || !self.consents.roles_taken.is_empty(),
            ..given
        }
    }

    /// Which solutions would be imported differently from the approval, and only because a flag asks for it: what the
    /// environment decides (a first installation, the end of a staged upgrade) is not a choice.
    fn other_modes(&self, now: &Self) -> Vec<String> {
        let chosen = |plan: &Self| -> Vec<(String, &'static str)> {
            let of = |step: &Step| match &step.action {
                Action::ImportSolution { solution, mode, .. } => Some((solution.clone(), mode.choice()?)),
                _ => None,
            };
            plan.steps.iter().filter_map(of).collect()
        };
        let given = chosen(now);
        let differs = |(solution, approved): (String, &'static str)| {
            let (_, here) = given.iter().find(|(name, here)| *name == solution && *here != approved)?;
            Some(format!("solution `{solution}`: `--mode {approved}` was approved, and this run has `--mode {here}`"))
        };
        chosen(self).into_iter().filter_map(differs).collect()
    }

    /// Whether the approval includes the values of the machine that a bundle takes.
    #[must_use]
    pub fn allows_values_of(&self, desired: &Desired) -> bool {
        self.bundle == desired.digest()
    }

    /// Compares an approved plan with what would have to be done now.
    pub fn check_approved(&self, now: &Self) -> Result<(), Failure> {
        let refuse = |message: &str| {
            let help = "make a new plan with `dvpack plan -o FILE`, and have it approved";
            Failure::new(FailureKind::Refused, message).help(help)
        };
        if self.environment.origin() != now.environment.origin() {
            return Err(refuse("the plan was made for another environment").detail(self.environment.to_string()));
        }
        if let (Some(approved), Some(here)) = (self.organization, now.organization)
            && approved != here
        {
            return Err(refuse("the plan was made for another environment")
                .detail(format!("organization {approved} then, {here} now")));
        }
        if self.solutions != now.solutions || self.bundle != now.bundle {
            return Err(refuse("the plan was made for another bundle"));
        }
        let lacking = self.consents.lacking(&now.consents);
        if !lacking.is_empty() {
            let mut failure = refuse(LACKING);
            failure.details = lacking;
            return Err(failure);
        }
        let other = self.other_modes(now);
        if !other.is_empty() {
            let mut failure = refuse("the plan was approved for another way of importing");
            failure.details = other;
            failure.help.insert(0, "leave `--mode` out: the approved plan carries it".into());
            return Err(failure);
        }
        let mut failure = refuse("the environment has changed since the plan was approved");
        // Before the import, it was not known by name what it leaves turned off.
        let shipped = self.steps.iter().any(|step| step.action == Action::TurnOnShipped);
        let approved = |step: &Step| self.has(step) || (shipped && matches!(step.action, Action::TurnOn { .. }));
        let new: Vec<&Step> = now.steps.iter().filter(|step| !approved(step)).collect();
        failure.details.extend(new.iter().map(|step| format!("needed, but not approved: {}", step.what)));
        let assigned = now.steps.iter().filter(|step| matches!(step.action, Action::AssignRole { .. }));
        failure.details.extend(assigned.filter_map(|step| self.gains_more(step)));
        // The subject of a step that is no longer needed may look different now: an earlier run has done it.
        let gone = self.steps.iter().filter(|step| new.is_empty() && !now.has(step));
        let done: Vec<&Step> = gone.collect();
        let mut changed = BTreeSet::new();
        for fact in now.found.iter().chain(&self.found) {
            let is_it = |other: &&Fact| secret::hide(&other.about) == secret::hide(&fact.about);
            let value = |plan: &Self| plan.found.iter().find(is_it).map(|fact| secret::hide(&fact.found).into_owned());
            let (then, here) = (value(self), value(now));
            if then != here
                && !done.iter().any(|step| changes(&step.action, &fact.about, then.is_none()))
                && !(done.iter().any(|step| imports(step)) && self.sets(&fact.about))
            {
                let word = |value: Option<String>| value.unwrap_or_else(|| "nothing".into());
                changed.insert(format!("{}: {} then, {} now", fact.about, word(then), word(here)));
            }
        }
        let machine_only = changed.is_empty() && !new.is_empty() && new.iter().all(|step| now.sets_from_machine(step));
        if machine_only {
            VALUE_CHANGED.clone_into(&mut failure.message);
        }
        failure.details.extend(changed);
        if failure.details.is_empty() { Ok(()) } else { Err(failure) }
    }
}

fn imports(step: &Step) -> bool {
    matches!(step.action, Action::ImportSolution { .. })
}

/// As in a saved plan: in a file, `***` replaces secrets.
fn written(value: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(value).unwrap_or_default();
    secret::hide_in(&mut value);
    value
}

/// Whether a step changes the fact about something. `new`: it was not there to be looked at before.
fn changes(action: &Action, about: &str, new: bool) -> bool {
    let is_of_user = ["application user", "roles of the application user", PROFILES].contains(&about);
    match action {
        Action::ImportSolution { solution, settings, .. } => {
            let shipped = ["privileges of role ", "cloud flow ", "process ", "plug-in step "];
            new || about == format!("solution `{solution}`")
                || about == format!("staged upgrade of `{solution}`")
                || settings.iter().any(|name| about == format!("setting `{name}`"))
                || shipped.iter().any(|kind| about.starts_with(kind))
        }
        Action::SetVariable { name } | Action::SetConnection { name } => about == format!("setting `{name}`"),
        Action::PurgeUser { .. } | Action::CreateUser { .. } | Action::EnableUser { .. } => is_of_user,
        Action::AssignProfile { .. } => about == PROFILES,
        Action::UnassignRole { .. } => about == "roles of the application user",
        Action::AssignRole { .. } => {
            about == "roles of the application user" || (new && about.starts_with("privileges of role "))
        }
        Action::TurnOn { kind, name, .. } => about == format!("{} `{name}`", kind.word()),
        Action::TurnOnShipped => false,
    }
}
