//! Security roles: the section `Roles`, root component 20. What a role means is in `solution::role`.

use super::{Component, Kind};
use crate::catalog::Ownership;
use crate::guid;
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::package::SolutionPackage;
use crate::solution::role::{OwnTable, OwnTables, expand};
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
        let own = known_tables(package, &draft.package);
        for meant in &package.roles {
            // What is wrong with it is said by the review, once all components are there.
            let (role, _) = expand(meant, &own);
            match xml::parse(role.write_xml(0, "\r\n").as_bytes(), &meant.name) {
                Err(finding) => draft.findings.push(*finding),
                Ok(element) => {
                    let id = guid::braced(role.id);
                    if draft.add_element("Roles", &id, element, &meant.span) {
                        draft.add_root("20", "id", &id);
                    }
                }
            }
        }
    }
}

/// The tables that the roles of a manifest may name: those of its solution, and those that it requires.
pub(crate) fn known_tables(package: &Package, solution: &SolutionPackage) -> OwnTables {
    OwnTables {
        tables: OwnTables::declared(package)
            .into_iter()
            .chain(solution.section("Entities").filter_map(own_table))
            .collect(),
        prefixes: vec![package.publisher.prefix.clone()],
        required: package.requires.tables.clone(),
        complete: true,
    }
}

/// The tables that a solution brings, as far as roles need to know them.
pub(crate) fn own_tables(package: &SolutionPackage) -> OwnTables {
    OwnTables {
        tables: package.section("Entities").filter_map(own_table).collect(),
        prefixes: Some(package.publisher().prefix).filter(|prefix| !prefix.is_empty()).into_iter().collect(),
        required: Vec::new(),
        complete: true,
    }
}

/// A table of the solution, as far as roles need to know it.
pub(crate) fn own_table(entity: &Element) -> Option<OwnTable> {
    // A table of Dataverse itself stays one, although a solution brings a form or a column of it.
    if entity.child_text("Name").is_none_or(|name| crate::catalog::table(&name).is_some()) {
        return None;
    }
    let info = entity.path(&["EntityInfo", "entity"]);
    let text = |name: &str| info.and_then(|info| info.child_text(name)).unwrap_or_default();
    let ownership = match text("OwnershipTypeMask").as_str() {
        "UserOwned" => Some(Ownership::User),
        "OrgOwned" | "OrganizationOwned" => Some(Ownership::Organization),
        _ => None,
    };
    Some(OwnTable { schema_name: entity.child_text("Name")?, ownership, is_activity: text("IsActivity") == "1" })
}
