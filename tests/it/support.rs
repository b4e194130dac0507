//! A [`Test`] reads like a transcript of a terminal: files, command, what came out.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder of files and a `dvpack` command to run in it, with a clean environment.
#[must_use]
pub struct Test {
    folder: TempDir,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

/// What a run gave.
pub struct Ran {
    pub folder: TempDir,
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Test {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), arguments: Vec::new(), environment: Vec::new() }
    }

    /// In the folder of a run before.
    pub fn within(folder: TempDir) -> Self {
        Self { folder, ..Self::new() }
    }

    /// Writes a file below the test's folder.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(&path, &content).expect("written");
        if content.as_ref().windows(15).any(|bytes| bytes == b"PRIVATE KEY----") {
            set_mode(&path, 0o600);
        }
        self
    }

    /// Copies a folder of the repository (such as `examples/contoso-widgets`) to the test's folder.
    pub fn copy(self, from: &str) -> Self {
        copy_tree(&repository().join(from), self.folder.path());
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Arguments, split at spaces.
    pub fn args(mut self, line: &str) -> Self {
        self.arguments.extend(line.split_whitespace().map(str::to_owned));
        self
    }

    /// One argument, as it is.
    pub fn arg(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn run(self) -> Ran {
        let output = dvpack(self.folder.path()).args(&self.arguments).envs(self.environment).output().expect("run");
        Ran::from_output(self.folder, &output)
    }

    /// Runs, and asserts that the exit code is 0.
    pub fn success(self) -> Ran {
        self.code(0)
    }

    /// Runs, and asserts the exit code.
    pub fn code(self, code: i32) -> Ran {
        let ran = self.run();
        assert_eq!(ran.code, code, "stdout:\n{}\nstderr:\n{}", ran.stdout, ran.stderr);
        ran
    }
}

impl Ran {
    fn from_output(folder: TempDir, output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Self {
            folder,
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// Stdout as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// A file below the test's folder.
    pub fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

/// The `dvpack` program with a clean environment, to be run in `folder`.
pub fn dvpack(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dvpack"));
    command.current_dir(folder).env_clear().env("TZ", "UTC").env("COLUMNS", "100").env("HOME", folder);
    // A run of all tests may keep every request of every sandbox.
    for name in ["PATH", "DVPACK_SANDBOX_LOG"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// The root of the repository.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The complete projects of the repository: folder, name of the bundle, and the environment to build it for.
pub const EXAMPLES: [(&str, &str, &str); 3] = [
    ("examples/contoso-widgets", "ContosoWidgets_1_4_0_0.dvpack", ""),
    ("examples/fabrikam-visits", "FabrikamVisits_2_0_0_0_test.dvpack", "--environment test"),
    ("examples/northwind-lending", "EquipmentLending_1_4_0_0_production.dvpack", "--environment production"),
];

/// The corpus of real solutions, or `None` (and a line that says so) where it is absent.
pub fn corpus() -> Option<PathBuf> {
    let path = std::env::var_os("DVPACK_CORPUS").map_or_else(|| repository().join("../shared/corpus"), PathBuf::from);
    if path.is_dir() {
        Some(path)
    } else {
        println!("skipped: no corpus");
        None
    }
}

/// Whether a real solution is read by every run of the tests. The largest few hold most of all elements and need most of the
/// time: tests that read the whole corpus in this process leave them to `bash tests/nightly corpus`, which sets
/// `DVPACK_LONG`. The program itself reads all of them in every run (tests/tools/honest.py).
pub fn by_day(path: &Path) -> bool {
    const LARGEST: u64 = 150_000;
    std::env::var_os("DVPACK_LONG").is_some() || path.metadata().is_ok_and(|it| it.len() <= LARGEST)
}

/// What a program printed and how it ended, or `None` (and a line that says so) where this machine does not have it.
pub fn output_if_there(command: &mut Command) -> Option<Output> {
    match command.output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: no {}", command.get_program().display());
            None
        }
        output => Some(output.expect("it runs")),
    }
}

/// Leaves a table in `target/reports/`, which `tests/run` shows.
pub fn report(name: &str, table: &str) {
    let folder = repository().join("target/reports");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(name), table).expect("written");
}

/// Who may read and write a file, where the system has such modes.
pub fn set_mode(path: &Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the mode");
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
}

fn copy_tree(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            fs::create_dir_all(&target).expect("a folder");
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("copied");
        }
    }
}

/// A solution zip in normal form, as it has to be in a bundle.
pub fn normal(zip: &[u8]) -> Vec<u8> {
    let mut package = dvpack::solution::read_zip(zip, "a.zip").expect("read");
    for (name, bytes) in &mut package.files {
        let is_record = Path::new(name).extension().is_some_and(|it| it == "xml")
            && name.matches('/').count().is_multiple_of(2)
            && name.contains('/');
        if let Some(root) = is_record.then(|| dvpack::solution::xml::parse(bytes, name).ok()).flatten() {
            *bytes = dvpack::solution::xml::write_document(&root);
        }
    }
    dvpack::solution::write_zip(&package).expect("written")
}
