//! `dvpack consent`

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use url::Url;
use uuid::Uuid;

use crate::bundle::{Bundle, LIMIT};
use crate::catalog::clouds;
use crate::cli::document::Document;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::manifest_args::OverlayArgs;
use crate::cli::running::{self, duration};
use crate::cli::shell::Shell;
use crate::cli::sign_in::{challenge, http, variable};
use crate::cli::wrong_file;
use crate::entra::consent::{Answer, Request, Tenant, Wait, new_state, open};
use crate::entra::{authority_host, environment_url};
use crate::files;
use crate::http::is_loopback;
use crate::manifest;
use crate::manifest::package::application::Audience;

/// Print or open the admin consent link, and wait for the answer
///
/// An administrator of the subscriber's tenant opens the link once; that makes the application known in
/// the tenant, which `apply` needs. The application is that of the bundle or manifest, or `--client-id`.
/// Exit code 0: printed, or consent given; 5: refused; 8: nobody answered.
#[derive(Debug, Args)]
pub struct ConsentArgs {
    /// The bundle, the manifest, or the folder with a dvpack.yaml [default: `.` without --client-id]
    #[arg(value_name = "BUNDLE|DIR")]
    path: Option<PathBuf>,
    #[command(flatten)]
    overlay: OverlayArgs,
    /// The application that asks for consent, instead of the package's
    #[arg(long, value_name = "ID")]
    client_id: Option<Uuid>,
    /// The tenant that consents; by default, the administrator's own
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
    /// Stop waiting after this time, for example 90s or 10m (a number alone is seconds)
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration, requires = "wait")]
    timeout: Duration,
    /// A redirect URI of the application [default: the package's first; with --wait its first on this
    /// machine, or `http://localhost`]
    #[arg(long, value_name = "URL")]
    redirect_uri: Option<Url>,
}

/// The link and its outcome.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsentDocument {
    /// The link.
    url: Url,
    /// The application that asks.
    client_id: String,
    /// The tenant that consents, if it is known.
    tenant: Option<String>,
    /// The outcome.
    outcome: Outcome,
}

/// The outcome of a link.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Outcome {
    /// It was printed; nobody waited.
    Printed,
    /// Consent was given.
    Granted,
}

impl Document for ConsentDocument {
    const VERB: &'static str = "consent";
}

/// Runs `dvpack consent`.
pub fn run(args: ConsentArgs, shell: &Shell) -> Result<Exit, Failure> {
    running::run(consent(args, shell))
}

/// The application that asks for consent, and where Entra may send the administrator afterwards.
struct Application {
    client_id: Uuid,
    redirect_uris: Vec<Url>,
    /// Whether tenants other than its own can consent to it. For an application named only by `--client-id` that is not
    /// known; dvpack assumes it.
    multi_tenant: bool,
    /// The environment that the package is for.
    environment: Option<Url>,
}

impl Application {
    fn find(args: &ConsentArgs) -> Result<Self, Failure> {
        let package = match (&args.path, args.client_id) {
            (None, Some(_)) => None,
            (path, _) => Self::of_package(path.as_deref().unwrap_or(Path::new(".")), args)?,
        };
        match (package, args.client_id) {
            // The package's redirect URIs belong to its own application.
            (Some(package), client_id) if client_id.is_none_or(|id| id == package.client_id) => Ok(package),
            (package, Some(client_id)) => Ok(Self {
                client_id,
                redirect_uris: Vec::new(),
                multi_tenant: true,
                environment: package.and_then(|package| package.environment),
            }),
            (_, None) => Err(Failure::new(Exit::Invalid, "the package has no application to consent to")
                .help("add `application` with its `clientId` to the manifest, or give `--client-id`")),
        }
    }

    /// What a bundle, a manifest or its folder says.
    fn of_package(path: &Path, args: &ConsentArgs) -> Result<Option<Self>, Failure> {
        if wrong_file::is_manifest(path) {
            let loaded = manifest::load(&args.overlay.request(path)).map_err(Failure::invalid)?;
            let environment = loaded.package.environment.and_then(|environment| environment.url);
            return Ok(loaded.package.application.map(|application| Self {
                client_id: application.client_id,
                redirect_uris: application.redirect_uris.all().filter_map(|uri| Url::parse(uri).ok()).collect(),
                multi_tenant: application.audience == Audience::MultiTenant,
                environment,
            }));
        }
        if args.overlay.is_given() {
            return Err(Failure::usage("a bundle is built already: `--environment` and `--set` belong to a manifest"));
        }
        let bytes = files::read(path, LIMIT)?;
        let bundle = Bundle::from_bytes(&bytes, &path.display().to_string()).map_err(Failure::invalid)?;
        let environment = bundle.descriptor().environment.as_ref().and_then(|environment| environment.url.clone());
        Ok(bundle.descriptor().application.as_ref().map(|application| Self {
            client_id: application.client_id,
            redirect_uris: application.redirect_uris.all().filter_map(|uri| Url::parse(uri).ok()).collect(),
            multi_tenant: application.multi_tenant,
            environment,
        }))
    }

