//! Roles: names, identifiers, and that nobody takes a built-in role's name.

use uuid::Uuid;

use crate::diagnostic::Diagnostic;
use crate::manifest::components::scope::check_unique;
use crate::manifest::meant;
use crate::manifest::written::leaf::RoleName;
use crate::manifest::written::package::Role;
use crate::yaml::shape::{At, List, head};
use crate::{catalog, guid};

/// Whether a role of this name or id comes with Dataverse.
pub fn is_built_in(name: &str) -> bool {
    catalog::built_in_role(Uuid::try_parse(name.trim_matches(['{', '}'])).ok(), name).is_some()
}

/// The refusal of a built-in role.
pub fn built_in(name: &At<RoleName>) -> Diagnostic {
    Diagnostic::error("built-in-role", format!("`{}` is a role of Dataverse itself", name.shown))
        .at(&name.span)
        .help("a package brings its own role with just the rights it needs: give it a name of its own")
        .help("Dataverse wants it so, and so does Microsoft's certification for the Marketplace")
}

/// All roles that could be read.
pub fn roles(written: Option<&List<Role>>, publisher: &str, findings: &mut Vec<Diagnostic>) -> Vec<meant::Role> {
    let roles = written.map_or(&[][..], |list| &list.items[..]);
    check_unique(
        "role",
        roles.iter().filter_map(|role| role.name.as_ref()).map(|name| (name.value.0.as_str(), &name.span)),
        findings,
    );
    let ids: Vec<_> =
        roles.iter().filter_map(|role| role.id.as_ref()).map(|id| (id.value.0.to_string(), &id.span)).collect();
    check_unique("role id", ids.iter().map(|(id, span)| (id.as_str(), *span)), findings);
    roles.iter().filter_map(|role| self::role(role, publisher, findings)).collect()
}

fn role(written: &Role, publisher: &str, findings: &mut Vec<Diagnostic>) -> Option<meant::Role> {
    let grants = written.grants.as_ref().map_or(&[][..], |map| &map.entries[..]);
    let privileges = written.privileges.as_ref().map_or(&[][..], |map| &map.entries[..]);
    check_unique("grant", grants.iter().map(|(table, span, _)| (table.as_str(), span)), findings);
    check_unique("privilege", privileges.iter().map(|(name, span, _)| (name.as_str(), span)), findings);
    for (table, span, _) in grants.iter().filter(|(table, ..)| !is_word(table)) {
        findings.push(
            Diagnostic::error("table-name", format!("`{table}` is not a table name"))
                .at(span)
                .help("write the schema or logical name, such as `account` or `contoso_Widget`"),
        );
    }
    for (privilege, span, _) in privileges.iter().filter(|(name, ..)| !name.starts_with("prv") || !is_word(name)) {
        findings.push(
            Diagnostic::error("privilege-name", format!("`{privilege}` is not a privilege name"))
                .at(span)
                .help("names of privileges start with `prv`, such as `prvActOnBehalfOfAnotherUser`"),
        );
    }
    let name = written.name.as_ref()?;
    if is_built_in(&name.value.0) {
        findings.push(built_in(name));
    } else if let Some(id) = &written.id
        && let Some(role) = catalog::built_in_role(Some(id.value.0), "")
    {
        findings.push(
            Diagnostic::error("built-in-role", format!("`{}` is the identifier of `{}`", id.shown, role.name))
                .at(&id.span)
                .help("leave `id` out: it is then made from publisher and name"),
        );
    }
    if grants.is_empty() && privileges.is_empty() {
        findings.push(
            Diagnostic::warning("empty-role", format!("role `{}` grants nothing", name.shown))
                .at(&name.span)
                .help("add `grants`, such as `account: { read: organization }`"),
        );
    }
    let allow = written.allow.iter().flat_map(|list| &list.items);
    Some(meant::Role {
        id: written.id.as_ref().map_or_else(|| guid::role(publisher, &name.value.0), |id| id.value.0),
        name: name.value.0.clone(),
        description: written.description.as_ref().map(|text| text.value.0.clone()),
        inheritance: written.inheritance.as_ref().map(|inheritance| inheritance.value.0),
        grants: grants
            .iter()
            .map(|(table, span, rights)| meant::Grant {
                table: table.clone(),
                rights: rights.rights.clone(),
                because: rights.because.as_ref().map(|reason| reason.value.0.clone()),
                span: span.clone(),
            })
            .collect(),
        privileges: privileges
            .iter()
            .map(|(name, span, level)| meant::PrivilegeGrant {
                name: name.clone(),
                level: level.level,
                because: level.because.as_ref().map(|reason| reason.value.0.clone()),
                span: span.clone(),
            })
            .collect(),
        allow: allow
            .filter_map(|it| Some((it.rule.as_ref()?.value.0.clone(), it.because.as_ref()?.value.0.clone())))
            .collect(),
        span: head(&written.span),
    })
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 200
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
