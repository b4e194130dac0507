//! The scripts in a bundle: shellcheck has nothing to say, and `apply.sh`, run with curl and jq against
//! the sandbox, does what `dvpack apply` does and refuses what it refuses.
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use dvpack::archive::{self, Limits};
use dvpack::sandbox::{Application, Effect, Options, Rule, Scenario, Spelling};
use dvpack::secret::Secret;
use dvpack::version::Version;
use tempfile::TempDir;

use crate::processes;
use crate::secrets::Watch;
use crate::support::{Test, repository};
use crate::verify::sample_bundle;
use crate::world::World;

const APPLICATION: &str = "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40";
const ROLE: &str = "b3e9fd10-2381-5f5d-b3b7-6c9dcb00618a";

fn unzip(bundle: &[u8], folder: &Path) {
    for entry in archive::read(bundle, &Limits::default()).expect("read") {
        let path = folder.join(&entry.name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(path, entry.bytes).expect("written");
    }
}

fn apply(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("sh").arg(folder.join("post-import/apply.sh")).args(arguments).output().expect("sh runs")
}

fn is_there(tool: &str) -> bool {
    let there = Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        println!("skipped: no {tool}");
    }
    there
}

fn has_tools() -> bool {
    ["curl", "jq"].into_iter().all(is_there)
}

/// The example's bundle, unpacked, and a `sleep` that does not.
struct Example {
    folder: TempDir,
}

/// What a run of the script gave.
struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Example {
    fn new(build: &str) -> Self {
        Self::from(Test::new().copy("examples/contoso-widgets"), build)
    }

    fn from(example: Test, build: &str) -> Self {
        let ran = example.args(&format!("build . -o made {build}")).success();
        let made = std::fs::read_dir(ran.folder.path().join("made")).expect("a folder");
        let bundle = made
            .map(|entry| entry.expect("an entry").path())
            .find(|path| path.extension().is_some_and(|extension| extension == "dvpack"))
            .expect("a bundle");
        let folder = tempfile::tempdir().expect("a folder");
        unzip(&std::fs::read(bundle).expect("readable"), &folder.path().join("bundle"));
        let tools = folder.path().join("tools");
        std::fs::create_dir(&tools).expect("a folder");
        let example = Self { folder };
        example.tool("sleep", "#!/bin/sh\n");
        example
    }

    fn run(&self, world: &World, arguments: &[&str]) -> Ran {
        self.run_at(world.sandbox.url().as_str(), world, arguments)
    }

    /// Runs for the environment at `url`, signed in as the application that administers `world`.
    fn run_at(&self, url: &str, world: &World, arguments: &[&str]) -> Ran {
        self.run_with(url, world.sandbox.admin_secret().reveal(), world, arguments)
    }

    /// Runs with another client secret.
    fn signed_in(&self, secret: &str, world: &World, arguments: &[&str]) -> Ran {
        self.run_with(world.sandbox.url().as_str(), secret, world, arguments)
    }

    fn run_with(&self, url: &str, secret: &str, world: &World, arguments: &[&str]) -> Ran {
        let path = std::env::var("PATH").expect("a path");
        let output = Command::new("sh")
            .arg(self.folder.path().join("bundle/post-import/apply.sh"))
            .args(["--url", url])
            .args(arguments)
            .env_clear()
            .env("PATH", format!("{}:{path}", self.folder.path().join("tools").display()))
            .env("AZURE_CLIENT_ID", world.sandbox.admin_client_id().to_string())
            .env("AZURE_CLIENT_SECRET", secret)
            .output()
            .expect("sh runs");
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Keeps the arguments of a program that the script starts, and adds some.
    fn logged(&self, name: &str, more: &str) {
        let found = Command::new("sh").args(["-c", &format!("command -v {name}")]).output().expect("sh runs").stdout;
        let found = String::from_utf8(found).expect("UTF-8");
        self.tool(
            name,
            &format!("#!/bin/sh\nprintf '%s\\n' \"$*\" >>\"$0.log\"\nexec {} \"$@\" {more}\n", found.trim()),
        );
    }

    /// The arguments of each time that it was started, a line each.
    fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(format!("tools/{name}.log"))).unwrap_or_default()
    }

    /// Puts a program of that name before the others.
    fn tool(&self, name: &str, script: &str) {
        let path = self.folder.path().join("tools").join(name);
        std::fs::write(&path, script).expect("written");
        assert!(Command::new("chmod").arg("+x").arg(path).status().expect("chmod runs").success());
    }

    /// Runs, and asserts the exit code.
    fn code(&self, code: i32, world: &World, arguments: &[&str]) -> Ran {
        let ran = self.run(world, arguments);
        assert_eq!(ran.code, code, "stdout:\n{}\nstderr:\n{}", ran.stdout, ran.stderr);
        ran
    }
}

