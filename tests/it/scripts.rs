//! The scripts in a bundle: run for real, after an import, against the sandbox. What one of them does, the other does.
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

mod alike;
mod answers;
mod faults;
mod files;
mod host;
mod limits;
mod other_roles;
mod powershell;
mod readers;
mod secret;
mod shell;
mod target;
mod words;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use dvpack::archive::{self, Entry, Limits};
use dvpack::sandbox::Options;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::{Test, repository};
use crate::world::World;

const APPLICATION: &str = "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40";
const ROLE: &str = "b3e9fd10-2381-5f5d-b3b7-6c9dcb00618a";
const SOLUTION: &str = "solutions/ContosoWidgets_1_4_0_0_managed.zip";

/// What a first run writes for the example's `uat`.
const FIRST: [&str; 4] = [
    "POST systemusers",
    "POST environmentvariablevalues",
    "POST environmentvariablevalues",
    "POST systemusers(…)/systemuserroles_association/$ref",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Shell,
    PowerShell,
}

impl Script {
    /// Those that this machine can run.
    fn here() -> Vec<Self> {
        let mut found = Vec::new();
        if ["curl", "jq"].into_iter().all(is_there) {
            found.push(Self::Shell);
        }
        if powershell().is_some() {
            found.push(Self::PowerShell);
        }
        found
    }
}

impl Script {
    /// The one whose run costs least here: what a test needs done before it begins.
    fn quick() -> Self {
        Self::here().last().copied().unwrap_or(Self::Shell)
    }

    /// Those that a state is run with. A run of apply.sh starts jq and curl some hundred times: beside the quick runs of
    /// PowerShell it meets only the states that are the core, and the others at night (`DVPACK_LONG`).
    fn of(is_core: bool) -> Vec<Self> {
        let here = Self::here();
        if is_core || host::is_long() || here.len() < 2 { here } else { vec![Self::quick()] }
    }
}

fn is_there(tool: &str) -> bool {
    let there = Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        println!("skipped: no {tool}");
    }
    there
}

/// A PowerShell 7: of `DVPACK_PWSH`, or beside the checkout.
pub fn powershell() -> Option<PathBuf> {
    let beside = || repository().join("../shared/pwsh/pwsh");
    let path = std::env::var_os("DVPACK_PWSH").map_or_else(beside, PathBuf::from);
    if path.is_file() {
        Some(path)
    } else {
        println!("skipped: no PowerShell");
        None
    }
}

/// What a run gave.
struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Ran {
    /// Everything that was printed.
    fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// The example's bundle, unpacked.
struct Bundle {
    folder: TempDir,
}

/// The bundle that the program builds of the example, for `uat`.
fn built() -> &'static [Entry] {
    static BUILT: OnceLock<Vec<Entry>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let example = Test::new().copy("examples/contoso-widgets");
        // For no address: the sandbox's is another one in each run. What the scripts say of it stands in `target`.
        let manifest = std::fs::read_to_string(example.path().join("dvpack.yaml")).expect("the manifest");
        let manifest = manifest.replace("    url: https://contoso-uat.crm.dynamics.com\n", "");
        let ran = example.file("dvpack.yaml", manifest).args("build . -o made --environment uat").success();
        let bytes = ran.read("made/ContosoWidgets_1_4_0_0_uat.dvpack");
        archive::read(&bytes, &Limits::default()).expect("a bundle")
    })
}

impl Bundle {
    fn new() -> Self {
        let bundle = Self { folder: tempfile::tempdir().expect("a folder") };
        for entry in built() {
            bundle.write(&entry.name, &entry.bytes);
        }
        for script in ["post-import/apply.sh", "post-import/Apply-Package.ps1"] {
            bundle.write(script, &std::fs::read(repository().join("templates").join(script)).expect(script));
        }
        // A `sleep` that does not.
        bundle.tool("sleep", "#!/bin/sh\n");
        bundle.sum();
        bundle
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("bundle")
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(path, bytes).expect("written");
    }

    fn description(&self) -> String {
        std::fs::read_to_string(self.root().join("bundle.json")).expect("bundle.json")
    }

    /// Changes bundle.json, as somebody does who can change its digest as well.
    fn edit(&self, from: &str, to: &str) {
        let text = self.description();
        assert!(text.contains(from), "{from}");
        self.write("bundle.json", text.replace(from, to).as_bytes());
        self.sum();
    }

