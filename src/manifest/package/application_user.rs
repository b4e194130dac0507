//! `applicationUser:`

use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::manifest::components::Components;
use crate::manifest::leaf::{Email, Flag, RoleName, Title};
use crate::manifest::package::role::{self, Role, WrittenRole};
use crate::yaml::leaf::{Given, Words};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, head};

record! {
    /// The application user.
    pub struct WrittenApplicationUser => {
        /// Roles to assign, by name or ID: those of this manifest, or those that its sources contain.
        "roles" required roles: List<At<RoleName>>,
        /// Business unit: `root` (default), its GUID, or its name.
        "businessUnit" optional business_unit: At<Words> => "root",
        /// Contact address, shown in reports.
        "email" optional email: At<Email>,
        /// Column security profiles to assign, by name or ID: those under `components`, or those that sources contain.
        "columnSecurityProfiles" optional column_security_profiles: List<At<Title>> => "Widget prices",
        /// Remove roles that somebody else assigned. Each run asks for it by name, or needs `--only-declared-roles`.
        "onlyDeclaredRoles" optional only_declared_roles: At<Flag>,
    }
}

/// `applicationUser:`
#[derive(Clone, Debug)]
pub struct ApplicationUser {
    /// The roles to assign that are of the package.
    pub roles: Vec<Uuid>,
    /// The roles to assign that a source has to bring.
    pub of_sources: Vec<ByNameOrId>,
    /// The business unit it belongs to.
    pub business_unit: BusinessUnit,
    /// A contact address, shown in the report; Dataverse fills the user's own from Entra.
    pub email: Option<String>,
    /// The column security profiles to assign, which the solution has to bring.
    pub column_security_profiles: Vec<ByNameOrId>,
    /// Whether to remove roles that the bundle does not declare.
    pub only_declared_roles: bool,
}

impl ApplicationUser {
    /// Whether a role is to be assigned.
    #[must_use]
    pub fn holds(&self, id: Uuid, name: &str) -> bool {
        self.roles.contains(&id) || self.of_sources.iter().any(|named| named.means(id, name))
    }
}

/// A role or a column security profile, by its name or its id.
#[derive(Clone, Debug)]
pub struct ByNameOrId {
    /// The name or the id, as written.
    pub text: String,
    /// Where it is.
    pub span: Span,
}

impl ByNameOrId {
    /// Whether it is the one with this id and name.
    #[must_use]
    pub fn means(&self, id: Uuid, name: &str) -> bool {
        self.text == name || Uuid::try_parse(self.text.trim_matches(['{', '}'])) == Ok(id)
    }
}

/// A business unit of the subscriber.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BusinessUnit {
    /// The one without a parent.
    #[default]
    Root,
    /// By GUID.
    Id(Uuid),
    /// By name, which must be unique in the environment.
    Name(String),
}

/// The application user.
pub fn application_user(
    user: &WrittenApplicationUser,
    written: Option<&List<WrittenRole>>,
    roles: &[Role],
    components: &Components,
    findings: &mut Vec<Diagnostic>,
) -> ApplicationUser {
    let mut ids: Vec<Uuid> = Vec::new();
    let mut of_sources: Vec<ByNameOrId> = Vec::new();
    let known: Vec<&str> = written
        .iter()
        .flat_map(|list| &list.items)
        .filter_map(|role| Some(role.name.as_ref()?.value.0.as_str()))
        .collect();
    let named = user.roles.iter().flat_map(|list| &list.items);
    for name in named {
        let named = ByNameOrId { text: name.value.0.clone(), span: name.span.clone() };
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
        None | Some("root") => BusinessUnit::Root,
        Some(text) => Uuid::try_parse(text).map_or_else(|_| BusinessUnit::Name(text.to_owned()), BusinessUnit::Id),
    };
    ApplicationUser {
        roles: ids,
        of_sources,
        business_unit,
        email: user.email.value(),
        column_security_profiles: profiles(user),
        only_declared_roles: user.only_declared_roles.value().unwrap_or(false),
    }
}

/// The column security profiles that the user gets. Which ones exist is known when the solution is put
/// together.
fn profiles(user: &WrittenApplicationUser) -> Vec<ByNameOrId> {
    let named = user.column_security_profiles.iter().flat_map(|list| &list.items);
    named.map(|name| ByNameOrId { text: name.value.0.clone(), span: name.span.clone() }).collect()
}
