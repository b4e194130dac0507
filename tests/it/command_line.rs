//! The command line itself: help, version, usage errors, exit codes.

use crate::support::Test;

#[test]
fn version_is_one_line() {
    let ran = Test::new().args("--version").success();
    assert_eq!(ran.stdout, format!("dvpack {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn an_unknown_verb_is_a_usage_error() {
    let ran = Test::new().args("aply").code(2);
    assert!(ran.stderr.contains("apply"), "{}", ran.stderr);
}

/// A heading of help is above what belongs to it, and above nothing else.
#[test]
fn options_stand_under_their_own_heading() {
    let sign_in = ["client-id", "tenant", "client-secret-file", "client-certificate", "managed-identity", "azure-cli"];
    let trust = ["key", "identity", "issuer", "policy", "signature", "trusted-root", "require-signature"];
    for verb in ["apply", "plan", "status", "doctor", "remove", "verify"] {
        let help = Test::new().arg(verb).arg("-h").success().stdout;
        let mut heading = String::new();
        for line in help.lines() {
            if line.ends_with(':') && !line.starts_with(' ') {
                heading = line.to_owned();
            }
            let Some((_, rest)) = line.split_once("--").filter(|(before, _)| before.trim().len() < 4) else { continue };
            let name: String = rest.chars().take_while(|it| it.is_ascii_lowercase() || *it == '-').collect();
            let name = name.as_str();
            let wanted = match heading.as_str() {
                "Sign-in:" => sign_in.contains(&name) || ["browser", "device-code"].contains(&name),
                "Trust:" => trust.contains(&name),
                _ => !sign_in.contains(&name) && !trust.contains(&name),
            };
            assert!(wanted, "{verb}: `--{name}` under {heading}\n{help}");
        }
    }
}

#[test]
fn completions_are_printed() {
    assert!(Test::new().args("completions bash").success().stdout.contains("_dvpack"));
}

/// An option that another verb has is no misspelling of one that looks like it.
#[test]
fn an_option_of_another_verb_is_named_with_that_verb() {
    for (line, option, verbs) in [
        ("plan --allow-delete x", "--allow-delete", "`dvpack apply`"),
        ("status --allow-delete x", "--allow-delete", "`dvpack apply`"),
        ("doctor --allow-value env:X x", "--allow-value", "`dvpack plan`, `dvpack apply` and `dvpack status`"),
        ("remove --only-declared-roles x", "--only-declared-roles", "`dvpack doctor`"),
        ("inspect --other-environment x", "--other-environment", "`dvpack apply`"),
        ("plan --yes x", "--yes", "`dvpack apply` and `dvpack remove`"),
        ("doctor -y x", "-y", "`dvpack apply` and `dvpack remove`"),
        ("plan --plan p x", "--plan", "`dvpack apply`"),
        ("apply --write-accepted f x", "--write-accepted", "`dvpack status`"),
        ("plan --wait-for-consent 5m x", "--wait-for-consent", "`dvpack apply`"),
    ] {
        let stderr = Test::new().args(line).code(2).stderr;
        assert!(
            stderr.contains(&format!("tip: `{option}` is an option of ")) && stderr.contains(verbs),
            "{line}: {stderr}"
        );
        assert!(!stderr.contains("as a value") && !stderr.contains("a similar argument"), "{line}: {stderr}");
        let is_consent = ["--allow-", "--only-", "--other-"].iter().any(|consent| option.starts_with(consent));
        assert_eq!(stderr.contains("dvpack apply --plan FILE"), is_consent, "{line}: {stderr}");
    }
    let stderr = Test::new().args("plan --acepted f x").code(2).stderr;
    assert!(stderr.contains("a similar argument exists: '--accepted'"), "{stderr}");
}
