//! The transport against a scripted server on loopback, and recorded answers of the service.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::IntoResponse as _;
use serde_json::json;
use uuid::Uuid;

use super::request::Request;
use super::{ApiError, async_operation, import, solution};
use super::{Bearer, BearerFuture, Client};
use crate::http::{Http, Pace};
use crate::secret::Secret;

type Script = Vec<(u16, Vec<(&'static str, String)>, String)>;
type Seen = Arc<Mutex<Vec<(Method, String, HeaderMap)>>>;

struct Tokens;

impl Bearer for Tokens {
    fn bearer(&self) -> BearerFuture<'_> {
        Box::pin(async { Ok(Secret::new("first")) })
    }

    fn renew<'a>(&'a self, _refused: &'a Secret) -> BearerFuture<'a> {
        Box::pin(async { Ok(Secret::new("second")) })
    }
}

/// A server that gives these answers, one after the other, and a client of it.
async fn scripted(script: Script) -> (Client, Seen) {
    let seen: Seen = Arc::default();
    let answers = Arc::new(Mutex::new(script.into_iter()));
    let log = Arc::clone(&seen);
    let app = axum::Router::new().fallback(move |method: Method, uri: Uri, headers: HeaderMap, _body: Bytes| {
        log.lock().expect("lock").push((method, uri.to_string(), headers));
        let answer = answers.lock().expect("lock").next().unwrap_or((500, vec![], "the script is over".into()));
        async move {
            let mut response = (StatusCode::from_u16(answer.0).expect("a status"), answer.2).into_response();
            for (name, value) in answer.1 {
                response.headers_mut().insert(name, value.parse().expect("a header"));
            }
            response
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address")).parse().expect("a URL");
    tokio::spawn(async move { axum::serve(listener, app).await });
    let client = Client::new(Http::new(None).expect("http"), &url, Arc::new(Tokens)).expect("a client");
    (client.with_pace(Pace::faster(100_000)), seen)
}

fn refusal(status: u16, code: &str) -> (u16, Vec<(&'static str, String)>, String) {
    (status, vec![("req_id", "r-1".into())], json!({"error": {"code": code, "message": "m"}}).to_string())
}

fn fine() -> (u16, Vec<(&'static str, String)>, String) {
    (200, vec![], json!({"value": []}).to_string())
}

#[tokio::test]
async fn throttling_and_lock_are_waited_out_even_for_writes() {
    let script = vec![refusal(429, "0x80072322"), refusal(429, "0x80071151"), refusal(429, "-2147015903"), fine()];
    let (client, seen) = scripted(script).await;
    client.send(Request::post("StageSolution", json!({}), "stage")).await.expect("an answer");
    assert_eq!(seen.lock().expect("lock").len(), 4);
    assert_eq!(client.requests(), (4, 4));
}

#[tokio::test]
async fn a_write_with_an_unknown_outcome_is_not_repeated() {
    let (client, seen) = scripted(vec![refusal(502, ""), fine()]).await;
    let error = client.send(Request::post("systemusers", json!({}), "create")).await.expect_err("ambiguous");
    assert!(matches!(error, ApiError::Ambiguous { .. }), "{error}");
    assert_eq!(seen.lock().expect("lock").len(), 1);

    let (client, seen) = scripted(vec![refusal(502, ""), refusal(503, ""), fine()]).await;
    client.send(Request::get("solutions", "read")).await.expect("an answer");
    assert_eq!(seen.lock().expect("lock").len(), 3);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let (client, seen) = scripted(vec![refusal(401, ""), fine()]).await;
    client.send(Request::get("solutions", "read")).await.expect("an answer");
    let tokens: Vec<_> = seen.lock().expect("lock").iter().map(|(_, _, h)| h["authorization"].clone()).collect();
    assert_eq!(tokens, ["Bearer first", "Bearer second"]);

    let (client, seen) = scripted(vec![refusal(401, ""), refusal(401, "")]).await;
    let error = client.send(Request::get("solutions", "read")).await.expect_err("refused");
    assert_eq!(error.server().and_then(|server| server.request_id.as_deref()), Some("r-1"));
    assert_eq!(seen.lock().expect("lock").len(), 2);
}

#[tokio::test]
async fn a_redirect_is_an_error_that_names_the_host() {
    let elsewhere = (302, vec![("location", "https://evil.example/x?y".to_owned())], String::new());
    let (client, seen) = scripted(vec![elsewhere]).await;
    let error = client.send(Request::get("solutions", "read")).await.expect_err("a redirect");
    assert!(error.to_string().contains("`evil.example`"), "{error}");
    assert_eq!(seen.lock().expect("lock").len(), 1);
}

#[tokio::test]
async fn a_page_of_another_server_is_not_fetched() {
    let page = json!({"value": [{}], "@odata.nextLink": "https://evil.example/api/data/v9.2/solutions?p=2"});
    let (client, seen) = scripted(vec![(200, vec![], page.to_string())]).await;
    let error = client.rows(Request::get("solutions", "read")).await.expect_err("another server");
    assert!(error.to_string().contains("another server"), "{error}");
    assert_eq!(seen.lock().expect("lock").len(), 1);
}

#[tokio::test]
async fn an_expanded_list_with_a_link_is_what_the_link_gives() {
    let row = |id: u8, roles: serde_json::Value| json!({"systemuserid": id, "roles": roles, "roles@odata.nextLink": format!("systemusers({id})/roles?$select=name")});
    let page = |body: serde_json::Value| (200, vec![], body.to_string());
    let (client, seen) = scripted(vec![
        page(json!({"value": [row(1, json!([])), {"systemuserid": 2, "roles": [{"name": "c"}]}, row(3, json!([{"name": "d"}]))]})),
        page(json!({"value": [{"name": "a"}], "@odata.nextLink": "systemusers(1)/roles?page=2"})),
        page(json!({"value": [{"name": "b"}]})),
        page(json!({"value": [{"name": "d"}, {"name": "e"}]})),
    ])
    .await;
    let rows = client.rows(Request::get("systemusers?$expand=roles", "read").strong()).await.expect("rows");
    let names = |row: &serde_json::Value| -> String {
        row["roles"].as_array().expect("a list").iter().filter_map(|role| role["name"].as_str()).collect()
    };
    assert_eq!(rows.iter().map(names).collect::<Vec<_>>(), ["ab", "c", "de"]);
    let seen = seen.lock().expect("lock");
    let asked: Vec<&str> = seen.iter().map(|(_, path, _)| path.as_str()).collect();
    let below = |path: &str| format!("/api/data/v9.2/{path}");
    assert_eq!(
        asked[1..],
        ["systemusers(1)/roles?$select=name", "systemusers(1)/roles?page=2", "systemusers(3)/roles?$select=name"]
            .map(below)
    );
    assert!(seen.iter().all(|(_, _, headers)| headers["consistency"] == "Strong"));
}

#[tokio::test]
async fn changes_are_for_existing_rows_only_and_reading_back_is_strong() {
    let (client, seen) = scripted(vec![(204, vec![], String::new()), fine()]).await;
    client.send(Request::patch("systemusers(1)", json!({}), "change")).await.expect("an answer");
    solution::find(&client, &["A & B's"], true).await.expect("rows");
    let seen = seen.lock().expect("lock");
    assert_eq!(seen[0].2["if-match"], "*");
    assert_eq!(seen[1].2["consistency"], "Strong");
    assert_eq!(seen[1].2["if-none-match"], "null");
    assert!(seen[1].1.ends_with("uniquename%20eq%20%27A%20%26%20B%27%27s%27"), "{}", seen[1].1);
}

#[tokio::test]
async fn a_change_with_a_lost_answer_is_made_again_only_if_the_row_says_that_it_was_not_made() {
    let lost = || refusal(502, "");
    let row = |row: serde_json::Value| (200, vec![], row.to_string());
    let empty = || (200, vec![], String::new());
    let patched = || (204, vec![], String::new());
    let (old, new) = (json!({"value": "old"}), json!({"value": "new"}));
    let cases = [
        // Made, though the first answer about the row is an empty one.
        (vec![lost(), empty(), row(new.clone())], "PATCH GET GET", true),
        (vec![lost(), row(new.clone())], "PATCH GET", true),
        (vec![lost(), row(old.clone()), patched()], "PATCH GET PATCH", true),
        // It is not known.
        (vec![lost(), row(json!({"@odata.etag": "1"}))], "PATCH GET", false),
        (vec![lost(), patched()], "PATCH GET", false),
        (vec![lost(), row(json!([])), row(json!([])), row(json!([])), row(json!([]))], "PATCH GET GET GET GET", false),
    ];
    for (script, wanted, made) in cases {
        let (client, seen) = scripted(script).await;
        let ended = super::change::change(&client, "environmentvariablevalues(1)", new.clone(), "set it").await;
        let methods: Vec<String> = seen.lock().expect("lock").iter().map(|(method, ..)| method.to_string()).collect();
        assert!(methods.join(" ").starts_with(wanted) && ended.is_ok() == made, "{wanted}: {methods:?} {ended:?}");
        assert_eq!(methods.iter().filter(|method| *method == "PATCH").count(), wanted.matches("PATCH").count());
    }
}

#[tokio::test]
async fn an_import_never_sends_a_job_id_and_reports_the_lock() {
    let started = json!({"AsyncOperationId": Uuid::from_u128(1), "ImportJobKey": Uuid::from_u128(2)});
    let (client, _) = scripted(vec![(200, vec![], started.to_string()), refusal(429, "0x80071151")]).await;
    let zip = Arc::from(*b"zip");
    let start = || import::start(&client, import::Action::Upgrade, Some(Uuid::from_u128(3)), &zip, vec![]);
    assert_eq!(start().await.expect("started").import_job, Some(Uuid::from_u128(2)));
    assert!(start().await.expect_err("locked").is_lock());
}

/// The recorded traffic of the reference, where it is at hand.
#[tokio::test]
async fn recorded_answers_are_understood() {
    let root = std::env::var_os("DVPACK_REFERENCE").map_or_else(
        || std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/reference"),
        std::path::PathBuf::from,
    );
    let samples = root.join("webapi/samples");
    let read = |name: &str| std::fs::read_to_string(samples.join(name)).ok().map(|text| (200, vec![], text));
    let names = [
        "50-stage-solution.response.json",
        "51-import-solution-async.response.json",
        "52-asyncoperation.response.json",
        "53-solution-import-result.response.json",
        "54-solutions-by-uniquename.response.json",
    ];
    let Some(script) = names.iter().map(|name| read(name)).collect::<Option<Script>>() else {
        println!("skipped: no reference");
        return;
    };
    let (client, _) = scripted(script).await;
    let staged = import::stage(&client, &Arc::from(*b"zip")).await.expect("staged");
    assert!(staged.passed && staged.upload.is_some());
    let started =
        import::start(&client, import::Action::Import, staged.upload, &Arc::from([]), vec![]).await.expect("started");
    let job = async_operation::read(&client, started.job).await.expect("a job").expect("there");
    assert_eq!((job.id, job.state), (started.job, async_operation::State::Succeeded));
    let result = import::result(&client, started.import_job.expect("a key")).await.expect("a result").expect("there");
    assert!(result.passed);
    let found = solution::find(&client, &["TerraformTestSolution"], true).await.expect("solutions");
    assert_eq!(found[0].name, "TerraformTestSolution");
}

#[tokio::test]
async fn a_byte_order_mark_before_an_answer_is_skipped() {
    let body = format!("\u{feff}{}", json!({"value": [{"a": 1}]}));
    let (client, _) = scripted(vec![(200, vec![], body)]).await;
    let rows = client.rows(Request::get("solutions", "read")).await.expect("rows");
    assert_eq!(rows.len(), 1);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_asked_twice_for_a_read_and_once_for_a_write() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = silent.local_addr().expect("an address");
    let url = format!("http://{address}/").parse().expect("a URL");
    let http = Http::new(None).expect("http").with_longest(Duration::from_millis(100));
    let client = Client::new(http, &url, Arc::new(Tokens)).expect("a client").with_pace(Pace::faster(100_000));
    let error = client.send(Request::get("solutions", "read")).await.expect_err("silence");
    assert_eq!(error.to_string(), format!("cannot read: no answer from `{address}` within 100 ms"));
    assert_eq!(client.requests(), (2, 0));
    let error = client.send(Request::post("systemusers", json!({}), "create")).await.expect_err("silence");
    assert!(matches!(error, ApiError::Ambiguous { .. }), "{error}");
    assert_eq!(client.requests(), (3, 1));
}
