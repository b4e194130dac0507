//! What can be asked of the core.

use std::sync::Arc;
use std::time::Duration;

use dvpack::bundle::Bundle;
use dvpack::deploy::plan::{Options, plan};
use dvpack::deploy::progress::Silent;
use dvpack::deploy::session::{self, Given, Line, Session};
use dvpack::deploy::{Agreed, Failure, apply, observed};
use dvpack::entra::{ClientSecret, TokenCache, probe};
use dvpack::http::{Http, Pace};
use dvpack::secret::Secret;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

/// How long a task may take.
const LONGEST: Duration = Duration::from_secs(2 * 60 * 60);

/// A task.
#[derive(Deserialize)]
#[serde(tag = "verb", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
enum Task {
    /// Reads and verifies a bundle.
    Verify,
    /// Applies it; `write: false` plans only.
    Apply {
        url: Url,
        client_id: String,
        client_secret: String,
        write: bool,
        /// What somebody has agreed to beyond the steps; nothing is by default.
        #[serde(default)]
        agreed: Consents,
        /// How many times shorter waits are, for tests.
        #[serde(default = "one")]
        pace: u32,
    },
}

/// What somebody has agreed to.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Consents {
    /// That the bundle is applied to an environment other than the one that it was built for.
    other_environment: bool,
    /// That roles are removed from the application user.
    roles_taken: bool,
    /// That upgrades delete what the plan lists.
    deletions: bool,
}

impl From<Consents> for Agreed<'_> {
    fn from(given: Consents) -> Self {
        let Consents { other_environment, roles_taken, deletions } = given;
        Self { approved: None, other_environment, roles_taken, deletions }
    }
}

fn one() -> u32 {
    1
}

/// Does what the JSON asks for.
pub(crate) async fn run(json: Vec<u8>, bundle: Vec<u8>) -> Value {
    let task = match serde_json::from_slice(&json) {
        Ok(task) => task,
        Err(error) => return json!({"error": error.to_string()}),
    };
    match done(task, &bundle).await {
        Ok(result) => result,
        Err(error) => json!({"error": error}),
    }
}

async fn done(task: Task, bytes: &[u8]) -> Result<Value, String> {
    let words = |findings: Vec<dvpack::diagnostic::Diagnostic>| {
        findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let bundle = Bundle::from_bytes(bytes, "bundle").map_err(words)?;
    let Task::Apply { url, client_id, client_secret, write, agreed, pace } = task else {
        return Ok(json!({"verified": true, "solutions": bundle.solutions().len()}));
    };
    let pace = Pace::faster(pace);
    let open = async |http: Http| {
        let given = Given::of(&bundle, Vec::new())?;
        let challenge = probe(&http, &url).await?;
        let source = ClientSecret::new(http.clone(), client_id, Secret::new(client_secret));
        let tokens = TokenCache::new(Box::new(source), challenge);
        let line = Line { http, pace, log: None, progress: Arc::new(Silent) };
        Session::new(given.desired()?, url, line, tokens)
    };
    let opened = session::within(LONGEST, crate::host::http().with_pace(pace), open).await;
    let session = opened.map_err(said)?;
    let Session { desired, client, url, .. } = &session;
    let seen = observed::observe(client, desired).await.map_err(|error| error.to_string())?;
    let options = Options::default();
    let planned = plan(url, desired, &seen, options).map_err(said)?;
    let planned = planned.with_deletions(client, desired, &seen).await.map_err(|error| error.to_string())?;
    let document = serde_json::to_value(&planned).map_err(|error| error.to_string())?;
    let mut result = json!({"plan": document});
    if write {
        let applied = apply::apply(session.context(), desired, &planned, &seen, options, agreed.into()).await;
        let applied = applied.map_err(said)?;
        result["applied"] = true.into();
        result["verified"] = applied.is_verified().into();
        result["differences"] = serde_json::to_value(&applied.differences).map_err(|error| error.to_string())?;
    }
    let (requests, writes) = client.requests();
    result["requests"] = requests.into();
    result["writes"] = writes.into();
    Ok(result)
}

/// A failure in words: what, and its details.
fn said(failure: Failure) -> String {
    [vec![failure.message], failure.details].concat().join("\n")
}
