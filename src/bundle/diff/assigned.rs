//! What a bundle assigns, to whom, and who its processes run as.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::bundle::descriptor::{BusinessUnit, Descriptor};
use crate::solution::contents::Process;

/// What a bundle assigns, and to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    pub(super) client_id: Option<Uuid>,
    pub(super) roles: BTreeSet<Uuid>,
    pub(super) profiles: BTreeMap<Uuid, String>,
    pub(super) business_unit: Option<String>,
}

/// Who processes run as, by their ids: their names, and each fact with its value.
pub type Runs = BTreeMap<Uuid, (String, BTreeSet<(String, String)>)>;

impl From<&Descriptor> for Assigned {
    fn from(descriptor: &Descriptor) -> Self {
        let user = descriptor.application_user.as_ref();
        let profiles = user.into_iter().flat_map(|user| &user.column_security_profiles);
        Self {
            client_id: descriptor.application.as_ref().map(|it| it.client_id),
            roles: user.map(|user| user.roles.iter().copied().collect()).unwrap_or_default(),
            profiles: profiles.map(|it| (it.id, it.name.clone())).collect(),
            business_unit: user.map(|user| business_unit(&user.business_unit)),
        }
    }
}

/// A business unit in words.
pub(super) fn business_unit(unit: &BusinessUnit) -> String {
    match unit {
        BusinessUnit::Root => "root".to_owned(),
        BusinessUnit::Id(id) => id.to_string(),
        BusinessUnit::Name(name) => name.clone(),
    }
}

/// Adds who a process runs as, if that is not whoever starts it.
pub(super) fn add_runs(runs: &mut Runs, process: &Process) {
    let is_usual =
        |(name, value): &(String, String)| name == "SecureConfiguration" || (name == "RunAs" && value.trim() == "1");
    let called = format!("{} {}", process.kind.word(), process.name);
    let (_, known) = runs.entry(process.id).or_insert_with(|| (called, BTreeSet::new()));
    known.extend(process.runs.iter().filter(|it| !is_usual(it)).cloned());
}
