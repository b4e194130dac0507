//! What there is to say of one privilege by its name and level, wherever the role comes from.
//!
//! A level that a privilege does not support, and a right that a table of the solution does not have, are errors. What
//! the catalog does not know is never an error: real exports name privileges of tables that it cannot know.

use std::collections::BTreeSet;

use super::own_tables::OwnTables;
use crate::catalog::{self, Level, Levels, Ownership, Right};
use crate::diagnostic::{self, Diagnostic};

/// How the role is written, and so which words for levels its author knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `roles:` of a manifest.
    Manifest,
    /// `<Role>` of a solution.
    Solution,
}

impl Form {
    /// Levels as they are written there.
    fn words(self, levels: Levels) -> String {
        match self {
            Self::Manifest => levels.words(),
            Self::Solution => levels.names(),
        }
    }

    /// A level as it is written there.
    const fn word(self, level: Level) -> &'static str {
        match self {
            Self::Manifest => level.key(),
            Self::Solution => level.name(),
        }
    }
}

/// Judges the privileges of one role, one after the other.
pub(super) struct Judge<'a> {
    own: &'a OwnTables,
    form: Form,
    /// Tables that a note was given for: one is enough for all rights on it.
    noted: BTreeSet<String>,
    /// How many more times a name that is not known is compared with all that are.
    suggestions: usize,
}

/// More slips than this are no slips.
const SUGGESTIONS: usize = 50;

/// What was found about a privilege.
#[derive(Default)]
pub(super) struct Verdict {
    /// Findings, without a place.
    pub(super) findings: Vec<Diagnostic>,
    /// Whether Dataverse would refuse it, so that it is left out of what is looked at further.
    pub(super) refused: bool,
}

impl<'a> Judge<'a> {
    pub(super) fn new(own: &'a OwnTables, form: Form) -> Self {
        Self { own, form, noted: BTreeSet::new(), suggestions: SUGGESTIONS }
    }

    pub(super) fn privilege(&mut self, name: &str, level: Level) -> Verdict {
        let mut verdict = Verdict::default();
        if !is_name(name) {
            verdict.findings.push(not_a_name(name));
            verdict.refused = true;
            return verdict;
        }
        let split = catalog::split_privilege(name);
        if let Some(known) = catalog::privilege(name) {
            if known.spelling_known {
                verdict.spelling(name, &known.name);
            }
            verdict.level(name, level, known.levels, self.form);
        } else if let Some((right, table)) = split.and_then(|(right, noun)| Some((right, self.own.find(noun)?))) {
            let organization = table.ownership == Some(Ownership::Organization);
            verdict.spelling(name, &format!("prv{right}{}", table.schema_name));
            if organization && matches!(right, Right::Assign | Right::Share) {
                verdict.refused = true;
                verdict.findings.push(
                    Diagnostic::error(
                        "right-not-possible",
                        format!("`{}` has no right `{}`", table.schema_name, right.key()),
                    )
                    .help("a table owned by the organization has `create`, `read`, `write`, `delete`, `append`, `appendTo`"),
                );
            } else {
                verdict.level(name, level, organization.then_some(Levels::ORGANIZATION), self.form);
            }
        } else {
            verdict.findings.extend(self.unknown(name, split.map(|(_, noun)| noun)));
        }
        verdict
    }

    /// A privilege that neither the catalog nor the solution has.
    fn unknown(&mut self, name: &str, noun: Option<&str>) -> Option<Diagnostic> {
        let of_table = noun.filter(|noun| has_prefix(noun));
        if of_table.is_some_and(|noun| self.own.find_required(noun).is_some()) {
            return None;
        }
        let suggest = self.suggestions > 0;
        self.suggestions = self.suggestions.saturating_sub(1);
        if let Some(noun) = of_table {
            let tables = self.own.tables.iter().map(|table| &table.schema_name).chain(&self.own.required);
            let near = suggest.then(|| diagnostic::nearest(noun, tables.map(String::as_str))).flatten();
            if let Some(near) = near {
                let message = format!("`{name}` is a privilege of an unknown table");
                return Some(
                    Diagnostic::warning("unknown-privilege", message)
                        .help(format!("did you mean the table `{near}`?"))
                        .help("it is taken as written"),
                );
            }
            let own = self.own.has_own_prefix(noun);
            if (own && !self.own.complete) || !self.noted.insert(noun.to_lowercase()) {
                return None;
            }
            return Some(if own {
                Diagnostic::note("unknown-table", format!("the solution has no table `{noun}`"))
                    .help("it is taken as written; the schema name must be spelled exactly, capitals included")
            } else {
                Diagnostic::note("unknown-privilege", format!("`{name}` belongs to a table of another solution"))
                    .help("declare the table under `requires.tables`, by its schema name")
            });
        }
        let mut finding = Diagnostic::warning("unknown-privilege", format!("unknown privilege `{name}`"));
        if let Some(near) = suggest.then(|| catalog::nearest_privilege(name)).flatten() {
            finding = finding.help(format!("did you mean `{near}`?"));
        }
        Some(match self.form {
            Form::Manifest => {
                finding.help("it is taken as written; a table's rights are better granted under `grants`")
            }
            Form::Solution => finding.help("it is taken as written; `dvpack doctor` asks the environment for it"),
        })
    }
}

impl Verdict {
    fn spelling(&mut self, name: &str, known: &str) {
        if name != known {
            self.findings.push(
                Diagnostic::warning("privilege-spelling", format!("`{name}` is spelled `{known}`"))
                    .help(format!("write `{known}`")),
            );
        }
    }

