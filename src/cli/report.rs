//! `--report FILE`: the result of a verb as files, in as many forms as somebody asks for.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use serde_json::Value;

use crate::cli::document::{Document, value, whole};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::sarif;
use crate::cli::shell::Shell;
use crate::clock;
use crate::deploy::report::junit::{Case, Suite};
use crate::deploy::report::{cell, list};
use crate::files;
use crate::secret;
use crate::text::{harmless, harmless_json};

/// Where results go besides the terminal.
#[derive(Clone, Debug, Default, Args)]
pub struct ReportArgs {
    /// Write the result to a file; its extension decides the format: .json, .md, .xml (JUnit), .sarif (`check` only);
    /// or name the format, for example `junit:FILE`; repeatable
    #[arg(long, value_name = "FILE")]
    report: Vec<Target>,
}

/// A file, and the form of what goes into it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    form: Form,
    path: PathBuf,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Markdown,
    Junit,
    Sarif,
}

impl Form {
    /// By the word before the file's name.
    fn of_prefix(word: &str) -> Option<Self> {
        match word {
            "json" => Some(Self::Json),
            "markdown" | "md" => Some(Self::Markdown),
            "junit" => Some(Self::Junit),
            "sarif" => Some(Self::Sarif),
            _ => None,
        }
    }

    /// By the ending of the file's name.
    fn of_ending(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "md" => Some(Self::Markdown),
            "xml" => Some(Self::Junit),
            "sarif" => Some(Self::Sarif),
            _ => None,
        }
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // The letter of a Windows drive is not a form.
        if let Some((word, path)) = text.split_once(':')
            && let Some(form) = Form::of_prefix(word)
            && !path.is_empty()
        {
            return Ok(Self { form, path: path.into() });
        }
        let form = Form::of_ending(Path::new(text)).ok_or_else(|| {
            "it ends in none of .json, .md, .xml, .sarif; or name its format, for example `junit:FILE`".to_owned()
        })?;
        Ok(Self { form, path: text.into() })
    }
}

/// How a verb ended.
pub struct Ended<D> {
    /// The exit code.
    pub exit: Exit,
    /// For people, on stdout.
    pub text: String,
    /// For machines.
    pub document: D,
    /// For reports.
    pub account: Account,
}

/// What reports say of a run.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// What test reports are named after.
    pub subject: String,
    /// One line.
    pub verdict: String,
    /// What was looked at.
    pub cases: Vec<Case>,
    /// The same as Markdown.
    pub markdown: String,
    /// The findings as SARIF, if the verb has any.
    pub sarif: Option<Value>,
}

/// A finished run in every form.
pub struct Reports {
    /// For test reports.
    pub suite: Suite,
    /// For pages.
    pub markdown: String,
    /// For machines.
    pub document: Value,
    /// For viewers of findings.
    pub sarif: Option<Value>,
}

impl ReportArgs {
    /// Refuses a format that `verb` does not have, before anything is done.
    pub fn check(&self, verb: &str) -> Result<(), Failure> {
        if verb != "check" && self.report.iter().any(|target| target.form == Form::Sarif) {
            return Err(Failure::usage(format!("SARIF is for findings in files, and `dvpack {verb}` has none"))
                .help("`dvpack check --report FILE.sarif` writes it; take .json, .md or .xml here"));
        }
        Ok(())
    }

    /// The first file that is Markdown, which a pipeline can add to its page.
    fn markdown(&self) -> Option<&Path> {
        self.report.iter().find(|target| target.form == Form::Markdown).map(|target| target.path.as_path())
    }

    /// Writes every file, and adds the result to the run's page in a pipeline; what could not be written, one line
    /// each.
    pub fn publish(&self, reports: &Reports, on_page: bool, shell: &Shell) -> Vec<String> {
        let write = |target: &Target| {
            let text = match target.form {
                // A pipeline that prints its reports must not execute commands in them.
                Form::Markdown => harmless(&secret::hide(&reports.markdown)),
                Form::Junit => harmless(&secret::hide(&reports.suite.xml())),
                Form::Json => json(&reports.document),
                Form::Sarif => reports.sarif.as_ref().map(json).unwrap_or_default(),
            };
            files::write(&target.path, text.as_bytes()).err().map(|error| error.to_string())
        };
        let unwritten = self.report.iter().filter_map(write).collect();
        // A pipeline reads the file as soon as its name is printed.
        if on_page || self.markdown().is_some() {
            shell.summary(&reports.markdown, self.markdown());
        }
        unwritten
    }

