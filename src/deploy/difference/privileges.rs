//! What the roles of the bundle allow in the environment.

use uuid::Uuid;

use super::{Code, Comparer, Difference, Mender, explain};
use crate::bundle::descriptor::Role;
use crate::catalog;
use crate::dataverse::system_user::SystemUser;
use crate::deploy::failure::Failure;
use crate::deploy::lacking::{self, Beyond, Lacking, lacking};
use crate::deploy::observed::Observed;
use crate::deploy::step::Gain;
use crate::solution::role::{OwnTables, Row, unusual};

/// Privileges that the role in the environment has beyond the bundle and beyond what Dataverse puts into every role.
pub(in crate::deploy) fn privileges_beyond(role: &Role, observed: &Observed) -> Vec<Beyond> {
    let wanted = role.privileges.iter().map(|privilege| (privilege.name.as_str(), privilege.level));
    let held = observed.held.get(&role.id).map_or(&[][..], Vec::as_slice);
    lacking::beyond(wanted, held, &observed.privilege_names)
}

/// These in words: first those that differ, then those that are only worth a note.
pub(in crate::deploy) fn told(beyond: &[Beyond]) -> String {
    let list = |differs: bool| {
        let some = beyond.iter().filter(|beyond| beyond.differs == differs).map(ToString::to_string);
        some.collect::<Vec<_>>().join(", ")
    };
    match (list(true), list(false)) {
        (differs, notes) if notes.is_empty() => differs,
        (differs, notes) if differs.is_empty() => format!("{notes} (a note: nothing can be changed with it)"),
        (differs, notes) => format!("{differs}; and, as a note, {notes}"),
    }
}

/// Privileges of the bundle that the role in the environment lacks, or has less deep.
pub(in crate::deploy) fn missing<'a>(role: &'a Role, observed: &Observed) -> Vec<Lacking<'a>> {
    let needed = role.privileges.iter().map(|privilege| (privilege.name.as_str(), privilege.level));
    lacking(needed, observed.held.get(&role.id).map_or(&[], Vec::as_slice), &observed.privilege_ids)
}

/// Whether the environment can grant a privilege, as far as it was asked.
enum Grantable {
    Yes,
    Unknown,
    NotSoDeep(String),
}

