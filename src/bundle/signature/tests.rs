//! What signatures and policies let pass, without the program around them.

mod policies;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use serde_json::json;

use super::check::{MAXIMUM_ENTRIES, split};
use super::keyless::Identity;
use super::*;
use crate::archive::{self, Split};
use crate::bundle::Bundle;
use crate::bundle::build::tests::built;
use crate::bundle::provenance::{Builder, Inputs, Subject, statement as stated};
use crate::diagnostic::Source;
use crate::secret::Secret;

fn pem(der: &[u8]) -> Secret {
    Secret::new(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der)))
}

fn p256() -> SigningKey {
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new()).expect("a key");
    SigningKey::from_pem(&pem(der.as_ref()), "key", &mut || None).expect("a key")
}

fn ed25519() -> SigningKey {
    let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
    SigningKey::from_pem(&pem(der.as_ref()), "key", &mut || None).expect("a key")
}

fn builder() -> Builder {
    Builder {
        id: "https://ci.example/release".into(),
        repository: Some("https://git.example/widgets".into()),
        commit: Some("abc".into()),
        reference: Some("refs/tags/v1".into()),
        invocation: Some("https://ci.example/runs/1".into()),
    }
}

/// A bundle, its bytes, and the honest statement about it.
fn bench() -> (Vec<u8>, Bundle, Statement) {
    let bytes = built().bytes;
    let bundle = Bundle::from_bytes(&bytes, "it").expect("a bundle");
    let statement = stated(&bundle, &bytes, &Inputs::default(), &builder());
    (bytes, bundle, statement)
}

fn check(bytes: &[u8], trust: &Trust) -> Result<Vec<Signed>, String> {
    let bundle = Bundle::from_bytes(bytes, "it")
        .map_err(|findings| findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    verify_policy(bytes, &bundle, trust).map(|checked| checked.signatures).map_err(|refusal| refusal.to_string())
}

fn by(keys: &[&SigningKey]) -> Trust {
    Trust { keys: keys.iter().map(|key| key.public().clone()).collect(), ..Trust::default() }
}

#[test]
fn a_signature_counts_for_its_own_key_only() {
    let (bytes, bundle, statement) = bench();
    for key in [p256(), ed25519()] {
        let signed = sign(&bytes, &statement, &key).expect("signed");
        let found = check(&signed, &by(&[&key])).expect("good");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].signer, Signer::Key(key.public().clone()));
        assert_eq!(found[0].statement.as_ref(), Some(&statement));
        assert_eq!(found[0].builder(), Some("https://ci.example/release"));
        assert_eq!(found[0].repository(), Some("https://git.example/widgets"));
        assert_eq!(found[0].signer.to_string(), format!("sha256:{}", key.public().digest()));
        let refused = check(&signed, &by(&[&p256()])).expect_err("another key");
        assert_eq!(refused, format!("the bundle is signed by another key: sha256:{}", key.public().digest()));
        // A second signer says the same of the bundle that has a signature already.
        let again = Bundle::from_bytes(&signed, "it").expect("a bundle");
        assert!(again.entries().len() > bundle.entries().len());
        assert_eq!(stated(&again, &bytes, &Inputs::default(), &builder()).subject, statement.subject);
        // Nobody asked: the signature is reported, and none is needed.
        assert_eq!(check(&signed, &Trust::default()).expect("told").len(), 1);
    }
    assert!(check(&bytes, &Trust::default()).expect("unsigned").is_empty());
    assert_eq!(check(&bytes, &by(&[&p256()])).expect_err("unsigned"), "the bundle is not signed");
}

