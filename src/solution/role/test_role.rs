//! Roles of a manifest for unit tests.

use crate::catalog::{Level, Right};
use crate::diagnostic::{Source, Span};
use crate::guid;
use crate::manifest::package::role::{Grant, PrivilegeGrant, Role};

fn span(text: &str) -> Span {
    let source = Source::new("dvpack.yaml", text);
    Span::new(&source, 0..text.len())
}

pub(super) fn role(grants: Vec<Grant>, privileges: Vec<PrivilegeGrant>) -> Role {
    let name = "Contoso Widgets Service";
    Role {
        id: guid::role("contoso", name),
        name: name.into(),
        description: None,
        inheritance: None,
        grants,
        privileges,
        allow: Vec::new(),
        span: span(name),
    }
}

pub(super) fn grant(table: &str, rights: &[(Right, Level)]) -> Grant {
    Grant { table: table.into(), rights: rights.to_vec(), because: None, span: span(table) }
}

pub(super) fn privilege(name: &str, level: Level) -> PrivilegeGrant {
    PrivilegeGrant { name: name.into(), level, because: None, span: span(name) }
}
