//! The sandbox as a person or a script meets it: the challenge, a token, the first calls.

use dvpack::sandbox::{Effect, Options, Rule, start};
use serde_json::Value;

fn client() -> reqwest::Client {
    // Another test may have set the provider already.
    let _already = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

async fn token(client: &reqwest::Client, sandbox: &dvpack::sandbox::Sandbox, secret: &str) -> Value {
    let address = sandbox.url().join(&format!("{}/oauth2/v2.0/token", sandbox.tenant_id())).expect("an address");
    let scope = format!("{}.default", sandbox.url());
    let id = sandbox.admin_client_id().to_string();
    let form = [
        ("client_id", id.as_str()),
        ("client_secret", secret),
        ("grant_type", "client_credentials"),
        ("scope", &scope),
    ];
    client.post(address).form(&form).send().await.expect("an answer").json().await.expect("JSON")
}

#[tokio::test]
async fn the_challenge_leads_to_a_token_and_the_token_to_the_environment() {
    let sandbox = start(Options::default()).await.expect("started");
    let client = client();
    let who = sandbox.url().join("api/data/v9.2/WhoAmI").expect("an address");
    let refused = client.get(who.clone()).send().await.expect("an answer");
    assert_eq!(refused.status(), 401);
    let challenge = refused.headers()["www-authenticate"].to_str().expect("text").to_owned();
    let url = sandbox.url();
    let expected = format!("Bearer authorization_uri={url}{}/oauth2/authorize, resource_id={url}", sandbox.tenant_id());
    assert_eq!(challenge, expected);

    let wrong = token(&client, &sandbox, "wrong").await;
    assert_eq!(wrong["error_codes"][0], 7_000_215);
    let good = token(&client, &sandbox, sandbox.admin_secret()).await;
    let bearer = good["access_token"].as_str().expect("a token");
    let answer = client.get(who).bearer_auth(bearer).send().await.expect("an answer");
    assert_eq!(answer.headers()["odata-version"], "4.0");
    let body: Value = answer.json().await.expect("JSON");
    assert!(body["UserId"].is_string(), "{body}");
}

#[tokio::test]
async fn a_fault_closes_the_connection_once() {
    let rule = Rule { path: Some("WhoAmI".into()), effect: Effect::DropBefore, ..Rule::default() };
    let sandbox = start(Options { faults: vec![rule], ..Options::default() }).await.expect("started");
    let client = client();
    let who = sandbox.url().join("api/data/v9.2/WhoAmI").expect("an address");
    assert!(client.get(who.clone()).send().await.is_err());
    assert_eq!(client.get(who).send().await.expect("an answer").status(), 401);
}

/// Sends a request as it stands, and gives the status.
fn status(url: &url::Url, request: &str) -> u16 {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", url.port().expect("a port"))).expect("connected");
    stream.write_all(request.replace("PORT", &url.port().expect("a port").to_string()).as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{request}: {answer}"))
}

#[test]
fn the_sandbox_answers_to_its_own_names_only() {
    let world = crate::world::World::new(dvpack::sandbox::Options::default());
    let url = world.sandbox.url();
    let pages = ["/__sandbox/state", "/api/data/v9.2/WhoAmI", "/common/v2.0/.well-known/openid-configuration", "/"];
    for page in pages {
        let get = |hosts: &str| status(&url, &format!("GET {page} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n"));
        for own in ["127.0.0.1:PORT", "localhost:PORT", "LOCALHOST:PORT", "[::1]:PORT", "127.0.0.2:PORT"] {
            assert!(![400, 421].contains(&get(&format!("Host: {own}\r\n"))), "{page} {own}");
        }
        for other in [
            "evil.example:PORT",
            "evil.example",
            "localhost",
            "127.0.0.1",
            "127.0.0.1:1",
            "localhost.evil.example:PORT",
            "127.0.0.1.nip.io:PORT",
            "localhost:PORT@evil.example",
            "evil.example#localhost:PORT",
            "0.0.0.0:PORT",
            "192.168.1.1:PORT",
            "[::ffff:192.168.1.1]:PORT",
            "",
        ] {
            assert!([400, 421].contains(&get(&format!("Host: {other}\r\n"))), "{page} {other}");
        }
        assert_eq!(get(""), 400, "{page} without a host");
        assert_eq!(get("Host: localhost:PORT\r\nHost: evil.example\r\n"), 400, "{page} with two hosts");
        let absolute =
            format!("GET http://evil.example{page} HTTP/1.1\r\nHost: localhost:PORT\r\nConnection: close\r\n\r\n");
        assert_eq!(status(&url, &absolute), 400, "{page} with another host in the target");
    }
    // What was refused is no request to the environment.
    assert!(!world.sandbox.log().iter().any(|entry| entry.to_string().contains("evil")), "{:?}", world.sandbox.log());
}

#[test]
fn the_control_pages_refuse_requests_of_other_sites() {
    let world = crate::world::World::new(dvpack::sandbox::Options::default());
    let url = world.sandbox.url();
    let rule = r#"{"effect":{"kind":"drop-before"},"times":1,"path":"/nowhere"}"#;
    let ask = |method: &str, page: &str, headers: &str, body: &str| {
        let length = body.len();
        let head = format!("{method} /__sandbox/{page} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n");
        status(&url, &format!("{head}Content-Length: {length}\r\n{headers}\r\n{body}"))
    };
    let json = "Content-Type: application/json\r\n";
    for foreign in [
        "Origin: https://evil.example\r\n",
        "Origin: null\r\n",
        "Origin: http://127.0.0.1:1\r\n",
        "Origin: http://localhost:PORT\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site\r\n",
    ] {
        for (method, page) in
            [("GET", "state"), ("GET", "log"), ("DELETE", "log"), ("POST", "revoke"), ("DELETE", "faults")]
        {
            assert_eq!(ask(method, page, foreign, ""), 403, "{method} {page} {foreign}");
        }
        assert_eq!(ask("POST", "faults", &format!("{foreign}{json}"), rule), 403, "{foreign}");
    }
    for form in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "Text/Plain;charset=utf-8",
    ] {
        assert_eq!(ask("POST", "faults", &format!("Content-Type: {form}\r\n"), rule), 403, "{form}");
        assert_eq!(ask("POST", "revoke", &format!("Content-Type: {form}\r\n"), ""), 403, "{form}");
    }
    assert_eq!(ask("POST", "faults", "", rule), 415);
    assert_eq!(ask("OPTIONS", "faults", "Origin: https://evil.example\r\n", ""), 403);
    assert_eq!(ask("GET", "faults", "", ""), 200);
    assert_eq!(ask("GET", "state", "Sec-Fetch-Site: none\r\n", ""), 200);
    let own = "Origin: http://127.0.0.1:PORT\r\nSec-Fetch-Site: same-origin\r\n";
    assert_eq!(ask("POST", "faults", &format!("{own}Content-Type: application/json; charset=utf-8\r\n"), rule), 204);
    assert_eq!(ask("POST", "revoke", "", ""), 204);
}
