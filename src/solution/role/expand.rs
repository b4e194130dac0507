//! Grants → rows: what a manifest says about tables, as privileges by name.
//!
//! A table of the solution gives `prv<Right><schema name>` (true for 4,170 of 4,170 rows in real
//! exports); a table of the catalog gives the privilege that the catalog knows.

use indexmap::IndexMap;

use super::judge::{Form, Judge, Verdict};
use super::model::{Role, Row};
use super::own_tables::OwnTables;
use crate::catalog::{self, Level, Levels, Ownership, Right};
use crate::diagnostic::{self, Diagnostic};
use crate::manifest::package::role;

/// How a table's privileges are named, and which levels each right can have.
pub(super) struct Target {
    noun: String,
    levels: [Levels; 8],
    pub(super) title: String,
}

impl Target {
    fn of_ownership(noun: impl Into<String>, ownership: Option<Ownership>) -> Self {
        let noun = noun.into();
        let levels = Right::ALL.map(|right| match ownership {
            Some(Ownership::Organization) if matches!(right, Right::Assign | Right::Share) => Levels::NONE,
            Some(Ownership::Organization) => Levels::ORGANIZATION,
            _ => Levels::ALL,
        });
        Self { title: noun.clone(), noun, levels }
    }

    pub(super) fn of_table(table: &catalog::Table, noun: &str) -> Self {
        Self {
            noun: noun.to_owned(),
            levels: Right::ALL.map(|right| table.levels(right)),
            title: table.name().to_owned(),
        }
    }

    pub(super) fn levels(&self, right: Right) -> Levels {
        self.levels[right as usize]
    }

    pub(super) fn privilege(&self, right: Right) -> String {
        let name = format!("prv{}{}", right.name(), self.noun);
        // The catalog's spelling wins: one right of one table is spelled unlike its name (`prvAppendtoCategory`).
        match catalog::privilege(&name) {
            Some(known) if known.spelling_known => known.name.clone(),
            _ => name,
        }
    }
}

/// What is doubtful about a table's name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doubt {
    WithoutPrivileges,
    Spelling,
    NotInSolution,
    Unknown,
}

/// What a grant's table stands for.
pub(super) fn target(name: &str, own: &OwnTables) -> Target {
    resolve(name, own).0
}

fn resolve(name: &str, own: &OwnTables) -> (Target, Option<Doubt>) {
    if let Some(table) = own.find(name) {
        if table.is_activity {
            return (Target::of_ownership("Activity", Some(Ownership::User)), None);
        }
        return (Target::of_ownership(&table.schema_name, table.ownership), None);
    }
    if let Some(table) = catalog::table(name) {
        return match table.carrier().map(|carrier| (carrier, carrier.noun)) {
            Some((carrier, Some(noun))) => (Target::of_table(carrier, noun), None),
            Some((carrier, None)) => (Target::of_table(carrier, name), Some(Doubt::Spelling)),
            None => (Target::of_ownership(name, None), Some(Doubt::WithoutPrivileges)),
        };
    }
    if let Some(required) = own.find_required(name) {
        return (Target::of_ownership(required, None), None);
    }
    let doubt = match (own.has_own_prefix(name), own.complete) {
        (true, true) => Some(Doubt::NotInSolution),
        (true, false) => None,
        (false, _) => Some(Doubt::Unknown),
    };
    (Target::of_ownership(name, None), doubt)
}

fn finding(name: &str, own: &OwnTables, doubt: Doubt) -> Diagnostic {
    match doubt {
        Doubt::WithoutPrivileges => {
            Diagnostic::error("table-without-privileges", format!("`{name}` has no privileges of its own"))
                .help("grant the rights on the table that its rows belong to")
        }
        Doubt::Spelling => Diagnostic::warning(
            "unsure-spelling",
            format!("the catalog knows the table `{name}`, but not how its privileges are spelled"),
        )
        .label(format!("taken as written: `prvRead{name}`"))
        .help("write the schema name exactly as Dataverse shows it"),
        Doubt::NotInSolution => Diagnostic::note("unknown-table", format!("the solution has no table `{name}`"))
            .help("it is taken as written; the schema name must be spelled exactly, capitals included"),
        Doubt::Unknown => {
            let mut finding = Diagnostic::warning("unknown-table", format!("unknown table `{name}`"));
            let solutions = own.tables.iter().map(|table| &table.schema_name).chain(&own.required);
            let near = diagnostic::nearest(name, solutions.map(String::as_str));
            if let Some(near) = near.or_else(|| catalog::nearest_table(name)) {
                finding = finding.help(format!("did you mean `{near}`?"));
            }
            finding.help("a table of another solution is declared under `requires.tables`, by its schema name")
        }
    }
}

