//! The person's own sign-in of the Azure CLI: `az account get-access-token`.
//!
//! Source: Microsoft Learn, "Authenticate to Azure using Azure CLI" (`expires_on` in UTC since 2.54; `expiresOn` is
//! a local time without zone, and so not read). `--tenant` and `--resource` are its flags of old.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;

use crate::clock;
use crate::entra::{AccessToken, Answer, Challenge, SignInError, TokenSource};
use crate::files;
use crate::process_env;
use crate::secret::Secret;

/// The Azure CLI.
pub(crate) struct AzureCli;

impl TokenSource for AzureCli {
    fn describe(&self) -> String {
        "the Azure CLI".to_owned()
    }

    fn token<'a>(&'a self, challenge: &'a Challenge) -> Answer<'a> {
        Box::pin(async move {
            let program = if cfg!(windows) { "az.cmd" } else { "az" };
            let mut command = Command::new(program);
            command.args(["account", "get-access-token", "--output", "json", "--resource", &challenge.resource]);
            if challenge.tenant != "organizations" {
                command.args(["--tenant", &challenge.tenant]);
            }
            command.stdin(Stdio::null()).kill_on_drop(true);
            let output = clock::timeout(Duration::from_secs(60), command.output())
                .await
                .map_err(|_| SignInError::unreachable("`az` did not answer within a minute"))?
                .map_err(|error| SignInError::new(format!("cannot run `az`: {error}")))?;
            if !output.status.success() {
                // Its own words may hold anything; the advice is what counts.
                return Err(SignInError::new("`az account get-access-token` gave no token")
                    .help(format!("sign in: az login --tenant {}", challenge.tenant)));
            }
            let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
            let token = value.get("accessToken").and_then(Value::as_str).filter(|text| !text.is_empty());
            let token = token.ok_or_else(|| SignInError::new("`az account get-access-token` gave no token"))?;
            // `expires_on` (Unix seconds) is given since Azure CLI 2.54; else be careful.
            let until = value.get("expires_on").and_then(|on| on.as_i64().or_else(|| on.as_str()?.parse().ok()));
            let seconds = until.map_or(300, |on| on.saturating_sub(clock::timestamp().as_second()).clamp(0, 86_400));
            let life = Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
            Ok(AccessToken { token: Secret::new(token), expires: clock::now() + life })
        })
    }
}

/// Whether there is an `az` to ask on `path`.
pub(crate) fn is_there(path: &str) -> bool {
    let name = if cfg!(windows) { "az.cmd" } else { "az" };
    process_env::paths(path).iter().any(|folder| files::is_file(&folder.join(name)))
}
