use super::*;

fn environment(name: &str) -> Option<String> {
    match name {
        "CONTOSO_KEY" => Some("c0ntoso".into()),
        "AZURE_CLIENT_SECRET" | "COPY" => Some("the-secret-of-the-pipeline".into()),
        "AROUND" => Some("Password=the-secret-of-the-pipeline;".into()),
        "ENDPOINT_AUTH_PARAMETER_X_APITOKEN" | "APITOKEN_COPY" => Some("an-api-token".into()),
        "AZURE_CREDENTIALS" => Some(
            r#"{"clientId":"contoso-client-id","clientSecret":"inner~secret~text","tenantId":"contoso.com"}"#.into(),
        ),
        "INNER" => Some("inner~secret~text".into()),
        "PIECE" => Some("inner~secret".into()),
        "BUILDTOOLS_DATAVERSECONNECTIONSTRING" => {
            Some("AuthType=ClientSecret;Url=https://contoso.crm.dynamics.com;ClientSecret=c0nnection~secret".into())
        }
        "OF_CONNECTION" => Some("c0nnection~secret".into()),
        "CLIENT_ID" => Some("contoso-client-id".into()),
        "URL" => Some("https://contoso.crm.dynamics.com".into()),
        _ => None,
    }
}

const NAMES: [&str; 4] = [
    "AZURE_CLIENT_SECRET",
    "ENDPOINT_AUTH_PARAMETER_X_APITOKEN",
    "AZURE_CREDENTIALS",
    "BUILDTOOLS_DATAVERSECONNECTIONSTRING",
];

fn kind(value: &Value, own: Option<&Path>) -> Result<String, FailureKind> {
    let machine = Machine::new(&environment, NAMES.map(str::to_owned), own.map(Path::to_owned));
    machine.read("contoso_Key", value).map(|secret| secret.reveal().to_owned()).map_err(|failure| failure.kind)
}

fn file(path: &Path) -> Value {
    Value::File(path.display().to_string())
}

#[test]
fn values_are_named_as_they_are_allowed() {
    assert_eq!("env:A_1".parse(), Ok(Value::Env("A_1".into())));
    assert_eq!("file:/a b/c".parse(), Ok(Value::File("/a b/c".into())));
    assert_eq!(r"file:C:\x".parse::<Value>().map(|it| it.to_string()), Ok(r"file:C:\x".into()));
    for text in [
        "A",
        "env:",
        "env:A B",
        "env:1A",
        "file:",
        "file: x",
        "file:x\u{202e}y",
        "file:a\nb",
        "file:a\u{200b}",
        "ENV:A",
    ] {
        assert!(text.parse::<Value>().is_err(), "{text}");
    }
}

#[test]
fn credentials_are_never_taken() {
    assert_eq!(kind(&Value::Env("CONTOSO_KEY".into()), None), Ok("c0ntoso".into()));
    for name in [
        "AZURE_CLIENT_SECRET",
        "azure_client_secret",
        "SYSTEM_ACCESSTOKEN",
        "GITHUB_TOKEN",
        "DVPACK_KEY_PASSPHRASE",
        "COPY",
        "AROUND",
        "APITOKEN_COPY",
        "INNER",
        "PIECE",
        "OF_CONNECTION",
    ] {
        assert_eq!(kind(&Value::Env(name.into()), None), Err(FailureKind::Refused), "{name}");
    }
    for name in ["CLIENT_ID", "URL"] {
        assert!(kind(&Value::Env(name.into()), None).is_ok(), "{name}");
    }
    for path in [
        "/proc/self/environ",
        "/proc/1/environ",
        "/proc/self/../self/environ",
        "/dev/stdin",
        "/nonexistent/people/.azure/x",
        "/nonexistent/people/a/../.ssh/id_rsa",
        "/etc/shadow",
        "/nonexistent/id_ed25519",
        "/nonexistent/other/.aws/credentials",
        "/nonexistent/project/.git/config",
        "/nonexistent/actions-runner/.credentials_rsaparams",
        "/nonexistent/.bash_history",
        "/nonexistent/.env",
    ] {
        assert_eq!(kind(&Value::File(path.into()), None), Err(FailureKind::Refused), "{path}");
    }
    assert_eq!(kind(&Value::Env("UNSET".into()), None), Err(FailureKind::Failed));
}

#[cfg(unix)]
#[test]
fn files_are_read_once_and_only_if_they_are_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("key"), "f1le\r\n").expect("written");
    std::fs::write(path("own"), "own-certificate").expect("written");
    std::fs::write(path("large"), vec![b'x'; 70_000]).expect("written");
    std::fs::write(path("copy"), "the-secret-of-the-pipeline\n").expect("written");
    std::fs::write(path("own-copy"), "own-certificate\n").expect("written");
    std::fs::hard_link(path("own"), path("hard")).expect("linked");
    std::fs::write(path("two-names"), "of-another").expect("written");
    std::fs::hard_link(path("two-names"), path("hard-of-another")).expect("linked");
    for (link, target) in [
        ("link", path("key")),
        ("to-own", path("own")),
        ("to-proc", "/proc/self/environ".into()),
        ("to-null", "/dev/null".into()),
    ] {
        std::os::unix::fs::symlink(target, path(link)).expect("linked");
    }
    let own = path("own");
    let run = |name: &str| kind(&file(&path(name)), Some(&own));
    assert_eq!(run("key"), Ok("f1le".into()));
    assert_eq!(run("link"), Ok("f1le".into()));
    for name in ["own", "hard", "to-own", "to-proc", "to-null", "copy", "own-copy", "hard-of-another"] {
        assert_eq!(run(name), Err(FailureKind::Refused), "{name}");
    }
    for name in ["large", "none", "."] {
        assert_eq!(run(name), Err(FailureKind::Failed), "{name}");
    }
    let made = std::process::Command::new("mkfifo").arg(path("pipe")).status();
    if made.is_ok_and(|status| status.success()) {
        assert_eq!(run("pipe"), Err(FailureKind::Failed));
    }
}
