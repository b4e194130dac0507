//! Every change of a signed bundle is found.

use super::*;

#[test]
fn every_truncation_is_found() {
    let bench = bench();
    let good = bench.read("p256.dvpack");
    let key = PublicKey::read(&bench.path("p256.pub")).expect("a key");
    let trust = Trust { keys: vec![key], ..Trust::default() };
    let accepted =
        |bytes: &[u8]| Bundle::from_bytes(bytes, "it").is_ok_and(|it| verify_policy(bytes, &it, &trust).is_ok());
    assert!(accepted(&good));
    let mut numbers = Numbers(7);
    for length in (0..200).map(|_| numbers.below(good.len())).chain(good.len() - 60..good.len()) {
        assert!(!accepted(&good[..length]), "cut to {length} bytes");
    }
    // Cut back to before its signatures it is the unsigned bundle, and says so.
    let unsigned = dvpack::bundle::signature::unsigned(&good).expect("unsigned");
    assert_eq!(unsigned, bench.read("it.dvpack"));
}

#[test]
fn every_changed_byte_is_found() {
    let bench = bench();
    let good = bench.read("p256.dvpack");
    let mut numbers = Numbers(6);
    for round in 0..200 {
        let at = numbers.below(good.len());
        let mut bytes = good.clone();
        bytes[at] ^= u8::try_from(1 + numbers.below(255)).expect("a byte");
        let ran = bench.test(&bytes).args("verify it.dvpack --key p256.pub").run();
        assert_eq!(ran.code, 3, "round {round}: byte {at} was changed\n{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn every_byte_of_the_records_of_a_signature_is_checked() {
    let bench = bench();
    let good = bench.read("ed25519.dvpack");
    let key = PublicKey::read(&bench.path("ed25519.pub")).expect("a key");
    let trust = Trust { keys: vec![key], ..Trust::default() };
    let start = good.windows(11).position(|window| window == b"signatures/").expect("there") - 30;
    // The records of the list of files, whole, and the first bytes of the signature's own entry.
    let list = good.windows(4).position(|window| window == b"PK\x01\x02").expect("there");
    for at in (start..start + 60).chain(list..good.len()) {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        let accepted =
            Bundle::from_bytes(&bytes, "it").is_ok_and(|bundle| verify_policy(&bytes, &bundle, &trust).is_ok());
        assert!(!accepted, "byte {at} was changed");
    }
}
