//! `dvpack consent`: the link, and the answer on loopback.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use url::Url;

use crate::support::{Test, dvpack};

const CLIENT: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";
const TENANT: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";

#[test]
fn the_link_names_application_tenant_and_state() {
    let ran = Test::new().args(&format!("consent --format json --client-id {CLIENT} --tenant {TENANT}")).success();
    let url: Url = ran.json()["url"].as_str().expect("a URL").parse().expect("a URL");
    assert_eq!(url.host_str(), Some("login.microsoftonline.com"));
    assert_eq!(url.path(), format!("/{TENANT}/adminconsent"));
    assert_eq!(parameter(&url, "client_id"), CLIENT);
    assert_eq!(parameter(&url, "state").len(), 22);
}

#[test]
fn a_tenant_cannot_change_the_link() {
    Test::new().args(&format!("consent --client-id {CLIENT} --tenant ../evil?x=")).code(4);
}

#[test]
fn given_refused_forged_and_missing_answers_are_told_apart() {
    let good = format!("admin_consent=True&tenant={TENANT}&state=STATE");
    assert_eq!(answered(&[&good], 30), 0);
    assert_eq!(answered(&["admin_consent=True&error=consent_required&state=STATE"], 30), 5);
    assert_eq!(answered(&["admin_consent=True&tenant=99999999-0000-cccc-1111-dddd2222eeee&state=STATE"], 30), 5);
    // A forged answer neither counts nor ends the wait.
    let forged = format!("admin_consent=True&tenant={TENANT}&state=forged");
    assert_eq!(answered(&[&forged, &good], 30), 0);
    assert_eq!(answered(&[&forged], 2), 8);
}

/// Runs `consent --wait`, sends the queries to its port, and gives the exit code.
fn answered(queries: &[&str], timeout: u32) -> i32 {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = dvpack(folder.path())
        .args(["consent", "--wait", "--client-id", CLIENT, "--tenant", TENANT, "--timeout", &timeout.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
    let link = lines.find_map(|line| line.expect("a line").parse::<Url>().ok()).expect("the link");
    let redirect: Url = parameter(&link, "redirect_uri").parse().expect("a URL");
    let state = parameter(&link, "state");
    for query in queries {
        let mut stream = TcpStream::connect(("127.0.0.1", redirect.port().expect("a port"))).expect("connected");
        write!(stream, "GET /?{} HTTP/1.1\r\nHost: localhost\r\n\r\n", query.replace("STATE", &state)).expect("sent");
        let mut page = String::new();
        stream.read_to_string(&mut page).expect("a page");
        assert!(page.contains("<p>"), "{page}");
    }
    lines.for_each(drop);
    child.wait().expect("ended").code().expect("a code")
}

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).expect(name)
}
