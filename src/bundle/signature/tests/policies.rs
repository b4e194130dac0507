//! What policies let pass.

use super::*;

fn rules() -> Rules {
    Rules {
        name: "release".into(),
        solutions: vec!["ContosoWidgets".into()],
        publisher_prefixes: vec!["contoso".into()],
        minimum_version: None,
        repository: None,
        builder: None,
    }
}

fn policy(key: &SigningKey, change: impl FnOnce(&mut Rules)) -> Trust {
    let mut rules = rules();
    change(&mut rules);
    let keys = vec![TrustedKey { sha256: key.public().digest(), rules }];
    Trust { policy: Some(Policy { keys, identities: Vec::new() }), ..Trust::default() }
}

#[test]
fn each_rule_of_a_policy_holds_and_refuses_by_itself() {
    let (bytes, _, statement) = bench();
    let key = p256();
    let signed = sign(&bytes, &statement, &key).expect("signed");
    let passes = |change: &dyn Fn(&mut Rules)| check(&signed, &policy(&key, change));
    assert!(passes(&|_| ()).is_ok());
    let refused = |change: &dyn Fn(&mut Rules)| {
        let text = passes(change).expect_err("refused");
        text.trim_start_matches("the policy does not allow it: ").split("; ").map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        refused(&|it| it.solutions = vec!["Other".into()]),
        ["`release` may not sign the solution `ContosoWidgets`"]
    );
    assert_eq!(
        refused(&|it| it.minimum_version = "1.4.0.1".parse().ok()),
        ["`ContosoWidgets` 1.4.0.0 is older than 1.4.0.1"]
    );
    assert_eq!(
        refused(&|it| it.publisher_prefixes = vec!["other".into()]),
        ["`release` may not sign for the prefix `contoso`"]
    );
    assert!(passes(&|it| it.minimum_version = "1.4.0.0".parse().ok()).is_ok());
    assert_eq!(
        refused(&|it| it.repository = Some("https://git.example/other".into())),
        ["its repository is `https://git.example/widgets`, not `https://git.example/other`"]
    );
    for same in ["https://git.example/widgets", "https://git.example/widgets/", "https://git.example/widgets.git"] {
        assert!(passes(&|it| it.repository = Some(same.into())).is_ok(), "{same}");
    }
    assert_eq!(
        refused(&|it| it.builder = Some("https://ci.example".into())),
        ["its builder is `https://ci.example/release`, not `https://ci.example`"]
    );
    for fits in ["https://ci.example/release", "https://ci.example/*", "*"] {
        assert!(passes(&|it| it.builder = Some(fits.into())).is_ok(), "{fits}");
    }
    // A key that the policy does not name is another key.
    assert!(check(&signed, &policy(&p256(), |_| ())).expect_err("refused").contains("signed by another key"));
    // A policy and a key: one signature must satisfy both.
    let other = p256();
    let both = Trust { keys: vec![other.public().clone()], ..policy(&key, |_| ()) };
    assert!(check(&signed, &both).expect_err("refused").contains("signed by another key"));
}

#[test]
fn under_a_policy_builds_with_unknown_parameters_are_refused() {
    let (_, _, statement) = bench();
    let key = Signer::Key(p256().public().clone());
    let who = Signer::Identity(Identity {
        subject: "https://git.example/release.yml@v1".into(),
        issuer: "https://issuer.example".into(),
        repository: Some("https://git.example/widgets".into()),
        builder: None,
    });
    let check = |signer: &Signer, change: &dyn Fn(&mut serde_json::Value)| {
        let mut statement = statement.clone();
        change(&mut statement.predicate["buildDefinition"]);
        policy::unrecognised(&statement, signer)
    };
    assert_eq!(check(&key, &|_| ()), Vec::<String>::new());
    assert_eq!(
        check(&key, &|it| it["externalParameters"]["compiler"] = json!("mine")),
        ["its build has the parameter `compiler`, which is not known here"]
    );
    assert_eq!(
        check(&key, &|it| it["buildType"] = json!("urn:other")),
        ["its build type `urn:other` is not known here"]
    );
    assert_eq!(check(&key, &|it| it["buildType"] = json!(null)), ["it names no build type"]);
    let github = |it: &mut serde_json::Value| {
        *it = json!({
            "buildType": "https://actions.github.io/buildtypes/workflow/v1",
            "externalParameters": { "workflow": { "repository": "https://git.example/widgets.git" } },
        });
    };
    assert_eq!(check(&who, &github), Vec::<String>::new());
    // Only a certificate makes GitHub's own kind of statement credible.
    assert_eq!(check(&key, &github).len(), 1);
    let elsewhere = |it: &mut serde_json::Value| {
        github(it);
        it["externalParameters"]["workflow"]["repository"] = json!("https://git.example/evil");
    };
    assert_eq!(
        check(&who, &elsewhere),
        ["it names the repository `https://git.example/evil`, but its certificate `https://git.example/widgets`"]
    );
}

