//! While programs run: no list of processes shows a secret, neither of dvpack nor of what it or its scripts start, and the
//! verbs that wait for somebody print none.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use dvpack::sandbox::Rule;
use serde_json::json;
use url::Url;

use crate::secrets::{CLIENT_SECRET, Stage};
use crate::support::dvpack;

/// The command lines of a process and of all that it started.
#[cfg(target_os = "linux")]
fn command_lines(process: u32) -> Vec<u8> {
    let read = |path: String| std::fs::read(path).unwrap_or_default();
    let mut lines = read(format!("/proc/{process}/cmdline"));
    for task in std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten() {
        let children = read(format!("{}/children", task.path().display()));
        for child in String::from_utf8_lossy(&children).split_whitespace().filter_map(|id| id.parse().ok()) {
            lines.extend(command_lines(child));
        }
    }
    lines
}

/// Elsewhere no list is looked at.
#[cfg(not(target_os = "linux"))]
fn command_lines(_process: u32) -> Vec<u8> {
    b"dvpack".to_vec()
}

/// Watches the lists until a process ends; gives all that was seen.
fn until_the_end(child: &mut Child) -> Vec<u8> {
    let mut seen = Vec::new();
    while child.try_wait().expect("a child").is_none() {
        seen.extend(command_lines(child.id()));
        std::thread::sleep(Duration::from_millis(5));
    }
    seen
}

#[test]
fn no_process_list_shows_a_secret_while_a_package_is_applied() {
    let stage = Stage::new(&[]);
    let late = json!({"path": "/", "times": 0, "effect": {"kind": "delay", "milliseconds": 20}});
    let late: Rule = serde_json::from_value(late).expect("a rule");
    stage.sandbox.add_fault(late);
    let id = stage.sandbox.admin_client_id().to_string();
    let file = stage.keep("client-secret", CLIENT_SECRET);
    let token = stage.token();
    // An Azure CLI that takes its time.
    let tools = stage.folder.path().join("tools");
    std::fs::create_dir(&tools).expect("a folder");
    let answer =
        stage.keep("token.json", &json!({"accessToken": token.reveal(), "expires_on": 4_000_000_000_u64}).to_string());
    stage.keep_program(&tools.join("az"), &format!("#!/bin/sh\nsleep 0.2\ncat '{answer}'\n"));
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").expect("a path"));
    for (flags, variables) in [
        (String::new(), vec![("AZURE_CLIENT_ID", id.as_str()), ("AZURE_CLIENT_SECRET", CLIENT_SECRET)]),
        (format!("--client-id {id} --client-secret-file {file}"), vec![]),
        ("--azure-cli".to_owned(), vec![("PATH", path.as_str())]),
    ] {
        let mut child = dvpack(stage.folder.path())
            .args(["apply", "package.dvpack", "--yes", "--url", stage.sandbox.url().as_str()])
            .args(stage.allow().split_whitespace())
            .args(flags.split_whitespace())
            .env("DVPACK_TEST_PACE", "1000")
            .env("CONTOSO_API_KEY", "k3y/of+contoso&\"'<>= ü")
            .envs(variables)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        let seen = until_the_end(&mut child);
        assert_eq!(child.wait().expect("ended").code(), Some(0), "{flags}");
        let seen_text = String::from_utf8_lossy(&seen);
        assert!(seen_text.contains("dvpack"), "{flags}: {seen_text}");
        assert!(cfg!(not(target_os = "linux")) || flags != "--azure-cli" || seen_text.contains("get-access-token"));
        assert_eq!(stage.watch.find(&seen), None, "{flags}: {seen_text}");
    }
}

#[test]
fn waiting_for_consent_shows_no_secret_of_the_environment() {
    let stage = Stage::new(&[]);
    let id = stage.sandbox.admin_client_id().to_string();
    let mut child = dvpack(stage.folder.path())
        .args(["consent", "package.dvpack", "--wait", "--timeout", "30", "--redirect-uri", "http://localhost", "-vvv"])
        .args(["--url", stage.sandbox.url().as_str()])
        .env("AZURE_CLIENT_ID", id)
        .env("AZURE_CLIENT_SECRET", CLIENT_SECRET)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut printed = Vec::new();
    let mut lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
    let link = lines.find_map(|line| {
        let line = line.expect("a line");
        printed.extend_from_slice(line.as_bytes());
        line.parse::<Url>().ok()
    });
    let link = link.expect("the link");
    let parameter = |name: &str| link.query_pairs().find(|(key, _)| key == name).expect("a parameter").1.into_owned();
    let port = parameter("redirect_uri").parse::<Url>().expect("a URL").port().expect("a port");
    let seen = command_lines(child.id());
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("connected");
    let state = parameter("state");
    write!(stream, "GET /?error=access_denied&state={state} HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
    stream.read_to_end(&mut printed).expect("a page");
    printed.extend(lines.map_while(Result::ok).flat_map(String::into_bytes));
    child.stdout.take().expect("stdout").read_to_end(&mut printed).expect("read");
    assert_eq!(child.wait().expect("ended").code(), Some(5));
    assert!(String::from_utf8_lossy(&printed).contains("access_denied"));
    assert_eq!(stage.watch.find(&printed), None, "{}", String::from_utf8_lossy(&printed));
    assert_eq!(stage.watch.find(&seen), None, "{}", String::from_utf8_lossy(&seen));
}

/// What the sandbox prints of its own identities opens nothing; the secrets of other applications it keeps to itself.
#[test]
fn the_sandbox_prints_its_own_secret_and_no_other() {
    let stage = Stage::new(&[]);
    let mut child = dvpack(stage.folder.path())
        .args(["sandbox", "--ready-file", "ready.json", "--log-file", "requests.log", "--state", "state.json", "-vvv"])
        .args(["--application", "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40=OTHER_SECRET"])
        .env("OTHER_SECRET", CLIENT_SECRET)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines().map_while(Result::ok);
    let mut printed = String::new();
    for line in lines.by_ref().take_while(|line| !line.starts_with("export AZURE_CLIENT_SECRET=")) {
        printed += &line;
    }
    let ready = loop {
        let text = std::fs::read(stage.folder.path().join("ready.json")).unwrap_or_default();
        if let Ok(ready) = serde_json::from_slice::<serde_json::Value>(&text) {
            break ready;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(ready["clientSecret"], stage.sandbox.admin_secret());
    let url: Url = ready["url"].as_str().expect("a URL").parse().expect("a URL");
    // The other application signs in.
    let (code, shown) = stage.dvpack(
        "status",
        &format!("package.dvpack --url {url} -vvv"),
        &[("AZURE_CLIENT_ID", "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40"), ("AZURE_CLIENT_SECRET", CLIENT_SECRET)],
    );
    // It is let in by Entra, and is no user of the environment.
    assert!(code == 4 && shown.contains("0x80072560"), "{code}: {shown}");
    let seen = command_lines(child.id());
    child.kill().expect("stopped");
    printed.extend(lines);
    child.stderr.take().expect("stderr").read_to_string(&mut printed).expect("read");
    child.wait().expect("ended");
    assert_eq!(stage.watch.find(printed.as_bytes()), None, "{printed}");
    assert_eq!(stage.watch.find(&seen), None, "{}", String::from_utf8_lossy(&seen));
}
