//! What a bundle takes of the machine that applies it: only what the person allows by name, and never a credential.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::support::{Test, dvpack};

const MANIFEST: &str = "dvpack: 1
publisher: { name: contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: Values, version: 1.0.0.0 }
components:
  environmentVariables:
    - { name: contoso_Env, type: string }
    - { name: contoso_File, type: string }
    - { name: contoso_Plain, type: string }
    - { name: contoso_Kept, type: string, default: kept }
    - { name: contoso_Vault, type: secret }
settings:
  contoso_Env: { secret: { env: ENV_NAME } }
  contoso_File: { secret: { file: FILE_PATH } }
  contoso_Plain: plain
  contoso_Vault: { secret: { keyVault: /subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/x } }
";

struct Stage {
    folder: tempfile::TempDir,
    file: String,
}

impl Stage {
    fn new(environment: &str, file: Option<&str>) -> Self {
        let stage = Test::new();
        let folder = stage.path().to_owned();
        let key = file.map_or_else(|| folder.join("value.txt").display().to_string(), str::to_owned);
        let manifest = MANIFEST.replace("ENV_NAME", environment).replace("FILE_PATH", &format!("'{key}'"));
        let ran =
            stage.file("value.txt", "f1le-value\n").file("dvpack.yaml", manifest).args("build . -o out").success();
        Self { folder: ran.folder, file: key }
    }

    fn run(&self, line: &str) -> (i32, String) {
        self.run_with(line, &[])
    }

