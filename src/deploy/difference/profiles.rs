//! The column security profiles of the application user, and the secured columns that it cannot read.
//!
//! A profile outside the bundle is a note, not a difference: it opens columns of tables that a role opens already,
//! and the subscriber decides which of its own columns an application may read. dvpack removes none.

use super::user::differs;
use super::{Code, Comparer, Mender, explain, step};
use crate::bundle::column_security;
use crate::dataverse::system_user::SystemUser;
use crate::deploy::step::Action;

impl Comparer<'_> {
    pub(super) fn profiles(&mut self, user: Option<&SystemUser>) {
        for profile in self.desired.profiles() {
            let name = format!("column security profile `{}`", profile.name);
            let held = user.and_then(|user| user.profiles.as_ref()).into_iter().flatten();
            let is_there = self.observed.profiles.contains(&profile.id);
            let found = match (held.into_iter().any(|it| it.id == profile.id), is_there) {
                (true, _) => "assigned",
                (false, true) => "not assigned",
                (false, false) => "not in the environment",
            };
            if !is_there && self.import.is_none() && self.waits {
                self.result
                    .notes
                    .push(format!("{name} comes with the upgrade that waits, and is assigned when that is finished"));
                continue;
            }
            self.look(&name, found);
            if found == "assigned" {
                continue;
            }
            if !is_there && self.import.is_none() && self.observed.is_imported(self.desired) {
                let mender = self.other_version().unwrap_or_else(|| explain::profile_missing(&profile.name));
                self.differ_in_last(differs(Code::ProfileMissing, &name, "in the environment", found, mender));
                continue;
            }
            let what = format!("assign {name}");
            self.differ_in_last(differs(Code::ProfileNotAssigned, &name, "assigned", found, Mender::step(&what)));
            let action = Action::AssignProfile { profile: profile.id };
            self.roles.push(step(action, what, "the application user does not have it"));
        }
        self.other_profiles(user);
        self.unreadable_columns();
    }

    fn other_profiles(&mut self, user: Option<&SystemUser>) {
        let declared = |id| self.desired.profiles().any(|profile| profile.id == id);
        let held = user.and_then(|user| user.profiles.as_ref()).into_iter().flatten();
        let mut others: Vec<String> = held.filter(|it| !declared(it.id)).map(|it| format!("`{}`", it.name)).collect();
        others.sort();
        if !others.is_empty() {
            let (word, names) = (if others.len() == 1 { "profile" } else { "profiles" }, others.join(", "));
            self.result.notes.push(format!(
                "the application user also has the column security {word} {names}, which the bundle does not assign: in \
                 tables that its roles allow, it may do with secured columns what they say"
            ));
        }
    }

    fn unreadable_columns(&mut self) {
        let security = self.desired.packages.iter().map(|package| &package.shipped.column_security);
        for unreadable in column_security::unreadable(&self.desired.descriptor, security) {
            self.result.notes.push(format!(
                "{unreadable} for the application user, whose roles read the table: the bundle assigns no column security \
                 profile that covers them"
            ));
        }
    }
}
