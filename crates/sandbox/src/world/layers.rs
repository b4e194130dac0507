//! The unmanaged layer of a managed role: what people change stays above what the next import brings.
//!
//! That a layer hides what imports bring is documented for solution components in general; how it meets the privileges
//! of a role, one by one, is an assumption.

use std::collections::BTreeMap;

use serde_json::json;
use uuid::Uuid;

use super::World;
use crate::row::{named, row, text};

impl World {
    /// Changes a privilege of a role by hand: a depth, or nothing to remove it.
    pub fn change_role(&mut self, role: Uuid, privilege: &str, depth: Option<String>) {
        let held = self.role_privileges.entry(role).or_default();
        match &depth {
            Some(depth) => held.insert(privilege.to_owned(), depth.clone()),
            None => held.remove(privilege),
        };
        self.version += 1;
        if self.get("role", role).is_some_and(|row| row.get("ismanaged") == Some(&json!(true))) {
            self.layers.entry(role).or_default().insert(privilege.to_owned(), depth);
            let columns = json!({"msdyn_name": "Active", "msdyn_solutionname": "Active", "msdyn_solutioncomponentname": "Role", "msdyn_componentid": role, "msdyn_order": 2});
            self.insert("msdyn_componentlayer", named(&format!("layer of role {role}")), row(columns));
        }
    }

    /// What an import brings to a role, under its layer.
    pub fn under_layer(&self, role: Uuid, held: &mut BTreeMap<String, String>) {
        for (privilege, depth) in self.layers.get(&role).into_iter().flatten() {
            match depth {
                Some(depth) => held.insert(privilege.clone(), depth.clone()),
                None => held.remove(privilege),
            };
        }
    }

    /// The layer is removed with its role, or by itself.
    pub fn remove_layer(&mut self, role: Uuid) {
        self.layers.remove(&role);
        self.remove("msdyn_componentlayer", named(&format!("layer of role {role}")));
    }

    /// Removes all privileges except those to read from the environment.
    pub(super) fn forget_privileges(&mut self, tables: &[&str]) {
        let on = |name: &str| {
            let of_table = |table: &&&str| {
                name.strip_suffix(**table).and_then(|start| start.strip_prefix("prv")).is_some_and(|right| {
                    ["Create", "Write", "Delete", "Append", "AppendTo", "Assign", "Share"].contains(&right)
                })
            };
            tables.iter().find(of_table).is_some()
        };
        let gone: Vec<(Uuid, String)> = self
            .table_rows("privilege")
            .map(|(id, row)| (*id, text(row, "name").to_owned()))
            .filter(|(_, name)| on(name))
            .collect();
        for (id, name) in gone {
            self.remove("privilege", id);
            self.privileges.remove(&name.to_lowercase());
            for held in self.role_privileges.values_mut() {
                held.remove(&name);
            }
        }
    }
}
