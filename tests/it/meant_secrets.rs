//! Whatever stands where a manifest means a secret, or has the form of one, is in no output: right or wrong, whatever
//! is wrong, in each form of the output.

use crate::support::Test;

const HEAD: &str = "dvpack: 1
publisher: { name: contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: ContosoWidgets, version: 1.10 }
components:
  environmentVariables:
    - { name: contoso_Key, type: secret }
    - { name: contoso_Text, type: string }
";

/// Ways to get it wrong, and one to get it right, with the secret as `MARKER`.
const WAYS: &[&str] = &[
    // As text, in each style.
    "settings: { contoso_Key: MARKER }\n",
    "settings:\n  contoso_Key: 'MARKER'\n",
    "settings:\n  contoso_Key: |\n    MARKER\n",
    "settings:\n  contoso_Key: >-\n    one\n    MARKER\n",
    // A bare text or a list in place of a reference.
    "settings: { contoso_Key: { secret: MARKER } }\n",
    "settings: { contoso_Text: { secret: MARKER } }\n",
    "settings: { contoso_Key: { secret: [MARKER] } }\n",
    "settings: { contoso_Key: [MARKER, x] }\n",
    "settings: { contoso_Key: { secret: { MARKER } } }\n",
    "settings: { contoso_Key: { MARKER } }\n",
    "settings: { contoso_Key: { secret: { MARKER: x } } }\n",
    // A wrong key.
    "settings: { contoso_Key: { value: MARKER } }\n",
    "settings: { contoso_Key: { secret: { env: A }, value: MARKER } }\n",
    "settings: { contoso_Key: { secrt: MARKER } }\n",
    "settings: { contoso_Key: { secret: { text: MARKER } } }\n",
    "settings: { contoso_Key: { secret: { value: { text: [MARKER] } } } }\n",
    "setings: { contoso_Key: MARKER }\n",
    "settings: { contoso_Text: { default: MARKER } }\n",
    // What is no name, no id.
    "settings: { contoso_Text: { secret: { env: 'MARKER!' } } }\n",
    "settings: { contoso_Key: { secret: { keyVault: MARKER } } }\n",
    "settings: { contoso_Key: { secret: { keyVault: 'https://x.vault.azure.net/secrets/MARKER' } } }\n",
    "settings: { contoso_Key: { secret: { env: [MARKER] } } }\n",
    "settings: { contoso_Key: { secret: { env: { name: MARKER } } } }\n",
    // Twice, merged, by alias.
    "settings: { contoso_Key: MARKER, contoso_Key: MARKER }\n",
    "settings:\n  contoso_Key: x\n  contoso_Key: MARKER\n",
    "settings:\n  contoso_Key: { secret: { env: A, env: MARKER } }\n",
    "settings:\n  <<: { contoso_Key: MARKER }\n",
    "settings: { contoso_Key: { <<: { secret: MARKER } } }\n",
    "<<: { settings: { contoso_Key: MARKER } }\n",
    "solution: { name: &x MARKER }\nsettings: { contoso_Key: *x }\n",
    "settings: { contoso_Key: &x MARKER, contoso_Text: *x }\n",
    "settings: { ? [contoso_Key] : MARKER }\n",
    "settings: { contoso_Key: { ? [MARKER] : x } }\n",
    "settings: { contoso_Key: { secret: { ? { MARKER: x } : MARKER } } }\n",
    "settings: { contoso_Key: !secret MARKER }\n",
    "settings: { contoso_Key: { secret: !x { env: 'MARKER!' } } }\n",
    "settings: { contoso_Key: *MARKER }\n",
    "settings: { contoso_Key: { secret: *MARKER } }\n",
    "settings:\n  contoso_Key: &MARKER\n",
    "settings: { contoso_Key: &MARKER , contoso_Text: [] }\n",
    "settings: { contoso_Key: !MARKER x }\n",
    "settings: { contoso_Key: { secret: !MARKER } }\n",
    // The group itself in another shape.
    "settings: MARKER\n",
    "settings: [{ name: contoso_Key, value: MARKER }]\n",
    "environments: [{ name: uat, settings: { contoso_Key: MARKER } }]\n",
    // YAML that is broken there.
    "settings: { contoso_Key: \"MARKER }\n",
    "settings:\n  contoso_Key: \"MARKER\" x\n",
    "settings:\n  contoso_Key: MARKER: x\n",
    "settings:\n  contoso_Key: [MARKER\n",
    "settings:\n  contoso_Key: { secret: { env: MARKER }\n",
    "settings:\n  contoso_Key: @MARKER\n",
    "settings:\n\tcontoso_Key: MARKER\n",
    "settings:\n  contoso_Key: 'x\n  MARKER\n",
    "settings:\n  contoso_Key:\n   secret: %MARKER\n",
    "settings:\n  contoso_Key: \"\\qMARKER\"\n",
    "settings:\n  contoso_Key: { secret: { file: MARKER } }}\n",
    "settings:\n  contoso_Key: x\n---\nMARKER: [\n",
    // An expression that is broken there.
    "settings: { contoso_Key: \"${{ 'MARKER' | foo }}\" }\n",
    "settings: { contoso_Key: \"${{ 'MARKER' \" }\n",
    "settings: { contoso_Key: \"${{ set.x ~ 'MARKER' }}\" }\n",
    "settings: { contoso_Key: \"MARKER ${{ set.x }}\" }\n",
    "settings: { contoso_Key: { secret: { keyVault: \"${{ 'MARKER' +* 1 }}\" } } }\n",
    "settings: { contoso_Key: { secret: { env: \"${{ 'MARKER' | foo }}\" } } }\n",
    // In an overlay.
    "environments: { uat: { settings: { contoso_Key: MARKER } } }\n",
    "environments: { uat: { settings: { contoso_Key: { secret: [MARKER] } } } }\n",
    "environments:\n  uat:\n    settings:\n      contoso_Key: { secret: MARKER }\n      contoso_Key: MARKER\n",
    "environments: { uat: { setings: { contoso_Key: MARKER } } }\n",
    "environments: { uat: { settings: { contoso_Key: \"MARKER } } }\n",
    // Where a secret is only mistaken to belong.
    "application: { clientId: x, clientSecret: MARKER }\n",
    "application: { clientId: x, password: [MARKER] }\n",
    "applicationUser: { roles: [A], apiKey: { x: MARKER } }\n",
    "application: { clientId: x, pw: MARKER }\n",
    "application: { clientId: x, pass: MARKER, creds: MARKER }\n",
    "application: { clientId: x, passwort: MARKER }\n",
    "application: { clientId: x, clientSecretName: MARKER }\n",
    // As a comment, or behind one.
    "settings:\n  contoso_Text: { secret: #MARKER\n  }\n",
    "settings:\n  contoso_Text:\n    secret: #MARKER\n",
    "settings:\n  contoso_Key: #MARKER\n",
    "settings:\n  # MARKER\n  contoso_Nope: x # old MARKER\n",
    "clientSecret: #MARKER\n",
    // With control characters.
    "settings:\n  contoso_Text: { secret: \"\u{202a}MARKER\" }\n",
    "settings:\n  contoso_Key: \u{202a}MARKER\n",
    "settings:\n  contoso_Key: MARKER\u{7}\n",
    // At a level that was forgotten.
    "environments: { uat: { contoso_Key: MARKER } }\n",
    "environments:\n  uat:\n    contoso_Key: MARKER\n",
    "environments:\n  - uat:\n      contoso_Key: MARKER\n",
    "settings:\ncontoso_Key: MARKER\n",
    "contoso_Key: MARKER\n",
    // With a comma.
    "settings: { contoso_Key: a,MARKER }\n",
    "settings: { contoso_Text: { secret: a, MARKER } }\n",
    "application: { clientId: x, password: a,b,MARKER }\n",
    // At the wrong column.
    "settings:\n  contoso_Text:\n    secret:\n*MARKER\n",
    "settings:\n  contoso_Text:\n  secret:\n  *MARKER\n",
    "settings:\n  contoso_Text:\n    secret:\n  - *MARKER\n",
    // A near name.
    "settings: { contoso_Keyy: MARKER }\n",
    "settings: { contoso_Kye: [MARKER] }\n",
    // Broken, in other styles.
    "settings:\n  contoso_Text:\n    ? secret\n    : MARKER\nx: [\n",
    "? secret\n: MARKER\nx: [\n",
    "settings:\n  contoso_Text:\n    secret:\n      \"MARKER\": x\nx: [\n",
    "settings: {\ncontoso_Key: MARKER,\nx: [\n",
    "settings: {\n\"contoso_Key\":\"MARKER\" \"x\":1}\n",
    "settings:\ncontoso_Key: MARKER\n  x: [\n",
    "settings:\n  contoso_Key= MARKER\nx: [\n",
    "environments:\n  uat:\n    contoso_Key: MARKER\nx: [\n",
    "settings:\n  contoso_Text: x # MARKER\nx: [\n",
];

