//! `applicationUser:`

use uuid::Uuid;

use crate::diagnostic::{Diagnostic, nearest};
use crate::manifest::meant;
use crate::manifest::package::role;
use crate::manifest::written::package::{ApplicationUser, Role};
use crate::yaml::shape::{List, head};

/// The application user.
pub fn application_user(
    user: &ApplicationUser,
    written: Option<&List<Role>>,
    roles: &[meant::Role],
    components: &meant::Components,
    findings: &mut Vec<Diagnostic>,
) -> meant::ApplicationUser {
    let mut ids: Vec<Uuid> = Vec::new();
    let mut of_sources: Vec<meant::ByNameOrId> = Vec::new();
    let known: Vec<&str> = written
        .iter()
        .flat_map(|list| &list.items)
        .filter_map(|role| Some(role.name.as_ref()?.value.0.as_str()))
        .collect();
    let named = user.roles.iter().flat_map(|list| &list.items);
    for name in named {
        let named = meant::ByNameOrId { text: name.value.0.clone(), span: name.span.clone() };
        if let Some(role) = roles.iter().find(|role| named.means(role.id, &role.name)) {
            if !ids.contains(&role.id) {
                ids.push(role.id);
            }
            continue;
        }
        if known.contains(&name.value.0.as_str()) {
            continue; // The role itself has been reported.
        }
        if role::is_built_in(&name.value.0) {
            findings.push(role::built_in(name));
            continue;
        }
        // Which roles the sources have is known when they are read: the review says where none has it.
        if !components.sources.is_empty() {
            if !of_sources.iter().any(|other| other.text == named.text) {
                of_sources.push(named);
            }
            continue;
        }
        let finding = Diagnostic::error("unknown-role", format!("`{}` is not a role of this manifest", name.shown))
            .at(&name.span);
        findings.push(match nearest(&name.value.0, known.iter().copied()) {
            Some(near) => finding.help(format!("write `{near}`")),
            None if known.is_empty() => finding.help("declare it under `roles`"),
            None => finding.help(format!("roles of this manifest: {}", known.join(", "))),
        });
    }
    if let Some(list) = &user.roles
        && list.items.is_empty()
    {
        findings.push(
            Diagnostic::error("no-roles", "an application user without a role can do nothing")
                .at(&head(&user.span))
                .help("name a role of this manifest under `roles`"),
        );
    }
    let business_unit = match user.business_unit.as_ref().map(|unit| unit.value.0.as_str()) {
        None | Some("root") => meant::BusinessUnit::Root,
        Some(text) => {
            Uuid::try_parse(text).map_or_else(|_| meant::BusinessUnit::Name(text.to_owned()), meant::BusinessUnit::Id)
        }
    };
    meant::ApplicationUser {
        roles: ids,
        of_sources,
        business_unit,
        email: user.email.as_ref().map(|email| email.value.0.clone()),
        column_security_profiles: profiles(user),
        only_declared_roles: user.only_declared_roles.as_ref().is_some_and(|flag| flag.value.0),
    }
}

/// The column security profiles that the user shall have. Which ones there are is known when the solution is put together.
fn profiles(user: &ApplicationUser) -> Vec<meant::ByNameOrId> {
    let named = user.column_security_profiles.iter().flat_map(|list| &list.items);
    named.map(|name| meant::ByNameOrId { text: name.value.0.clone(), span: name.span.clone() }).collect()
}
