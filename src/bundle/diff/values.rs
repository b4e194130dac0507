//! Values by name, before and now.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::secret_forms;

/// What changed in a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ValueChange {
    /// What it is the value of.
    pub name: String,
    /// Before.
    pub old: Option<String>,
    /// Now.
    pub new: Option<String>,
}

/// The values that differ, by their names.
pub(super) fn values(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<ValueChange> {
    let names: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| {
            let shown = |side: &BTreeMap<String, String>| Some(secret_forms::shown(side.get(name)?).into_owned());
            let (old, mut new) = (shown(old), shown(new));
            // They differ, even if that is not shown.
            if let Some(same) = new.as_mut().filter(|new| old.as_ref() == Some(*new)) {
                same.push_str(", another one");
            }
            ValueChange { name: name.clone(), old, new }
        })
        .collect()
}
