//! Handshakes that go wrong, redirects and links to elsewhere: the token stays where it belongs.

use std::sync::Arc;
use std::time::Duration;

use dvpack::dataverse::BearerFuture;
use dvpack::dataverse::{Bearer, Client, Request};
use dvpack::entra::probe;
use dvpack::http::Http;
use dvpack::http::Pace;
use dvpack::sandbox::{Effect, Options, Rule, TlsFault, start};
use dvpack::secret::Secret;

use crate::report::{Row, Table};
use crate::stage::{Ended, FIRST, Stage};

struct Fixed;

impl Bearer for Fixed {
    fn bearer(&self) -> BearerFuture<'_> {
        Box::pin(async { Ok(Secret::new("a-token-that-must-not-be-sent")) })
    }

    fn renew<'a>(&'a self, _: &'a Secret) -> BearerFuture<'a> {
        self.bearer()
    }
}

fn trusting(pem: &[u8]) -> Http {
    Http::new(Some(pem)).expect("a client").with_longest(Duration::from_secs(5))
}

/// Every TLS fault: refused, no request on the wire, and not tried again where the certificate is to blame.
pub async fn handshakes() -> Table {
    let mut table = Table::new("TLS: refused, and nothing of HTTP on the wire");
    let mut healthy = Row::new("(a right certificate: accepted)");
    let sandbox = start(Options { tls: true, ..Options::default() }).await.expect("started");
    let pem = std::fs::read(sandbox.ca_file().expect("a certificate")).expect("readable");
    let probed = probe(&trusting(&pem), &sandbox.url()).await;
    healthy.judge(probed.map(drop).map_err(|error| error.to_string()));
    // A certificate of an authority that nobody told about.
    let unknown = probe(&trusting(&[]), &sandbox.url()).await;
    let seen = sandbox.requests();
    table.rows.push(healthy);
    let mut row = Row::new("an authority that is not trusted");
    row.judge(if unknown.is_err() && seen == 1 { Ok(()) } else { Err("accepted".into()) });
    table.rows.push(row);
    for fault in TlsFault::ALL {
        let mut row = Row::new(format!("{fault}: {}", fault.text()));
        row.judge(handshake(*fault).await);
        table.rows.push(row);
    }
    table
}

async fn handshake(fault: TlsFault) -> Result<(), String> {
    let sandbox = start(Options { tls_fault: Some(fault), ..Options::default() }).await.expect("started");
    let pem = std::fs::read(sandbox.ca_file().expect("a certificate")).expect("readable");
    let http = trusting(&pem);
    if probe(&http, &sandbox.url()).await.is_ok() {
        return Err("the probe is answered".into());
    }
    let before = sandbox.connections();
    let client = Client::new(http, &sandbox.url(), Arc::new(Fixed)).map_err(|error| error.to_string())?;
    let client = client.with_pace(Pace::faster(20_000));
    let Err(error) = client.send(Request::get("WhoAmI", "ask")).await else {
        return Err("a request is answered".into());
    };
    if !sandbox.log().is_empty() {
        return Err(format!("{} requests arrived", sandbox.log().len()));
    }
    let tried = sandbox.connections() - before;
    let certificate = !matches!(fault, TlsFault::Reset);
    if certificate && tried != 1 {
        return Err(format!("tried {tried} times: {error}"));
    }
    Ok(())
}

/// Redirects in every form at three requests; then links and ids of the server that lead elsewhere.
pub async fn redirects() -> Table {
    let mut table = Table::new("Redirects and links to elsewhere: not followed, no token off the host");
    let catcher = start(Options::default()).await.expect("started");
    let away = catcher.url().port().expect("a port");
    let places = [
        ("another host", format!("http://localhost:{away}/api/data/v9.2/")),
        ("plain http of the same name", format!("http://127.0.0.1:{away}/api/data/v9.2/solutions")),
        ("another port", format!("https://127.0.0.1:{away}/api/data/v9.2/solutions")),
        ("a sub-domain", format!("http://org.localhost:{away}/api/data/v9.2/")),
        ("user information in the address", format!("http://127.0.0.1@localhost:{away}/api/data/v9.2/")),
        ("the same host", "/api/data/v9.2/WhoAmI".to_owned()),
    ];
    let requests = [("GET", "/solutions"), ("POST", "/oauth2/v2.0/token")];
    for (name, location) in &places {
        let mut row = Row::new(format!("301, 302, 303, 307, 308 to {name}"));
        for status in [301, 302, 303, 307, 308] {
            for (method, path) in requests {
                let stage = Stage::new(Options::default()).await;
                let effect = Effect::Redirect { status, location: location.clone() };
                stage.sandbox.add_fault(rule(method, path, effect));
                let caught = catcher.connections();
                let ended = stage.apply(&FIRST).await;
                let followed = stage.sandbox.log().iter().any(|e| e["path"] == "/api/data/v9.2/WhoAmI");
                row.judge(if catcher.connections() != caught || followed {
                    Err(format!("{status} at {method} {path}: followed"))
                } else if !matches!(ended, Ended::Failed(_)) {
                    Err(format!("{status} at {method} {path}: {ended:?}"))
                } else {
                    stage.converges(&FIRST).await
                });
            }
        }
        table.rows.push(row);
    }
    let mut links = Row::new("`@odata.nextLink`, `OData-EntityId`, sign-in challenge to elsewhere");
    let list =
        format!(r#"{{"value":[],"@odata.nextLink":"http://localhost:{away}/api/data/v9.2/solutions?$skiptoken=1"}}"#);
    let challenge = format!("Bearer authorization_uri=http://evil.example:{away}/x/oauth2/authorize");
    let answer = |status, body: Option<String>, headers: Vec<(String, String)>, after| Effect::Answer {
        status,
        code: None,
        message: None,
        body,
        headers,
        after,
    };
    let entity = format!("http://localhost:{away}/api/data/v9.2/systemusers({})", crate::stage::APPLICATION);
    for (method, path, effect, fails) in [
        ("GET", "/solutions", answer(200, Some(list.clone()), Vec::new(), false), true),
        ("GET", "/systemusers", answer(200, Some(list), Vec::new(), false), true),
        ("POST", "/systemusers", answer(204, None, vec![("OData-EntityId".into(), entity)], true), false),
        ("GET", "/api/data/v9.2/", answer(401, None, vec![("WWW-Authenticate".into(), challenge)], false), true),
    ] {
        let stage = Stage::new(Options::default()).await;
        stage.sandbox.add_fault(rule(method, path, effect));
        let caught = catcher.connections();
        let ended = stage.apply(&FIRST).await;
        links.judge(if catcher.connections() != caught {
            Err(format!("{method} {path}: followed"))
        } else if matches!(ended, Ended::Failed(_)) != fails {
            Err(format!("{method} {path}: {ended:?}"))
        } else {
            stage.converges(&FIRST).await
        });
    }
    table.rows.push(links);
    table
}

fn rule(method: &str, path: &str, effect: Effect) -> Rule {
    Rule { method: Some(method.into()), path: Some(path.into()), effect, ..Rule::default() }
}