    /// The redirect URI to wait at: one on this machine.
    fn loopback(&self) -> Result<Url, Failure> {
        if self.redirect_uris.is_empty() {
            return Url::parse("http://localhost").map_err(|error| Failure::new(Exit::Failed, error.to_string()));
        }
        self.redirect_uris.iter().find(|uri| uri.scheme() == "http" && is_loopback(uri)).cloned().ok_or_else(|| {
            Failure::new(Exit::Failed, "the application has no redirect URI on this machine to wait at")
                .help("register `http://localhost` with the application and add it to `redirectUris`, or give it by `--redirect-uri`")
                .help("without `--wait` the link is printed only")
        })
    }
}

/// Names that mean every tenant.
fn is_any(tenant: &str) -> bool {
    ["common", "organizations", "consumers"].iter().any(|any| any.eq_ignore_ascii_case(tenant))
}

async fn consent(args: ConsentArgs, shell: &Shell) -> Result<Exit, Failure> {
    let application = Application::find(&args)?;
    let client_id = application.client_id.to_string();
    let mut request = if let Some(url) = &args.url {
        let challenge = challenge(&http()?, &environment_url(url)?, args.tenant.as_deref()).await?;
        Request::for_challenge(&challenge, &client_id)
    } else {
        let host = variable("AZURE_AUTHORITY_HOST").unwrap_or_else(|| {
            let environment = application.environment.as_ref().and_then(Url::host_str);
            format!("https://{}", clouds::authority_of_host(environment))
        });
        let tenant = args.tenant.clone().or_else(|| variable("AZURE_TENANT_ID"));
        if tenant.as_deref().is_none_or(is_any) && !application.multi_tenant {
            return Err(Failure::usage(format!(
                "application {client_id} is single-tenant: only its own tenant can let it in"
            ))
            .help("name that tenant: `--tenant ID`, or an environment of it: `--url URL`")
            .help("for other tenants, set `application.audience: multiTenant`, in Entra ID as well"));
        }
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
    let mut redirect = args.redirect_uri.clone().or_else(|| application.redirect_uris.first().cloned());
    let wait = if args.wait {
        let mut uri = match &args.redirect_uri {
            Some(uri) => uri.clone(),
            None => application.loopback()?,
        };
        let http = http()?;
        // Checked before anybody is asked: a domain that does not exist can never consent.
        let tenant = match &request.tenant {
            Some(tenant) => Tenant::find(&http, &request.authority, tenant).await?,
            None => None,
        };
        let wait = Wait::bind(&mut uri).await?;
        redirect = Some(uri);
        Some((wait, tenant, http))
    } else {
        None
    };
    request.redirect_uri = redirect;
    let url = request.url(&state);
    if args.open {
        open(&url);
    }
    let document = |outcome, tenant: Option<&str>| {
        let (url, client_id) = (url.clone(), client_id.clone());
        shell.json(&ConsentDocument { url, client_id, tenant: tenant.map(str::to_owned), outcome });
    };
    let Some((wait, tenant, http)) = wait else {
        shell.result(&format!("{url}\n"));
        document(Outcome::Printed, request.tenant.as_deref());
        return Ok(Exit::Done);
    };
    // The link must be visible before an answer can come, in every format.
    shell.say(&format!("An administrator of the tenant opens this link:\n{url}"));
    match wait.answer(&state, tenant.as_ref(), (&http, &request.authority), args.timeout).await? {
        Answer::Granted(tenant) => {
            let words = tenant.as_deref().map(|tenant| format!(" in tenant {tenant}")).unwrap_or_default();
            shell.result(&format!("consent given{words}\n"));
            document(Outcome::Granted, tenant.as_deref());
            Ok(Exit::Done)
        }
        Answer::Refused(why) => Err(Failure::new(Exit::ConsentMissing, format!("consent was not given: {why}"))
            .help("an administrator of the tenant opens the link and accepts")),
        Answer::TimedOut => Err(Failure::new(Exit::Inconclusive, "nobody answered the consent link in time")
            .help("consent may still be given later; run `dvpack consent --wait` again, or `dvpack apply`")),
    }
}
