//! What must hold for any manifest, any bundle with its signatures and policy, and any answer of a service.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use dvpack::archive::{self, Entry, Limits, Timestamp};
use dvpack::bundle::signature::{Policy, SigningKey, Trust, sign, verify_policy};
use dvpack::bundle::{self, Bundle, provenance::Statement, sha256};
use dvpack::dataverse::row::Row;
use dvpack::dataverse::{ServerError, error, import, import_job, log};
use dvpack::diagnostic::Source;
use dvpack::entra::{environment_url, parse_challenges};
use dvpack::http::retry;
use dvpack::manifest::{self, Request};
use dvpack::secret::Secret;
use dvpack::solution;

const MANIFEST: &str = "\
dvpack: 1
publisher: { name: contoso, displayName: Contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: ContosoWidgets, displayName: Contoso Widgets, version: 1.2.3.0 }
application: { name: Contoso, clientId: 11111111-2222-3333-4444-555555555555 }
roles:
  - name: Contoso Service
    grants:
      account: { read: organization, write: user }
applicationUser:
  roles: [Contoso Service]
components:
  environmentVariables:
    - { name: contoso_Url, displayName: Url, type: string, default: https://example.com }
settings:
  contoso_Url: ${{ set.a }}
";

/// A manifest that is accepted makes a solution that is read.
pub fn manifest(data: &[u8]) {
    let Some(package) = package(&String::from_utf8_lossy(data)) else { return };
    if let Ok(assembled) = solution::assemble(&package) {
        solution::read_zip(&assembled.zip, "made.zip").expect("what was made can be read");
        bundle::build(&package, &assembled.zip, &assembled.roles, Timestamp::FIRST).expect("built");
    }
}

fn package(text: &str) -> Option<manifest::package::Package> {
    let request = Request {
        set: vec![("a".to_owned(), "b".to_owned())],
        today: Some(jiff::civil::date(2026, 1, 1)),
        ..Request::new("dvpack.yaml")
    };
    let source = Source::new("dvpack.yaml", text);
    manifest::load_text(&source, Path::new("/nowhere"), &request).ok().map(|loaded| loaded.package)
}

/// A bundle, a key, and the bundle signed with it.
struct Base {
    bytes: Vec<u8>,
    key: SigningKey,
    signed: Vec<u8>,
}

static BASE: LazyLock<Base> = LazyLock::new(|| {
    let package = package(MANIFEST).expect("accepted");
    let assembled = solution::assemble(&package).expect("assembled");
    let built = bundle::build(&package, &assembled.zip, &assembled.roles, Timestamp::FIRST);
    let bytes = built.expect("built").bytes;
    // Ed25519; the secret is the letter d, 32 times.
    let pem = format!(
        "-----BEGIN {0}-----\nMC4CAQAwBQYDK2VwBCIEIGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRkZGRk\n-----END {0}-----\n",
        "PRIVATE KEY"
    );
    let key = SigningKey::from_pem(&Secret::new(pem), "key.pem", &mut || None).expect("a key");
    let statement: Statement = serde_json::from_slice(STATEMENT.as_bytes()).expect("a statement");
    let signed = sign(&bytes, &statement, &key).expect("signed");
    Base { bytes, key, signed }
});

/// A bundle that passes says the truth, whatever stands in one of its parts; its signatures and a policy are judged.
pub fn bundle(data: &[u8]) {
    let Some((which, content)) = data.split_first() else { return };
    let base = &*BASE;
    let bytes = match which % 4 {
        0 => content.to_vec(),
        1 => with(&base.bytes, |name| name == "bundle.json", content),
        2 => with(&base.signed, |name| name.ends_with(".sigstore.json"), content),
        _ => base.signed.clone(),
    };
    let trusted = Policy::parse(&Source::new("policy.yaml", String::from_utf8_lossy(content)));
    let Ok(read) = Bundle::from_bytes(&bytes, "fuzzed.dvpack") else { return };
    let truth = Bundle::from_bytes(&base.bytes, "base.dvpack").expect("the base is good");
    if which % 4 != 0 {
        assert_eq!(read.descriptor().solutions.len(), truth.descriptor().solutions.len());
        assert_eq!(read.descriptor().solutions[0].sha256, truth.descriptor().solutions[0].sha256);
        let names = |it: &Bundle| it.descriptor().roles.iter().map(|role| role.id).collect::<Vec<_>>();
        assert_eq!(names(&read), names(&truth));
    }
    let _ = verify_policy(&bytes, &read, &Trust::default());
    let by_key = verify_policy(&bytes, &read, &Trust { keys: vec![base.key.public().clone()], ..Trust::default() });
    if by_key.is_ok() {
        assert_eq!(
            bundle::signature::unsigned(&bytes).as_deref().ok(),
            Some(base.bytes.as_slice()),
            "another bundle passes"
        );
    }
    if let Ok(policy) = trusted {
        let _ = verify_policy(&bytes, &read, &Trust { policy: Some(policy), ..Trust::default() });
    }
}

/// A copy in which some entries have another content; checksums are made to fit.
fn with(bytes: &[u8], which: impl Fn(&str) -> bool, content: &[u8]) -> Vec<u8> {
    let mut entries = archive::read(bytes, &Limits::default()).expect("read");
    let mut sums = String::new();
    for entry in &mut entries {
        if which(&entry.name) {
            entry.bytes = content.to_vec();
        }
        if entry.name != "SHA256SUMS" && !entry.name.starts_with("signatures/") {
            _ = writeln!(sums, "{}  {}", sha256(&entry.bytes), entry.name);
        }
    }
    if let Some(entry) = entries.iter_mut().find(|entry| entry.name == "SHA256SUMS") {
        entry.bytes = sums.into_bytes();
    }
    let (tail, rest): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().partition(|entry| entry.name.starts_with("signatures/"));
    archive::append(&archive::write(&rest).expect("written"), &tail).expect("appended")
}

/// What a service answers is read or not, and nothing of it that a person is shown can steer a terminal.
pub fn json(data: &[u8]) {
    let shown = ServerError::from_body(400, data, None).to_string();
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
    let text = String::from_utf8_lossy(data);
    let _ = (error::parse_code(&text), error::privileges_in(&text), import::missing_in(&text), import::code_in(&text));
    let _ = (import_job::read(&text), parse_challenges(&text), environment_url(&text));
    let _ = retry::retry_after(&text, jiff::Timestamp::UNIX_EPOCH);
    let _ = retry::in_body(text.as_bytes());
    assert!(!error::clean(&text).contains('\u{1b}'));
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(data) else { return };
    let _ = log::redact(&value);
    for row in Row(&value).rows("value").chain([Row(&value)]) {
        for name in ["name", "value", "solutionid", "statecode", "ismanaged", "data"] {
            let _ = (
                row.text(name),
                row.raw(name),
                row.id(name),
                row.flag(name),
                row.number(name),
                row.object(name).is_some(),
            );
        }
    }
}

const STATEMENT: &str = r#"{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"https://slsa.dev/provenance/v1","predicate":{}}"#;

const ANSWERS: [&str; 6] = [
    r#"{"error":{"code":"0x80040265","message":"Principal user is missing prvReadAccount privilege","innererror":{"message":"x"}}}"#,
    r#"{"@odata.context":"x","value":[{"name":"a","solutionid":"11111111-2222-3333-4444-555555555555","ismanaged":true,"statecode":1}]}"#,
    "<importexportxml succeeded=\"failure\"><entities><entity id=\"a\"><result result=\"failure\" errorcode=\"0x8004F016\" errortext=\"t\" /></entity></entities></importexportxml>",
    "The following solution cannot be imported: a. Some dependencies are missing. <MissingDependencies><MissingDependency><Required type=\"1\" schemaName=\"a\" solution=\"b (1.0)\" /><Dependent type=\"1\" schemaName=\"c\" /></MissingDependency></MissingDependencies>",
    "Bearer authorization_uri=https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/oauth2/authorize, resource_id=https://a.crm.dynamics.com/",
    "Wed, 21 Oct 2026 07:28:00 GMT",
];

const POLICY: &str = "dvpackPolicy: 1\nkeys:\n  - sha256: 0000000000000000000000000000000000000000000000000000000000000000\n    solutions: [ContosoWidgets]\n    publisherPrefixes: [contoso]\n    repository: https://github.com/contoso/*\n";

/// Inputs that are accepted, as a start: target and bytes.
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let base = &*BASE;
    let entries = archive::read(&base.signed, &Limits::default()).expect("read");
    let part = |end: &str| {
        entries.iter().find(|entry| entry.name.ends_with(end)).map(|entry| entry.bytes.clone()).unwrap_or_default()
    };
    let mut seeds = vec![("manifest", MANIFEST.as_bytes().to_vec())];
    for (which, content) in [
        (0, base.signed.clone()),
        (1, part("bundle.json")),
        (2, part(".sigstore.json")),
        (3, POLICY.as_bytes().to_vec()),
    ] {
        seeds.push(("bundle", [&[which][..], &content].concat()));
    }
    seeds.extend(ANSWERS.iter().map(|text| ("json", text.as_bytes().to_vec())));
    seeds
}
