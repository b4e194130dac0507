//! The boundary between a bundle and the machine that applies it: values that a bundle asks for, who has
//! allowed them, and what no bundle may ever have.
//!
//! A value is read once, right before it is used. A file is examined after it was opened, so that nobody can put
//! another one in its place in between.

#[cfg(feature = "native")]
mod files;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::credentials::{self, Texts};
use crate::deploy::failure::{Failure, FailureKind};
use crate::process_env;
use crate::secret::Secret;

/// A value of this machine, as `--allow-value` names it: `env:NAME` or `file:PATH`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
pub enum Value {
    /// An environment variable.
    Env(String),
    /// A file.
    File(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{path}"),
        }
    }
}

impl From<Value> for String {
    fn from(value: Value) -> Self {
        value.to_string()
    }
}

impl TryFrom<String> for Value {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl std::str::FromStr for Value {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let value = match text.split_once(':') {
            Some(("env", name)) => Self::Env(name.to_owned()),
            Some(("file", path)) => Self::File(path.to_owned()),
            _ => return Err("write env:NAME or file:PATH".into()),
        };
        value.check().map(|()| value)
    }
}

impl Value {
    /// What it is, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Env(name) => format!("environment variable `{name}`"),
            Self::File(path) => format!("file `{path}`"),
        }
    }

    /// Whether a person can read its name and type it.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Env(name) => {
                let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
                let good = !name.is_empty() && name.bytes().all(word) && !name.as_bytes()[0].is_ascii_digit();
                if good { Ok(()) } else { Err("the name of a variable has letters, digits and underscores".into()) }
            }
            Self::File(path) => {
                if path.trim().is_empty() || path.trim() != path {
                    Err("a path is expected, without spaces around it".into())
                } else if path.starts_with(['/', '\\']) && path[1..].starts_with(['/', '\\']) {
                    // Even looking at it would sign in to the other machine (Windows, SMB).
                    Err("a path to another machine or a device is not read".into())
                } else if path.chars().any(is_unseen) {
                    Err("the path has characters that cannot be seen, or look like others".into())
                } else {
                    Ok(())
                }
            }
        }
    }
}

/// What the machine that applies has: its environment, and the files that dvpack itself signs in with.
pub struct Machine<'a> {
    environment: &'a dyn Fn(&str) -> Option<String>,
    #[cfg_attr(not(feature = "native"), allow(dead_code, reason = "there are no files"))]
    own_files: Vec<PathBuf>,
    /// The names of variables that are set, possibly to an empty text.
    names: BTreeSet<String>,
    /// The texts of the environment's credentials.
    credentials: Texts,
}

impl<'a> Machine<'a> {
    /// `environment` looks up variables, `names` are those that are set; `own_files` are those that flags of sign-in
    /// name.
    pub fn new(
        environment: &'a dyn Fn(&str) -> Option<String>,
        names: impl IntoIterator<Item = String>,
        own_files: impl IntoIterator<Item = PathBuf>,
    ) -> Self {
        let mut own_files: Vec<PathBuf> = own_files.into_iter().collect();
        // One variable can name several, as `PATH` does.
        let named = credentials::path_variables().filter_map(environment);
        own_files.extend(named.flat_map(|paths| {
            let mut all = process_env::paths(&paths);
            all.push(PathBuf::from(paths));
            all
        }));
        own_files.retain(|path| !path.as_os_str().is_empty());
        own_files.extend(credentials::moved_files(environment));
        let names: BTreeSet<String> = names.into_iter().collect();
        let secret = names.iter().filter(|name| credentials::variable(name).is_some());
        let credentials = Texts::new(secret.filter_map(|name| environment(name).map(|text| (name.clone(), text))));
        Self { environment, own_files, names, credentials }
    }

    /// Refuses what no bundle may have, whoever allows it. Nothing is read.
    pub fn check(&self, setting: &str, value: &Value) -> Result<(), Failure> {
        value.check().map_err(|why| {
            Failure::new(
                FailureKind::Invalid,
                format!("setting `{setting}` takes a value from `{}`: {why}", visible(&value.to_string())),
            )
        })?;
        match value {
            Value::Env(name) => match credentials::variable(name) {
                Some(known) => Err(refused(setting, value, known.what)),
                None => Ok(()),
            },
            Value::File(path) => self.check_file(setting, value, path),
        }
    }

