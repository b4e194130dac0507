//! `dvpack sandbox`

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use schemars::JsonSchema;
use serde::Serialize;
use url::Url;
use uuid::Uuid;

use crate::catalog::Level;
use crate::cli::document::{Document, whole};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::shell::Shell;
use crate::files;
use crate::process_env;
use crate::sandbox::{self, Application, Consented, Limit, Listener, Options, Scenario, TlsFault, UnknownPrivileges};
use crate::version::Version;

/// Run a stand-in for Entra ID and Dataverse on this machine
///
/// Prints `export` lines with its address and made-up credentials; paste them into another terminal. Ctrl-C ends it.
#[derive(Debug, Args)]
#[command(after_help = scenarios())]
pub struct SandboxArgs {
    /// The port on loopback; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Serve HTTPS with a certificate made for this run
    #[arg(long)]
    tls: bool,
    /// Break every TLS handshake in this way (listed below)
    #[arg(long, value_name = "NAME")]
    tls_fault: Option<TlsFault>,
    /// Write the certificate to trust to this file (PEM)
    #[arg(long, value_name = "FILE", requires = "tls")]
    ca_file: Option<PathBuf>,
    /// Keep the state in this file
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Append every request to this file, one line of JSON each, without secrets
    #[arg(long, value_name = "FILE")]
    log_file: Option<PathBuf>,
    /// A ready-made situation (listed below); repeatable
    #[arg(long, value_name = "NAME")]
    scenario: Vec<Scenario>,
    /// Which applications have a service principal: `all`, `none` or an application ID; repeatable
    #[arg(long, value_name = "ID|all|none")]
    consented: Vec<String>,
    /// A solution that is installed already; repeatable
    #[arg(long, value_name = "NAME=VERSION")]
    installed: Vec<String>,
    /// A privilege that the signed-in application lacks, or has at this depth at most; repeatable
    #[arg(long, value_name = "PRIVILEGE[=DEPTH]")]
    caller_lacks: Vec<String>,
    /// One more application that can sign in: its ID and the environment variable with its secret
    #[arg(long, value_name = "ID=VARIABLE")]
    application: Vec<String>,
    /// A certificate (PEM) that an application may sign in with; repeatable
    #[arg(long, value_name = "ID=FILE")]
    certificate: Vec<String>,
    /// How often a job must be polled before it is finished
    #[arg(long, value_name = "N", default_value_t = 3)]
    job_polls: u32,
    /// Accept this many requests per `--limit-seconds`, and refuse the rest
    #[arg(long, value_name = "N")]
    limit_requests: Option<usize>,
    /// The period of `--limit-requests`, in seconds
    #[arg(long, value_name = "N", default_value_t = 300, requires = "limit_requests")]
    limit_seconds: u64,
    /// Wait for a person to approve device codes
    #[arg(long)]
    manual_approval: bool,
    /// Fail an import whose role names an unknown privilege
    #[arg(long)]
    strict_privileges: bool,
    /// Write address and identities to this JSON file when ready
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

const LARGEST_CERTIFICATE: u64 = 1 << 20;

fn scenarios() -> String {
    let line = |name: &str, text: &str| format!("  {name:<38} {text}\n");
    let scenarios: String = Scenario::ALL.iter().map(|s| line(s.name(), s.text())).collect();
    let handshakes: String = TlsFault::ALL.iter().map(|f| line(f.name(), f.text())).collect();
    format!("Scenarios:\n{scenarios}\nTLS faults:\n{}", handshakes.trim_end())
}

fn options(args: &SandboxArgs, shell: &Shell) -> Result<Options, Failure> {
    let id =
        |text: &str| Uuid::try_parse(text).map_err(|_| Failure::usage(format!("`{text}` is not an application id")));
    let consented = match args.consented.as_slice() {
        [] => Consented::All,
        [one] if one == "all" => Consented::All,
        [one] if one == "none" => Consented::None,
        ids => Consented::Only(ids.iter().map(|text| id(text)).collect::<Result<_, _>>()?),
    };
    let mut installed = Vec::new();
    for text in &args.installed {
        let parsed = text
            .split_once('=')
            .and_then(|(name, version)| Some((name.to_owned(), version.parse::<Version>().ok()?.to_string(), true)));
        installed.push(parsed.ok_or_else(|| Failure::usage(format!("`{text}` is not of the form NAME=VERSION")))?);
    }
    let mut caller_lacks = Vec::new();
    for text in &args.caller_lacks {
        let (name, depth) = text.split_once('=').map_or((text.as_str(), None), |(name, depth)| (name, Some(depth)));
        let level = depth.and_then(|depth| Level::ALL.into_iter().find(|level| level.name() == depth));
        if depth.is_some() && level.is_none() {
            let depths = Level::ALL.map(Level::name).join(", ");
            return Err(Failure::usage(format!("`{text}` is not of the form PRIVILEGE or PRIVILEGE=DEPTH ({depths})")));
        }
        caller_lacks.push((name.to_owned(), level.map(|level| level.name().to_owned())));
    }
    let mut applications = Vec::new();
    for text in &args.application {
        let (application, variable) =
            text.split_once('=').ok_or_else(|| Failure::usage(format!("`{text}` is not of the form ID=VARIABLE")))?;
        let secret = process_env::text(variable)
            .ok_or_else(|| Failure::usage(format!("the environment variable `{variable}` is not set")))?;
        applications.push(Application {
            id: id(application)?,
            secret: Some(secret.into()),
            certificates: Vec::new(),
            federated: Vec::new(),
        });
    }
    for text in &args.certificate {
        let (application, path) =
            text.split_once('=').ok_or_else(|| Failure::usage(format!("`{text}` is not of the form ID=FILE")))?;
        let application = id(application)?;
        let pem = files::read(Path::new(path), LARGEST_CERTIFICATE)?;
        let der: Vec<Vec<u8>> = CertificateDer::pem_slice_iter(&pem).flatten().map(|one| one.to_vec()).collect();
        if der.is_empty() {
            return Err(Failure::usage(format!("`{path}` contains no certificate in PEM")));
        }
        match applications.iter_mut().find(|known| known.id == application) {
            Some(known) => known.certificates.extend(der),
            None => applications.push(Application {
                id: application,
                secret: None,
                certificates: der,
                federated: Vec::new(),
            }),
        }
    }
    Ok(Options {
        port: args.port,
        tls: args.tls,
        tls_fault: args.tls_fault,
        ca_file: args.ca_file.clone(),
        state: args.state.clone(),
        log_file: args.log_file.clone(),
        listener: Listener::new({
            let shell = shell.clone();
            move |message: &str| shell.status("warning", message)
        }),
        consented,
        scenarios: args.scenario.clone(),
        applications,
        installed,
        caller_lacks,
        job_polls: args.job_polls,
        limit: args.limit_requests.map(|requests| Limit {
            requests,
            window: Duration::from_secs(args.limit_seconds),
            speed: 1,
        }),
        auto_approve: !args.manual_approval,
        unknown_privileges: if args.strict_privileges { UnknownPrivileges::Fail } else { UnknownPrivileges::Warn },
        ..Options::default()
    })
}

/// Where the sandbox is, and who can sign in to it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SandboxDocument {
    /// The environment.
    url: Url,
    /// The tenant.
    tenant_id: Uuid,
    /// An application that may do everything.
    client_id: Uuid,
    /// Its secret, made up as all identities of the sandbox.
    client_secret: String,
    /// The certificate to trust.
    ca_file: Option<PathBuf>,
}

