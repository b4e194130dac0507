//! Waits: what a server asks for is kept to, whoever it is and in whatever form it asks; and none lasts beyond `--timeout`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use dvpack::entra::{Method, SignInErrorKind, SignInOptions, TokenCache, probe, resolve};
use dvpack::http::{Http, Pace};
use dvpack::sandbox::{Options, Rule, Scenario};
use dvpack::secret::Secret;
use serde_json::json;

use crate::sign_in::{challenge, reply, server};
use crate::support::Test;
use crate::world::World;

/// Starting the program takes some of the time as well.
const SPARE: Duration = Duration::from_secs(8);

fn rule(value: serde_json::Value) -> Rule {
    serde_json::from_value(value).expect("a rule")
}

/// A proxy's page, or one of these answers, for every question: the verb ends in time, with exit code 8.
#[test]
fn an_answer_that_never_gets_better_ends_every_verb_in_time() {
    let page = json!({"kind": "answer", "status": 200, "body": "<html>Sign in to the guest network</html>"});
    let busy = |headers: serde_json::Value| json!({"kind": "answer", "status": 429, "headers": headers});
    let away = json!({"kind": "answer", "status": 503, "headers": [["retry-after", "3.5"]]});
    let cases = [
        ("a page of a proxy", page),
        ("a wait in seconds", busy(json!([["retry-after", "60"]]))),
        ("a wait with a fraction", busy(json!([["retry-after", "4.0"]]))),
        ("no wait", busy(json!([]))),
        ("away", away),
    ];
    for (name, effect) in cases {
        for verb in ["plan", "status", "doctor", "apply --yes"] {
            let world = World::new(Options::default());
            world.fault(&rule(json!({"path": "/api/data/v9.2/", "skip": 1, "times": 0, "effect": effect})));
            let begun = Instant::now();
            let example = Test::new().copy("examples/contoso-widgets");
            let (code, stdout, stderr) = world.run_at_full_pace(example.path(), &format!("{verb} . --timeout 3s"));
            assert_eq!(code, 8, "{name}: {verb}:\n{stdout}\n{stderr}");
            assert!(begun.elapsed() < Duration::from_secs(3) + SPARE, "{name}: {verb}: {:?}", begun.elapsed());
            // `doctor` says it in its list, on stdout.
            assert!((stdout + &stderr).contains("time is up"), "{name}: {verb}: {stderr}");
        }
    }
}

/// The environment before sign-in, and Entra: the same.
#[test]
fn a_sign_in_that_must_wait_too_long_ends_in_time() {
    for path in ["/api/data/v9.2/", "/oauth2/v2.0/token"] {
        for wait in ["60", "4.0", "00"] {
            let world = World::new(Options::default());
            let effect = json!({"kind": "answer", "status": 429, "headers": [["retry-after", wait]]});
            world.fault(&rule(json!({"path": path, "times": 0, "effect": effect})));
            let begun = Instant::now();
            let example = Test::new().copy("examples/contoso-widgets");
            let (code, stdout, stderr) = world.run_at_full_pace(example.path(), "plan . --timeout 1s");
            assert_eq!(code, 8, "{path}: {wait}: {stdout}{stderr}");
            assert!(begun.elapsed() < Duration::from_secs(1) + SPARE, "{path}: {wait}: {:?}", begun.elapsed());
            assert!(stderr.contains("time is up; ") && stderr.contains("answered 429"), "{path}: {wait}: {stderr}");
        }
    }
}

fn options(http: Http, method: Method) -> SignInOptions {
    let client_secret = Some(Secret::new("not-a-secret-of-anybody"));
    let tell = Arc::new(|_: &str| {});
    SignInOptions {
        http,
        method: Some(method),
        client_id: Some("app-1".into()),
        client_secret,
        interactive: false,
        tell,
    }
}

const TOKEN: &str = r#"{"access_token":"a.1","expires_in":"3600"}"#;

/// Ten times as fast as the service asks for.
fn quick() -> Http {
    Http::new(None).expect("a client").with_pace(Pace::faster(10))
}

