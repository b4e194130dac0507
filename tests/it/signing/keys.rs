//! Keys: each form of them is read, and one that others can read or replace is refused.

use super::*;

#[test]
fn every_form_of_a_key_is_read_and_other_keys_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    openssl(at, &["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "sec1.pem"]);
    openssl(at, &["pkcs8", "-topk8", "-in", "sec1.pem", "-passout", "pass:sesame", "-out", "encrypted.pem"]);
    openssl(at, &["pkcs8", "-topk8", "-scrypt", "-in", "sec1.pem", "-passout", "pass:sesame", "-out", "scrypt.pem"]);
    openssl(at, &["ec", "-in", "sec1.pem", "-aes128", "-passout", "pass:sesame", "-out", "old.pem"]);
    openssl(at, &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", "p384.pem"]);
    openssl(at, &["pkey", "-in", "sec1.pem", "-pubout", "-out", "key.pub"]);
    for name in ["sec1.pem", "encrypted.pem", "scrypt.pem", "old.pem", "p384.pem"] {
        set_mode(&at.join(name), 0o600);
    }
    let wanted = PublicKey::read(&at.join("key.pub")).expect("a key");
    let read =
        |name: &str, passphrase: Option<&str>| SigningKey::read(&at.join(name), &mut || passphrase.map(Secret::new));
    for name in ["sec1.pem", "encrypted.pem", "scrypt.pem"] {
        let key = read(name, Some("sesame")).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(*key.public(), wanted, "{name}");
    }
    let why = |name: &str, passphrase: Option<&str>| read(name, passphrase).expect_err(name).why;
    assert_eq!(why("encrypted.pem", None), "it is encrypted, and no passphrase was given");
    assert!(why("encrypted.pem", Some("open")).starts_with("the passphrase does not open it"));
    assert_eq!(why("old.pem", Some("sesame")), "it is encrypted in OpenSSL's old format");
    assert_eq!(why("p384.pem", None), "it is neither an ECDSA P-256 nor an Ed25519 key");
    assert_eq!(why("key.pub", None), "it contains no `BEGIN PRIVATE KEY` block");
    assert_eq!(
        PublicKey::read(&at.join("sec1.pem")).expect_err("private").why,
        "it is a private key, and a public one is wanted"
    );
}

#[cfg(unix)]
#[test]
fn a_private_key_that_others_can_read_or_replace_is_refused_with_the_command_that_helps() {
    let bench = bench();
    let signed = |name: &str, mode: u32| {
        let test = bench.test(&bench.read("it.dvpack")).file(name, bench.read("ed25519.pem"));
        set_mode(&test.path().join(name), mode);
        test.args("sign it.dvpack --key").arg(name).run()
    };
    for mode in [0o644, 0o640, 0o604, 0o444, 0o440, 0o404, 0o777, 0o755] {
        let ran = signed("key.pem", mode);
        assert_eq!(ran.code, 2, "{mode:o}: {}", ran.stderr);
        let expected = format!(
            "error: cannot use the key `key.pem`: it is a private key that other users of this machine can read (mode {mode:04o})\n \
             help: allow only yourself to read it: chmod 600 -- 'key.pem'\n"
        );
        assert_eq!(ran.stderr, expected);
        assert_eq!(ran.read("it.dvpack"), bench.read("it.dvpack"), "{mode:o}: it was signed");
    }
    assert!(signed("key.pem", 0o620).stderr.contains("other users of this machine can replace"));
    for mode in [0o600, 0o400, 0o700] {
        assert_eq!(signed("key.pem", mode).code, 0, "{mode:o}");
    }
    assert!(signed("it's a key.pem", 0o644).stderr.contains("chmod 600 -- 'it'\\''s a key.pem'"));
    // The public half is for everybody; that it does not sign is another error.
    let public = bench.test(&bench.read("it.dvpack")).args("sign it.dvpack --key ed25519.pub").code(2);
    assert!(public.stderr.contains("it contains no `BEGIN PRIVATE KEY` block"), "{}", public.stderr);
}
