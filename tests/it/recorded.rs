//! Recorded answers of a real environment, replayed to the client: what it makes of them is what it would
//! make of Dataverse. The recordings are no part of this repository.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dvpack::dataverse::BearerFuture;
use dvpack::dataverse::async_operation::{self, State};
use dvpack::dataverse::import::{self, Action};
use dvpack::dataverse::{Bearer, Client, role, solution, system_user};
use dvpack::http::Http;
use dvpack::secret::Secret;
use serde_json::Value;
use uuid::Uuid;

use crate::csdl_description::reference;

struct Fixed;

impl Bearer for Fixed {
    fn bearer(&self) -> BearerFuture<'_> {
        Box::pin(async { Ok(Secret::new("token")) })
    }

    fn renew<'a>(&'a self, _: &'a Secret) -> BearerFuture<'a> {
        self.bearer()
    }
}

fn recordings() -> Option<PathBuf> {
    Some(reference()?.join("webapi/recorded/internal/services"))
}

fn json(file: &Path) -> Value {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Answers each request whose target holds the first text with the body beside it.
fn replay(answers: Vec<(&'static str, Value)>) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address")).parse().expect("a URL");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let (mut seen, mut part) = (Vec::new(), [0; 4096]);
            let whole = |seen: &[u8]| {
                let text = String::from_utf8_lossy(seen).into_owned();
                let (head, body) = text.split_once("\r\n\r\n")?;
                let length =
                    head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
                (body.len() >= length.unwrap_or(0)).then(|| head.lines().next().unwrap_or_default().to_owned())
            };
            let target = loop {
                if let Some(line) = whole(&seen) {
                    break line;
                }
                match stream.read(&mut part) {
                    Ok(read) if read > 0 => seen.extend_from_slice(&part[..read]),
                    _ => break String::new(),
                }
            };
            let found = answers.iter().find(|(text, _)| target.contains(text));
            let (status, body) = found.map_or((404, "{}".to_owned()), |(_, body)| (200, body.to_string()));
            let answer = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/json; odata.metadata=minimal\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let _sent = stream.write_all(answer.as_bytes());
        }
    });
    Client::new(Http::new(None).expect("a client"), &url, Arc::new(Fixed)).expect("a client")
}

#[tokio::test]
async fn a_recorded_import_is_followed_from_staging_to_its_result() {
    let Some(folder) = recordings() else { return };
    let cases = folder.join("solution/tests/resource");
    let mut replayed = 0;
    for case in std::fs::read_dir(cases).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let file = |name: &str| case.join(name);
        if !file("post_stage_solution.json").is_file() {
            continue;
        }
        let started = json(&file("post_import_solution_async.json"));
        let installed = json(&file("get_solution.json"));
        let name = installed["value"][0]["uniquename"].as_str().expect("a name").to_owned();
        let client = replay(vec![
            ("/StageSolution", json(&file("post_stage_solution.json"))),
            ("/ImportSolutionAsync", started.clone()),
            ("/asyncoperations(", json(&file("get_async_operations.json"))),
            ("/RetrieveSolutionImportResult", json(&file("get_solution_import_result.json"))),
            ("/solutions?", installed.clone()),
        ]);
        let staged = import::stage(&client, &std::sync::Arc::from(*b"zip")).await.expect("staged");
        assert!(staged.passed && staged.upload.is_some() && staged.missing.is_empty(), "{staged:?}");
        let run = import::start(&client, Action::Import, staged.upload, &std::sync::Arc::from(*b"zip"), Vec::new())
            .await
            .expect("started");
        assert_eq!(Some(run.job.to_string().as_str()), started["AsyncOperationId"].as_str());
        assert_eq!(run.import_job.map(|id| id.to_string()).as_deref(), started["ImportJobKey"].as_str());
        let job = async_operation::read(&client, run.job).await.expect("read").expect("a job");
        assert_eq!((job.state, job.message_name.as_str()), (State::Succeeded, "ImportSolutionAsync"));
        let outcome = import::result(&client, run.import_job.expect("a key")).await.expect("read").expect("known");
        assert!(outcome.passed && outcome.errors.is_empty(), "{outcome:?}");
        let found = solution::find(&client, &[&name], true).await.expect("read");
        assert!(found.iter().any(|row| row.name == name && row.version.is_some()), "{found:?}");
        replayed += 1;
    }
    assert!(replayed >= 3, "{replayed}");
    println!("{replayed} recorded imports replayed");
}

#[tokio::test]
async fn recorded_users_and_roles_are_read_whole() {
    let Some(folder) = recordings() else { return };
    let mut files = vec![folder.join("authorization")];
    let (mut users, mut roles) = (0, 0);
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let is_list = |value: &Value| value["value"].is_array();
        if name.starts_with("get_systemusers") && is_list(&json(&path)) {
            let recorded = json(&path);
            let client = replay(vec![("/systemusers?", recorded.clone())]);
            let read = system_user::of_application(&client, Uuid::nil(), false).await.expect("read");
            let rows = recorded["value"].as_array().expect("rows");
            assert_eq!(read.len(), rows.len(), "{name}");
            for (user, row) in read.iter().zip(rows) {
                assert_eq!(Some(user.id.to_string().as_str()), row["systemuserid"].as_str());
                assert_eq!(Some(user.disabled), row["isdisabled"].as_bool());
                assert_eq!(user.roles.len(), row["systemuserroles_association"].as_array().map_or(0, Vec::len));
            }
            users += read.len();
        } else if name.starts_with("get_security_roles") && is_list(&json(&path)) {
            let recorded = json(&path);
            let client = replay(vec![("/roles?", recorded.clone())]);
            let read = role::copies(&client, &[Uuid::nil()], Uuid::nil()).await.expect("read");
            let rows = recorded["value"].as_array().expect("rows");
            let whole = rows.iter().filter(|row| row["_parentrootroleid_value"].is_string()).count();
            assert_eq!(read.len(), whole, "{name}");
            roles += read.len();
        }
    }
    assert!(users > 0 && roles > 0, "{users} users, {roles} roles");
    println!("{users} recorded users and {roles} recorded roles read");
}
