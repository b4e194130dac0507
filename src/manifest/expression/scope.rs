//! What expressions see: `env.*`, `git.*`, `set.*`. `git` is not run before an expression asks for it.
//!
//! A variable that contains a credential is never there, however the expression names it: the name is checked when
//! the value is asked for. Nor is any value that is the same text.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
#[cfg(feature = "native")]
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};

use minijinja::value::Object;
use minijinja::{Environment, UndefinedBehavior, Value};

use crate::catalog::credentials::{self, Texts};
use crate::manifest::expression::notes::{LONGEST_RESULT, Notes, Refusal};
use crate::manifest::expression::words;
use crate::process_env;

const FUEL: u64 = 10_000;

/// Shorter values are too common to say anything.
const LEAST: usize = 6;

/// What expressions can see.
pub struct Scope {
    pub(super) engine: Environment<'static>,
    pub(super) context: Value,
    pub(super) notes: Arc<Notes>,
    pub(super) git: Arc<Git>,
}

impl Scope {
    /// A scope for the manifest in `folder`, with the values of `--set`, and the process's environment variables.
    #[must_use]
    pub fn new(folder: &Path, set: &[(String, String)]) -> Self {
        Self::with_environment(folder, set, process_env::texts())
    }

    /// The same, with these environment variables.
    pub(super) fn with_environment(
        folder: &Path,
        set: &[(String, String)],
        environment: impl Iterator<Item = (String, String)>,
    ) -> Self {
        let notes = Arc::new(Notes::default());
        let mut engine = words::engine(&notes);
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.set_fuel(Some(FUEL));
        let git = Arc::new(Git { folder: folder.to_owned(), answers: Mutex::default(), failure: OnceLock::new() });
        let mut values = BTreeMap::new();
        let mut secrets = Vec::new();
        for (name, value) in environment {
            match credentials::secret_variable(&name) {
                // The value stays here, to be compared with.
                Some(_) => secrets.push((name, value.trim().to_owned())),
                None => {
                    values.insert(spelling(&name), value);
                }
            }
        }
        secrets.retain(|(_, value)| value.chars().count() >= LEAST);
        let secrets = Arc::new(Texts::new(secrets));
        let given =
            |root, values, fold| Given { root, values, fold, secrets: Arc::clone(&secrets), notes: Arc::clone(&notes) };
        let set = set.iter().cloned().collect();
        let context = minijinja::context! {
            env => Value::from_object(given("env", values, cfg!(windows))),
            git => Value::from_dyn_object(Arc::clone(&git)),
            set => Value::from_object(given("set", set, false)),
        };
        Self { engine, context, notes, git }
    }
}

/// On Windows the names of variables differ by more than case.
fn spelling(name: &str) -> String {
    if cfg!(windows) { name.to_ascii_uppercase() } else { name.to_owned() }
}

/// `env.*` or `set.*`. It cannot be listed: a name must be written to be seen.
struct Given {
    root: &'static str,
    values: BTreeMap<String, String>,
    fold: bool,
    secrets: Arc<Texts>,
    notes: Arc<Notes>,
}

/// No values: the engine shows objects to those who ask for `debug()`.
impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.root)
    }
}

impl Object for Given {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let shown = format!("{}.{name}", self.root);
        let refuse = |why: Refusal| self.notes.note(|noted| _ = noted.refused.get_or_insert((shown.clone(), why)));
        if self.root == "env"
            && let Some(known) = credentials::secret_variable(name)
        {
            refuse(Refusal::Credential(known.what));
            return None;
        }
        let Some(value) = self.values.get(&if self.fold { spelling(name) } else { name.to_owned() }) else {
            self.notes.note(|noted| noted.missing = Some(shown));
            return None;
        };
        if value.len() > LONGEST_RESULT {
            refuse(Refusal::Long);
            return None;
        }
        // Each is compared with the secrets.
        if self.notes.work(value.len().saturating_add(16)).is_err() {
            return None;
        }
        if let Some(same) = self.secrets.whose(value) {
            refuse(Refusal::Same(same.to_owned()));
            return None;
        }
        if credentials::looks_secret(name) {
            self.notes.note(|noted| noted.suspicious.push(shown));
        }
        Some(Value::from(value.as_str()))
    }
}

/// `git.*`, asked of the `git` program when first used.
#[derive(Debug)]
pub(super) struct Git {
    folder: PathBuf,
    answers: Mutex<BTreeMap<&'static str, Option<String>>>,
    pub(super) failure: OnceLock<String>,
}

const GIT: [(&str, &[&str]); 4] = [
    ("commit", &["rev-parse", "HEAD"]),
    ("shortCommit", &["rev-parse", "--short=7", "HEAD"]),
    ("tag", &["describe", "--tags", "--exact-match", "HEAD"]),
    ("branch", &["symbolic-ref", "--quiet", "--short", "HEAD"]),
];

impl Object for Git {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let Some((name, arguments)) = GIT.iter().find(|(known, _)| *known == name) else {
            let _ = self
                .failure
                .set(format!("`git.{name}` is not one of `git.commit`, `git.shortCommit`, `git.tag`, `git.branch`"));
            return None;
        };
        let mut answers = self.answers.lock().ok()?;
        answers.entry(name).or_insert_with(|| self.ask(name, arguments)).clone().map(Value::from)
    }
}

#[cfg(not(feature = "native"))]
impl Git {
    fn ask(&self, name: &str, _: &[&str]) -> Option<String> {
        let _ = self.failure.set(format!("git cannot be asked for its {name} here, in `{}`", self.folder.display()));
        None
    }
}

#[cfg(feature = "native")]
impl Git {
    fn ask(&self, name: &str, arguments: &[&str]) -> Option<String> {
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder };
        let mut command = Command::new("git");
        // The folder may belong to somebody else. A repository inside it would bring its own configuration, by which
        // git runs any program when it has to fetch what is missing. And git needs no credentials for these questions.
        command.args(["-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false"]);
        command.env("GIT_ALLOW_PROTOCOL", "none").env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0");
        for name in process_env::names() {
            if name.to_str().is_some_and(|name| credentials::secret_variable(name).is_some()) {
                command.env_remove(name);
            }
        }
        let output = command.arg("-C").arg(folder).args(arguments).output();
        let why = match output {
            Ok(output) if output.status.success() => {
                let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
                if !text.is_empty() {
                    return Some(text);
                }
                format!("git knows no {name} here")
            }
            Ok(output) => {
                let text = String::from_utf8_lossy(&output.stderr);
                let line = text.lines().next().unwrap_or_default().trim_start_matches("fatal: ").trim();
                if line.is_empty() { format!("git knows no {name} here") } else { format!("git says: {line}") }
            }
            Err(error) => format!("the `git` program cannot be run: {error}"),
        };
        let _ = self.failure.set(why);
        None
    }
}
