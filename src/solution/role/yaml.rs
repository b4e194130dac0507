//! A role as an item of a manifest's `roles:`.

use super::compress::compress;
use super::model::Role;
use super::own_tables::OwnTables;
use crate::manifest::package::role::Inheritance;
use crate::yaml::write::Value;

/// The role as one item of a manifest's `roles:` list, with its GUID kept.
#[must_use]
pub fn to_value(role: &Role, own: &OwnTables) -> Value {
    let compressed = compress(&role.rows, own);
    let mut keys = vec![("name", Value::text(&role.name)), ("id", Value::text(role.id.to_string()))];
    if let Some(description) = &role.description {
        keys.push(("description", Value::text(description)));
    }
    match role.inheritance {
        Some(Inheritance::Team) => keys.push(("inheritance", Value::text("team"))),
        Some(Inheritance::UserAndTeam) => keys.push(("inheritance", Value::text("userAndTeam"))),
        None => {}
    }
    let grants: Vec<(String, Value)> = compressed
        .grants
        .iter()
        .map(|grant| {
            let all = grant.all.map(|level| ("all", level.key()));
            let rights = grant.rights.iter().map(|(right, level)| (right.key(), level.key()));
            let rights = all.into_iter().chain(rights);
            let rights = rights.map(|(right, level)| (right.to_owned(), Value::text(level))).collect();
            (grant.table.clone(), Value::InlineMap(rights))
        })
        .collect();
    if !grants.is_empty() {
        keys.push(("grants", Value::Map(grants)));
    }
    let privileges: Vec<(String, Value)> =
        compressed.privileges.iter().map(|(name, level)| (name.clone(), Value::text(level.key()))).collect();
    if !privileges.is_empty() {
        keys.push(("privileges", Value::Map(privileges)));
    }
    Value::map(keys)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::catalog::{Level, Right};
    use crate::solution::role::Row;
    use crate::yaml::write::section;

    #[test]
    fn writes_what_a_person_would_write() {
        let mut rows: Vec<_> =
            Right::ALL.map(|right| Row::new(format!("prv{right}contoso_Widget"), Level::Deep)).to_vec();
        rows.push(Row::new("prvReadAccount", Level::Global));
        rows.push(Row::new("prvAppendToAccount", Level::Global));
        rows.push(Row::new("prvFlow", Level::Global));
        let role = Role {
            id: Uuid::nil(),
            name: "Contoso: Widgets".into(),
            description: None,
            inheritance: Some(Inheritance::Team),
            rows,
        };
        insta::assert_snapshot!(section("roles", Value::List(vec![to_value(&role, &OwnTables::default())])), @r#"
        roles:
          - name: "Contoso: Widgets"
            id: 00000000-0000-0000-0000-000000000000
            inheritance: team
            grants:
              account: {read: organization, appendTo: organization}
              contoso_Widget: {all: parentChild}
            privileges:
              prvFlow: organization
        "#);
    }
}
