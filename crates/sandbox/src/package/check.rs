//! What the server would refuse without looking at the environment.

use super::Package;
use crate::depth::depth_rank;

impl Package {
    /// What can be said without looking at the environment.
    pub(super) fn check(&mut self) {
        let mut problems = Vec::new();
        if self.unique_name.is_empty() || !self.unique_name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            problems.push(("0x8004f002", format!("The solution unique name '{}' is invalid.", self.unique_name)));
        }
        let parts: Vec<&str> = self.version.split('.').collect();
        if !(2..=4).contains(&parts.len()) || parts.iter().any(|part| part.parse::<i32>().is_err()) {
            problems.push(("0x8004f01e", format!("The solution version '{}' is invalid.", self.version)));
        }
        if !(2..=8).contains(&self.prefix.len()) || self.prefix.to_lowercase().starts_with("mscrm") {
            problems.push((
                "0x80043b09",
                format!("The customization prefix '{}' of publisher '{}' is invalid.", self.prefix, self.publisher),
            ));
        }
        let undeclared = |name: &str, kind: u32| {
            (
                "0x8004803a",
                format!(
                    "The import has failed because component {name} of type {kind} is not declared in the solution file as a root component. To fix this, import again using the XML file that was generated when you exported the solution."
                ),
            )
        };
        let has = |kind: u32, text: &str| {
            self.roots
                .iter()
                .any(|(k, id, schema)| *k == kind && (id.as_deref() == Some(text) || schema.as_deref() == Some(text)))
        };
        for role in self.roles.iter().filter(|role| !has(20, &role.id.to_string())) {
            problems.push(undeclared(&role.id.to_string(), 20));
        }
        for table in self.tables.iter().filter(|table| !has(1, &table.logical)) {
            problems.push(undeclared(&table.logical, 1));
        }
        for (_, name) in self.web_resources.iter().filter(|(_, name)| !has(61, &name.to_lowercase())) {
            problems.push(undeclared(name, 61));
        }
        for (id, _, _, _) in self.workflows.iter().filter(|(id, ..)| !has(29, &id.to_string())) {
            problems.push(undeclared(&id.to_string(), 29));
        }
        self.problems.extend(problems.into_iter().map(|(code, message)| (code.to_owned(), message)));
        // The reverse: a declared role that is not in the file.
        for (kind, id, _) in &self.roots {
            let id = id.as_deref().unwrap_or_default();
            if *kind == 20 && !self.roles.iter().any(|role| role.id.to_string() == id) {
                self.problems.push((
                    "0x80048017".into(),
                    format!("Cannot import security role. The root component {id} has no definition."),
                ));
            }
        }
        for role in &self.roles {
            for (name, depth) in role.privileges.iter().filter(|(_, depth)| depth_rank(depth) == 0) {
                self.problems.push(("0x8004802c".into(), format!("This solution package cannot be imported because it contains invalid XML. RolePrivilege '{name}' has the level '{depth}'.")));
            }
        }
    }
}
