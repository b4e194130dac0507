//! One PowerShell for many runs: it takes a second and more to start, and a script in it a tenth of that. With
//! `DVPACK_LONG` each run gets a process of its own, as in the nightly tests.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};

use super::{Ran, powershell};

/// Reads a run a line, as JSON, and answers with what came of it. `exit` in a script ends that script. Errors go to
/// one list, everything else that is printed to another. Only the pauses between two looks at a task are slept through.
const DRIVER: &str = r"
function global:Start-Sleep($Seconds, [Alias('m')]$Milliseconds) {
	if ($Milliseconds) { Microsoft.PowerShell.Utility\Start-Sleep -Milliseconds $Milliseconds }
}
while ($null -ne ($line = [Console]::In.ReadLine())) {
	$run = $line | ConvertFrom-Json
	$run.env.PSObject.Properties | ForEach-Object { [Environment]::SetEnvironmentVariable($_.Name, $_.Value) }
	$arguments = @($run.arguments)
	$printed = @(& $run.script @arguments *>&1)
	$code = $LASTEXITCODE
	$errors = @($printed | Where-Object { $_ -is [Management.Automation.ErrorRecord] } | ForEach-Object { [string]$_ })
	$others = @($printed | Where-Object { $_ -isnot [Management.Automation.ErrorRecord] } | ForEach-Object { [string]$_ })
	$answer = @{ code = $code; stdout = $others -join [char]10; stderr = $errors -join [char]10 }
	[Console]::Out.WriteLine((ConvertTo-Json $answer -Compress))
}
";

struct Host {
    // Ends with this process: its input is then closed.
    _child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Host {
    fn start() -> Self {
        let home = std::env::temp_dir();
        let driver = home.join(format!("dvpack-scripts-{}.ps1", std::process::id()));
        std::fs::write(&driver, DRIVER).expect("written");
        let mut child = Command::new(powershell().expect("PowerShell"))
            .args(["-NoProfile", "-NonInteractive", "-File"])
            .arg(&driver)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").expect("a path"))
            .env("HOME", &home)
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let input = child.stdin.take().expect("an input");
        let output = BufReader::new(child.stdout.take().expect("an output"));
        let mut host = Self { _child: child, input, output };
        // It has read its file once it answers.
        let probe = home.join(format!("dvpack-scripts-{}-probe.ps1", std::process::id()));
        std::fs::write(&probe, "exit 7").expect("written");
        assert_eq!(host.run(&probe, &[], &[]).code, 7);
        for file in [driver, probe] {
            std::fs::remove_file(file).expect("removed");
        }
        host
    }

    fn run(&mut self, script: &Path, arguments: &[String], environment: &[(String, String)]) -> Ran {
        let variables: serde_json::Map<String, Value> =
            environment.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let line = json!({ "script": script, "arguments": arguments, "env": variables });
        writeln!(self.input, "{line}").expect("written");
        self.input.flush().expect("flushed");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("an answer");
        let answer: Value = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
        let text = |name: &str| {
            let text = answer[name].as_str().unwrap_or_default();
            if text.is_empty() { String::new() } else { format!("{text}\n") }
        };
        let code = answer["code"].as_i64().and_then(|code| i32::try_from(code).ok()).unwrap_or(-1);
        Ran { code, stdout: text("stdout"), stderr: text("stderr") }
    }
}

/// Runs a script in the PowerShell that all tests share.
pub(super) fn run(script: &Path, arguments: &[String], environment: &[(String, String)]) -> Ran {
    static HOST: OnceLock<Mutex<Host>> = OnceLock::new();
    let host = HOST.get_or_init(|| Mutex::new(Host::start()));
    host.lock().unwrap_or_else(PoisonError::into_inner).run(script, arguments, environment)
}

/// Whether each run is to have a process of its own.
pub(super) fn is_long() -> bool {
    std::env::var_os("DVPACK_LONG").is_some_and(|value| value == "1")
}