impl Document for SandboxDocument {
    const VERB: &'static str = "sandbox";
}

/// Runs `dvpack sandbox`.
pub fn run(args: SandboxArgs, shell: &Shell) -> Result<Exit, Failure> {
    let options = options(&args, shell)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Failed, format!("cannot start: {error}")))?;
    runtime.block_on(async {
        let sandbox = sandbox::start(options).await.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
        let record = SandboxDocument {
            url: sandbox.url(),
            tenant_id: sandbox.tenant_id(),
            client_id: sandbox.admin_client_id(),
            client_secret: sandbox.admin_secret().to_owned(),
            ca_file: sandbox.ca_file().map(Path::to_owned),
        };
        if let Some(path) = &args.ready_file {
            let text = serde_json::to_vec(&whole(&record))
                .map_err(|error| Failure::new(Exit::Failed, format!("cannot write the ready file: {error}")))?;
            crate::files::write(path, &text)?;
        }
        shell.json(&record);
        let trust = sandbox.ca_file().map_or(String::new(), |path| {
            format!("export SSL_CERT_FILE='{path}'\nexport REQUESTS_CA_BUNDLE='{path}'\n", path = path.display())
        });
        shell.result(&format!(
            "export DVPACK_URL={}\nexport AZURE_TENANT_ID={}\nexport AZURE_CLIENT_ID={}\nexport AZURE_CLIENT_SECRET={}\n{trust}",
            sandbox.url(),
            sandbox.tenant_id(),
            sandbox.admin_client_id(),
            sandbox.admin_secret(),
        ));
        shell.status("Listening", "a stand-in for Entra ID and Dataverse; all identities are made up; Ctrl-C ends it");
        // dvpack takes the environment from the command line only: a forgotten variable must not choose it.
        shell.status("Next", "the lines above in another terminal, then `dvpack plan BUNDLE --url \"$DVPACK_URL\"`");
        if let Err(error) = tokio::signal::ctrl_c().await {
            return Err(Failure::new(Exit::Failed, format!("cannot wait for Ctrl-C: {error}")));
        }
        sandbox.shutdown();
        Ok(Exit::Done)
    })
}