    /// Does a verb's work, prints its result, and writes the reports, also of a failure. `subject` is what test
    /// reports are named after as long as nothing better is known.
    pub fn run<D: Document>(
        &self,
        subject: &str,
        shell: &Shell,
        work: impl FnOnce() -> Result<Ended<D>, Failure>,
    ) -> Result<Exit, Failure> {
        self.check(D::VERB)?;
        let started = clock::now();
        let outcome = work();
        let reports = match &outcome {
            Ok(ended) => Reports::of(ended, subject),
            Err(failure) => Reports::of_failure::<D>(failure, failure.place.as_deref().unwrap_or(subject)),
        };
        let seconds = clock::since(started).as_secs_f64();
        let reports = Reports { suite: Suite { seconds, ..reports.suite }, ..reports };
        let unwritten = self.publish(&reports, D::ON_PAGE, shell);
        match outcome {
            Ok(ended) => {
                shell.result(&ended.text);
                shell.json(&ended.document);
                match unwritten.split_first() {
                    None => Ok(ended.exit),
                    Some((first, more)) => Err(unwritten_only(ended.exit, first, more)),
                }
            }
            Err(mut failure) => {
                // A report that cannot be written must not hide how the work ended.
                failure.details.extend(unwritten);
                Err(failure)
            }
        }
    }
}

/// The work ended with `exit`, and its report could not be written.
pub fn unwritten_only(exit: Exit, first: &str, more: &[String]) -> Failure {
    let mut failure = Failure::new(exit.unwritten(), first);
    failure.details.extend(more.iter().cloned());
    failure.details.push(format!("the work itself went on, and ended with exit code {}", exit.code()));
    failure.silent = true;
    failure
}

impl Reports {
    fn of<D: Document>(ended: &Ended<D>, subject: &str) -> Self {
        let account = ended.account.clone();
        let name = if account.subject.is_empty() { subject.to_owned() } else { account.subject };
        Self {
            markdown: format!(
                "# dvpack {}: {}\n\n{}\n{}",
                D::VERB,
                cell(&account.verdict),
                cell(&name),
                account.markdown
            ),
            suite: Suite { name, verb: D::VERB, seconds: 0.0, failure: None, cases: account.cases },
            document: value(&whole(&ended.document)),
            sarif: account.sarif,
        }
    }

    fn of_failure<D: Document>(failure: &Failure, subject: &str) -> Self {
        let found: Vec<String> = failure.findings.iter().map(ToString::to_string).collect();
        let errors: Vec<String> = failure.details.iter().cloned().chain(found).collect();
        let mut more = errors.clone();
        more.extend(failure.help.iter().map(|help| format!("help: {help}")));
        more.extend(failure.request_id.iter().map(|id| format!("request id: {id}")));
        let mut markdown = format!("# dvpack {}: {}\n\n{}\n", D::VERB, cell(&failure.headline()), cell(subject));
        for (title, lines) in [("Errors", &errors), ("What to do", &failure.help)] {
            list(&mut markdown, title, lines);
        }
        Self {
            suite: Suite {
                name: subject.to_owned(),
                verb: D::VERB,
                seconds: 0.0,
                failure: Some((failure.headline(), more.join("\n"))),
                cases: Vec::new(),
            },
            markdown,
            document: value(&failure.to_document()),
            sarif: Some(sarif::log(&failure.findings)),
        }
    }
}

/// As text.
pub fn json(value: &Value) -> String {
    format!("{}\n", harmless_json(&format!("{value:#}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_that_of_the_prefix_or_else_of_the_ending() {
        for (text, form, path) in [
            ("out/a.json", Form::Json, "out/a.json"),
            ("a.MD", Form::Markdown, "a.MD"),
            ("a.xml", Form::Junit, "a.xml"),
            ("a.sarif", Form::Sarif, "a.sarif"),
            ("junit:TEST-a.txt", Form::Junit, "TEST-a.txt"),
            ("json:a.xml", Form::Json, "a.xml"),
            ("markdown:summary", Form::Markdown, "summary"),
            (r"C:\out\a.xml", Form::Junit, r"C:\out\a.xml"),
        ] {
            assert_eq!(text.parse(), Ok(Target { form, path: path.into() }), "{text}");
        }
        for bad in ["a", "a.txt", "html:a.html", "junit:", "C:a"] {
            bad.parse::<Target>().expect_err(bad);
        }
    }
}
