//! A role as the `roles:` item of a manifest, written by hand for short lines.

use super::compress::compress;
use super::model::Role;
use super::own_tables::OwnTables;
use crate::manifest::package::role::Inheritance;

/// The role as one item of a manifest's `roles:` list, two spaces deep, with its GUID kept.
#[must_use]
pub fn to_yaml(role: &Role, own: &OwnTables) -> String {
    let compressed = compress(&role.rows, own);
    let mut out = format!("  - name: {}\n    id: {}\n", quoted(&role.name), role.id);
    if let Some(description) = &role.description {
        out.push_str(&format!("    description: {}\n", quoted(description)));
    }
    match role.inheritance {
        Some(Inheritance::Team) => out.push_str("    inheritance: team\n"),
        Some(Inheritance::UserAndTeam) => out.push_str("    inheritance: userAndTeam\n"),
        None => {}
    }
    if !compressed.grants.is_empty() {
        out.push_str("    grants:\n");
    }
    for grant in &compressed.grants {
        let all = grant.all.map(|level| format!("all: {}", level.key()));
        let rights = grant.rights.iter().map(|(right, level)| format!("{}: {}", right.key(), level.key()));
        let rights: Vec<_> = all.into_iter().chain(rights).collect();
        out.push_str(&format!("      {}: {{ {} }}\n", quoted(&grant.table), rights.join(", ")));
    }
    if !compressed.privileges.is_empty() {
        out.push_str("    privileges:\n");
    }
    for (name, level) in &compressed.privileges {
        out.push_str(&format!("      {}: {}\n", quoted(name), level.key()));
    }
    out
}

/// A YAML scalar: plain where that is safe, else in double quotes (JSON's form, which YAML reads).
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ' ' | '.' | '-'))
        && !text.ends_with(' ')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::catalog::{Level, Right};
    use crate::solution::role::Row;

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
        insta::assert_snapshot!(to_yaml(&role, &OwnTables::default()), @r#"
          - name: "Contoso: Widgets"
            id: 00000000-0000-0000-0000-000000000000
            inheritance: team
            grants:
              account: { read: organization, appendTo: organization }
              contoso_Widget: { all: parentChild }
            privileges:
              prvFlow: organization
        "#);
    }
}
