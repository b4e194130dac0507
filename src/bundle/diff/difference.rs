//! What changed, as it is shown.

use schemars::JsonSchema;
use serde::Serialize;

use super::columns::ColumnChanges;
use super::roles::RoleChange;
use super::values::ValueChange;
use crate::solution::deletion::Deletion;

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The old side, as named on the command line.
    pub old: String,
    /// The new side, as named on the command line.
    pub new: String,
    /// Whether any privilege was gained or deepened, any access to columns gained, there are `gains`, or that is not
    /// known since there are `deviations`: a reviewer must approve it.
    pub gained: bool,
    /// What readers could understand in different ways, on either side. If there is any, it is not known whether
    /// something was gained.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<String>,
    /// What is gained besides privileges of roles, in words: by the application user, or by processes that run as
    /// somebody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gains: Vec<String>,
    /// Roles that changed.
    pub roles: Vec<RoleChange>,
    /// What changed in column security.
    #[serde(skip_serializing_if = "ColumnChanges::is_empty")]
    pub column_security: ColumnChanges,
    /// Components that are new, gone or different.
    pub components: Vec<ComponentChange>,
    /// What an upgrade deletes, tables first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deletions: Vec<Deletion>,
    /// What acts, and how: plug-in steps, endpoints, scripts of forms, apps, custom APIs, flows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acting: Vec<ValueChange>,
    /// Settings.
    pub settings: Vec<ValueChange>,
    /// Version, application, requirements.
    pub facts: Vec<ValueChange>,
}

/// What changed with a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComponentChange {
    /// The kind's name.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// `added`, `removed` or `changed`.
    pub change: &'static str,
    /// What differs in it: the paths of its XML and JSON, each with the value before and now. Where it is empty and it
    /// is changed, it could not be read again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<ValueChange>,
    /// How many more differ.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_details: usize,
}

impl ComponentChange {
    /// Without what differs in it.
    pub(super) const fn new(kind: String, name: String, change: &'static str) -> Self {
        Self { kind, name, change, details: Vec::new(), more_details: 0 }
    }
}

/// The form that `skip_serializing_if` asks for.
#[allow(clippy::trivially_copy_pass_by_ref)]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Difference {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.roles.is_empty()
            && self.gains.is_empty()
            && self.column_security.is_empty()
            && self.components.is_empty()
            && self.settings.is_empty()
            && self.facts.is_empty()
            && self.acting.is_empty()
    }
}