#[test]
fn identities_need_subject_and_issuer() {
    let who = |subject: &str, issuer: &str| {
        Signer::Identity(Identity {
            subject: subject.into(),
            issuer: issuer.into(),
            repository: None,
            builder: Some("https://git.example/builder".into()),
        })
    };
    let trusted = |subject: &str| Policy {
        keys: Vec::new(),
        identities: vec![TrustedIdentity {
            subject: subject.into(),
            issuer: "https://a.example".into(),
            rules: rules(),
        }],
    };
    for (pattern, subject, issuer, wanted) in [
        ("me@contoso.example", "me@contoso.example", "https://a.example", true),
        ("me@contoso.example", "me@contoso.example", "https://b.example", false),
        ("me@contoso.example", "me@contoso.example.evil", "https://a.example", false),
        ("https://git.example/x@*", "https://git.example/x@v1", "https://a.example", true),
        ("https://git.example/x@*", "https://git.example/y@v1", "https://a.example", false),
    ] {
        let policy = trusted(pattern);
        assert_eq!(policy.rules(&who(subject, issuer)).len(), usize::from(wanted), "{pattern} {subject} {issuer}");
        let trust = Trust { identities: vec![(pattern.into(), "https://a.example".into())], ..Trust::default() };
        assert_eq!(trust.names(&who(subject, issuer)), wanted, "{pattern} {subject} {issuer}");
        assert!(trust.is_asked());
    }
    assert!(trusted("x").rules(&Signer::Key(p256().public().clone())).is_empty());
    assert!(!Trust::default().is_asked());
    let signed = Signed { signer: who("s", "i"), statement: None };
    assert_eq!((signed.builder(), signed.repository()), (Some("https://git.example/builder"), None));
    assert_eq!(signed.signer.to_string(), "s (says i)");
}

#[test]
fn a_policy_file_says_what_it_means() {
    let digest = "AB".repeat(32);
    let text = format!(
        "dvpackPolicy: 1\nkeys:\n  - {{ sha256: \"sha256:{digest}\", solutions: [A, B], publisherPrefixes: [c], minimumVersion: 1.2, repository: r, builder: b }}\nidentities:\n  - {{ name: n, identity: me, issuer: i, solutions: [A], publisherPrefixes: [c] }}\n"
    );
    let policy = Policy::parse(&Source::new("policy.yaml", text)).expect("a policy");
    let key = &policy.keys[0];
    assert_eq!(key.sha256, "ab".repeat(32));
    assert_eq!((key.rules.name.clone(), key.rules.solutions.len()), (format!("sha256:{}", key.sha256), 2));
    assert_eq!(key.rules.minimum_version, "1.2".parse().ok());
    assert_eq!((key.rules.repository.as_deref(), key.rules.builder.as_deref()), (Some("r"), Some("b")));
    let who = &policy.identities[0];
    assert_eq!((who.rules.name.as_str(), who.subject.as_str(), who.issuer.as_str()), ("n", "me", "i"));
    let json = r#"{"dvpackPolicy": 1, "keys": [{"sha256": "SHA", "solutions": ["A"], "publisherPrefixes": ["c"]}]}"#;
    let json = json.replace("SHA", &digest);
    assert!(Policy::parse(&Source::new("policy.json", json)).is_ok());
    for (bad, code) in [
        ("dvpackPolicy: 1\n".to_owned(), "policy-empty"),
        ("keys: []\n".to_owned(), "missing-key"),
        (
            format!(
                "dvpackPolicy: 1\nkeys: [{{sha256: \"{}\", solutions: [A], publisherPrefixes: [c]}}]\n",
                "zz".repeat(32)
            ),
            "policy-digest",
        ),
    ] {
        let findings = Policy::parse(&Source::new("policy.yaml", bad)).expect_err("refused");
        assert_eq!(findings[0].code, code);
    }
}
