//! Connection roles: the section `ConnectionRoles`, in which one element contains the roles and another
//! what belongs together; root component 63. Facts: 38 roles of real packages.

use uuid::Uuid;

use super::extra::{FREE, Order, merge};
use super::kind::{Component, Kind};
use super::names::Names;
use crate::guid;
use crate::manifest::components::connection_role;
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// The kind.
pub struct ConnectionRole;

const ORDER: Order = Order {
    attributes: &["unmodified"],
    children: &[
        "connectionroleid",
        "name",
        "category",
        "description",
        "IsCustomizable",
        "IntroducedVersion",
        "ConnectionRoleObjectTypeCodes",
    ],
    inner: &[("ConnectionRoleObjectTypeCodes", &FREE)],
};

fn id_of(role: &connection_role::ConnectionRole, package: &Package) -> Uuid {
    role.id.unwrap_or_else(|| guid::stable("connectionrole", &package.publisher.name, &role.name))
}

impl Kind for ConnectionRole {
    fn label(&self) -> &'static str {
        "Connection role"
    }
    fn place(&self) -> &'static str {
        "ConnectionRoles"
    }
    fn root_type(&self) -> Option<u32> {
        Some(63)
    }
    fn declared_as(&self) -> Option<&'static str> {
        Some("components.connectionRoles")
    }
    fn folder(&self) -> &'static str {
        "Other/ConnectionRoles.xml"
    }
    fn in_item(&self, item: &Element) -> Vec<Component> {
        let text = |role: &Element, name| role.child_text(name).unwrap_or_default();
        let component =
            |it: &Element| Component { kind: self.label(), name: text(it, "name"), id: text(it, "connectionroleid") };
        item.elements().filter(|_| item.name == "ConnectionRoles").map(component).collect()
    }
    fn declare(&self, package: &Package, draft: &mut Draft) {
        let roles = &package.components.connection_roles;
        for role in roles {
            let id = id_of(role, package);
            let mut lookup = Names::new(package, &draft.package);
            let mut element = element(role, package, id, &mut lookup);
            let mut matches = Vec::new();
            for wanted in &role.matches {
                let other = roles.iter().find(|other| other.name == wanted.name).map(|other| id_of(other, package));
                match other.or_else(|| Uuid::try_parse(&wanted.name).ok()) {
                    Some(other) => matches.push(guid::braced(other)),
                    None => {
                        let known: Vec<&str> = roles.iter().map(|other| other.name.as_str()).collect();
                        lookup.missing("connection role of this manifest", wanted, &known);
                    }
                }
            }
            let mut findings = lookup.findings;
            merge(&mut element, &role.extra, &ORDER, &mut findings);
            draft.findings.append(&mut findings);
            let id = guid::braced(id);
            if !draft.add_element_in("ConnectionRoles", "ConnectionRoles", element, &role.span) {
                continue;
            }
            draft.add_root("63", "id", &id);
            for other in matches {
                let association = Element::new("ConnectionRoleAssociation")
                    .child(Element::text("connectionroleid", id.as_str()))
                    .child(Element::text("associatedconnectionroleid", other.as_str()));
                draft.add_element_in("ConnectionRoles", "ConnectionRoleAssociations", association, &role.span);
            }
        }
    }
}

fn element(role: &connection_role::ConnectionRole, package: &Package, id: Uuid, lookup: &mut Names<'_>) -> Element {
    let mut element = Element::new("ConnectionRole")
        .child(Element::text("connectionroleid", guid::braced(id)))
        .child(Element::text("name", role.name.as_str()))
        .child(Element::text("category", role.category.to_string()));
    if let Some(description) = &role.description {
        element.push(Element::text("description", description.as_str()));
    }
    element.push(Element::text("IsCustomizable", "1"));
    element.push(Element::text("IntroducedVersion", package.solution.version.to_string()));
    let mut tables = Element::new("ConnectionRoleObjectTypeCodes");
    for table in &role.tables {
        let table = lookup.table(table);
        let own = Uuid::new_v5(&id, table.as_bytes());
        tables.push(
            Element::new("ConnectionRoleObjectTypeCode")
                .child(Element::text("connectionroleobjecttypecodeid", guid::braced(own)))
                .child(Element::text("associatedobjecttypecode", table)),
        );
    }
    element.push(tables);
    element
}