/// A role of a manifest with the rows that its grants and privileges stand for.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The role.
    pub role: Role,
    /// What its grants and privileges give reason to say: an error means that a row was left out; a warning, that a
    /// name was taken as written.
    pub findings: Vec<Diagnostic>,
}

/// Turns the grants and privileges of a manifest's role into rows, in the server's order.
#[must_use]
pub fn expand(role: &role::Role, own: &OwnTables) -> Granted {
    let mut findings = Vec::new();
    // Lower-case name → row and where it was granted first.
    let mut rows: IndexMap<String, (Row, diagnostic::Span)> = IndexMap::new();
    let mut add = |name: String,
                   level: Level,
                   because: Option<&String>,
                   span: &diagnostic::Span,
                   findings: &mut Vec<Diagnostic>| {
        let key = name.to_lowercase();
        if let Some((row, first)) = rows.get_mut(&key) {
            if row.level != level {
                findings.push(
                    Diagnostic::warning(
                        "granted-twice",
                        format!("`{}` is granted at `{}` and at `{}`", row.name, row.level.key(), level.key()),
                    )
                    .at(span)
                    .related(first, "first here")
                    .help("the deeper level applies; keep one of the two"),
                );
            }
            row.level = row.level.max(level);
            if row.because.is_none() {
                row.because = because.cloned();
            }
        } else {
            rows.insert(key, (Row { name, level, because: because.cloned() }, span.clone()));
        }
    };
    for grant in &role.grants {
        let (target, doubt) = resolve(&grant.table, own);
        if let Some(doubt) = doubt {
            findings.push(finding(&grant.table, own, doubt).at(&grant.span));
            if doubt == Doubt::WithoutPrivileges {
                continue;
            }
        }
        // `all` arrives here as all eight rights: it means those that the table has.
        let all = Right::ALL.iter().all(|right| grant.rights.iter().any(|(given, _)| given == right));
        for (right, level) in &grant.rights {
            let allowed = target.levels(*right);
            if allowed.is_empty() {
                if !all {
                    let has: Vec<_> = Right::ALL
                        .into_iter()
                        .filter(|right| !target.levels(*right).is_empty())
                        .map(|right| format!("`{}`", right.key()))
                        .collect();
                    findings.push(
                        Diagnostic::error(
                            "right-not-possible",
                            format!("`{}` has no right `{}`", target.title, right.key()),
                        )
                        .at(&grant.span)
                        .help(format!("it has {}", has.join(", "))),
                    );
                }
                continue;
            }
            if !allowed.contains(*level) {
                findings.push(
                    Diagnostic::error(
                        "level-not-possible",
                        format!("`{}` on `{}` cannot be granted at `{}`", right.key(), target.title, level.key()),
                    )
                    .at(&grant.span)
                    .help(format!("write {}", allowed.words())),
                );
                continue;
            }
            add(target.privilege(*right), *level, grant.because.as_ref(), &grant.span, &mut findings);
        }
    }
    let mut judge = Judge::new(own, Form::Manifest);
    for privilege in &role.privileges {
        let Verdict { findings: found, refused } = judge.privilege(&privilege.name, privilege.level);
        findings.extend(found.into_iter().map(|finding| finding.at(&privilege.span)));
        if refused {
            continue;
        }
        add(privilege.name.clone(), privilege.level, privilege.because.as_ref(), &privilege.span, &mut findings);
    }
    let mut expanded = Role {
        id: role.id,
        name: role.name.clone(),
        description: role.description.clone(),
        inheritance: role.inheritance,
        rows: rows.into_values().map(|(row, _)| row).collect(),
    };
    expanded.sort();
    Granted { role: expanded, findings }
}

#[cfg(test)]
mod tests {
    use super::super::own_tables::OwnTable;
    use super::super::test_role::{grant, privilege, role};
    use super::*;
    use crate::manifest::package::role::Role;

