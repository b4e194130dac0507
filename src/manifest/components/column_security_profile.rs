//! `components.columnSecurityProfiles`

use crate::diagnostic::Diagnostic;
use crate::manifest::components::extra::extra;
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::meant::components::column_security_profile::ColumnRight;
use crate::manifest::meant::components::table::column::Named;
use crate::manifest::written::components::column_security_profile::ColumnSecurityProfile;

/// The profile that one entry stands for.
pub fn column_security_profile(
    written: &ColumnSecurityProfile,
    scope: &mut Scope<'_>,
) -> Option<meant::ColumnSecurityProfile> {
    let name = written.name.as_ref()?;
    let mut permissions = Vec::new();
    for (table, table_span, columns) in &written.permissions.as_ref()?.entries {
        for (column, span, rights) in &columns.entries {
            let rights: Vec<ColumnRight> = rights.items.iter().map(|right| right.value.0).collect();
            let unmasked =
                rights.iter().any(|it| matches!(it, ColumnRight::ReadUnmasked | ColumnRight::ReadUnmaskedRow));
            if unmasked && !rights.contains(&ColumnRight::Read) {
                scope.findings.push(
                    Diagnostic::error("unmasked-without-read", format!("`{column}` can be read unmasked but not read"))
                        .at(span)
                        .help("add `read`"),
                );
            }
            permissions.push(meant::ColumnPermission {
                table: Named { name: table.clone(), span: table_span.clone() },
                column: Named { name: column.clone(), span: span.clone() },
                rights,
            });
        }
    }
    Some(meant::ColumnSecurityProfile {
        name: name.value.0.clone(),
        description: written.description.as_ref().map(|text| text.value.0.clone()),
        permissions,
        id: written.id.as_ref().map(|id| id.value.0),
        extra: extra(written.xml.as_ref()),
        span: name.span.clone(),
    })
}
