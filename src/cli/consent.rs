//! `dvpack consent`

use std::time::Duration;

use clap::Args;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::cli::sign_in::{challenge, http, variable};
use crate::entra::consent::{Answer, Request, Wait, new_state, open};
use crate::entra::{authority_host, environment_url};

/// Print or open the admin consent link, and wait for the answer
///
/// An administrator of the subscriber's tenant opens the link once; that makes the application known in
/// the tenant, which `apply` needs. Exit code 0: printed, or consent given; 5: refused; 8: nobody answered.
#[derive(Debug, Args)]
pub struct ConsentArgs {
    /// The application that asks for consent
    #[arg(long, value_name = "ID")]
    client_id: Uuid,
    /// The tenant that consents; without it, the administrator's own
    #[arg(long, value_name = "ID|DOMAIN")]
    tenant: Option<String>,
    /// The environment, which names its tenant and cloud
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Open the link in the browser
    #[arg(long)]
    open: bool,
    /// Wait for the answer on a loopback port
    #[arg(long)]
    wait: bool,
    /// How many seconds to wait
    #[arg(long, value_name = "SECONDS", default_value_t = 600, requires = "wait")]
    timeout: u64,
    /// A redirect URI of the application [default with --wait: `http://localhost`]
    #[arg(long, value_name = "URL")]
    redirect_uri: Option<Url>,
}

/// Runs `dvpack consent`.
pub fn run(args: ConsentArgs, shell: &Shell) -> Result<Exit, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot start: {error}")))?
        .block_on(consent(args, shell))
}

async fn consent(args: ConsentArgs, shell: &Shell) -> Result<Exit, Failure> {
    let client_id = args.client_id.to_string();
    let mut request = if let Some(url) = &args.url {
        let challenge = challenge(&http()?, &environment_url(url)?, args.tenant.as_deref()).await?;
        Request::for_challenge(&challenge, &client_id)
    } else {
        let host = variable("AZURE_AUTHORITY_HOST").unwrap_or_else(|| "https://login.microsoftonline.com".to_owned());
        let tenant = args.tenant.clone().or_else(|| variable("AZURE_TENANT_ID"));
        if let Some(tenant) = &tenant {
            crate::entra::check_tenant(tenant)?;
        }
        Request {
            authority: authority_host(&host)?,
            tenant,
            client_id: client_id.clone(),
            resource: None,
            redirect_uri: None,
        }
    };
    let state = new_state()?;
    let mut redirect = args.redirect_uri.clone();
    let wait = if args.wait {
        let mut uri = match redirect {
            Some(uri) => uri,
            None => Url::parse("http://localhost").map_err(|error| Failure::new(Exit::Failed, error.to_string()))?,
        };
        let wait = Wait::bind(&mut uri).await?;
        redirect = Some(uri);
        Some(wait)
    } else {
        None
    };
    request.redirect_uri = redirect;
    let url = request.url(&state);
    if args.open {
        open(&url);
    }
    let document = |outcome: &str, tenant: Option<&str>| {
        shell.json(&json!({"url": url, "clientId": client_id, "tenant": tenant, "outcome": outcome}));
    };
    let Some(wait) = wait else {
        shell.result(&format!("{url}\n"));
        document("printed", request.tenant.as_deref());
        return Ok(Exit::Done);
    };
    // The link must be seen before the answer can come, whatever the format.
    shell.say(&format!("An administrator of the tenant opens this link:\n{url}"));
    match wait.answer(&state, request.tenant.as_deref(), Duration::from_secs(args.timeout)).await? {
        Answer::Granted(tenant) => {
            let words = tenant.as_deref().map(|tenant| format!(" in tenant {tenant}")).unwrap_or_default();
            shell.result(&format!("consent given{words}\n"));
            document("granted", tenant.as_deref());
            Ok(Exit::Done)
        }
        Answer::Refused(why) => Err(Failure::new(Exit::ConsentMissing, format!("consent was not given: {why}"))
            .help("an administrator of the tenant opens the link and accepts")),
        Answer::TimedOut => Err(Failure::new(Exit::Inconclusive, "nobody answered the consent link in time")
            .help("consent may still be given later; run `dvpack consent --wait` again, or `dvpack apply`")),
    }
}
