//! What a run needs consent to, besides running at all. `--yes` gives none of these: a specific flag
//! does, or a person at the terminal, or an approved plan that contains them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::deploy::accepted::List;
use crate::deploy::guard;
use crate::deploy::machine::Value;
use crate::secret;

/// The consents of a plan. Whoever approves it gives all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Consents {
    /// Values of the machine that applies which the bundle takes.
    pub values: Vec<Value>,
    /// The environment that the bundle was built for, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_environment: Option<Url>,
    /// Names of the roles that are removed from the application user.
    pub roles_taken: Vec<String>,
    /// What upgrades delete, one line for each solution.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deletions: Vec<String>,
    /// Differences that stay as they were found.
    pub accepted: List,
}

/// A consent in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What the consent is for.
    pub what: String,
    /// The flag that gives it.
    pub flag: String,
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (`{}`)", self.what, self.flag)
    }
}

impl Consents {
    /// Each in words.
    #[must_use]
    pub fn words(&self) -> Vec<Words> {
        let mut all = Vec::new();
        let mut add = |what: String, flag: String| all.push(Words { what, flag });
        for value in &self.values {
            let what = format!("the bundle uses {} of the machine that applies it", value.words());
            add(what, format!("--allow-value {value}"));
        }
        if let Some(built_for) = &self.other_environment {
            let what = format!("the bundle was built for `{}`, and goes to this environment", guard::name(built_for));
            add(what, "--other-environment".into());
        }
        for role in &self.roles_taken {
            add(format!("security role `{role}` is taken from the application user"), "--only-declared-roles".into());
        }
        for deletion in &self.deletions {
            add(deletion.clone(), "--allow-delete".into());
        }
        for entry in self.accepted.entries() {
            add(format!("it may stay as it is: {entry}"), "--accepted FILE".into());
        }
        all
    }

    /// What `needed` contains and these do not, in words. Deletions are compared one by one, and with their consents:
    /// `Plan::check_deletions`.
    #[must_use]
    pub fn lacking(&self, needed: &Self) -> Vec<String> {
        // In a file, `***` replaces secrets.
        let hidden = |words: &Words| secret::hide(&words.to_string()).into_owned();
        let given: Vec<String> = self.words().iter().map(hidden).collect();
        Self { deletions: Vec::new(), ..needed.clone() }
            .words()
            .into_iter()
            .filter(|words| !given.contains(&hidden(words)))
            .map(|words| words.what)
            .collect()
    }
}
