//! Column security profiles: the section `FieldSecurityProfiles`, root component 70.
//! Facts: real packages; 4 means “allowed”, 0 “not allowed”; `CanReadUnmasked` is 0, 1 (one
//! row) or 3 (all rows), as in the table reference of `fieldpermission`.

use super::carried::{self, InSection};
use super::extra::{FREE, Order, merge};
use super::names::Names;
use crate::diagnostic::Diagnostic;
use crate::guid;
use crate::manifest::components::column_security_profile::{ColumnPermission, ColumnRight};
use crate::manifest::package::Package;
use crate::solution::draft::Draft;
use crate::solution::xml::Element;

/// The kind.
pub static KIND: InSection = carried::kind(
    "Column security profile",
    ["FieldSecurityProfiles", "FieldSecurityProfile"],
    ["@name", "@fieldsecurityprofileid"],
    70,
    "Other/FieldSecurityProfiles.xml",
)
.declared("components.columnSecurityProfiles", declare);

const ORDER: Order = Order {
    attributes: &["name", "description", "fieldsecurityprofileid"],
    children: &["FieldPermissions"],
    inner: &[("FieldPermissions", &FREE)],
};

fn declare(package: &Package, draft: &mut Draft) {
    for profile in &package.components.column_security_profiles {
        let id =
            profile.id.unwrap_or_else(|| guid::stable("fieldsecurityprofile", &package.publisher.name, &profile.name));
        let id = guid::braced(id);
        let mut names = Names::new(package, &draft.package);
        let mut permissions = Element::new("FieldPermissions");
        for permission in &profile.permissions {
            permissions.push(self::permission(permission, &mut names));
        }
        let findings = names.findings;
        draft.findings.extend(findings);
        let mut element = Element::new("FieldSecurityProfile").with("name", profile.name.as_str());
        if let Some(description) = &profile.description {
            element.set_attribute("description", description.as_str());
        }
        element.set_attribute("fieldsecurityprofileid", id.as_str());
        element.push(permissions);
        merge(&mut element, &profile.extra, &ORDER, &mut draft.findings);
        if draft.add_element("FieldSecurityProfiles", element, &profile.span) {
            draft.add_root("70", "id", &id);
        }
    }
}

fn permission(permission: &ColumnPermission, names: &mut Names<'_>) -> Element {
    let table = names.table(&permission.table);
    let secured = names.column(&permission.table, &permission.column).and_then(|it| it.child_text("IsSecured"));
    if secured.is_some_and(|it| it != "1") {
        let column = &permission.column;
        names.findings.push(
            Diagnostic::error(
                "column-not-secured",
                format!("the column `{}` of `{table}` is not secured", column.name),
            )
            .at(&column.span)
            .help("secure the column first: a profile grants nothing on other columns"),
        );
    }
    let may = |right| if permission.rights.contains(&right) { "4" } else { "0" };
    let mut element = Element::new("FieldPermission")
        .child(Element::text("EntityName", table))
        .child(Element::text("AttributeName", permission.column.name.to_lowercase()))
        .child(Element::text("CanRead", may(ColumnRight::Read)))
        .child(Element::text("CanUpdate", may(ColumnRight::Update)))
        .child(Element::text("CanCreate", may(ColumnRight::Create)));
    if permission.rights.contains(&ColumnRight::ReadUnmasked) {
        element.push(Element::text("CanReadUnmasked", "3"));
    } else if permission.rights.contains(&ColumnRight::ReadUnmaskedRow) {
        element.push(Element::text("CanReadUnmasked", "1"));
    }
    element
}
