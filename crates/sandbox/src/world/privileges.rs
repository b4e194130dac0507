//! Privileges: which exist, how deep a user or a role has them, and the refusal of a caller that lacks one.

use std::collections::BTreeMap;

use serde_json::json;
use uuid::Uuid;

use super::{BASELINE, SYSTEM_ADMINISTRATOR, World};
use crate::depth::{allows, depth_rank};
use crate::exchange::Fault;
use crate::row::{named, row, text};

impl World {
    pub fn add_privilege(&mut self, name: &str, id: Option<Uuid>, depths: &str) -> Uuid {
        let lower = name.to_lowercase();
        if let Some(known) = self.privileges.get(&lower) {
            return *known;
        }
        let id = id
            .filter(|id| self.get("privilege", *id).is_none())
            .unwrap_or_else(|| named(&format!("privilege {lower}")));
        // The bits of AccessRights in the service description.
        let right = [
            ("AppendTo", 16),
            ("Append", 4),
            ("Read", 1),
            ("Write", 2),
            ("Create", 32),
            ("Delete", 65_536),
            ("Share", 262_144),
            ("Assign", 524_288),
        ]
        .iter()
        .find(|(right, _)| name.strip_prefix("prv").is_some_and(|rest| rest.starts_with(right)))
        .map_or(0, |(_, bit)| *bit);
        let columns = json!({"name": name, "accessright": right, "canbebasic": depths.contains('B'), "canbelocal": depths.contains('L'), "canbedeep": depths.contains('D'), "canbeglobal": depths.contains('G')});
        self.insert("privilege", id, row(columns));
        self.privileges.insert(lower, id);
        id
    }

    /// Privileges and depths of a user, over all roles. A System Administrator has every privilege.
    pub fn privileges_of(&self, user: Uuid) -> BTreeMap<String, String> {
        let mut held: BTreeMap<String, String> = BTreeMap::new();
        for (_, role) in self.user_roles.iter().filter(|(owner, _)| *owner == user) {
            for (name, depth) in self.privileges_of_role(*role) {
                let entry = held.entry(name).or_insert_with(|| depth.clone());
                if depth_rank(&depth) > depth_rank(entry) {
                    *entry = depth;
                }
            }
        }
        held
    }

    pub fn privileges_of_role(&self, role: Uuid) -> BTreeMap<String, String> {
        let root = self.root_role(role);
        if root == SYSTEM_ADMINISTRATOR {
            return self.table_rows("privilege").map(|(_, row)| (text(row, "name").into(), "Global".into())).collect();
        }
        let mut held = self.role_privileges.get(&root).map(|held| (**held).clone()).unwrap_or_default();
        for name in BASELINE {
            held.entry((*name).into()).or_insert_with(|| "Global".into());
        }
        held
    }

    /// Why a privilege cannot be in a role that deep: code and message. The code is published; that an import is
    /// refused with it is an assumption.
    pub fn check_depth(&self, privilege: Uuid, depth: &str) -> Result<(), (String, String)> {
        match self.get("privilege", privilege) {
            Some(row) if !allows(row, depth) => Err((
                "0x8004140b".into(),
                format!(
                    "Invalid privilege depth. Privilege {} (Id={privilege}) cannot be granted at depth {depth}.",
                    text(row, "name")
                ),
            )),
            _ => Ok(()),
        }
    }

    /// How deep a user has a privilege, over all roles; 0: not at all.
    pub fn depth_of(&self, user: Uuid, privilege: &str) -> u8 {
        let of_role = |role: Uuid| {
            let root = self.root_role(role);
            if root == SYSTEM_ADMINISTRATOR || BASELINE.contains(&privilege) {
                return depth_rank("Global");
            }
            self.role_privileges.get(&root).and_then(|held| held.get(privilege)).map_or(0, |depth| depth_rank(depth))
        };
        let roles = self.user_roles.iter().filter(|(owner, _)| *owner == user);
        roles.map(|(_, role)| of_role(*role)).max().unwrap_or(0)
    }

    /// Whether a user has a privilege by one of its roles, at any depth.
    fn has_privilege(&self, user: Uuid, privilege: &str) -> bool {
        let same = |name: &str| name.eq_ignore_ascii_case(privilege);
        self.user_roles.iter().filter(|(owner, _)| *owner == user).any(|(_, role)| {
            let root = self.root_role(*role);
            root == SYSTEM_ADMINISTRATOR
                || BASELINE.iter().any(|name| same(name))
                || self.role_privileges.get(&root).is_some_and(|held| held.keys().any(|name| same(name)))
        })
    }

    /// Refuses a caller that lacks a privilege; an unknown privilege is not checked.
    pub fn demand(&self, caller: Uuid, privilege: &str, table: &str) -> Result<(), Fault> {
        let Some(privilege_id) = self.privileges.get(&privilege.to_lowercase()) else { return Ok(()) };
        if self.has_privilege(caller, privilege) {
            return Ok(());
        }
        let held = self.privileges_of(caller);
        let row = self.get("systemuser", caller);
        let roles = self.user_roles.iter().filter(|(user, _)| *user == caller).count();
        let object = row.map(|row| text(row, "azureactivedirectoryobjectid")).unwrap_or_default();
        let unit = row.map(|row| text(row, "_businessunitid_value")).unwrap_or_default();
        Err(Fault::new(
            403,
            "0x80040220",
            format!(
                "Principal user (Id={caller}, type=8, roleCount={roles}, privilegeCount={}, accessMode='4 Non-interactive', AADObjectId='{object}', MetadataCachePrivilegesCount={}, businessUnitId={unit}), is missing {privilege} privilege (Id={privilege_id}) on OTC=8 for entity '{table}' (LocalizedName='{table}'). context.Caller={caller}",
                held.len(),
                self.privileges.len()
            ),
        ))
    }
}
