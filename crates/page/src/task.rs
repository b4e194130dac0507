//! What can be asked of the core.

use std::sync::Arc;

use dvpack::bundle::Bundle;
use dvpack::dataverse::{Bearer, Client};
use dvpack::deploy::plan::{Options, plan};
use dvpack::deploy::progress::{Context, Silent};
use dvpack::deploy::{Desired, Failure, apply, observed};
use dvpack::entra::{ClientSecret, TokenCache, probe};
use dvpack::http::Pace;
use dvpack::secret::Secret;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

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
        /// How many times shorter waits are, for tests.
        #[serde(default = "one")]
        pace: u32,
    },
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
    let Task::Apply { url, client_id, client_secret, write, pace } = task else {
        return Ok(json!({"verified": true, "solutions": bundle.solutions().len()}));
    };
    let http = crate::host::http().with_pace(Pace::faster(pace));
    let challenge = probe(&http, &url).await.map_err(|error| error.to_string())?;
    let source = ClientSecret::new(http.clone(), client_id, Secret::new(client_secret));
    let bearer: Arc<dyn Bearer> = Arc::new(TokenCache::new(Box::new(source), challenge));
    let client = Client::new(http, &url, bearer).map_err(|error| error.to_string())?.with_pace(Pace::faster(pace));
    let descriptor = bundle.descriptor().clone();
    let zips = descriptor.solutions.iter().map(|it| bundle.solution_zip(it).unwrap_or_default().to_vec()).collect();
    let desired = Desired::new(descriptor, zips).map_err(said)?;
    let seen = observed::observe(&client, &desired).await.map_err(|error| error.to_string())?;
    let options = Options::default();
    let planned = plan(&url, &desired, &seen, options).map_err(said)?;
    let document = serde_json::to_value(&planned).map_err(|error| error.to_string())?;
    let mut result = json!({"plan": document});
    if write {
        let context = Context { client: &client, progress: &Silent };
        apply::apply(context, &desired, &planned, &seen, options).await.map_err(said)?;
        result["applied"] = true.into();
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
