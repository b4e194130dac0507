//! Flows, processes and plug-in steps that the solution ships turned on.

use super::{Code, Comparer, Difference, Mender, explain, step};
use crate::bundle::descriptor::SettingKind;
use crate::deploy::desired::Desired;
use crate::deploy::observed::Observed;
use crate::deploy::shipped::Process;
use crate::deploy::step::Action;

/// The connection reference without which a cloud flow cannot be turned on.
pub(in crate::deploy) fn blocked<'a>(process: &'a Process, desired: &Desired, observed: &Observed) -> Option<&'a str> {
    let has_none = |name: &str| {
        let unset = desired
            .unset
            .iter()
            .any(|(kind, unset)| *kind == SettingKind::ConnectionReference && unset.eq_ignore_ascii_case(name));
        let reference = observed.connections.iter().find(|reference| reference.name.eq_ignore_ascii_case(name));
        unset && reference.is_none_or(|reference| reference.connection.is_none())
    };
    process.connections.iter().map(String::as_str).find(|name| has_none(name))
}

impl Comparer<'_> {
    pub(super) fn processes(&mut self) {
        let mut after_import = 0;
        let mut off = Vec::new();
        for process in self.desired.processes() {
            let place = format!("{} `{}`", process.kind.word(), process.name);
            let state = self.observed.processes.iter().find(|state| state.id == process.id);
            if state.is_some_and(|state| state.on) {
                self.look(&place, "on");
                after_import += usize::from(self.import.is_some());
                continue;
            }
            if let Some(name) = blocked(process, self.desired, self.observed) {
                self.result
                    .notes
                    .push(format!("{place} stays off until connection reference `{name}` has a connection"));
                continue;
            }
            let differs = |code, found: &str, mended_by| Difference {
                code,
                place: place.clone(),
                what: "state".into(),
                wanted: "on".into(),
                found: found.into(),
                mended_by,
            };
            match state {
                _ if self.import.is_some() => {
                    after_import += 1;
                    let found = if state.is_some() { "off" } else { "not in the environment" };
                    off.push((place.clone(), found));
                }
                Some(_) => {
                    let action = Action::TurnOn { kind: process.kind, id: process.id, name: process.name.clone() };
                    let what = format!("turn on {place}");
                    self.look(&place, "off");
                    self.differ_in_last(differs(Code::ProcessOff, "off", Mender::step(&what)));
                    self.result.steps.push(step(action, what, "it is off, and the solution ships it turned on"));
                }
                None if self.waits => {}
                None => {
                    let found = "not in the environment";
                    self.look(&place, found);
                    let other = self.other_version();
                    let mender = other.unwrap_or_else(|| explain::process_missing(&process.name));
                    self.differ_in_last(differs(Code::ProcessMissing, found, mender));
                }
            }
        }
        if after_import == 0 {
            return;
        }
        let what = if after_import == 1 {
            "turn on the flow or plug-in step if it is off after the import (the solution ships it turned on)".into()
        } else {
            format!(
                "turn on those of the {after_import} flows and plug-in steps that are off after the import (the solution ships them turned on)"
            )
        };
        for (place, found) in off {
            self.look(&place, found);
            self.differ_in_last(Difference {
                code: if found == "off" { Code::ProcessOff } else { Code::ProcessMissing },
                place,
                what: "state".into(),
                wanted: "on".into(),
                found: found.into(),
                mended_by: Mender::step(&what),
            });
        }
        self.result.steps.push(step(Action::TurnOnShipped, what, "an import can leave them off"));
    }
}