    /// Why there is nothing to read, if that is clear without reading.
    #[must_use]
    pub fn lacks(&self, value: &Value) -> Option<&'static str> {
        match value {
            Value::Env(name) if (self.environment)(name).is_some() => None,
            Value::Env(name) if self.names.contains(name) => Some("empty, or not Unicode text"),
            Value::Env(_) => Some("not set"),
            Value::File(path) => (!crate::files::is_file(Path::new(path))).then_some("not a file"),
        }
    }

    /// Reads a value that was allowed.
    pub fn read(&self, setting: &str, value: &Value) -> Result<Secret, Failure> {
        self.check(setting, value)?;
        let text = match value {
            Value::Env(name) => (self.environment)(name).ok_or_else(|| {
                let why = self.lacks(value).unwrap_or("not set");
                unreadable(setting, format!("it needs the environment variable `{name}`, which is {why}"))
            })?,
            Value::File(path) => {
                let text = self.read_file(setting, value, Path::new(path))?;
                let text = text.trim_end_matches(['\r', '\n']);
                if text.is_empty() {
                    return Err(unreadable(setting, format!("the file `{path}` is empty")));
                }
                text.to_owned()
            }
        };
        let secret = Secret::new(text);
        if let Some(whose) = self.is_credential(secret.reveal()) {
            return Err(refused(setting, value, &format!("the text of {whose}")));
        }
        Ok(secret)
    }

    /// Whose credential a text is, contains, or is a piece of.
    fn is_credential(&self, text: &str) -> Option<String> {
        if let Some(name) = self.credentials.whose(text) {
            return Some(format!("the environment variable `{name}`"));
        }
        Texts::new(self.own_texts()).whose(text).map(str::to_owned)
    }
}

/// A host without files.
#[cfg(not(feature = "native"))]
impl Machine<'_> {
    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "as where there are files")]
    fn check_file(&self, _: &str, _: &Value, _: &str) -> Result<(), Failure> {
        Ok(())
    }

    #[allow(clippy::unused_self, reason = "as where there are files")]
    fn read_file(&self, setting: &str, _: &Value, path: &Path) -> Result<String, Failure> {
        Err(unreadable(setting, format!("cannot read `{}`: there are no files here", path.display())))
    }

    #[allow(clippy::unused_self, reason = "as where there are files")]
    fn own_texts(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}

/// The values that may be taken.
#[derive(Clone, Debug, Default)]
pub struct Allowed(pub BTreeSet<Value>);

/// The refusal of values that need somebody's consent. `wanted`: setting and value.
#[must_use]
pub fn not_allowed(wanted: &[(String, Value)]) -> Failure {
    let one = if wanted.len() == 1 { "a value" } else { "values" };
    let mut failure = Failure::new(
        FailureKind::Refused,
        format!("the bundle uses {one} of this machine, which nobody has allowed; nothing was changed"),
    );
    let mut flags = Vec::new();
    for (setting, value) in wanted {
        failure.details.push(format!("`{setting}` ← {}", value.words()));
        let flag = flag(value);
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    failure
        .help(format!("if that is intended, allow it by name: {}", flags.join(" ")))
        .help("everyone who can read environment variables of the environment can read the value there; `--yes` does not allow it")
}

/// The flag that allows a value, in shell syntax.
#[must_use]
pub fn flag(value: &Value) -> String {
    format!("--allow-value {}", quoted(&value.to_string()))
}

/// In shell syntax.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@".contains(c);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

fn refused(setting: &str, value: &Value, what: &str) -> Failure {
    Failure::new(
        FailureKind::Refused,
        format!("`{setting}` ← {}: that is {what}, and no bundle gets it; nothing was changed", value.words()),
    )
    .help("a bundle that asks for it is wrong or hostile: talk to its publisher")
    .help("if it is your own, keep the application's secret in a variable or file of its own, or better in Key Vault")
}

fn unreadable(setting: &str, why: String) -> Failure {
    let mut failure = Failure::new(FailureKind::Failed, "a value of this machine cannot be read");
    failure.details.push(format!("`{setting}`: {why}"));
    failure
}

/// Characters that are invisible, or that change how others are shown.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || (c.is_whitespace() && c != ' ')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Text without invisible characters.
fn visible(text: &str) -> String {
    let shown = |c: char| if is_unseen(c) { c.escape_unicode().to_string() } else { c.to_string() };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests;