#[tokio::test]
async fn sign_in_waits_as_long_as_the_service_asks_for_in_every_form() {
    for (headers, body) in [
        ("Retry-After: 4\r\n", ""),
        ("Retry-After: 4.0\r\n", ""),
        // In forty seconds.
        ("Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n", ""),
        ("Retry-After: %A, %d-%b-%y %H:%M:%S GMT\r\n", ""),
        ("Retry-After: %a %b %e %H:%M:%S %Y\r\n", ""),
        ("x-ms-retry-after-ms: 4000\r\n", ""),
        ("", r#"{"statusCode": 429, "message": "Rate limit is exceeded. Try again in 4 seconds."}"#),
    ] {
        let dated = headers.contains('%');
        let then = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_secs(40)).expect("a time");
        let headers = if dated { then.strftime(headers).to_string() } else { headers.to_owned() };
        let http = || Http::new(None).expect("a client").with_pace(Pace::faster(if dated { 100 } else { 10 }));
        let busy = reply("429 Too Many Requests", &headers, body);
        let (url, asked) = server(vec![challenge(), busy, reply("200 OK", "", TOKEN)]);
        let challenge = probe(&http(), &url).await.expect("a challenge");
        let source = resolve(&options(http(), Method::ClientSecret), &|_| None).expect("a source");
        let begun = Instant::now();
        TokenCache::new(source, challenge).bearer().await.expect("a token");
        let took = begun.elapsed();
        assert!(took >= Duration::from_millis(300), "{headers}{body}: {took:?}");
        assert_eq!(asked.lock().expect("lock").len(), 3);
    }
}