#[test]
fn key_ids_and_hints_decide_nothing() {
    let (bytes, _, statement) = bench();
    let key = p256();
    let signed = sign(&bytes, &statement, &key).expect("signed");
    let Split { archive, tail } = split(&signed).expect("split");
    let change = |from: &str, to: &str| {
        let mut tail = tail.clone();
        for entry in tail.iter_mut().filter(|entry| entry.name.ends_with(DOCUMENT_END)) {
            let text = String::from_utf8(entry.bytes.clone()).expect("UTF-8");
            assert!(text.contains(from), "{text}");
            entry.bytes = text.replace(from, to).into_bytes();
        }
        archive::append(&archive, &tail).expect("appended")
    };
    let other = p256();
    let renamed = change(&key.public().digest(), &other.public().digest());
    assert!(check(&renamed, &by(&[&key])).is_ok(), "the key id is not what tells the key");
    assert!(check(&change(&key.public().hint(), &other.public().hint()), &by(&[&key])).is_ok());
    // In a bundle they have the form of a digest, so that no other text can be there.
    assert!(check(&change(&key.public().digest(), "somebody else"), &by(&[&key])).is_err());
    assert!(check(&change(&key.public().hint(), "x"), &by(&[&key])).is_err());
    // Another key's id does not make it that key's signature.
    assert!(check(&change(&key.public().digest(), &other.public().digest()), &by(&[&other])).is_err());
    let media = change("bundle.v0.3+json", "bundle.v0.9+json");
    assert!(check(&media, &by(&[&key])).expect_err("refused").contains("media type"));
    let kind = change("application/vnd.in-toto+json", "text/plain");
    assert!(check(&kind, &by(&[&key])).expect_err("refused").contains("its payload is"));
}

#[test]
fn what_is_signed_must_be_provenance_of_these_bytes() {
    let (bytes, _, statement) = bench();
    let key = p256();
    let refused = |change: fn(&mut Statement)| {
        let mut other = statement.clone();
        change(&mut other);
        check(&sign(&bytes, &other, &key).expect("signed"), &by(&[&key])).expect_err("refused")
    };
    let about = refused(|it| it.subject = vec![Subject::of("it", b"other")]);
    assert!(about.ends_with("it is about another bundle, or this one was changed after it was signed"), "{about}");
    // A statement about a file in the bundle is not one about the bundle.
    assert!(refused(|it| drop(it.subject.remove(0))).contains("about another bundle"));
    assert!(refused(|it| it.statement_type = "other".into()).contains("not build provenance"));
    assert!(refused(|it| it.predicate_type = "other".into()).contains("not build provenance"));
    assert!(
        refused(|it| it.predicate["runDetails"]["builder"]["id"] = json!("\u{1b}[2J")).contains("control characters")
    );
    assert!(
        refused(|it| it.predicate["buildDefinition"]["externalParameters"]["a\u{7}"] = json!(1))
            .contains("control characters")
    );
}

#[test]
fn a_broken_signature_is_refused_beside_a_trusted_one_too() {
    let (bytes, _, statement) = bench();
    let (good, bad) = (p256(), p256());
    let mut other = statement.clone();
    other.subject = vec![Subject::of("it", b"other")];
    let both = sign(&sign(&bytes, &statement, &good).expect("signed"), &other, &bad).expect("signed");
    assert!(check(&both, &by(&[&good])).expect_err("one is broken").contains("about another bundle"));
    assert!(check(&both, &Trust::default()).expect_err("one is broken").contains("is not valid"));
    assert!(check(&both, &by(&[&bad])).is_err());
    // Two good ones: each key counts, and both are reported.
    let two = sign(&sign(&bytes, &statement, &good).expect("signed"), &statement, &bad).expect("signed");
    assert_eq!(check(&two, &Trust::default()).expect("told").len(), 2);
    assert_eq!(check(&two, &by(&[&good, &bad])).expect("good").len(), 2);
    assert_eq!(check(&two, &by(&[&bad])).expect("good").len(), 1);
    // Signing again with one key replaces its signature, and takes nothing else away.
    let again = sign(&two, &statement, &good).expect("signed");
    assert_eq!(split(&again).expect("split").tail.len(), 4);
    assert_eq!(unsigned(&again).expect("unsigned"), bytes);
}