    fn level(&mut self, name: &str, level: Level, allowed: Option<Levels>, form: Form) {
        let Some(allowed) = allowed.filter(|allowed| !allowed.contains(level)) else { return };
        self.refused = true;
        self.findings.push(
            Diagnostic::error(
                "level-not-possible",
                format!("`{name}` cannot be granted at level `{}`", form.word(level)),
            )
            .help(format!("write {}", form.words(allowed))),
        );
    }
}

/// The finding about text that cannot be the name of a privilege.
fn not_a_name(name: &str) -> Diagnostic {
    let message = if name.is_empty() {
        "a privilege without a name".to_owned()
    } else {
        format!("`{}` is not a privilege name", name.escape_debug())
    };
    Diagnostic::error("privilege-name", message).help(
        "names of privileges start with `prv` and have only letters, digits and `_`: for example `prvReadAccount`",
    )
}

/// `prv`, then ASCII letters, digits and `_`: all 2,151 names in real roles are of this form.
fn is_name(text: &str) -> bool {
    text.len() <= 200
        && text.strip_prefix("prv").is_some_and(|rest| !rest.is_empty())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether a table's name has a customization prefix, and so can be of any publisher's solution.
fn has_prefix(noun: &str) -> bool {
    noun.split_once('_').is_some_and(|(prefix, rest)| {
        (2..=8).contains(&prefix.len()) && !rest.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::super::own_tables::OwnTable;
    use super::*;
    use crate::diagnostic::Severity;

    fn own() -> OwnTables {
        let table = |name: &str, ownership| OwnTable {
            schema_name: name.into(),
            ownership: Some(ownership),
            is_activity: false,
        };
        OwnTables {
            tables: vec![table("contoso_Setting", Ownership::Organization), table("contoso_Widget", Ownership::User)],
            prefixes: vec!["contoso".into()],
            required: vec!["fabrikam_Order".into()],
            complete: true,
        }
    }

    fn verdict(name: &str, level: Level) -> Vec<(String, Severity)> {
        let own = own();
        let found = Judge::new(&own, Form::Solution).privilege(name, level);
        assert_eq!(found.refused, found.findings.iter().any(|it| it.severity == Severity::Error), "{name}");
        found.findings.into_iter().map(|it| (it.code.into_owned(), it.severity)).collect()
    }

    #[test]
    fn what_dataverse_refuses_is_an_error() {
        for (name, level, code) in [
            ("prvReadTransactionCurrency", Level::Basic, "level-not-possible"),
            ("prvActOnBehalfOfAnotherUser", Level::Deep, "level-not-possible"),
            ("prvReadRole", Level::Basic, "level-not-possible"),
            ("prvReadcontoso_Setting", Level::Local, "level-not-possible"),
            ("prvWriteCONTOSO_setting", Level::Deep, "level-not-possible"),
            ("prvSharecontoso_Setting", Level::Global, "right-not-possible"),
            ("prvAssigncontoso_Setting", Level::Global, "right-not-possible"),
            ("", Level::Global, "privilege-name"),
            ("prv", Level::Global, "privilege-name"),
            ("prvRead\u{200b}Account", Level::Global, "privilege-name"),
            ("prvRe\u{430}dAccount", Level::Global, "privilege-name"),
            ("readAccount", Level::Global, "privilege-name"),
        ] {
            assert!(
                verdict(name, level).contains(&(code.to_owned(), Severity::Error)),
                "{name}: {:?}",
                verdict(name, level)
            );
        }
    }

    #[test]
    fn what_the_catalog_cannot_know_is_never_an_error() {
        let none: [(&str, Level); 4] = [
            ("prvReadcontoso_Widget", Level::Basic),
            ("prvReadfabrikam_Order", Level::Deep),
            ("prvReadAccount", Level::Local),
            ("prvReadcontoso_Setting", Level::Global),
        ];
        for (name, level) in none {
            assert_eq!(verdict(name, level), [], "{name}");
        }
        let one = |name| verdict(name, Level::Basic);
        assert_eq!(one("prvReadlitware_Thing"), [("unknown-privilege".to_owned(), Severity::Note)]);
        assert_eq!(one("prvReadcontoso_Unrelated"), [("unknown-table".to_owned(), Severity::Note)]);
        assert_eq!(one("prvReadcontoso_Widgit"), [("unknown-privilege".to_owned(), Severity::Warning)]);
        assert_eq!(one("prvReadAcount"), [("unknown-privilege".to_owned(), Severity::Warning)]);
        assert_eq!(one("prvreadaccount"), [("privilege-spelling".to_owned(), Severity::Warning)]);
    }

    #[test]
    fn a_table_of_another_solution_is_noted_once_for_all_its_rights() {
        let own = own();
        let mut judge = Judge::new(&own, Form::Manifest);
        let found: usize = ["prvReadlitware_Thing", "prvWritelitware_Thing", "prvReadlitware_Other"]
            .map(|name| judge.privilege(name, Level::Basic).findings.len())
            .iter()
            .sum();
        assert_eq!(found, 2);
    }

    #[test]
    fn advice_has_the_words_of_the_form() {
        let own = own();
        let help = |form| {
            let found = Judge::new(&own, form).privilege("prvReadRole", Level::Basic).findings;
            (found[0].message.clone(), found[0].help.join("\n"))
        };
        let message = |level: &str| format!("`prvReadRole` cannot be granted at level `{level}`");
        let words = "write `businessUnit`, `parentChild` or `organization`".to_owned();
        assert_eq!(help(Form::Manifest), (message("user"), words));
        assert_eq!(help(Form::Solution), (message("Basic"), "write `Local`, `Deep` or `Global`".to_owned()));
    }
}