impl Comparer<'_> {
    pub(super) fn privileges(&mut self) {
        if self.waits && self.import.is_none() {
            // Until a staged upgrade is finished, the roles are still those of the earlier version.
            return;
        }
        let desired = self.desired;
        if self.import.is_some() {
            for role in &desired.descriptor.roles {
                self.levels(role);
            }
        }
        for role in desired.roles() {
            if self.observed.copies.contains_key(&role.id) {
                self.held(role);
            } else if self.import.is_some() {
                for privilege in &role.privileges {
                    if matches!(self.grantable(&privilege.name, privilege.level), Grantable::Unknown) {
                        let wanted = privilege.level.to_string();
                        let mender = explain::privilege_unknown();
                        self.differ(of_role(Code::PrivilegeUnknown, role, &privilege.name, &wanted, UNKNOWN, mender));
                    }
                }
            }
        }
    }

    /// Every import refuses a level that the environment does not have.
    fn levels(&mut self, role: &Role) {
        for privilege in &role.privileges {
            if let Grantable::NotSoDeep(levels) = self.grantable(&privilege.name, privilege.level) {
                let failure = Failure::not_ready(format!(
                    "role `{}` has privilege {} at level {}, which this environment grants only at {levels}",
                    role.name, privilege.name, privilege.level
                ))
                .help("give the role a level that the environment has, and build again");
                let place = format!("security role `{}`", role.name);
                let (wanted, found) = (privilege.level.to_string(), format!("only at {levels}"));
                let what = format!("privilege {}", privilege.name);
                self.hinder(Code::PrivilegeLevel, &place, &what, (&wanted, &found), failure);
            }
        }
    }

    fn held(&mut self, role: &Role) {
        let missing = missing(role, self.observed);
        let found = if missing.is_empty() {
            format!("all {} held", role.privileges.len())
        } else {
            let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
            format!("missing: {}", missing.join(", "))
        };
        self.look(format!("privileges of `{}`", role.name), found);
        let layer = self.observed.layered.get(&role.id).copied();
        // An import adds what is missing, unless a layer of this environment is above it.
        let mends = self.import.clone().filter(|_| layer != Some(true));
        for lacking in missing {
            let (mut code, mut found) = match lacking.held {
                Some(level) => (Code::PrivilegeShallower, level.to_string()),
                None => (Code::PrivilegeMissing, "not held".to_owned()),
            };
            let mender = match (self.grantable(lacking.name, lacking.wanted), &mends) {
                (Grantable::Unknown, _) => {
                    (code, found) = (Code::PrivilegeUnknown, UNKNOWN.into());
                    explain::privilege_unknown()
                }
                (Grantable::NotSoDeep(_), _) => {
                    code = Code::PrivilegeLevel;
                    explain::privilege_level()
                }
                (Grantable::Yes, Some(import)) => Mender::step(import),
                (Grantable::Yes, None) => {
                    let changed = || explain::role_changed(&role.name, layer == Some(true), self.import.is_some());
                    self.other_version().filter(|_| self.import.is_none()).unwrap_or_else(changed)
                }
            };
            self.differ_in_last(of_role(code, role, lacking.name, &lacking.wanted.to_string(), &found, mender));
        }
        let beyond = privileges_beyond(role, self.observed);
        if beyond.is_empty() {
            return;
        }
        self.look(format!("privileges of `{}` beyond the bundle", role.name), told(&beyond));
        let (more, notes): (Vec<Beyond>, Vec<Beyond>) = beyond.into_iter().partition(|beyond| beyond.differs);
        if !notes.is_empty() {
            self.result.notes.push(format!(
                "role `{}` has privileges here beyond the bundle: {}",
                role.name,
                told(&notes)
            ));
        }
        // An import is certain to remove it only if there is no layer of this environment.
        let mends = self.import.clone().filter(|_| layer == Some(false));
        for beyond in more {
            let held =
                beyond.held.map_or_else(|| "at a level that is not understood".into(), |level| level.to_string());
            let (code, wanted) = match beyond.wanted {
                Some(level) => (Code::PrivilegeDeeper, level.to_string()),
                None => (Code::PrivilegeBeyond, "not held".to_owned()),
            };
            let mender = match &mends {
                Some(import) => Mender::step(import),
                None => explain::role_extended(&role.name, layer == Some(true)),
            };
            self.differ_in_last(of_role(code, role, &beyond.name, &wanted, &held, mender));
        }
    }

    fn grantable(&self, name: &str, level: catalog::Level) -> Grantable {
        // If it was not asked, nothing is in doubt.
        let Some(known) = &self.observed.known_privileges else { return Grantable::Yes };
        match known.get(&name.to_lowercase()) {
            Some(known) => match known.levels.filter(|levels| !levels.contains(level)) {
                Some(levels) => Grantable::NotSoDeep(levels.names()),
                None => Grantable::Yes,
            },
            None => {
                // Privileges of tables that the bundle brings exist once it is imported.
                let noun = catalog::split_privilege(name).map(|(_, noun)| noun);
                let brings = |noun: &str| self.desired.own_tables().any(|own| own.eq_ignore_ascii_case(noun));
                let own = self.import.is_some() && noun.is_some_and(brings);
                if own { Grantable::Yes } else { Grantable::Unknown }
            }
        }
    }

    /// A privilege that the application user gains, with what a reviewer should know of it.
    pub(super) fn gain(&self, name: &str, level: catalog::Level) -> Gain {
        let row = Row::new(name, level);
        // A table of any of the solutions is the bundle's own.
        let everywhere =
            |_: &String| self.desired.packages.iter().all(|it| unusual(&row, &it.shipped.own_tables).is_some());
        let unusual = unusual(&row, &OwnTables::default()).filter(everywhere);
        Gain { privilege: name.to_owned(), level, unusual }
    }

    /// What a user gains from a role: what it has here, if that is known and no import changes it, otherwise
    /// what the bundle says.
    pub(super) fn gained_by_assignment(&self, role: &Role) -> Vec<Gain> {
        let imports = self.import.is_some();
        let lacks = if imports || !self.observed.held.contains_key(&role.id) {
            Vec::new()
        } else {
            missing(role, self.observed)
        };
        let held = |name: &str, wanted| match lacks.iter().find(|lacking| lacking.name == name) {
            Some(lacking) => lacking.held,
            None => Some(wanted),
        };
        let declared = role.privileges.iter();
        let mut gained: Vec<Gain> =
            declared.filter_map(|it| Some(self.gain(&it.name, held(&it.name, it.level)?))).collect();
        // An import is certain to remove it only if there is no layer of this environment.
        if imports && self.observed.layered.get(&role.id) == Some(&false) {
            return gained;
        }
        for beyond in privileges_beyond(role, self.observed).into_iter().filter(|beyond| beyond.differs) {
            // An unknown level may be any level.
            let level = beyond.held.unwrap_or(catalog::Level::Global);
            gained.retain(|gain| !gain.privilege.eq_ignore_ascii_case(&beyond.name));
            let unusual = match beyond.wanted {
                Some(wanted) => format!("the role was changed here: the bundle says {wanted}"),
                None => "the role was changed here: the bundle does not declare it".to_owned(),
            };
            gained.push(Gain { privilege: beyond.name, level, unusual: Some(unusual) });
        }
        gained
    }

    /// What more the user's present roles will allow after the upgrade.
    pub(super) fn gained_by_import(&self) -> Vec<Gain> {
        let active: Vec<&SystemUser> = self.observed.active().collect();
        let [user] = active.as_slice() else { return Vec::new() };
        let has = |id: Uuid| user.roles.iter().any(|assigned| assigned.root == Some(id));
        let mut gained: Vec<Gain> = Vec::new();
        for role in self.desired.roles().filter(|role| has(role.id)) {
            gained.extend(missing(role, self.observed).iter().map(|lacking| self.gain(lacking.name, lacking.wanted)));
        }
        gained.sort_by(|a, b| (&a.privilege, a.level).cmp(&(&b.privilege, b.level)));
        gained.dedup();
        gained
    }
}

const UNKNOWN: &str = "not in the environment";

fn of_role(code: Code, role: &Role, privilege: &str, wanted: &str, found: &str, mended_by: Mender) -> Difference {
    Difference {
        code,
        place: format!("security role `{}`", role.name),
        what: format!("privilege {privilege}"),
        wanted: wanted.into(),
        found: found.into(),
        mended_by,
    }
}
