//! Hosts that take no connection, or take it and say nothing: every verb ends in time, and says which host it was.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use dvpack::http;
use dvpack::sandbox::{Options, Rule};
use serde_json::json;
use url::Url;

use crate::support::{Ran, Test};
use crate::world::World;

/// Every verb that talks to an environment.
const VERBS: [&str; 6] = ["doctor", "plan", "status", "apply --yes", "remove --yes", "diff"];

/// Starting the program and reading the bundle take some of the time as well.
const SPARE: Duration = Duration::from_secs(8);

const HELP: &str =
    "check the address, the network (is a VPN needed?) and the proxy (HTTPS_PROXY, NO_PROXY), then run again";

/// Runs a verb with a limit of two seconds, and asserts that it kept to it.
fn within_two_seconds(verb: &str, url: &str) -> Ran {
    let (verb, flags) = verb.split_once(' ').unwrap_or((verb, ""));
    let begun = Instant::now();
    let ran = Test::new()
        .copy("examples/contoso-widgets")
        .env("AZURE_CLIENT_ID", "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40")
        .env("AZURE_CLIENT_SECRET", "not-a-secret-of-anybody")
        .args(&format!("{verb} . --url {url} --timeout 2s {flags}"))
        .run();
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(2) + SPARE, "{verb}: {took:?}");
    ran
}

/// Runs all verbs at once.
fn all_verbs(url: &str) {
    thread::scope(|scope| {
        for verb in VERBS {
            scope.spawn(move || {
                let ran = within_two_seconds(verb, url);
                assert_eq!(ran.code, 8, "{verb}: {}{}", ran.stdout, ran.stderr);
                for words in ["nobody is signed in yet, and nothing was changed", HELP] {
                    assert!(ran.stderr.contains(words), "{verb}: {words}: {}", ran.stderr);
                }
                let silent = [
                    "no answer from `127.0.0.1:",
                    "cannot connect to `127.0.0.1:",
                    "no time is left to ask `127.0.0.1:",
                ];
                assert!(silent.iter().any(|words| ran.stderr.contains(words)), "{verb}: {}", ran.stderr);
            });
        }
    });
}

#[test]
fn a_host_that_takes_a_connection_and_says_nothing_does_not_hold_a_verb_beyond_its_time() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    all_verbs(&format!("http://{}", silent.local_addr().expect("an address")));
}

/// A full queue of connections that nobody accepts: Linux then leaves further ones without an answer.
#[cfg(target_os = "linux")]
fn takes_no_connection() -> (Url, impl Sized) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let listener = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
        socket.listen(1).expect("listening")
    });
    let address = listener.local_addr().expect("an address");
    let mut queue = Vec::new();
    while let Ok(stream) = std::net::TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
        queue.push(stream);
        assert!(queue.len() < 100, "the queue has no end");
    }
    (format!("http://{address}/").parse().expect("a URL"), (runtime, listener, queue))
}

#[cfg(target_os = "linux")]
#[test]
fn a_host_that_takes_no_connection_does_not_hold_a_verb_beyond_its_time() {
    let (url, _open) = takes_no_connection();
    all_verbs(url.as_str());
}

/// Nothing was sent, so a connection gets less time than an answer.
#[cfg(target_os = "linux")]
#[test]
fn a_connection_is_given_up_before_an_answer_would_be() {
    let (url, _open) = takes_no_connection();
    let http = http::Http::new(None).expect("a client");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let begun = Instant::now();
    let failure = runtime.block_on(http.send(http::Call::new(reqwest::Method::GET, url))).expect_err("no connection");
    let took = begun.elapsed();
    assert!(!failure.may_have_been_received() && failure.to_string().contains("127.0.0.1"), "{failure}");
    assert!(took >= http::CONNECT && took < http::ANSWER, "{took:?}");
}

#[test]
fn an_environment_that_falls_silent_after_the_sign_in_does_not_hold_a_verb_beyond_its_time() {
    let world = World::new(Options::default());
    let rule = json!({"path": "/api/data/v9.2/", "skip": 1, "times": 0, "effect": {"kind": "stall"}});
    let rule: Rule = serde_json::from_value(rule).expect("a rule");
    for verb in ["plan", "apply --yes"] {
        world.ask(reqwest::Method::DELETE, "faults");
        world.fault(&rule);
        let begun = Instant::now();
        let example = Test::new().copy("examples/contoso-widgets");
        let (code, stdout, stderr) = world.run(example.path(), &format!("{verb} . --timeout 4s"));
        assert_eq!(code, 8, "{verb}: {stdout}{stderr}");
        assert!(begun.elapsed() < Duration::from_secs(4) + SPARE, "{verb}: {:?}", begun.elapsed());
        assert!(stderr.contains("time is up; not done: read the installed solutions\n"), "{verb}: {stderr}");
        assert!(stderr.contains("  no answer from `127.0.0.1:"), "{verb}: {stderr}");
        assert!(stderr.contains("help: run the same command again"), "{verb}: {stderr}");
    }
}

/// Nobody answers, before anybody is signed in or after: that is no failed sign-in, and the same for every verb.
#[test]
fn a_refused_connection_is_no_failed_sign_in() {
    let refusing = || {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
        format!("http://127.0.0.1:{port}")
    };
    for verb in VERBS.into_iter().chain(["consent"]) {
        let (name, flags) = verb.split_once(' ').unwrap_or((verb, ""));
        let test =
            Test::new().copy("examples/contoso-widgets").env("AZURE_CLIENT_ID", "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40");
        let test = test.env("AZURE_CLIENT_SECRET", "not-a-secret-of-anybody").env("DVPACK_TEST_PACE", "1000");
        let ran = test.args(&format!("{name} . --url {} {flags}", refusing())).run();
        assert_eq!(ran.code, 1, "{verb}: {}{}", ran.stdout, ran.stderr);
        let said = ran.stderr.contains("cannot connect to `127.0.0.1:") && ran.stderr.contains(HELP);
        assert!(said, "{verb}: {}", ran.stderr);
    }
    // The environment answers, and its authority does not.
    for verb in VERBS {
        let world = World::new(Options::default());
        world.fault(
            &serde_json::from_value(
                json!({"path": "/oauth2/v2.0/token", "times": 0, "effect": {"kind": "drop-before"}}),
            )
            .expect("a rule"),
        );
        let example = Test::new().copy("examples/contoso-widgets");
        let (name, flags) = verb.split_once(' ').unwrap_or((verb, ""));
        let (code, stdout, stderr) = world.run(example.path(), &format!("{name} . {flags}"));
        assert_eq!(code, 1, "{verb}: {stdout}{stderr}");
        assert!(stderr.contains("no answer from `127.0.0.1:"), "{verb}: {stderr}");
    }
}
