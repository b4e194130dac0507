//! Security roles: the section `Roles`, root component 20. What a role means is in `solution::role`.

use super::kind::{Component, Kind};
use crate::guid;
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::role::{OwnTables, expand};
use crate::solution::xml::{self, Element};

/// The kind.
pub struct SecurityRole;

impl Kind for SecurityRole {
    fn label(&self) -> &'static str {
        "Security role"
    }
    fn place(&self) -> &'static str {
        "Roles"
    }
    fn root_type(&self) -> Option<u32> {
        Some(20)
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("roles")
    }
    fn folder(&self) -> &'static str {
        "Roles/"
    }
    fn in_item(&self, item: &Element) -> Vec<Component> {
        if item.name != "Role" {
            return Vec::new();
        }
        let value = |name| item.attribute(name).unwrap_or_default().to_owned();
        vec![Component { kind: self.label(), name: value("name"), id: value("id") }]
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        let own = OwnTables::known(package, &draft.package);
        for meant in &package.roles {
            let granted = expand(meant, &own);
            let role = &granted.role;
            match xml::parse(role.write_xml(0, "\r\n").as_bytes(), &meant.name) {
                Err(finding) => draft.findings.push(*finding),
                Ok(element) => {
                    let id = guid::braced(role.id);
                    if draft.add_element("Roles", element, &meant.span) {
                        draft.add_root("20", "id", &id);
                    }
                }
            }
            // The review reports what is wrong with it, once all components are read.
            draft.granted.push(granted);
        }
    }
}