    fn own() -> OwnTables {
        let table = |name: &str, ownership, is_activity| OwnTable {
            schema_name: name.into(),
            ownership: Some(ownership),
            is_activity,
        };
        OwnTables {
            tables: vec![
                table("contoso_Widget", Ownership::User, false),
                table("contoso_Setting", Ownership::Organization, false),
                table("contoso_Visit", Ownership::User, true),
            ],
            prefixes: vec!["contoso".into()],
            required: vec!["fabrikam_Order".into()],
            complete: true,
        }
    }

    fn names(role: &Role) -> (Vec<String>, Vec<String>) {
        let Granted { role, findings } = expand(role, &own());
        (
            role.rows.iter().map(|row| format!("{} {}", row.name, row.level)).collect(),
            findings.iter().map(|finding| format!("{}: {}", finding.code, finding.message)).collect(),
        )
    }

    #[test]
    fn standard_tables_take_the_catalogs_noun() {
        let (rows, findings) = names(&role(
            vec![grant("Annotation", &[(Right::Read, Level::Global)]), grant("task", &[(Right::Create, Level::Basic)])],
            vec![],
        ));
        assert_eq!(rows, ["prvCreateActivity Basic", "prvReadNote Global"]);
        assert_eq!(findings, Vec::<String>::new());
    }

    #[test]
    fn own_tables_keep_their_schema_name_and_all_means_what_the_table_has() {
        let all = |level| Right::ALL.map(|right| (right, level));
        let (rows, findings) = names(&role(
            vec![grant("contoso_widget", &all(Level::Local)), grant("contoso_Setting", &all(Level::Global))],
            vec![],
        ));
        assert_eq!(rows.len(), 14);
        assert!(rows.contains(&"prvAssigncontoso_Widget Local".to_owned()), "{rows:?}");
        assert!(!rows.iter().any(|row| row.contains("Assigncontoso_Setting")));
        assert_eq!(findings, Vec::<String>::new());
    }

    #[test]
    fn own_activities_and_children_use_the_privileges_of_their_parents() {
        let (rows, _) = names(&role(
            vec![
                grant("contoso_Visit", &[(Right::Read, Level::Deep)]),
                grant("queueitem", &[(Right::Read, Level::Basic)]),
            ],
            vec![],
        ));
        assert_eq!(rows, ["prvReadActivity Deep", "prvReadQueue Basic"]);
    }

    #[test]
    fn impossible_levels_and_rights_are_errors() {
        let (rows, findings) = names(&role(
            vec![grant("contoso_Setting", &[(Right::Read, Level::Basic), (Right::Assign, Level::Global)])],
            vec![privilege("prvActOnBehalfOfAnotherUser", Level::Basic)],
        ));
        assert!(rows.is_empty(), "{rows:?}");
        assert_eq!(
            findings,
            [
                "level-not-possible: `read` on `contoso_Setting` cannot be granted at `user`",
                "right-not-possible: `contoso_Setting` has no right `assign`",
                "level-not-possible: `prvActOnBehalfOfAnotherUser` cannot be granted at level `user`",
            ]
        );
    }

    #[test]
    fn tables_of_required_solutions_are_known_and_others_are_warned_of() {
        let read = [(Right::Read, Level::Global)];
        let (rows, findings) = names(&role(
            vec![grant("fabrikam_order", &read), grant("acount", &read), grant("contoso_gadget", &read)],
            vec![],
        ));
        assert_eq!(rows, ["prvReadacount Global", "prvReadcontoso_gadget Global", "prvReadfabrikam_Order Global"]);
        assert_eq!(
            findings,
            ["unknown-table: unknown table `acount`", "unknown-table: the solution has no table `contoso_gadget`"]
        );
    }

    #[test]
    fn a_privilege_granted_twice_takes_the_deeper_level_and_says_so() {
        let (rows, findings) = names(&role(
            vec![grant("task", &[(Right::Read, Level::Basic)]), grant("email", &[(Right::Read, Level::Global)])],
            vec![],
        ));
        assert_eq!(rows, ["prvReadActivity Global"]);
        assert_eq!(findings, ["granted-twice: `prvReadActivity` is granted at `user` and at `organization`"]);
    }
}
