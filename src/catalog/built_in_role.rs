//! The roles that Dataverse and Microsoft's apps bring. An application user should have a custom one.
//!
//! Facts: `manifests/catalog/built_in_roles.tsv`.

use std::sync::LazyLock;

use uuid::Uuid;

/// The rule that forbids built-in roles, as Microsoft words it (Power Apps documentation, “Use
/// Multi-Tenant Server-to-server authentication”).
pub const CUSTOM_ROLE_RULE: &str = "The application user cannot be associated with one of the default Dataverse security \
roles. You must create a custom security role to associate with the application user.";

/// A role that Dataverse or a Microsoft app brings.
#[derive(Debug, PartialEq, Eq)]
pub struct BuiltInRole {
    /// Its name in English.
    pub name: &'static str,
    /// Its role template, the same in every environment.
    pub template: Option<Uuid>,
    /// Its root GUID, where that is the same in every environment.
    pub id: Option<Uuid>,
    /// Whether a user with it can give itself everything.
    pub administers: bool,
}

/// The template of System Administrator, the same in every environment.
pub const SYSTEM_ADMINISTRATOR: Uuid = Uuid::from_u128(0x6270_90ff_40a3_4053_8790_584e_dc5b_e201);

impl BuiltInRole {
    /// Whether a user with it can customize the environment: a maker, customizer or administrator.
    #[must_use]
    pub fn customizes(&self) -> bool {
        self.administers || self.name == "Environment Maker"
    }
}

static ROLES: LazyLock<Vec<BuiltInRole>> = LazyLock::new(|| {
    include_str!("../../manifests/catalog/built_in_roles.tsv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut fields = line.split('\t');
            Some(BuiltInRole {
                name: fields.next()?,
                template: Uuid::try_parse(fields.next()?).ok(),
                id: Uuid::try_parse(fields.next()?).ok(),
                administers: fields.next()? == "yes",
            })
        })
        .collect()
});

/// All of them.
#[must_use]
pub fn built_in_roles() -> &'static [BuiltInRole] {
    &ROLES
}

/// The built-in role with this GUID (its own or its template's), or with this name in any case.
#[must_use]
pub fn built_in_role(id: Option<Uuid>, name: &str) -> Option<&'static BuiltInRole> {
    let by_id = |role: &&BuiltInRole| id.is_some() && (role.id == id || role.template == id);
    ROLES.iter().find(by_id).or_else(|| ROLES.iter().find(|role| role.name.eq_ignore_ascii_case(name.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_system_administrator_by_name_and_template() {
        let role = built_in_role(None, "system administrator").expect("known");
        assert!(role.administers);
        assert_eq!(role.template, Some(SYSTEM_ADMINISTRATOR));
        assert_eq!(built_in_role(role.template, "Contoso"), Some(role));
        assert_eq!(built_in_role(None, "Contoso Widgets Service"), None);
        assert!(built_in_role(None, "Basic User").is_some_and(|role| !role.administers));
        assert!(built_in_role(None, "Environment Maker").is_some_and(|role| role.id.is_some()));
    }
}