const FIRST: [&str; 4] = [
    "POST StageSolution",
    "POST ImportSolutionAsync",
    "POST systemusers",
    "POST systemusers(…)/systemuserroles_association/$ref",
];

#[test]
fn shellcheck_finds_nothing() {
    if !is_there("shellcheck") {
        return;
    }
    let script = repository().join("templates/post-import/apply.sh");
    let output = Command::new("shellcheck").arg(script).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_plain_http_environment_is_a_usage_error() {
    let test = Test::new();
    unzip(&sample_bundle(), test.path());
    for url in
        ["http://contoso.crm.dynamics.com", "http://127.0.0.1.example.com", "https://user@contoso.crm.dynamics.com"]
    {
        assert_eq!(apply(test.path(), &["--url", url]).status.code(), Some(2), "{url}");
    }
}

#[test]
fn a_changed_file_stops_the_script() {
    if !has_tools() {
        return;
    }
    let test = Test::new();
    unzip(&sample_bundle(), test.path());
    std::fs::write(test.path().join("INSTALL.html"), "changed").expect("written");
    assert_eq!(apply(test.path(), &["--url", "http://127.0.0.1:9"]).status.code(), Some(3));
}

#[test]
fn the_script_creates_the_user_assigns_the_role_and_a_second_run_writes_nothing() {
    if !has_tools() {
        return;
    }
    let (example, world) = (Example::new(""), World::new(Options::default()));
    let plan = example.code(10, &world, &["--plan"]);
    assert!(plan.stdout.contains("would install solution `ContosoWidgets` 1.4.0.0"), "{}", plan.stdout);
    assert_eq!(world.writes(), Vec::<String>::new());

    let first = example.code(0, &world, &[]);
    assert!(first.stdout.contains("applied and verified, with 4 writes"), "{}", first.stdout);
    assert_eq!(world.writes(), FIRST);
    let state = world.state();
    assert!(state.contains(APPLICATION) && state.contains(ROLE), "{state}");

    let second = example.code(0, &world, &[]);
    assert_eq!(second.stdout, "nothing to do: no write was made\n");
    assert_eq!(world.writes(), Vec::<String>::new());
    assert_eq!(example.code(0, &world, &["--plan"]).stdout, "nothing to do\n");
}

/// With characters that every encoding changes.
const SECRET: &str = "S~8Q/+=&\"<s3cr3t é>%";

/// An environment whose administration application has that secret, and what would give it or a token away.
fn world_with_a_secret() -> (World, Watch) {
    let id = World::new(Options::default()).sandbox.admin_client_id();
    let (certificates, federated) = (Vec::new(), Vec::new());
    let application = Application { id, secret: Some(Secret::new(SECRET)), certificates, federated };
    let world = World::new(Options { applications: vec![application], ..Options::default() });
    let token = r#"{"typ":"JWT","alg":"ES256","kid":"sandbox"}"#;
    (world, Watch::default().add("client secret", SECRET).add("access token", token))
}

#[test]
fn no_secret_stands_in_an_argument_of_what_the_script_starts() {
    if !has_tools() {
        return;
    }
    let (example, (world, watch)) = (Example::new(""), world_with_a_secret());
    for tool in ["curl", "jq", "sed", "tr", "grep", "head", "base64"] {
        example.logged(tool, "");
    }
    let ran = example.signed_in(SECRET, &world, &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(watch.find((ran.stdout + &ran.stderr).as_bytes()), None);
    for tool in ["curl", "jq"] {
        let log = example.log(tool);
        assert!(log.lines().count() > 10, "{tool}: {log}");
        assert_eq!(watch.find(log.as_bytes()), None, "{tool}: {log}");
    }
}

#[test]
fn a_server_that_repeats_what_it_was_sent_does_not_make_the_script_print_it() {
    if !has_tools() {
        return;
    }
    let (example, (world, watch)) = (Example::new(""), world_with_a_secret());
    for spelling in Spelling::ALL {
        for (method, path, skip, code) in
            [("POST", "/oauth2/v2.0/token", 0, 4), ("GET", "/api/data/", 1, 1), ("POST", "StageSolution", 0, 1)]
        {
            let effect = Effect::Echo { status: 400, spelling, after: false };
            let (method, path) = (Some(method.to_owned()), Some(path.to_owned()));
            world.sandbox.clear_faults();
            world.sandbox.add_fault(Rule { method, path, skip, times: Some(0), effect, ..Rule::default() });
            let ran = example.signed_in(SECRET, &world, &[]);
            assert_eq!(ran.code, code, "{spelling:?}: {}", ran.stderr);
            assert!(ran.stderr.contains("***") || spelling == Spelling::Page, "{spelling:?}: {}", ran.stderr);
            assert_eq!(watch.find((ran.stdout + &ran.stderr).as_bytes()), None, "{spelling:?}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_user_that_was_disabled_is_enabled_again() {
    if !has_tools() {
        return;
    }
    let (example, world) = (Example::new(""), World::with(Scenario::DisabledUser));
    let first = example.code(9, &world, &[]);
    assert!(first.stderr.contains("the application user is disabled"), "{}", first.stderr);
    world.writes();
    example.code(0, &world, &[]);
    assert_eq!(world.writes(), ["PATCH systemusers"]);
}

#[test]
fn an_installed_lower_version_is_upgraded_and_a_higher_one_refused() {
    if !has_tools() {
        return;
    }
    let example = Example::new("");
    let installed =
        |version| Options { installed: vec![("ContosoWidgets".into(), version, true)], ..Options::default() };
    let lower = World::new(installed(Version::new(1, 3, 9, 9)));
    let ran = example.code(0, &lower, &[]);
    assert!(ran.stderr.contains("upgrading solution `ContosoWidgets` from 1.3.9.9 to 1.4.0.0"), "{}", ran.stderr);
    assert_eq!(lower.writes()[1], "POST StageAndUpgradeAsync");

    let higher = World::new(installed(Version::new(1, 10, 0, 0)));
    let ran = example.code(7, &higher, &[]);
    assert!(ran.stderr.contains("installed in version 1.10.0.0, which is higher than 1.4.0.0"), "{}", ran.stderr);
    assert_eq!(higher.writes(), Vec::<String>::new());
}

#[test]
fn settings_get_the_values_of_the_chosen_environment() {
    if !has_tools() {
        return;
    }
    let world = World::new(Options::default());
    let uat = Example::new("--environment uat");
    uat.code(0, &world, &[]);
    // The values came with the import.
    assert_eq!(world.writes(), FIRST);
    assert!(world.state().contains("https://api.uat.contoso.com"));
    assert_eq!(uat.code(0, &world, &[]).stdout, "nothing to do: no write was made\n");
    world.writes();
    let production = Example::new("--environment production");
    let ran = production.code(0, &world, &[]);
    assert_eq!(world.writes(), ["PATCH environmentvariablevalues"], "{}", ran.stderr);
    assert_eq!(production.code(0, &world, &[]).stdout, "nothing to do: no write was made\n");
}

#[test]
fn what_the_import_leaves_off_is_told_since_the_script_turns_nothing_on() {
    if !has_tools() {
        return;
    }
    let example = Example::from(processes::example("settings:\n  contoso_Mail: shared-office365-1\n"), "");
    let ran = example.code(0, &World::with(Scenario::FlowsOff), &[]);
    for off in ["flow or process `Nightly`", "flow or process `Mailer`", "plug-in step `On create`"] {
        assert!(
            ran.stderr.contains(&format!("warning: {off} is off, and this script turns nothing on")),
            "{}",
            ran.stderr
        );
    }
    let ran = example.code(0, &World::with(Scenario::Fresh), &[]);
    // A draft is off because the solution ships it so; nobody can tell that from outside.
    assert_eq!(ran.stderr.matches("turns nothing on").count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("`Draft` is off"), "{}", ran.stderr);
}

#[test]
fn the_script_gives_up_on_a_host_that_says_nothing() {
    if !has_tools() {
        return;
    }
    let (example, world) = (Example::new(""), World::new(Options::default()));
    // The same curl in a hurry: its last option counts.
    example.logged("curl", "--max-time 1");
    let limits = |part: &str| -> Vec<String> {
        let log = example.log("curl");
        let told =
            log.lines().filter(|line| line.contains(part)).filter_map(|line| line.split_once("--connect-timeout "));
        told.map(|(_, limit)| limit.split(' ').take(3).collect::<Vec<_>>().join(" ")).collect()
    };

    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("an address"));
    let ran = example.run_at(&url, &world, &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("error: no answer from {url}: curl: (28)")), "{}", ran.stderr);
    assert!(ran.stderr.contains(" help: check the address, the network"), "{}", ran.stderr);
    assert_eq!(limits(&url), ["10 --max-time 20"; 2]);

    let stall = |path: &str| {
        let rule = serde_json::json!({"path": path, "times": 0, "effect": {"kind": "stall"}});
        world.ask(reqwest::Method::DELETE, "faults");
        world.fault(&serde_json::from_value(rule).expect("a rule"));
    };
    stall("/oauth2/v2.0/token");
    let ran = example.code(4, &world, &[]);
    assert!(ran.stderr.contains("error: no answer to the sign-in: curl: (28)"), "{}", ran.stderr);
    assert_eq!(limits("/token"), ["10 --max-time 20"]);
    stall("/asyncoperations");
    let ran = example.code(8, &world, &[]);
    assert!(ran.stderr.contains("cannot look for running imports: no clear answer curl: (28)"), "{}", ran.stderr);
    assert_eq!(limits("/asyncoperations"), ["10 --max-time 60"; 2]);
}

#[test]
fn an_empty_answer_does_not_pass_for_what_is_not_there() {
    if !has_tools() {
        return;
    }
    let (example, world) = (Example::new("--environment uat"), World::new(Options::default()));
    example.code(0, &world, &[]);
    world.writes();
    for path in ["/solutions", "/systemusers", "/environmentvariablevalues", "/roles"] {
        let (method, path) = (Some("GET".to_owned()), Some(path.to_owned()));
        world.sandbox.clear_faults();
        world.sandbox.add_fault(Rule { method, path, effect: Effect::Cut { bytes: 0 }, ..Rule::default() });
        example.code(0, &world, &[]);
        assert_eq!(world.writes(), Vec::<String>::new());
    }
}

#[test]
fn a_person_signs_in_by_device_code() {
    if !has_tools() {
        return;
    }
    let (example, world) = (Example::new(""), World::new(Options::default()));
    let ran = example.code(0, &world, &["--device-code"]);
    assert!(ran.stderr.contains("and enter the code"), "{}", ran.stderr);
    assert_eq!(world.writes(), FIRST);
}

#[test]
fn a_built_in_role_is_refused_before_any_request() {
    if !has_tools() {
        return;
    }
    let (example, world) = (Example::new(""), World::new(Options::default()));
    let folder = example.folder.path().join("bundle");
    let described = std::fs::read_to_string(folder.join("bundle.json")).expect("readable");
    let renamed = described.replace(r#""name": "Contoso Widgets Service""#, r#""name": "system administrator""#);
    std::fs::write(folder.join("bundle.json"), renamed).expect("written");
    // Somebody who changes the bundle can change its sums as well.
    let sums = Command::new("sh")
        .args(["-c", "sha256sum $(cut -c67- SHA256SUMS) > sums && mv sums SHA256SUMS"])
        .current_dir(&folder)
        .status();
    assert!(sums.expect("sh runs").success());
    let ran = example.code(6, &world, &[]);
    assert!(ran.stderr.contains("role `system administrator` is a built-in role of Dataverse"), "{}", ran.stderr);
}

#[test]
fn each_trouble_has_the_exit_code_of_the_program() {
    if !has_tools() {
        return;
    }
    let example = Example::new("");
    for (scenario, code, words) in [
        (Scenario::NoConsent, 5, "an administrator must consent to it first"),
        (Scenario::MissingDependency, 7, "missing: msdyn_sandboxthing of solution msdyn_SandboxBase (1.0.0.0)"),
        (Scenario::ImportResultFailed, 1, "the import of solution `ContosoWidgets` failed"),
        (Scenario::ExpiredSecret, 4, "AADSTS7000222"),
        (Scenario::Locked, 0, "another solution operation is running"),
        (Scenario::ReplicationLag, 0, "not known in the tenant (yet)"),
        (Scenario::ThrottledRequests, 0, "the environment limits the rate of requests"),
        (Scenario::SoftDeletedUser, 0, ""),
        (Scenario::JobVanishes, 0, ""),
    ] {
        let ran = example.code(code, &World::with(scenario), &[]);
        assert!(ran.stderr.contains(words), "{scenario}: {}", ran.stderr);
    }
}

/// Four situations that everybody meets: the script ends as the program does, with the same writes.
#[test]
fn script_and_program_end_alike_where_people_meet_them() {
    if !has_tools() {
        return;
    }
    let example = Example::new("");
    for scenario in [Scenario::Fresh, Scenario::NoConsent, Scenario::ThrottledRequests] {
        let (one, other) = (World::with(scenario), World::with(scenario));
        let script = example.run(&one, &[]);
        let program = |world: &World| {
            Test::new()
                .copy("examples/contoso-widgets")
                .env("DVPACK_TEST_PACE", "10000")
                .env("AZURE_CLIENT_ID", &world.sandbox.admin_client_id().to_string())
                .env("AZURE_CLIENT_SECRET", world.sandbox.admin_secret().reveal())
                .args(&format!("apply . --yes --url {}", world.sandbox.url()))
                .run()
        };
        let ran = program(&other);
        assert_eq!(script.code, ran.code, "{scenario}: {}{}", script.stderr, ran.stderr);
        if scenario == Scenario::Fresh {
            assert_eq!(one.writes(), other.writes());
            // Each finds the other's work done.
            assert_eq!(program(&one).code, 0);
            assert_eq!(example.run(&other, &[]).code, 0);
            assert_eq!((one.writes(), other.writes()), (Vec::new(), Vec::new()));
        }
    }
}

/// In every situation that the sandbox knows, the script ends as the program does.
#[test]
#[ignore = "takes minutes"]
fn script_and_program_end_alike_in_every_scenario() {
    if !has_tools() {
        return;
    }
    let example = Example::new("");
    let mut different = Vec::new();
    // A job that never ends is waited for, for hours.
    for scenario in Scenario::ALL.iter().filter(|scenario| **scenario != Scenario::JobNeverEnds) {
        let script = example.run(&World::with(*scenario), &[]);
        let program = Test::new()
            .copy("examples/contoso-widgets")
            .env("DVPACK_TEST_PACE", "10000")
            .args(&format!("apply . --sandbox --scenario {scenario}"))
            .run();
        println!("{scenario:<38} script {} program {}", script.code, program.code);
        if script.code != program.code {
            different.push(format!(
                "{scenario}: {} and {}\n{}\n{}",
                script.code, program.code, script.stderr, program.stderr
            ));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// Exit code and message of every refusal in a script, with `*` in place of what is only known when it runs.
fn refusals(script: &str, call: &str) -> BTreeSet<(String, String)> {
    let script = without_substitutions(script);
    let mut found = BTreeSet::new();
    for (at, _) in script.match_indices(call) {
        let rest = &script[at + call.len()..];
        let Some((code, rest)) = rest.split_once(' ') else { continue };
        if !code.bytes().all(|byte| byte.is_ascii_digit()) || code.is_empty() {
            continue;
        }
        let quote = rest.chars().next().filter(|c| ['"', '\''].contains(c)).unwrap_or_else(|| panic!("{rest:.80}"));
        let (text, _) = rest[1..].split_once(quote).expect("the end of a message");
        found.insert((code.to_owned(), wildcards(text)));
    }
    found
}

/// `$(…)` and `\"` inside of messages would hide where they end.
fn without_substitutions(script: &str) -> String {
    let script = script.replace("\\`", "`").replace("``", "`");
    let (mut out, mut rest) = (String::new(), script.as_str());
    while let Some((before, after)) = rest.split_once("$(") {
        out.push_str(before);
        out.push('*');
        let mut depth = 1;
        let end = after.find(|c: char| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        rest = &after[end.expect("the end of a substitution") + 1..];
    }
    out + rest
}

/// `$name` and `${name…}` as `*`.
fn wildcards(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        out.push('*');
        rest = match after.strip_prefix('{') {
            Some(braced) => braced.split_once('}').expect("the end of a variable").1,
            None => after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_'),
        };
    }
    out + rest
}

#[test]
fn both_scripts_refuse_the_same_in_the_same_words() {
    let read = |name: &str| std::fs::read_to_string(repository().join("templates/post-import").join(name)).expect(name);
    let shell = refusals(&read("apply.sh"), "die ");
    let powershell = refusals(&read("Apply-Package.ps1"), "Stop-With ");
    // What only one of them can meet: its own options and the programs that it needs.
    let own = |message: &str| {
        message.starts_with("--")
            || message.contains("option `")
            || message.contains("--url")
            || message.ends_with("` is needed")
            || message.starts_with("set AZURE_CLIENT_SECRET")
    };
    let of = |all: &BTreeSet<(String, String)>| -> BTreeSet<(String, String)> {
        all.iter().filter(|(_, message)| !own(message)).cloned().collect()
    };
    assert!(shell.len() > 40, "{shell:#?}");
    assert_eq!(of(&shell), of(&powershell));
}

/// A secret is sent to the authorities that the program knows, and to no others.
#[test]
fn the_scripts_know_the_authorities_that_the_program_knows() {
    let hosts = |file: &str, before: &str| -> BTreeSet<String> {
        let text = std::fs::read_to_string(repository().join(file)).expect(file);
        let found = text.match_indices(before).map(|(at, _)| {
            let host = text[at + before.len()..].split(|c: char| !c.is_ascii_alphanumeric() && c != '.').next();
            format!("login.{}", host.unwrap_or_default())
        });
        found.collect()
    };
    let text = std::fs::read_to_string(repository().join("src/entra/challenge.rs")).expect("the program");
    let (_, list) = text.split_once("const AUTHORITY_HOSTS").expect("the list of hosts");
    let list = list.lines().take_while(|line| *line != "];");
    let program: BTreeSet<String> =
        list.filter_map(|line| Some(line.trim().strip_prefix('"')?.split_once('"')?.0.to_owned())).collect();
    assert!(program.len() >= 8, "{program:?}");
    assert_eq!(hosts("templates/post-import/apply.sh", "https://login."), program);
    assert_eq!(hosts("templates/post-import/Apply-Package.ps1", "https://login."), program);
}
