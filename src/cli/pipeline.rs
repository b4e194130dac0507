//! The services that run pipelines, and the commands that dvpack itself gives them.
//!
//! How data is escaped: GitHub's `ActionCommand.cs`, Azure's `CommandStringConvertor.cs` (which decodes `%AZP25` by
//! default).

use std::path::Path;

use crate::diagnostic::{Diagnostic, Severity};
use crate::process_env;
use crate::{secret, text};

/// A service that understands annotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pipeline {
    GitHub,
    Azure,
}

/// A line that the service executes. It is made only here, so that text from elsewhere never becomes one.
#[derive(Debug)]
pub(super) struct Command(String);

impl Command {
    pub(super) fn line(&self) -> &str {
        &self.0
    }
}

impl Pipeline {
    /// The service that runs this process.
    pub(super) fn detect() -> Option<Self> {
        let is_true = |name: &str| process_env::text(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if is_true("GITHUB_ACTIONS") {
            Some(Self::GitHub)
        } else if is_true("TF_BUILD") {
            Some(Self::Azure)
        } else {
            None
        }
    }

    /// A finding that is shown beside the run or the file. Azure Pipelines has no form for notes: they stay in the log.
    pub(super) fn annotation(self, finding: &Diagnostic) -> Option<Command> {
        let place = finding.place().unwrap_or_default();
        let message = finding.help.iter().fold(finding.message.clone(), |text, help| format!("{text} ({help})"));
        let level = match (finding.severity, self) {
            (Severity::Error, _) => "error",
            (Severity::Warning, _) => "warning",
            (Severity::Note, Self::GitHub) => "notice",
            (Severity::Note, Self::Azure) => return None,
        };
        let numbers = |line, column| {
            [(line, place.line), (column, place.column)].into_iter().filter_map(|(key, value)| Some((key, value?)))
        };
        let message = self.data(&message);
        Some(Command(match self {
            Self::GitHub => {
                let mut fields = Vec::new();
                if !place.file.is_empty() {
                    fields.push(format!("file={}", self.property(&place.file)));
                }
                fields.extend(numbers("line", "col").map(|(key, value)| format!("{key}={value}")));
                fields.push(format!("title=dvpack {}", self.property(&finding.code)));
                format!("::{level} {}::{message}\n", fields.join(","))
            }
            Self::Azure => {
                let mut fields = format!("type={level};code={};", self.property(&finding.code));
                if !place.file.is_empty() {
                    fields.push_str(&format!("sourcepath={};", self.property(&place.file)));
                }
                fields.extend(numbers("linenumber", "columnnumber").map(|(key, value)| format!("{key}={value};")));
                format!("##vso[task.logissue {fields}]{message}\n")
            }
        }))
    }

    /// A Markdown file that the service adds to the run's page; GitHub does not support this.
    pub(super) fn summary(self, file: &Path) -> Option<Command> {
        let path = std::path::absolute(file).ok()?;
        // A file's name is found only as it is: none of it is written out or broken, since all of it is data by now.
        let path = self.escaped(&path.display().to_string());
        (self == Self::Azure).then(|| Command(format!("##vso[task.uploadsummary]{path}\n")))
    }

    /// Text behind the command. The service prints it in the log again, and so nothing in it may act there.
    fn data(self, foreign: &str) -> String {
        self.escaped(&text::harmless(&secret::hide(foreign)))
    }

    /// Text within the command.
    fn property(self, foreign: &str) -> String {
        let text = self.data(foreign);
        match self {
            Self::GitHub => text.replace(':', "%3A").replace(',', "%2C"),
            Self::Azure => text.replace(';', "%3B").replace(']', "%5D"),
        }
    }

    fn escaped(self, text: &str) -> String {
        let percent = if self == Self::GitHub { "%25" } else { "%AZP25" };
        text.replace('%', percent).replace('\r', "%0D").replace('\n', "%0A")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a 100% ##vso[task.complete]\r\n::error::b;c,d]e";

    #[test]
    fn data_stays_data() {
        let finding =
            Diagnostic::error("unknown-key", HOSTILE).in_file("x::y,z;w]%0A\n", Some((3, 5))).help("##[group]");
        let line = |pipeline: Pipeline| pipeline.annotation(&finding).expect("an annotation").0;
        assert_eq!(
            line(Pipeline::GitHub),
            "::error file=x%3A%3Ay%2Cz;w]%250A%0A,line=3,col=5,title=dvpack unknown-key::a 100%25 # #vso[task.complete]%0A: :error::b;c,d]e (# #[group])\n"
        );
        assert_eq!(
            line(Pipeline::Azure),
            "##vso[task.logissue type=error;code=unknown-key;sourcepath=x::y,z%3Bw%5D%AZP250A%0A;linenumber=3;columnnumber=5;]a 100%AZP25 # #vso[task.complete]%0A: :error::b;c,d]e (# #[group])\n"
        );
    }

    #[test]
    fn a_note_is_a_notice_where_there_are_such() {
        let note = Diagnostic::note("unused-part", "it is not packed");
        let line = Pipeline::GitHub.annotation(&note).expect("an annotation").0;
        assert_eq!(line, "::notice title=dvpack unused-part::it is not packed\n");
        assert!(Pipeline::Azure.annotation(&note).is_none());
    }

    #[test]
    fn a_path_cannot_end_its_command() {
        let line = Pipeline::Azure.summary(Path::new("/r/a\n##vso[task.complete]%0A.md")).expect("a command");
        assert_eq!(line.line(), "##vso[task.uploadsummary]/r/a%0A##vso[task.complete]%AZP250A.md\n");
        assert!(Pipeline::GitHub.summary(Path::new("/r/a.md")).is_none());
    }
}