    /// Writes SHA256SUMS again.
    fn sum(&self) {
        let mut sums = String::new();
        let mut names: Vec<&str> = built().iter().map(|entry| entry.name.as_str()).collect();
        names.sort_unstable();
        for name in names.into_iter().filter(|name| *name != "SHA256SUMS") {
            let digest = Sha256::digest(std::fs::read(self.root().join(name)).expect(name));
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            writeln!(sums, "{digest}  {name}").expect("text");
        }
        self.write("SHA256SUMS", sums.as_bytes());
    }

    fn solution(&self) -> Vec<u8> {
        std::fs::read(self.root().join(SOLUTION)).expect("a solution")
    }

    /// Puts a program of that name before the others.
    fn tool(&self, name: &str, script: &str) {
        let path = self.folder.path().join("tools").join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(&path, script).expect("written");
        assert!(Command::new("chmod").arg("+x").arg(path).status().expect("chmod runs").success());
    }

    /// The command; `arguments` in the words of apply.sh.
    fn command(&self, script: Script, url: &str, world: &World, arguments: &[&str]) -> Command {
        let path = std::env::var("PATH").expect("a path");
        let mut command = match script {
            Script::Shell => {
                let mut command = Command::new("sh");
                command.arg(self.root().join("post-import/apply.sh")).args(["--url", url]).args(arguments);
                command
            }
            Script::PowerShell => {
                let mut command = Command::new(powershell().expect("PowerShell"));
                command.args(["-NoProfile", "-File"]).arg(self.root().join("post-import/Apply-Package.ps1"));
                command.args(in_powershell(url, arguments));
                command
            }
        };
        command
            .env_clear()
            .env("PATH", format!("{}:{path}", self.folder.path().join("tools").display()))
            .env("HOME", self.folder.path())
            .env("NO_COLOR", "1")
            .envs(credentials(world))
            .stdin(Stdio::null());
        command
    }

    /// Runs it: in a process of its own, or in the PowerShell that tests share.
    fn run(&self, script: Script, world: &World, arguments: &[&str]) -> Ran {
        self.run_with(script, world, arguments, world.sandbox.admin_secret())
    }

    /// The same with another secret.
    fn run_with(&self, script: Script, world: &World, arguments: &[&str], secret: &str) -> Ran {
        let url = world.sandbox.url();
        let mut credentials = credentials(world);
        secret.clone_into(&mut credentials[1].1);
        if script == Script::PowerShell && !host::is_long() {
            let file = self.root().join("post-import/Apply-Package.ps1");
            return host::run(&file, &in_powershell(url.as_str(), arguments), &credentials);
        }
        ran(self.command(script, url.as_str(), world, arguments).envs(credentials))
    }

    /// Runs it in a process of its own, and asserts that process' exit code.
    fn process(&self, code: i32, script: Script, world: &World, arguments: &[&str]) -> Ran {
        let ran = ran(&mut self.command(script, world.sandbox.url().as_str(), world, arguments));
        assert_eq!(ran.code, code, "{script:?}\n{}", ran.all());
        ran
    }

    /// Runs, and asserts the exit code.
    fn code(&self, code: i32, script: Script, world: &World, arguments: &[&str]) -> Ran {
        let ran = self.run(script, world, arguments);
        assert_eq!(ran.code, code, "{script:?}\n{}", ran.all());
        ran
    }
}

/// Arguments in the words of apply.sh as Apply-Package.ps1 takes them.
fn in_powershell(url: &str, arguments: &[&str]) -> Vec<String> {
    let word = |argument: &&str| match *argument {
        "--plan" => "-Plan".to_owned(),
        "--other-environment" => "-OtherEnvironment".to_owned(),
        "--device-code" => "-DeviceCode".to_owned(),
        "--secret-file" => "-SecretFile".to_owned(),
        other => other.to_owned(),
    };
    ["-Url".to_owned(), url.to_owned()].into_iter().chain(arguments.iter().map(word)).collect()
}

fn credentials(world: &World) -> [(String, String); 2] {
    [
        ("AZURE_CLIENT_ID".to_owned(), world.sandbox.admin_client_id().to_string()),
        ("AZURE_CLIENT_SECRET".to_owned(), world.sandbox.admin_secret().to_owned()),
    ]
}

fn ran(command: &mut Command) -> Ran {
    let output = command.output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// How a sandbox is started here: an import is done when it is first looked at.
fn options() -> Options {
    Options { job_polls: 0, ..Options::default() }
}

/// An environment in which the example's solution was imported, and nothing else done.
fn imported(bundle: &Bundle, options: Options) -> World {
    let world = World::new(options);
    world.import(&bundle.solution());
    world
}

fn template(name: &str) -> String {
    std::fs::read_to_string(Path::new(&repository()).join("templates/post-import").join(name)).expect(name)
}