    fn run_with(&self, line: &str, more: &[(&str, &str)]) -> (i32, String) {
        let mut command = dvpack(self.folder.path());
        command.envs(more.iter().copied());
        command.args(line.split_whitespace()).env("CONTOSO_KEY", "env-value").env("DVPACK_TEST_PACE", "1000");
        command.env("AZURE_CLIENT_SECRET", "the-secret-of-the-pipeline").env("COPY", "the-secret-of-the-pipeline");
        let Output { status, stdout, stderr } = command.output().expect("run");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (status.code().unwrap_or(-1), text(&stdout) + &text(&stderr))
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

const APPLY: &str = "apply out/Values_1_0_0_0.dvpack --sandbox --yes";

#[test]
fn values_need_consent_by_name() {
    let stage = Stage::new("CONTOSO_KEY", None);
    let file = &stage.file;
    for (flags, missing) in [
        (String::new(), vec!["env:CONTOSO_KEY".to_owned(), format!("file:{file}")]),
        ("--allow-value env:CONTOSO_KEY".into(), vec![format!("file:{file}")]),
        (format!("--allow-value file:{file}"), vec!["env:CONTOSO_KEY".into()]),
    ] {
        let (code, shown) = stage.run(&format!("{APPLY} {flags}"));
        assert_eq!(code, 6, "{shown}");
        for value in ["env:CONTOSO_KEY".to_owned(), format!("file:{file}")] {
            assert_eq!(shown.contains(&format!("--allow-value {value}")), missing.contains(&value), "{value}: {shown}");
        }
        assert!(!shown.contains("f1le-value") && !shown.contains("env-value"), "{shown}");
    }
    let (code, shown) = stage.run(&format!("{APPLY} --allow-value env:CONTOSO_KEY --allow-value file:{file}"));
    assert_eq!(code, 0, "{shown}");
    assert!(!shown.contains("f1le-value") && !shown.contains("env-value"), "{shown}");
    // A slip is no consent.
    for flag in ["env:CONTOSO_KEYS", "env:PATH", "file:other", "CONTOSO_KEY", "env:", "key:CONTOSO_KEY"] {
        let (code, shown) = stage.run(&format!("{APPLY} --allow-value {flag}"));
        assert_eq!(code, 2, "{flag}: {shown}");
    }
}

#[test]
fn a_plan_names_every_source_and_reads_only_what_is_allowed() {
    let stage = Stage::new("CONTOSO_KEY", None);
    let (code, shown) = stage.run("plan out/Values_1_0_0_0.dvpack --sandbox");
    assert_eq!(code, 10, "{shown}");
    for line in [
        "contoso_Env   ← environment variable `CONTOSO_KEY` of this machine (`--allow-value env:CONTOSO_KEY`)",
        &format!("contoso_File  ← file `{0}` of this machine (`--allow-value file:{0}`)", stage.file),
        "contoso_Plain ← text of the bundle `plain`",
        "contoso_Kept  ← the solution's default",
        "contoso_Vault ← Key Vault `/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/x`",
        "everyone who can read environment variables can read it",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    // What is not allowed is not even looked for.
    fs::remove_file(stage.path().join("value.txt")).expect("removed");
    let (code, shown) = stage.run("plan out/Values_1_0_0_0.dvpack --sandbox --format json");
    assert_eq!(code, 10, "{shown}");
    let (code, shown) =
        stage.run(&format!("plan out/Values_1_0_0_0.dvpack --sandbox --allow-value file:{}", stage.file));
    assert_eq!(code, 1, "{shown}");
}

#[test]
fn a_value_cannot_pass_for_lines_of_the_plan() {
    let stage = Stage::new("CONTOSO_KEY", None);
    let manifest = fs::read_to_string(stage.path().join("dvpack.yaml")).expect("read");
    let manifest = manifest.replace("contoso_Plain: plain", "contoso_Plain: \"plain`\\r\\n  nothing to do\\n\\t`\"");
    fs::write(stage.path().join("dvpack.yaml"), manifest).expect("written");
    let (code, shown) = stage.run("plan . --sandbox");
    assert_eq!(code, 10, "{shown}");
    assert!(shown.contains("contoso_Plain ← text of the bundle `plain`\\r\\n  nothing to do\\n\\t``\n"), "{shown}");
    assert!(!shown.lines().any(|line| line.trim() == "nothing to do"), "{shown}");
}

#[test]
fn an_approved_plan_carries_the_consent() {
    let stage = Stage::new("CONTOSO_KEY", None);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let sandbox = runtime.block_on(dvpack::sandbox::start(dvpack::sandbox::Options::default())).expect("a sandbox");
    let secret = stage.path().join("sign-in");
    fs::write(&secret, sandbox.admin_secret()).expect("written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("set");
    }
    let to = format!("--url {} --client-id {} --client-secret-file sign-in", sandbox.url(), sandbox.admin_client_id());
    let (code, shown) = stage.run(&format!("plan out/Values_1_0_0_0.dvpack {to} -o plan.json"));
    assert_eq!(code, 10, "{shown}");
    let saved = fs::read_to_string(stage.path().join("plan.json")).expect("a plan");
    let plan: serde_json::Value = serde_json::from_str(&saved).expect("JSON");
    assert_eq!(plan["consents"]["values"], serde_json::json!(["env:CONTOSO_KEY", format!("file:{}", stage.file)]));
    assert!(!saved.contains("f1le-value") && !saved.contains("env-value"), "{saved}");
    // Not for another bundle.
    let other = fs::read_to_string(stage.path().join("dvpack.yaml")).expect("read").replace("plain\n", "other\n");
    fs::write(stage.path().join("dvpack.yaml"), other).expect("written");
    let (code, shown) = stage.run(&format!("apply . {to} --plan plan.json"));
    assert_eq!(code, 6, "{shown}");
    let (code, shown) = stage.run(&format!("apply out/Values_1_0_0_0.dvpack {to} --plan plan.json"));
    assert_eq!(code, 0, "{shown}");
    // The values arrived, so with them there is nothing to do.
    let allow = format!("--allow-value env:CONTOSO_KEY --allow-value file:{}", stage.file);
    for (verb, flags, expected) in
        [("plan", allow.as_str(), 0), ("status", &allow, 0), ("plan", "", 10), ("status", "", 9)]
    {
        let (code, shown) = stage.run(&format!("{verb} out/Values_1_0_0_0.dvpack {to} {flags}"));
        assert_eq!(code, expected, "{verb} {flags}: {shown}");
    }
    // A plan of a change of one value, made without reading it, is good for it.
    fs::write(stage.path().join("value.txt"), "another value").expect("written");
    let (code, shown) = stage.run(&format!("plan out/Values_1_0_0_0.dvpack {to} -o plan.json"));
    assert_eq!(code, 10, "{shown}");
    let (code, shown) = stage.run(&format!("apply out/Values_1_0_0_0.dvpack {to} --plan plan.json"));
    assert_eq!(code, 0, "{shown}");
    // Neither `remove` nor `doctor` has to do with them.
    let (code, shown) = stage.run(&format!("remove out/Values_1_0_0_0.dvpack {to} --yes"));
    assert_eq!(code, 0, "{shown}");
    // The file that it signs in with is never taken, by whatever name.
    let hostile = Stage::new("CONTOSO_KEY", Some(&secret.display().to_string()));
    let to = to.replace("sign-in", &secret.display().to_string());
    let allow = format!("--allow-value env:CONTOSO_KEY --allow-value file:{}", secret.display());
    let (code, shown) = hostile.run(&format!("apply out/Values_1_0_0_0.dvpack {to} --yes {allow}"));
    assert_eq!(code, 6, "{shown}");
    drop(sandbox);
}

#[test]
fn credentials_are_never_taken_consent_or_not() {
    for path in ["/proc/self/environ", "/dev/zero", "/etc/shadow", "/proc/1/cwd/etc/passwd", "/sys/kernel/notes"] {
        let stage = Stage::new("CONTOSO_KEY", Some(path));
        let allow = format!("--allow-value env:CONTOSO_KEY --allow-value file:{path}");
        for line in [format!("{APPLY} {allow}"), APPLY.to_owned(), "plan out/Values_1_0_0_0.dvpack --sandbox".into()] {
            let (code, shown) = stage.run(&line);
            assert_eq!(code, 6, "{path} {line}: {shown}");
            assert!(shown.contains("no bundle gets it"), "{shown}");
        }
    }
    // Under the home folder, also through a link.
    let test = Test::new().file(".ssh/key", "private").file(".azure/msal_token_cache.json", "{}").file("x/.npmrc", "t");
    let home = test.path().to_owned();
    #[cfg(unix)]
    std::os::unix::fs::symlink(home.join(".ssh/key"), home.join("innocent")).expect("linked");
    for path in [".ssh/key", ".azure/msal_token_cache.json", "x/../.ssh/key", "innocent"] {
        let manifest = MANIFEST.replace("ENV_NAME", "CONTOSO_KEY").replace("FILE_PATH", path);
        fs::write(home.join("dvpack.yaml"), manifest).expect("written");
        let line = format!("apply . --sandbox --yes --allow-value env:CONTOSO_KEY --allow-value file:{path}");
        let output = dvpack(&home).args(line.split_whitespace()).env("CONTOSO_KEY", "x").output().expect("run");
        assert_eq!(output.status.code(), Some(6), "{path}: {}", String::from_utf8_lossy(&output.stderr));
    }
    // Another name for the same text.
    let stage = Stage::new("COPY", None);
    let (code, shown) = stage.run(&format!("{APPLY} --allow-value env:COPY --allow-value file:{}", stage.file));
    assert_eq!(code, 6, "{shown}");
    fs::write(stage.path().join("value.txt"), "Password=the-secret-of-the-pipeline;").expect("written");
    let stage2 = Stage { folder: stage.folder, file: stage.file };
    let (code, shown) =
        stage2.run(&format!("apply . --sandbox --yes --allow-value env:COPY --allow-value file:{}", stage2.file));
    assert_eq!(code, 6, "{shown}");
}

/// The home folder may have moved, a file may have a second name, and a credential may be inside a document.
#[test]
fn credentials_are_known_wherever_they_are() {
    let test = Test::new()
        .file("dvpack.yaml", MANIFEST)
        .file("real/.aws/credentials", "k")
        .file("real/.ssh/other_key", "k")
        .file("project/.git/config", "k")
        .file("actions-runner/.credentials", "k")
        .file("actions-runner/.credentials_rsaparams", "k")
        .file("real/.bash_history", "k")
        .file("project/.env", "k")
        .file("value.txt", "f1le-value\n");
    let folder = test.path().to_owned();
    fs::hard_link(folder.join("real/.ssh/other_key"), folder.join("innocent")).expect("linked");
    let ran = |variable: &str, path: &str, home: Option<&str>| {
        let manifest = MANIFEST.replace("ENV_NAME", variable).replace("FILE_PATH", path);
        fs::write(folder.join("dvpack.yaml"), manifest).expect("written");
        let mut command = dvpack(&folder);
        command
            .args(format!("apply . --sandbox --yes --allow-value env:{variable} --allow-value file:{path}").split(' '));
        command.env("DVPACK_TEST_PACE", "1000").env("CONTOSO_KEY", "x").env_remove("HOME");
        command.env("ENDPOINT_AUTH_PARAMETER_X_APITOKEN", "an-api-token").env("OF_PATTERN", "an-api-token");
        command.env("AZURE_CREDENTIALS", r#"{"clientId":"contoso-client-id","clientSecret":"inner~secret~text"}"#);
        command.env("INNER", "inner~secret~text").env("PIECE", "~secret~text").env("CLIENT_ID", "contoso-client-id");
        home.map(|home| command.env("HOME", home));
        let output = command.output().expect("run");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let mut files = vec![
        "real/.aws/credentials",
        "project/.git/config",
        "actions-runner/.credentials",
        "actions-runner/.credentials_rsaparams",
        "real/.bash_history",
        "project/.env",
    ];
    if cfg!(unix) {
        files.push("innocent");
    }
    for path in files {
        for home in [None, Some("/nonexistent")] {
            let (code, shown) = ran("CONTOSO_KEY", path, home);
            assert_eq!(code, Some(6), "{path}, HOME {home:?}: {shown}");
            assert!(shown.contains("no bundle gets it"), "{shown}");
        }
    }
    for variable in ["OF_PATTERN", "INNER", "PIECE"] {
        let (code, shown) = ran(variable, "value.txt", None);
        assert_eq!(code, Some(6), "{variable}: {shown}");
        assert!(!shown.contains("an-api-token") && !shown.contains("~secret~"), "{shown}");
    }
    let (code, shown) = ran("CLIENT_ID", "value.txt", None);
    assert_eq!(code, Some(0), "{shown}");
}

#[test]
fn a_manifest_does_not_ask_for_a_credential() {
    for (setting, code) in [
        ("contoso_Env: { secret: { env: AZURE_CLIENT_SECRET } }", "secret-of-pipeline"),
        ("contoso_Env: { secret: { env: System_AccessToken } }", "secret-of-pipeline"),
        ("contoso_Vault: { secret: { env: A } }", "secret-needs-key-vault"),
        ("contoso_Vault: { secret: { file: a } }", "secret-needs-key-vault"),
        ("contoso_Vault: text", "secret-in-plain-text"),
        ("contoso_Env: { secret: { env: A } }", "secret-readable"),
        ("contoso_Env: { secret: { file: a } }", "secret-readable"),
    ] {
        let head = MANIFEST.split("settings:").next().expect("a head");
        let ran = Test::new()
            .file("dvpack.yaml", format!("{head}settings: {{ {setting} }}\n"))
            .args("check --format json")
            .run();
        assert_eq!(ran.code, if code == "secret-readable" { 0 } else { 3 }, "{setting}");
        assert_eq!(ran.json()["diagnostics"][0]["code"], code, "{setting}");
    }
}

#[test]
fn the_doctor_names_the_consent_that_will_be_needed() {
    let stage = Stage::new("CONTOSO_KEY", None);
    let doctor = "doctor out/Values_1_0_0_0.dvpack --sandbox";
    let (code, text) = stage.run(doctor);
    assert_eq!(code, 0, "{text}");
    for line in [
        "asks     value of this machine for `contoso_Env`: environment variable `CONTOSO_KEY`; an apply needs somebody's consent to it",
        "give --allow-value env:CONTOSO_KEY",
        "value of this machine for `contoso_File`: file `",
        "give --allow-value file:",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("env-value") && !text.contains("f1le-value"), "{text}");
    let absent = Stage::new("NOT_SET", Some("/nonexistent/key"));
    let (code, text) = absent.run(doctor);
    assert!(code == 0 && text.matches(" here; it may be different where `apply` runs").count() == 2, "{text}");
    let stolen = Stage::new("CONTOSO_KEY", Some("/srv/people/somebody/.ssh/key"));
    let (code, text) = stolen.run(doctor);
    assert!(code == 7 && text.contains("that is private keys, and no bundle gets it"), "{text}");
}

#[test]
fn credentials_are_known_where_a_variable_moves_them_and_however_they_are_coded() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().canonicalize().expect("a path");
    for (variable, file) in [
        ("XDG_CONFIG_HOME", "gh/hosts.yml"),
        ("XDG_CONFIG_HOME", "git/credentials"),
        ("XDG_DATA_HOME", "keyrings/login.keyring"),
        ("XDG_CACHE_HOME", "huggingface/token"),
        ("APPDATA", "gcloud/x"),
        ("LOCALAPPDATA", "Microsoft/PowerAppsCLI/x"),
        ("CARGO_HOME", "credentials.toml"),
        ("KUBECONFIG", "kube/one"),
        ("AZURE_CONFIG_DIR", "azure/x"),
        ("DOCKER_CONFIG", "docker/config.json"),
        ("NETRC", "my-netrc"),
    ] {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, "s0me-credential\n").expect("written");
        let value = match variable {
            "KUBECONFIG" => format!("/nonexistent{}{}", if cfg!(windows) { ';' } else { ':' }, path.display()),
            "AZURE_CONFIG_DIR" | "DOCKER_CONFIG" => path.parent().expect("a folder").display().to_string(),
            "NETRC" => path.display().to_string(),
            _ => folder.display().to_string(),
        };
        let stage = Stage::new("CONTOSO_KEY", Some(&path.display().to_string()));
        let line = format!("{APPLY} --allow-value env:CONTOSO_KEY --allow-value file:{}", path.display());
        let (code, text) = stage.run_with(&line, &[(variable, &value)]);
        assert!(
            code == 6 && text.contains("no bundle gets it") && !text.contains("s0me-credential"),
            "{variable}: {code}\n{text}"
        );
    }
    // `the-secret-of-the-pipeline`, and behind `user:`.
    let stage = Stage::new("CODED", None);
    let line = format!("{APPLY} --allow-value env:CODED --allow-value file:{}", stage.file);
    for coded in ["dGhlLXNlY3JldC1vZi10aGUtcGlwZWxpbmU=", "Basic dXNlcjp0aGUtc2VjcmV0LW9mLXRoZS1waXBlbGluZQ=="] {
        let (code, text) = stage.run_with(&line, &[("CODED", coded)]);
        assert!(code == 6 && text.contains("the text of the environment variable `"), "{coded}: {code}\n{text}");
    }
}
