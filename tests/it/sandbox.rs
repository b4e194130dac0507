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
    let good = token(&client, &sandbox, sandbox.admin_secret().reveal()).await;
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