#[tokio::test]
async fn the_identity_of_a_machine_waits_as_long_as_it_is_asked_to() {
    for headers in ["Retry-After: 9\r\n", "Retry-After: 9.0\r\n", "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n"] {
        let then = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_secs(10)).expect("a time");
        let headers = if headers.contains('%') { then.strftime(headers).to_string() } else { headers.to_owned() };
        let busy = reply("429 Too Many Requests", &headers, "");
        let (url, _) = server(vec![challenge(), busy, reply("200 OK", "", TOKEN)]);
        let challenge = probe(&quick(), &url).await.expect("a challenge");
        let read = |name: &str| match name {
            "IDENTITY_ENDPOINT" => Some(url.to_string()),
            "IDENTITY_HEADER" => Some("h".to_owned()),
            _ => None,
        };
        let source = resolve(&options(quick(), Method::ManagedIdentity), &read).expect("a source");
        let begun = Instant::now();
        TokenCache::new(source, challenge).bearer().await.expect("a token");
        assert!(begun.elapsed() >= Duration::from_millis(900), "{headers}: {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_token_that_is_refused_for_hours_says_how_long_the_service_wants_to_rest() {
    let busy = reply("503 Service Unavailable", "Retry-After: 7200\r\n", "");
    let (url, asked) = server(vec![challenge(), busy]);
    let challenge = probe(&quick(), &url).await.expect("a challenge");
    let source = resolve(&options(quick(), Method::ClientSecret), &|_| None).expect("a source");
    let error = TokenCache::new(source, challenge).bearer().await.expect_err("busy");
    assert_eq!((error.kind, asked.lock().expect("lock").len()), (SignInErrorKind::Unreachable, 2));
    assert!(error.help.iter().any(|line| line.contains("asks to wait 7200 s")), "{error:?}");
}

#[tokio::test]
async fn a_device_code_that_nobody_enters_ends_in_time() {
    let issued = r#"{"device_code":"d","user_code":"F","verification_uri":"https://x/d","interval":1}"#;
    let pending = reply("400 Bad Request", "", r#"{"error":"authorization_pending"}"#);
    for answer in [pending, reply("429 Too Many Requests", "Retry-After: 100\r\n", "")] {
        let mut script = vec![challenge(), reply("200 OK", "", issued)];
        script.extend(std::iter::repeat_n(answer, 20));
        let (url, _) = server(script);
        let http = Http::new(None).expect("a client");
        let challenge = probe(&http, &url).await.expect("a challenge");
        let begun = Instant::now();
        let http = http.with_deadline(Some(begun + Duration::from_millis(2500)));
        let source = resolve(&options(http, Method::DeviceCode), &|_| None).expect("a source");
        let error = TokenCache::new(source, challenge).bearer().await.expect_err("nobody");
        assert_eq!(error.kind, SignInErrorKind::TimeUp, "{error:?}");
        assert!(begun.elapsed() < Duration::from_millis(3500), "{:?}", begun.elapsed());
    }
}

/// A job that never ends is looked at until the time is nearly up, and a wait that is too long says how long.
#[test]
fn a_wait_that_is_too_long_says_what_for_and_a_job_is_followed_until_the_end() {
    let example = Test::new().copy("examples/contoso-widgets");
    let world = World::with(Scenario::JobNeverEnds);
    let begun = Instant::now();
    let (code, _, stderr) = world.run_at_full_pace(example.path(), "apply . --yes --timeout 9s");
    assert_eq!(code, 8, "{stderr}");
    assert!(begun.elapsed() >= Duration::from_millis(8100), "given up after {:?}", begun.elapsed());
    assert!(stderr.contains("time is up; the import (job ") && stderr.contains(LONGER), "{stderr}");

    let busy = json!({"kind": "answer", "status": 429, "headers": [["retry-after", "60"]]});
    for (path, words) in [
        ("solutions?", "; the next attempt was due after 60 s\n"),
        ("/oauth2/v2.0/token", "` answered 429 and asks to wait 60 s\n"),
    ] {
        let world = World::new(Options::default());
        world.fault(&rule(json!({"path": path, "times": 0, "effect": busy})));
        let (code, _, stderr) = world.run_at_full_pace(example.path(), "plan . --timeout 3s");
        assert_eq!(code, 8, "{path}: {stderr}");
        let words = [words.to_owned(), LONGER.to_owned()];
        assert!(words.iter().all(|words| stderr.contains(words)), "{path}: {stderr}");
    }
}

const LONGER: &str = "help: or allow more time, with a longer `--timeout`\n";

/// A date as `Retry-After`, in each form that there is, for the verbs that are not looked at above.
#[test]
fn a_date_is_waited_for_by_remove_and_diff() {
    let example = Test::new().copy("examples/contoso-widgets");
    for form in ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"] {
        for verb in ["remove . --yes", "diff ."] {
            let world = World::new(Options::default());
            let then = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_secs(200)).expect("a time");
            let date = then.strftime(form).to_string();
            let effect = json!({"kind": "answer", "status": 429, "headers": [["retry-after", date]]});
            world.fault(&rule(json!({"path": "solutions?", "effect": effect})));
            let begun = Instant::now();
            let (code, stdout, stderr) = world.run(example.path(), verb);
            assert!(matches!(code, 0 | 10), "{verb}: {form}: {stdout}{stderr}");
            // A hundred times as fast.
            assert!(begun.elapsed() >= Duration::from_millis(1900), "{verb}: {form}: {:?}", begun.elapsed());
        }
    }
}

/// The organization's name only helps people: it costs no run its time.
#[test]
fn the_name_of_the_organization_is_asked_for_once() {
    for (status, code) in [(503, ""), (429, "0x80072322"), (429, "0x80071151")] {
        let world = World::new(Options { job_polls: 0, ..Options::default() });
        let headers = json!([["retry-after", "7"]]);
        let effect = json!({"kind": "answer", "status": status, "code": code, "message": "m", "headers": headers});
        world.fault(&rule(json!({"path": "RetrieveCurrentOrganization", "times": 0, "effect": effect})));
        let example = Test::new().copy("examples/contoso-widgets");
        for verb in ["plan .", "apply . --yes", "status .", "remove . --yes"] {
            world.ask(reqwest::Method::DELETE, "log");
            let (ended, stdout, stderr) = world.run_at_full_pace(example.path(), &format!("{verb} --timeout 40s"));
            assert_eq!(ended, if verb == "plan ." { 10 } else { 0 }, "{status} {verb}: {stdout}{stderr}");
            assert!(!stderr.contains("trying again") && !stderr.contains("asks to wait"), "{verb}: {stderr}");
            let log = world.ask(reqwest::Method::GET, "log").expect("JSON").to_string();
            assert!(log.matches("RetrieveCurrentOrganization").count() <= 2, "{status} {verb}: {log}");
        }
    }
}