#[test]
fn only_a_certificate_makes_a_document_keyless() {
    assert!(is_keyless(r#"{"verificationMaterial": {"certificate": {}}}"#));
    assert!(is_keyless(r#"{"verificationMaterial": {"x509CertificateChain": {}}}"#));
    assert!(!is_keyless(r#"{"verificationMaterial": {"publicKey": {}}}"#));
    assert!(!is_keyless("no JSON"));
    let (bytes, _, _) = bench();
    let refused = attach(&bytes, r#"{"verificationMaterial": {"certificate": {}}}"#, None).expect_err("refused");
    assert!(refused.to_string().starts_with("the signature `the one to attach` is not valid"), "{refused}");
    assert!(matches!(attach(&bytes, "{}", Some("no JSON")), Err(Refusal::Root(_))));
}

#[test]
fn a_signature_beside_the_bundle_counts_like_one_in_it() {
    let (bytes, _, statement) = bench();
    let key = p256();
    let signed = sign(&bytes, &statement, &key).expect("signed");
    let tail = split(&signed).expect("split").tail;
    let json = tail.iter().find(|entry| entry.name.ends_with(DOCUMENT_END)).expect("there").bytes.clone();
    let detached = vec![Detached { name: "it.json".into(), json: String::from_utf8(json).expect("UTF-8") }];
    // About the bundle without signatures, also when others have been added since.
    let others = sign(&bytes, &statement, &p256()).expect("signed");
    for file in [&bytes, &others] {
        assert!(check(file, &Trust { detached: detached.clone(), ..by(&[&key]) }).is_ok());
    }
    let refused = check(&bytes, &Trust { detached: detached.clone(), ..by(&[&p256()]) }).expect_err("another key");
    assert_eq!(refused, "the signature `it.json` is not valid: it does not fit its key");
    let refused = check(&bytes, &Trust { detached, ..Trust::default() }).expect_err("no key is known for it");
    assert_eq!(refused, "the signature `it.json` is not valid: its key is not known");
}

#[test]
fn too_many_and_too_large_signatures_are_refused() {
    let (bytes, _, _) = bench();
    let document = sign(&bytes, &bench().2, &p256()).expect("signed");
    let document = split(&document).expect("split").tail.remove(1);
    let files = |count: usize| -> Vec<Entry> {
        (0..count).map(|at| Entry::new(format!("{FOLDER}{at:016}{DOCUMENT_END}"), document.bytes.clone())).collect()
    };
    let check = |tail: &[Entry]| check(&archive::append(&bytes, tail).expect("appended"), &Trust::default());
    assert!(check(&files(MAXIMUM_ENTRIES)).expect_err("none has its key").contains("its key is not known"));
    let refused = check(&files(MAXIMUM_ENTRIES + 1)).expect_err("refused");
    assert_eq!(refused, "the bundle was changed after it was signed: there are more than 64 files below `signatures/`");
    let large = "x".repeat(MAXIMUM_SIZE + 1);
    let refused = check(&[Entry::new(format!("{FOLDER}{:016}{DOCUMENT_END}", 0), large.clone())]).expect_err("refused");
    assert_eq!(refused, "it: signatures/0000000000000000.sigstore.json: it is too large");
    let refused = attach(&bytes, &large, None).expect_err("refused").to_string();
    assert_eq!(refused, "the signature `the one to attach` is not valid: it is too large");
}

#[test]
fn keys_of_other_kinds_are_refused_and_keys_print_their_digest_only() {
    let (p256, ed25519) = (p256(), ed25519());
    let der = |key: &SigningKey| {
        let text = key.public().to_pem();
        STANDARD.decode(text.lines().filter(|line| !line.starts_with('-')).collect::<String>()).expect("base64")
    };
    let taken = |der: &[u8]| {
        let text = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der));
        PublicKey::from_pem(text.as_bytes(), "key").is_ok()
    };
    // The algorithm, the curve, the form of the point.
    for (key, places) in [(&p256, &[8, 20, 26][..]), (&ed25519, &[8][..])] {
        let good = der(key);
        assert!(taken(&good));
        for place in places {
            let mut other = good.clone();
            other[*place] ^= 1;
            assert!(!taken(&other), "byte {place}");
        }
        let digest = sha256(&good);
        assert_eq!(key.public().digest(), digest);
        let hint: String =
            STANDARD.decode(key.public().hint()).expect("base64").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hint, digest);
        assert!(format!("{:?}", key.public()).contains(&digest) && !format!("{key:?}").is_empty());
    }
}

#[test]
fn keys_in_the_formats_of_cosign_say_what_to_do() {
    for kind in ["SIGSTORE", "COSIGN"] {
        let text =
            format!("-----BEGIN ENCRYPTED {kind} PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED {kind} PRIVATE KEY-----\n");
        let error = SigningKey::from_pem(&Secret::new(text), "cosign.key", &mut || None).expect_err("refused");
        assert!(error.to_string().contains("cosign's own format"), "{kind}: {error}");
    }
}

#[test]
fn below_the_folder_are_only_signatures_and_their_keys() {
    let (bytes, _, statement) = bench();
    let key = p256();
    let signed = sign(&bytes, &statement, &key).expect("signed");
    let Split { archive, tail } = split(&signed).expect("split");
    let stem = format!("{FOLDER}{}", &key.public().digest()[..NAME_DIGITS]);
    let with = |change: &dyn Fn(&mut Vec<Entry>)| {
        let mut tail = tail.clone();
        change(&mut tail);
        check(&archive::append(&archive, &tail).expect("appended"), &by(&[&key])).map(|_| ())
    };
    assert_eq!(with(&|_| ()), Ok(()));
    let text = |entry: &Entry| String::from_utf8(entry.bytes.clone()).expect("UTF-8");
    let other = p256().public().to_pem();
    for (why, entry) in [
        ("neither a signature", Entry::new(format!("{FOLDER}readme.txt"), "x")),
        ("neither a signature", Entry::new(format!("{FOLDER}evil.zip"), "PK")),
        ("neither a signature", Entry::new(format!("{stem}{KEY_END}.bak"), "x")),
        ("not called by", Entry::new(format!("{FOLDER}evil{KEY_END}"), other.clone())),
        ("not called by", Entry::new(format!("{FOLDER}a/{}{DOCUMENT_END}", "0".repeat(16)), "{}")),
        ("not called by its key's digest", Entry::new(format!("{FOLDER}{}{KEY_END}", "0".repeat(16)), other.clone())),
        ("expected value", Entry::new(format!("{FOLDER}{}{DOCUMENT_END}", "0".repeat(16)), "hello")),
        ("missing field", Entry::new(format!("{FOLDER}{}{DOCUMENT_END}", "0".repeat(16)), "{}")),
        (
            "called by its digest",
            Entry::new(
                format!("{FOLDER}{}{DOCUMENT_END}", "0".repeat(16)),
                "{\"verificationMaterial\": {\"certificate\": {}}}",
            ),
        ),
    ] {
        let refused = with(&|tail| tail.push(entry.clone())).expect_err(&entry.name);
        assert!(refused.contains(why), "{refused}");
    }
    // A lone key: it could be any text in base64.
    let lone = PublicKey::from_pem(other.as_bytes(), "key").expect("a key");
    let name = format!("{FOLDER}{}{KEY_END}", &lone.digest()[..NAME_DIGITS]);
    assert!(
        with(&|tail| tail.push(Entry::new(name.clone(), other.clone())))
            .expect_err("lone")
            .contains("key of no signature")
    );
    // More in the files than they need.
    for (end, from, to) in [
        (KEY_END, "-----BEGIN", "Pay here: https://evil.example\n-----BEGIN"),
        (KEY_END, "KEY-----\n", "KEY-----\r\n"),
        (DOCUMENT_END, "{", "{\"note\":\"x\","),
        (DOCUMENT_END, "{", "{ "),
        (DOCUMENT_END, "\"tlogEntries\":[]", "\"tlogEntries\":[{}]"),
        (DOCUMENT_END, "\"keyid\"", "\"x\":1,\"keyid\""),
    ] {
        let refused = with(&|tail| {
            for entry in tail.iter_mut().filter(|entry| entry.name.ends_with(end)) {
                assert!(text(entry).contains(from), "{}", text(entry));
                entry.bytes = text(entry).replacen(from, to, 1).into_bytes();
            }
        });
        assert!(refused.as_ref().is_err_and(|why| why.contains("in another form")), "{from} -> {to}: {refused:?}");
    }
}
