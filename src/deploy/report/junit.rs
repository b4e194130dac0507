//! A run as a `JUnit` test report: a suite named after the environment, a case for the run and one for each thing that
//! was looked at.
//!
//! Form: the schema that Jenkins' xUnit plug-in publishes (`junit-10.xsd`), which Azure Pipelines and GitLab read, too.

use super::looks::Notes;
use crate::deploy::difference::{Check, Difference};
use crate::deploy::progress::Ran;
use crate::solution::deletion::Deletion;

/// The cases of one run.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    /// What it is named after: the environment, or the file that was looked at.
    pub name: String,
    /// The verb.
    pub verb: &'static str,
    /// How long the run took.
    pub seconds: f64,
    /// Why the run failed, and more of it.
    pub failure: Option<(String, String)>,
    /// What was looked at.
    pub cases: Vec<Case>,
}

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What.
    pub name: String,
    /// How long it took, where that is known.
    pub seconds: f64,
    /// The outcome.
    pub outcome: Outcome,
}

/// The outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is as it should be.
    Passed,
    /// It is not; in one line, and more of it.
    Failed(String, String),
    /// It could not be found out, or is only worth a look.
    Skipped(String),
}

impl Case {
    /// A case.
    #[must_use]
    pub fn new(name: impl Into<String>, outcome: Outcome) -> Self {
        Self { name: name.into(), seconds: 0.0, outcome }
    }
}

/// What was compared: what is as it should be, then each difference.
#[must_use]
pub fn cases(checks: &[Check], differences: &[Difference]) -> Vec<Case> {
    let good = checks.iter().filter(|check| check.ok).map(|check| Case::new(&check.what, Outcome::Passed));
    good.chain(differences.iter().map(different)).collect()
}

/// The steps of a run: those that were done or tried, then those that it did not come to.
#[must_use]
pub fn steps<'a>(ran: &[Ran], planned: impl IntoIterator<Item = &'a str>) -> Vec<Case> {
    let tried = ran.iter().map(|ran| {
        let outcome = if ran.done {
            Outcome::Passed
        } else {
            Outcome::Failed("the step failed".to_owned(), "the case of the run has the reason".to_owned())
        };
        Case { seconds: ran.seconds, ..Case::new(&ran.what, outcome) }
    });
    let open = planned.into_iter().skip(ran.len()).map(|what| Case::new(what, Outcome::Skipped("not begun".into())));
    tried.chain(open).collect()
}

/// What an upgrade deletes, or has deleted.
#[must_use]
pub fn deletion(deletion: &Deletion, done: bool) -> Case {
    let outcome = if done && deletion.needs_consent() {
        Outcome::Passed
    } else {
        Outcome::Skipped(format!("by the upgrade of solution `{}`", deletion.solution))
    };
    Case::new(format!("deletion: {deletion}"), outcome)
}

/// Something that differs.
#[must_use]
pub fn different(difference: &Difference) -> Case {
    let found = format!("{} (wanted: {})", difference.found, difference.wanted);
    let name = format!("{}, {}", difference.place, difference.what);
    Case::new(name, Outcome::Failed(found, difference.mended_by.to_string()))
}

/// What is accepted, entries that accept nothing, and what should be known: none of it is a failure.
#[must_use]
pub fn notes(notes: Notes<'_>) -> Vec<Case> {
    let accepted = notes.accepted.iter().map(|it| {
        let more = if it.grants_more { "; it allows more than the bundle says" } else { "" };
        let found = format!("accepted: {} (wanted: {}){more}", it.difference.found, it.difference.wanted);
        Case::new(format!("{}, {}", it.difference.place, it.difference.what), Outcome::Skipped(found))
    });
    let idle = notes.idle.iter().map(|it| {
        Case::new(format!("list of accepted differences: {}", it.entry), Outcome::Skipped(it.reason.to_string()))
    });
    let warnings = notes.warnings.iter().map(|it| Case::new("warning", Outcome::Skipped(it.clone())));
    accepted.chain(idle).chain(warnings).collect()
}

impl Suite {
    /// The document.
    #[must_use]
    pub fn xml(&self) -> String {
        let of = |wanted: fn(&Outcome) -> bool| self.cases.iter().filter(|case| wanted(&case.outcome)).count();
        let failures = of(|it| matches!(it, Outcome::Failed(..))) + usize::from(self.failure.is_some());
        let counts = format!(
            "tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{}\" time=\"{:.3}\"",
            self.cases.len() + 1,
            of(|it| matches!(it, Outcome::Skipped(_))),
            self.seconds
        );
        let verb = escape(self.verb);
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"dvpack {verb}\" {counts}>\n<testsuite name=\"{}\" {counts}>\n",
            escape(&self.name)
        );
        let run = match &self.failure {
            None => Outcome::Passed,
            Some((why, more)) => Outcome::Failed(why.clone(), more.clone()),
        };
        text.push_str(&case(&verb, self.verb, self.seconds, &run));
        text.extend(self.cases.iter().map(|it| case(&verb, &it.name, it.seconds, &it.outcome)));
        text.push_str("</testsuite>\n</testsuites>\n");
        text
    }
}

fn case(verb: &str, name: &str, seconds: f64, outcome: &Outcome) -> String {
    let head = format!("  <testcase classname=\"dvpack.{verb}\" name=\"{}\" time=\"{seconds:.3}\"", escape(name));
    match outcome {
        Outcome::Passed => format!("{head}/>\n"),
        Outcome::Failed(why, more) => {
            format!("{head}><failure message=\"{}\">{}</failure></testcase>\n", escape(why), escape(more))
        }
        Outcome::Skipped(why) => format!("{head}><skipped message=\"{}\"/></testcase>\n", escape(why)),
    }
}

fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_counts_what_it_has_and_takes_any_text() {
        let suite = Suite {
            name: "https://contoso.crm.dynamics.com/ (A & B)".into(),
            verb: "status",
            seconds: 1.25,
            failure: None,
            cases: vec![
                Case::new("solution `A`", Outcome::Passed),
                Case::new("role \"<x>\"", Outcome::Failed("not\u{a0}there".into(), "who & how".into())),
                Case::new("a note", Outcome::Skipped("look".into())),
            ],
        };
        let xml = suite.xml();
        let document = roxmltree::Document::parse(&xml).expect("XML");
        let root = document.root_element();
        assert_eq!((root.attribute("name"), root.attribute("time")), (Some("dvpack status"), Some("1.250")));
        let inner = root.first_element_child().expect("a suite");
        assert_eq!(inner.attribute("name"), Some("https://contoso.crm.dynamics.com/ (A & B)"));
        let counts = ["tests", "failures", "errors", "skipped"].map(|name| inner.attribute(name).unwrap_or_default());
        assert_eq!(counts, ["4", "1", "0", "1"]);
        assert_eq!(inner.children().filter(roxmltree::Node::is_element).count(), 4);
    }
}