/// A format, and the variable by which a pipeline makes itself known.
type Sink = (&'static str, &'static str);

fn outputs(manifest: &str, arguments: &str) -> String {
    let sinks = [("human", ""), ("json", ""), ("human", "GITHUB_ACTIONS"), ("json", "TF_BUILD")];
    outputs_in(&sinks, manifest, arguments)
}

fn outputs_in(sinks: &[Sink], manifest: &str, arguments: &str) -> String {
    let mut all = String::new();
    for &(format, pipeline) in sinks {
        let mut test =
            Test::new().file("dvpack.yaml", manifest).args(arguments).args("--format").arg(format).args("-vvv");
        if !pipeline.is_empty() {
            test = test.env(pipeline, "true");
        }
        let ran = test.run();
        assert_ne!(ran.code, 101, "{}", ran.stderr);
        all.push_str(&format!("{}{}", ran.stdout, ran.stderr));
    }
    all
}

#[test]
fn what_stands_where_a_secret_is_meant_is_never_shown() {
    // A short one is not looked for in all that is printed: it is hidden in its place.
    let mut shown = Vec::new();
    let sinks: [(_, [Sink; 2]); 2] = [
        ("zq7x", [("human", "GITHUB_ACTIONS"), ("json", "")]),
        ("m4rkerOfASecret", [("human", ""), ("json", "TF_BUILD")]),
    ];
    for (marker, sinks) in sinks {
        for way in WAYS {
            let manifest = format!("{HEAD}{}", way.replace("MARKER", marker));
            let all = outputs_in(&sinks, &manifest, "check");
            if all.contains(marker) {
                shown.push(format!("{way}\n{all}"));
            }
            // The finding itself is not lost.
            assert!(all.contains("error"), "{way}\n{all}");
        }
    }
    assert!(shown.is_empty(), "{}", shown.join("\n\n"));
}

