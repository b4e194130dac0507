//! Environment variables that the bundle gives no value: the environment may have its own, which stands.
//!
//! A value that the solution brings becomes the current one when it is imported: right after that another one is a
//! difference. Later it is what somebody in the environment has chosen, which a note tells.

use super::settings::{count, with_several};
use super::{Code, Comparer, Difference, explain};
use crate::bundle::descriptor::Setting;
use crate::catalog::secret_forms;
use crate::dataverse::environment_variable::Variable;
use crate::deploy::desired::Desired;
use crate::deploy::observed::Observed;
use crate::deploy::step::{Action, Mode, Step};
use crate::solution::contents::HIDDEN;

/// Whether this step makes the values current that its solution brings.
fn sets(step: &Step) -> Option<&str> {
    match &step.action {
        Action::ImportSolution { solution, mode, .. } if *mode != Mode::Stage => Some(solution),
        _ => None,
    }
}

/// Whether one of these steps sets the variable.
fn is_set_by(desired: &Desired, steps: &[Step], setting: &Setting) -> bool {
    let name = setting.name.to_lowercase();
    let mut set = steps.iter().filter_map(sets);
    set.any(|solution| {
        desired.packages.iter().any(|it| it.solution.name == solution && it.shipped.values.contains(&name))
    })
}

fn seen<'a>(observed: &'a Observed, name: &str) -> Option<&'a Variable> {
    observed.variables.iter().find(|variable| variable.name.eq_ignore_ascii_case(name))
}

/// Whether the environment has what the solution brings. What has the form of a secret may stand hidden in the bundle.
fn is_shipped(own: &str, shipped: &str) -> bool {
    own == shipped || shipped == HIDDEN || secret_forms::shown(own) == shipped
}

/// Whether the environment has a value of its own that stands, whatever these steps do.
pub(in crate::deploy) fn has_its_own(
    desired: &Desired,
    observed: &Observed,
    steps: &[Step],
    setting: &Setting,
) -> bool {
    let Some(variable) = seen(observed, &setting.name) else { return false };
    let Some(own) = variable.value.as_deref() else { return false };
    match &setting.shipped {
        Some(shipped) => !is_shipped(own, shipped) && !is_set_by(desired, steps, setting),
        None => variable.default.as_deref() != Some(own),
    }
}

impl<'a> Comparer<'a> {
    /// What the environment has of these variables.
    pub(super) fn left(&mut self) {
        let desired: &'a Desired = self.desired;
        for setting in desired.left_variables() {
            if let Some(variable) = seen(self.observed, &setting.name) {
                self.own(setting, variable);
            }
        }
    }

    fn own(&mut self, setting: &Setting, variable: &Variable) {
        let place = format!("environment variable `{}`", setting.name);
        let own = variable.value.as_deref();
        let shown = |value: &str| format!("`{}`", secret_forms::shown(value));
        if with_several(self.observed, &setting.name).is_some() {
            let count = count(variable);
            self.result.notes.push(format!("{place} has {count} here: which of them is used is not known"));
        } else if variable.inactive {
            self.result.notes.push(format!("{place} is inactive here: whether its value is used is not known"));
        }
        let Some(shipped) = setting.shipped.as_deref() else {
            if own.is_some() && own != variable.default.as_deref() {
                self.look(place, "the environment's own value");
            }
            return;
        };
        if own.is_some_and(|own| is_shipped(own, shipped)) && variable.others.is_empty() {
            self.look(place, "the value of the solution");
            return;
        }
        let found = own.map_or_else(|| "no value".to_owned(), shown);
        if is_set_by(self.desired, self.done, setting) {
            let found = if variable.others.is_empty() { found } else { format!("{found}, and further values") };
            self.look(&place, &found);
            self.differ_in_last(Difference {
                code: Code::SettingValue,
                place,
                what: "value".into(),
                wanted: shown(shipped),
                found,
                mended_by: explain::not_set_by_the_import(&setting.name),
            });
        } else if self.import.is_none() && variable.others.is_empty() {
            let said = match own {
                Some(_) => format!("the environment has its own value {found}"),
                None => "the environment has no value".to_owned(),
            };
            self.look(&place, &said);
            self.result.notes.push(format!("{place}: {said}; the solution brings {}", shown(shipped)));
        }
    }
}
