//! Who is not let in, and proxies that answer in place of Entra or of the environment: one exit code for every verb, and
//! what to do.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use dvpack::sandbox::{Options, Rule};
use serde_json::{Value, json};

use crate::support::{Test, dvpack};
use crate::world::World;

const VERBS: [&str; 5] = ["plan .", "status .", "doctor .", "apply . --yes", "remove . --yes"];
const PROXY: &str =
    "help: a proxy or firewall on the way probably answered in its place: check HTTPS_PROXY and NO_PROXY";
const PROXY_SIGN_IN: &str = "help: a proxy on the way asks for a sign-in of its own (HTTP 407): write its user";

fn fault(world: &World, rule: Value) {
    world.fault(&serde_json::from_value::<Rule>(rule).expect("a rule"));
}

fn page(status: u16) -> Value {
    let headers = json!([["content-type", "text/html"], ["location", "https://proxy.example/"]]);
    json!({"kind": "answer", "status": status, "body": "<html>Proxy</html>", "headers": headers})
}

/// The environment answers 401 to every token, from the first request or from a later one.
#[test]
fn a_token_that_is_never_accepted_ends_every_verb_with_4() {
    let example = Test::new().copy("examples/contoso-widgets");
    for path in ["/api/data/v9.2/WhoAmI", "solutions?", "systemusers"] {
        for verb in VERBS {
            // `apply` and `remove` of nothing ask for no more than `plan` does.
            if path.ends_with("WhoAmI") && verb != "doctor ." {
                continue;
            }
            let world = World::new(Options::default());
            fault(&world, json!({"path": path, "times": 0, "effect": {"kind": "answer", "status": 401}}));
            let (code, stdout, stderr) = world.run(example.path(), verb);
            assert_eq!(code, 4, "{path}: {verb}: {stdout}{stderr}");
            assert!(stderr.contains("the environment does not accept the token of this sign-in"), "{verb}: {stderr}");
        }
    }
}

/// That one answer cannot be used says nothing about the others.
#[test]
fn a_doctor_who_does_not_learn_who_is_signed_in_asks_on() {
    let example = Test::new().copy("examples/contoso-widgets");
    for effect in [json!({"kind": "answer", "status": 500}), json!({"kind": "answer", "status": 200, "body": "{}"})] {
        let world = World::new(Options::default());
        fault(&world, json!({"path": "WhoAmI", "times": 0, "effect": effect}));
        let (code, stdout, _) = world.run(example.path(), "doctor .");
        assert_eq!(code, 8, "{stdout}");
        assert!(!stdout.contains("nobody is let in"), "{stdout}");
        assert!(stdout.contains("(dvpack sandbox)"), "the heading: {stdout}");
        for words in [
            "unknown  signed-in user: could not be read",
            "unknown  privileges of the signed-in user: not asked: who is signed in could not be read",
            "ok       server version: ",
            "ok       plan: ",
            "2 things could not be read",
        ] {
            assert!(stdout.contains(words), "{words}: {stdout}");
        }
    }
}

#[test]
fn a_page_of_a_proxy_at_the_sign_in_says_what_to_check() {
    let example = Test::new().copy("examples/contoso-widgets");
    for (status, words, help) in [
        (200, "answered 200 to the sign-in, with a web page", PROXY),
        (403, "answered 403 to the sign-in, with a web page", PROXY),
        (302, "with a web page", PROXY),
        (407, "answered 407 to the sign-in", PROXY_SIGN_IN),
    ] {
        let world = World::new(Options::default());
        fault(&world, json!({"path": "/oauth2/v2.0/token", "times": 0, "effect": page(status)}));
        let (code, _, stderr) = world.run(example.path(), "status .");
        assert_eq!(code, 4, "{status}: {stderr}");
        assert!(stderr.contains(words) && stderr.contains(help), "{status}: {stderr}");
        // Which host answered, with its port.
        assert!(stderr.contains(&format!("`127.0.0.1:{}`", world.sandbox.url().port().expect("a port"))), "{stderr}");
    }
}

/// A 407 says whose it is: before the sign-in, and after it.
#[test]
fn a_proxy_that_wants_a_sign_in_of_its_own_is_named() {
    let example = Test::new().copy("examples/contoso-widgets");
    for (skip, code, words) in [(0, 4, "cannot be reached: a proxy answered 407 in its place"), (1, 1, "(HTTP 407)")] {
        let world = World::new(Options::default());
        fault(&world, json!({"path": "/api/data/v9.2/", "skip": skip, "times": 0, "effect": page(407)}));
        let (found, _, stderr) = world.run(example.path(), "status .");
        assert_eq!(found, code, "{stderr}");
        assert!(stderr.contains(words) && stderr.contains(PROXY_SIGN_IN), "{stderr}");
    }
}

/// The proxy refuses the tunnel itself, as it does for every `https` address.
#[test]
fn a_proxy_that_refuses_the_tunnel_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let proxy = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _request = stream.read(&mut [0; 4096]);
            let answer = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
            let _sent = stream.write_all(answer.as_bytes());
        }
    });
    let example = Test::new().copy("examples/contoso-widgets");
    let output = dvpack(example.path())
        .args(["status", ".", "--url", "https://contoso.crm.dynamics.com"])
        .args(["--other-environment"])
        .env("HTTPS_PROXY", proxy)
        .env("AZURE_CLIENT_ID", "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40")
        .env("AZURE_CLIENT_SECRET", "opens-nothing")
        .output()
        .expect("run");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains(PROXY_SIGN_IN), "{stderr}");
}