/// Of a type that a plain variable has, a value below `settings` is not quoted either.
#[test]
fn values_of_settings_are_not_quoted() {
    let head = HEAD.replace("type: string }", "type: number }\n    - { name: contoso_Json, type: json }");
    for way in [
        "settings: { contoso_Text: m4rkerOfASecret }\n",
        "settings: { contoso_Json: '{m4rkerOfASecret' }\n",
        "settings: { contoso_Text: \"${{ 'm4rkerOfASecret' | nofilter }}\" }\n",
        "environments: { uat: { settings: { contoso_Text: m4rkerOfASecret } } }\n",
        "settings: { contoso_Nothing: m4rkerOfASecret }\n",
    ] {
        let all = outputs(&format!("{head}{way}"), "check");
        assert!(!all.contains("m4rkerOfASecret") && all.contains("error"), "{way}\n{all}");
    }
}

/// What stands before the lines, and one of them.
type Way = (&'static str, fn(usize) -> String);

/// Each line of a manifest can be a mistake; ten times as many take ten times as long.
#[test]
fn many_misplaced_secrets_take_no_more_time_for_each() {
    let variables = |count: usize| -> String {
        (0..count).map(|number| format!("    - {{ name: contoso_Key{number}, type: secret }}\n")).collect()
    };
    let each = |count: usize, line: fn(usize) -> String| (0..count).map(line).collect::<String>();
    let head = HEAD.split("components:").next().expect("a head");
    let ways: [Way; 6] = [
        ("settings:\n", |n| format!("  contoso_Key{n}: s3cretNumber{n}\n")),
        ("settings:\n", |n| format!("  contoso_Keyy{n}: s3cretNumber{n}\n")),
        ("settings:\n", |n| format!("  contoso_Key{n}: {{ secret: s3cretNumber{n} }}\n")),
        ("settings:\n", |n| format!("  contoso_Same: s3cretNumber{n}\n")),
        ("", |n| format!("contoso_Key{n}: s3cretNumber{n}\n")),
        ("application:\n  clientId: x\n", |n| format!("  foo{n}: ghp_{n:036}\n")),
    ];
    for (before, line) in ways {
        let time = |count: usize| {
            let declared = format!("components:\n  environmentVariables:\n{}", variables(count));
            let text = format!("{head}{declared}{before}{}", each(count, line));
            let started = std::time::Instant::now();
            let source = dvpack::diagnostic::Source::new("dvpack.yaml", text);
            let request = dvpack::manifest::Request::default();
            let found = dvpack::manifest::load_text(&source, std::path::Path::new("."), &request);
            let length: usize =
                found.expect_err("mistakes").iter().map(|finding| finding.render(false, 100).len()).sum();
            assert!(length > 20 * count, "{length}");
            started.elapsed()
        };
        let (few, many) = (time(100), time(1000));
        // The square would be a hundred times as long.
        assert!(many < few * 30 + std::time::Duration::from_millis(300), "{}: {few:?}, {many:?}", line(0));
    }
}

#[test]
fn references_stay_readable() {
    for (way, shown) in [
        ("settings: { contoso_Text: { secret: { enviroment: CONTOSO_KEY } } }\n", "enviroment"),
        (
            "settings: { contoso_Text: { secret: { env: CONTOSO_KEY, file: /run/key } } }\n",
            "{ env: CONTOSO_KEY, file: /run/key }",
        ),
        ("settings: { contoso_Text: { secret: { env: \"${{ set.name }}\" } } }\n", "`set.name` has no value"),
        ("settings: { contoso_Nothing: { secret: { env: CONTOSO_KEY } } }\n", "{ env: CONTOSO_KEY }"),
        ("roles:\n  - name: Contoso: R\n", "Contoso"),
        ("settings: { contoso_Text: plain, contoso_Text: other }\n", "key `contoso_Text` is written twice"),
        ("roles: [{ name: R, nmae: Contoso }]\n", "name: R, nmae: ***"),
        ("application: { clientId: Contoso }\n", "`Contoso` is not a GUID"),
    ] {
        let all = outputs(&format!("{HEAD}{way}"), "check");
        assert!(all.contains(shown), "{way}\n{all}");
    }
}

#[test]
fn a_secret_that_the_manifest_means_to_ship_is_only_in_what_is_built() {
    let marker = format!("ghp_{}", "aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0cDfGhJ");
    let manifest = format!("{HEAD}settings: {{ contoso_Text: {marker} }}\n");
    let ran = Test::new().file("dvpack.yaml", &manifest).args("build . -o out -vvv").success();
    let all = format!("{}{}", ran.stdout, ran.stderr);
    assert!(!all.contains(&marker), "{all}");
    assert!(all.contains("dvpack.yaml:8:27") && all.contains("contoso_Text: ***"), "{all}");
    let bundle =
        dvpack::bundle::Bundle::from_bytes(&ran.read("out/ContosoWidgets_1_10.dvpack"), "x").expect("a bundle");
    assert!(format!("{:?}", bundle.descriptor().settings).contains(&marker));
    let allowed = manifest.replace("settings:", "# dvpack:allow-secret of the test tenant\nsettings:");
    let ran = Test::new().file("dvpack.yaml", allowed).args("check").success();
    assert!(!ran.stderr.contains("secret-in-manifest"), "{}", ran.stderr);
}

#[test]
fn defaults_addresses_and_connection_strings_are_looked_through() {
    for (more, what) in [
        ("settings: { contoso_Text: 'Server=db;Password=hunter2hunter2' }\n", "a password in a connection string"),
        ("settings: { contoso_Text: 'https://me:hunter2@api.contoso.com' }\n", "a password in a URL"),
        (
            "settings:\n  contoso_Text: >-\n    Server=db;\n    Password=hunter2hunter2\n",
            "a password in a connection string",
        ),
        (
            "settings: { contoso_Text: \"Server=db;\\u0050assword=hunter2hunter2\" }\n",
            "a password in a connection string",
        ),
        (
            "environments: { uat: { settings: { contoso_Text: 'x;Pwd=hunter2hunter2' } } }\n",
            "a password in a connection string",
        ),
    ] {
        let all = outputs(&format!("{HEAD}{more}"), "check");
        assert!(all.contains("secret-in-manifest") && all.contains(what) && !all.contains("hunter2"), "{more}\n{all}");
    }
    let default =
        HEAD.replace("type: string }", "type: string, default: 'AuthType=ClientSecret;ClientSecret=hunter2hunter2' }");
    let all = outputs(&default, "check");
    assert!(all.contains("`components.environmentVariables[2].default` contains"), "{all}");
    assert!(!all.contains("hunter2"), "{all}");
}

#[test]
fn the_credentials_of_a_pipeline_do_not_become_text() {
    let secret = "p1peline-Secret-0123456789";
    for (name, expression) in [
        ("AZURE_CLIENT_SECRET", "env.AZURE_CLIENT_SECRET"),
        ("SYSTEM_ACCESSTOKEN", "env['SYSTEM_' ~ 'ACCESSTOKEN']"),
        ("GITHUB_TOKEN", "env.GITHUB_TOKEN[:10] ~ env.GITHUB_TOKEN[10:]"),
        ("DVPACK_KEY_PASSPHRASE", "env['dvpack_key_passphrase' | upper] | default('x')"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "([env] | first).ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
        ("AZURE_CLIENT_SECRET", "env.COPY"),
        ("AZURE_CLIENT_SECRET", "set.copy"),
    ] {
        let manifest = format!("{HEAD}settings: {{ contoso_Text: \"${{{{ {expression} }}}}\" }}\n");
        let test = Test::new().file("dvpack.yaml", manifest).env(name, secret).env("COPY", secret);
        let test = test.args("build . -o out --set").arg(format!("copy={secret}"));
        let ran = test.code(3);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(all.contains("expression-credential") && all.contains(name), "{expression}\n{all}");
        assert!(!all.contains(secret) && !ran.folder.path().join("out").exists(), "{all}");
    }
}

#[test]
fn texts_that_are_too_deep_are_refused_at_their_place() {
    let expression = |text: String| format!("{HEAD}settings: {{ contoso_Text: '${{{{ {text} }}}}' }}\n");
    let deep = |open: &str, close: &str| open.repeat(20_000) + &close.repeat(20_000);
    for (manifest, code) in [
        (expression("not ".repeat(30_000)), "expression-too-large"),
        (expression("(".repeat(900)), "expression-too-large"),
        (expression("[".repeat(900)), "expression-too-large"),
        (expression("- ".repeat(900)), "expression-too-large"),
        (expression(format!("a{}", ".b".repeat(1900))), "expression-too-large"),
        (expression(format!("a{}", "|upper".repeat(600))), "expression-too-large"),
        (expression(format!("a{}", "~a".repeat(1900))), "expression-too-large"),
        (format!("a: {}", deep("[", "]")), "yaml-syntax"),
        (format!("a: {}", "- ".repeat(20_000)), "yaml-syntax"),
        (format!("{}x\n", "- ".repeat(20_000)), "nested-too-deep"),
        (format!("a: {}", deep("{a: ", "}")), "nested-too-deep"),
        ((0..80).map(|level| format!("{}a:\n", " ".repeat(level))).collect(), "nested-too-deep"),
    ] {
        let ran = Test::new().file("dvpack.yaml", &manifest).args("check --format json").code(3);
        let codes: Vec<_> =
            ran.json()["diagnostics"].as_array().expect("a list").iter().map(|it| it["code"].clone()).collect();
        assert!(codes.iter().any(|found| found == code), "{code}: {codes:?}\n{}", &manifest[..200.min(manifest.len())]);
    }
}

/// The text of a credential is hidden wherever it turns up, also in words that do not seem to be a secret's.
#[test]
fn a_credential_of_the_environment_is_never_printed() {
    const TEXT: &str = "Tr0ub4dor-of-the-pipeline";
    let manifest = |description: &str| {
        format!(
            "dvpack: 1\npublisher: {{ name: contoso, prefix: contoso, optionValuePrefix: 10000 }}\n\
             solution: {{ name: Widgets, version: 1.0.0.0, description: {description} }}\n"
        )
    };
    for variable in ["AZURE_CLIENT_SECRET", "SYSTEM_ACCESSTOKEN", "DVPACK_KEY_PASSPHRASE", "NUGET_API_KEY"] {
        for (text, arguments) in [
            (manifest(&format!("'${{{{ env.HOME == \"{TEXT}\" }}}}'")), "check ."),
            (manifest(&format!("'${{{{ \"{TEXT}\" | nothing }}}}'")), "check ."),
            (manifest(&format!("x, {TEXT}: y")), "check . --format json"),
            (format!("# {TEXT}\n{TEXT}\n"), "check . --report a.md"),
            (manifest("x"), "check Tr0ub4dor-of-the-pipeline"),
            (manifest("x"), "check . --Tr0ub4dor-of-the-pipeline"),
            (manifest("x"), "Tr0ub4dor-of-the-pipeline"),
        ] {
            let ran = crate::support::Test::new()
                .file("dvpack.yaml", &text)
                .env(variable, TEXT)
                .env("GITHUB_ACTIONS", "true")
                .env("GITHUB_STEP_SUMMARY", "page.md")
                .args(arguments)
                .run();
            let files = ["a.md", "page.md"].map(|name| std::fs::read_to_string(ran.folder.path().join(name)));
            let all = ran.stdout.clone() + &ran.stderr + &files.into_iter().flatten().collect::<String>();
            assert!(!all.contains(TEXT), "{variable}, {arguments}, {text}: {all}");
        }
    }
}
