//! Two bundles that differ in their files only: `diff` names the file, whoever signed it.

use std::process::Command;

use base64::Engine as _;

use crate::support::{Ran, Test};
use crate::tampered::{genuine, packed};

const SCRIPT: &str = "post-import/Apply-Package.ps1";

/// The bundle with an Authenticode block, which only its form makes one.
fn with_authenticode() -> Vec<u8> {
    let mut entries = genuine();
    let script = entries.iter_mut().find(|it| it.name == SCRIPT).expect("there");
    let der = [&[0x30, 0x82, 0x01, 0x00][..], &[7; 256][..]].concat();
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: String = text.as_bytes().chunks(64).map(|it| format!("# {}\r\n", String::from_utf8_lossy(it))).collect();
    let block = format!("\r\n# SIG # Begin signature block\r\n{lines}# SIG # End signature block\r\n");
    script.bytes.extend_from_slice(block.as_bytes());
    packed(&entries)
}

/// A new private key, as PEM.
fn key() -> Vec<u8> {
    let arguments = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let output = Command::new("openssl").args(arguments).output().expect("openssl");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn signed(bundle: &[u8], key: &[u8]) -> Vec<u8> {
    let test = Test::new().file("it.dvpack", bundle).file("key.pem", key);
    test.args("sign it.dvpack --key key.pem").success().read("it.dvpack")
}

fn compared(old: &[u8], new: &[u8], more: &str) -> Ran {
    Test::new().file("old.dvpack", old).file("new.dvpack", new).args("diff old.dvpack new.dvpack").args(more).run()
}

/// Asserts that these files are said to differ so, and nothing else.
fn differ(what: &str, old: &[u8], new: &[u8], files: &[(&str, String)]) {
    let ran = compared(old, new, "");
    assert_eq!(ran.code, 0, "{what}: {}", ran.stderr);
    let mut said: Vec<_> = ran.stdout.lines().filter(|line| line.contains("Bundle file")).collect();
    for (change, file) in files {
        let at = said.iter().position(|line| line.contains(&format!("Bundle file: {file}")));
        let line = said.remove(at.unwrap_or_else(|| panic!("{what}: no {file} in\n{}", ran.stdout)));
        assert!(line.trim_start().starts_with(change), "{what}: `{change}` is not in `{line}`");
    }
    assert!(said.is_empty(), "{what}: {said:?}");
    let json = compared(old, new, "--format json").json();
    let list = json["differences"].as_array().expect("a list");
    for (_, file) in files {
        assert!(list.iter().any(|it| it.to_string().contains(file.as_str())), "{what}: {file} is not in {list:#?}");
    }
}

#[test]
fn a_signed_script_is_named() {
    let (plain, other) = (packed(&genuine()), with_authenticode());
    differ("added", &plain, &other, &[("~", SCRIPT.to_owned())]);
    differ("removed", &other, &plain, &[("~", SCRIPT.to_owned())]);
}

#[test]
fn signatures_are_named() {
    let plain = packed(&genuine());
    let (one, two) = (key(), key());
    let (by_one, by_two) = (signed(&plain, &one), signed(&plain, &two));
    let files = |bundle: &[u8]| {
        let names = dvpack::archive::names(bundle, &dvpack::archive::Limits::default()).expect("names");
        names.into_iter().filter(|name| name.starts_with("signatures/")).collect::<Vec<_>>()
    };
    let all = |change: &'static str, files: Vec<String>| {
        assert!(!files.is_empty());
        files.into_iter().map(|file| (change, file)).collect::<Vec<_>>()
    };
    differ("added", &plain, &by_one, &all("+", files(&by_one)));
    differ("removed", &by_one, &plain, &all("-", files(&by_one)));
    let again = signed(&by_one, &one);
    assert_ne!(again, by_one, "an ECDSA signature differs each time");
    // The key stays.
    let signature = files(&by_one).into_iter().filter(|name| name.ends_with(".sigstore.json")).collect();
    differ("again", &by_one, &again, &all("~", signature));
    differ("by another", &by_one, &by_two, &[all("-", files(&by_one)), all("+", files(&by_two))].concat());
    let script = [all("+", files(&by_one)), all("~", vec![SCRIPT.to_owned()])].concat();
    differ("with a signed script", &plain, &signed(&with_authenticode(), &one), &script);
}

#[test]
fn another_generation_of_templates_is_not_compared() {
    let plain = packed(&genuine());
    let mut entries = genuine();
    let json = entries.iter_mut().find(|it| it.name == "bundle.json").expect("there");
    let text = String::from_utf8(json.bytes.clone()).expect("UTF-8");
    json.bytes = text.replace("\"templates\": 1", "\"templates\": 2").into_bytes();
    let newer = packed(&entries);
    for (old, new, file) in [(&plain, &newer, "new.dvpack"), (&newer, &plain, "old.dvpack")] {
        let ran = compared(old, new, "");
        assert_eq!(ran.code, 3, "{}", ran.stdout);
        let place = format!("{file}: bundle.json");
        assert!(ran.stderr.contains("made by a newer dvpack") && ran.stderr.contains(&place), "{}", ran.stderr);
        assert!(!ran.stdout.contains("no difference"), "{}", ran.stdout);
    }
}
