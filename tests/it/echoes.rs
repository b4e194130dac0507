//! A server that repeats what it was sent, token and secrets too, does not make anybody print them.

use std::thread;

use dvpack::sandbox::{Effect, Rule, Spelling};

use crate::secrets::{CLIENT_SECRET, IDENTITY_HEADER, PIPELINE_TOKEN, Stage};

/// The rule by which every request to such a path is refused and repeated.
fn echo(method: Option<&str>, path: &str, skip: u64, status: u16, spelling: Spelling) -> Rule {
    let effect = Effect::Echo { status, spelling, after: false };
    Rule { method: method.map(str::to_owned), path: Some(path.into()), skip, times: Some(0), effect, ..Rule::default() }
}

/// Runs a verb while the server repeats things. Whatever it prints and writes is searched.
fn run(stage: &Stage, rule: Rule, line: &str, expected: &[i32]) -> String {
    stage.sandbox.clear_faults();
    stage.sandbox.add_fault(rule);
    let id = stage.sandbox.admin_client_id().to_string();
    let (verb, flags) = line.split_once(' ').unwrap_or((line, ""));
    let line = format!("package.dvpack --url {} {flags} -vvv", stage.sandbox.url());
    let variables = [("AZURE_CLIENT_ID", id.as_str()), ("AZURE_CLIENT_SECRET", CLIENT_SECRET)];
    let (code, shown) = stage.dvpack(verb, &line, &variables);
    assert!(expected.contains(&code), "{verb} {line}: {code}\n{shown}");
    shown
}

#[test]
fn what_the_sandbox_repeats_would_be_found() {
    let stage = Stage::new(&[]);
    let _already = rustls::crypto::ring::default_provider().install_default();
    for spelling in Spelling::ALL {
        stage.sandbox.clear_faults();
        stage.sandbox.add_fault(echo(None, "/token", 0, 400, spelling));
        let url = stage.sandbox.url().join("t/oauth2/v2.0/token").expect("a URL");
        let answer = stage.runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().expect("a client");
            let form = [("client_secret", CLIENT_SECRET)];
            client.post(url).form(&form).send().await.expect("an answer").bytes().await.expect("a body")
        });
        // A form in an encoding is an encoding of an encoding.
        let found = stage.watch.find(&answer);
        assert!(found.is_some() || matches!(spelling, Spelling::Url | Spelling::Base64), "{spelling:?}");
    }
}

#[test]
fn a_refusal_that_repeats_the_request_is_shown_without_its_secrets() {
    thread::scope(|scope| {
        for spelling in Spelling::ALL {
            scope.spawn(move || {
                let stage = Stage::new(&[]);
                let apply = "apply --yes --report report.md --log-file apply.log";
                run(&stage, echo(None, "/oauth2/v2.0/token", 0, 400, spelling), apply, &[4]);
                for (method, path, skip) in
                    [("GET", "/api/data/", 1), ("POST", "ImportSolutionAsync", 0), ("POST", "systemusers", 0)]
                {
                    let shown = run(&stage, echo(Some(method), path, skip, 400, spelling), apply, &[1]);
                    assert!(shown.contains("***") || spelling == Spelling::Page, "{path} {spelling:?}: {shown}");
                }
            });
        }
    });
}

#[test]
fn no_verb_shows_what_a_server_repeats() {
    let stage = Stage::new(&[]);
    let any = [1, 4, 7, 8, 9];
    for (line, format) in [
        ("doctor", "human"),
        ("doctor", "json"),
        ("plan", "human"),
        ("status", "json"),
        ("diff", "human"),
        ("remove --yes --log-file remove.log", "human"),
        ("apply --yes --report report.json", "json"),
        ("apply --yes --report report.xml", "human"),
    ] {
        let line = format!("{line} --format {format}");
        run(&stage, echo(None, "/oauth2/v2.0/token", 0, 401, Spelling::Plain), &line, &[4]);
        run(&stage, echo(None, "/api/data/", 1, 403, Spelling::Json), &line, &any);
    }
    for status in [302, 401, 429, 500] {
        run(&stage, echo(None, "/api/data/", 1, status, Spelling::Plain), "plan", &any);
        run(&stage, echo(None, "/oauth2/v2.0/token", 0, status, Spelling::Plain), "plan", &any);
    }
}

#[test]
fn a_service_that_gives_tokens_and_repeats_the_request_is_shown_without_its_secrets() {
    let stage = Stage::new(&[]);
    let id = stage.sandbox.admin_client_id().to_string();
    let service = stage.sandbox.url().join("service").expect("a URL").to_string();
    for spelling in [Spelling::Plain, Spelling::Json, Spelling::Base64] {
        stage.sandbox.clear_faults();
        stage.sandbox.add_fault(echo(None, "/service", 0, 400, spelling));
        for variables in [
            [("ACTIONS_ID_TOKEN_REQUEST_URL", &*service), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", PIPELINE_TOKEN)],
            [("IDENTITY_ENDPOINT", &*service), ("IDENTITY_HEADER", IDENTITY_HEADER)],
        ] {
            let line = format!("package.dvpack --url {} -vvv", stage.sandbox.url());
            let client = if variables[0].0.starts_with("ACTIONS") { id.as_str() } else { "" };
            let all = [variables[0], variables[1], ("AZURE_CLIENT_ID", client)];
            let (code, shown) = stage.dvpack("plan", &line, &all);
            assert_eq!(code, 4, "{shown}");
            assert!(shown.contains("answered 400"), "{shown}");
        }
    }
}
