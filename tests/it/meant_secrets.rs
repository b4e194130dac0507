//! Whatever stands where a manifest means a secret, or has the form of one, is in no output: right or wrong, whatever
//! is wrong, in each form of the output.

use std::fs;
use std::path::Path;

use dvpack::diagnostic::Source;
use dvpack::manifest::node::{Content, Node};
use dvpack::manifest::{self, Request};
use dvpack::secret;

use crate::support::{Test, repository};

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

fn outputs(manifest: &str, arguments: &str) -> String {
    let mut all = String::new();
    for (format, pipeline) in [("human", ""), ("json", ""), ("human", "GITHUB_ACTIONS"), ("json", "TF_BUILD")] {
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
    for marker in ["zq7x", "m4rkerOfASecret"] {
        for way in WAYS {
            let manifest = format!("{HEAD}{}", way.replace("MARKER", marker));
            let all = outputs(&manifest, "check");
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
        ("roles:\n  - name: R\n    nmae: [Contoso\n", "Contoso"),
        ("settings: { contoso_Text: plain, contoso_Text: other }\n", "key `contoso_Text` is written twice"),
        ("roles: [{ name: R, nmae: Contoso }]\n", "nmae: Contoso"),
    ] {
        let all = outputs(&format!("{HEAD}{way}"), "check");
        assert!(all.contains(shown), "{way}\n{all}");
    }
}

/// A secret of GitHub's form, another one for each place.
fn marker(number: usize) -> String {
    let mut text = String::new();
    let mut state = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    while text.len() < 36 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.push(char::from(b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"[(state % 56) as usize]));
    }
    format!("ghp_{text}")
}

fn scalars(node: &Node, found: &mut Vec<std::ops::Range<usize>>) {
    match &node.content {
        Content::Scalar(_) => found.push(node.span.range.clone()),
        Content::Sequence(items) => items.iter().for_each(|item| scalars(item, found)),
        Content::Mapping(entries) => {
            for entry in entries {
                found.push(entry.key_span.range.clone());
                scalars(&entry.value, found);
            }
        }
        Content::Refused => {}
    }
}

/// Ways to break the text at a marker that stands between quotes.
const BREAKS: [(&str, &str); 6] =
    [("", ""), ("[", "]"), ("\"${{ '", "' | foo }}\""), ("{ secret: ", " }"), ("\"", ""), ("!x ", "")];

#[test]
fn what_has_the_form_of_a_secret_is_never_shown_wherever_it_stands() {
    let folder = repository().join("examples/contoso-widgets");
    let text = fs::read_to_string(folder.join("dvpack.yaml")).expect("the example");
    let source = Source::new("dvpack.yaml", text.as_str());
    let tree = manifest::strict_yaml(&source, &mut Vec::new()).expect("a tree");
    let mut places = Vec::new();
    scalars(&tree, &mut places);
    let mut warned = 0;
    for (number, range) in places.iter().enumerate() {
        for (way, (before, after)) in BREAKS.iter().enumerate() {
            let marker = marker(number * BREAKS.len() + way);
            let mut changed = text.clone();
            changed.replace_range(range.clone(), &format!("{before}{marker}{after}"));
            let (shown, found) = shown(&changed, &folder);
            assert!(!shown.contains(&marker), "{range:?} {before}\n{shown}");
            warned += usize::from(found);
        }
    }
    println!("{} places, each in {} ways; {warned} with a warning", places.len(), BREAKS.len());
    assert!(places.len() > 60 && warned > places.len());
}

/// All that would be printed, as the program prints it, and whether the detector warned.
fn shown(text: &str, folder: &Path) -> (String, bool) {
    let request = Request { path: folder.to_owned(), ..Request::default() };
    let findings = match manifest::load_text(&Source::new("dvpack.yaml", text), folder, &request) {
        Ok(loaded) => loaded.findings,
        Err(findings) => findings,
    };
    let mut shown = String::new();
    for finding in &findings {
        shown.push_str(&finding.render(false, 400));
        shown.push_str(&serde_json::to_string(&finding.to_record()).expect("JSON"));
    }
    (secret::hide(&shown).into_owned(), findings.iter().any(|it| it.code == "secret-in-manifest"))
}

#[test]
fn a_secret_that_the_manifest_means_to_ship_is_only_in_what_is_built() {
    let marker = marker(1_000_000);
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
