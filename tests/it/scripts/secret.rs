//! Where a script gets the secret from: a file as any system writes it, or a person at a terminal.

use super::{Bundle, Script, imported, options};

#[test]
fn a_file_with_the_lines_of_another_system_has_the_same_secret() {
    for script in Script::here() {
        let bundle = Bundle::new();
        let world = imported(&bundle, options());
        let file = bundle.folder.path().join("a secret");
        let path = file.display().to_string();
        for ending in ["\n", "\r\n", "", "\r\nmore\r\n"] {
            std::fs::write(&file, format!("{}{ending}", world.sandbox.admin_secret())).expect("written");
            let ran = bundle.run_with(script, &world, &["--plan", "--secret-file", &path], "");
            assert_eq!(ran.code, 10, "{script:?} {ending:?}\n{}", ran.all());
        }
    }
}

/// Runs in a terminal and types `answer` at the prompt, once the terminal no longer shows what is typed: exit code and what
/// the terminal showed. `None`, and a line that says so, where the machine has no Python to make a terminal with.
#[cfg(unix)]
fn typed(command: &std::process::Command, answer: &str) -> Option<(i32, String)> {
    const TERMINAL: &str = "import os, pty, sys, termios, time\n\
        seen = b''; asked = False\n\
        pid, fd = pty.fork()\n\
        if pid == 0: os.execvp(sys.argv[2], sys.argv[2:])\n\
        while True:\n\
        \x20   try: more = os.read(fd, 65536)\n\
        \x20   except OSError: break\n\
        \x20   if not more: break\n\
        \x20   seen += more\n\
        \x20   for _ in range(more.count(b'\\x1b[6n')): os.write(fd, b'\\x1b[1;1R')\n\
        \x20   if not asked and b'secret: ' in seen:\n\
        \x20       asked = True\n\
        \x20       while termios.tcgetattr(fd)[3] & termios.ECHO: time.sleep(0.05)\n\
        \x20       os.write(fd, sys.argv[1].encode() + b'\\n')\n\
        sys.stdout.buffer.write(seen)\n\
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n";
    let mut terminal = std::process::Command::new("python3");
    terminal.args(["-c", TERMINAL, answer]).arg(command.get_program()).args(command.get_args()).env_clear();
    terminal.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("TERM", "xterm");
    terminal.env_remove("AZURE_CLIENT_SECRET");
    let output = crate::support::output_if_there(&mut terminal)?;
    Some((output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned()))
}

#[cfg(unix)]
#[test]
fn a_person_types_the_secret_and_nobody_sees_it() {
    for script in Script::here() {
        let bundle = Bundle::new();
        let world = imported(&bundle, options());
        let secret = world.sandbox.admin_secret();
        for (answer, code) in [(secret, 10), ("wr0ng-secret", 4)] {
            let command = bundle.command(script, world.sandbox.url().as_str(), &world, &["--plan"]);
            let Some((found, seen)) = typed(&command, answer) else { return };
            assert_eq!(found, code, "{script:?}\n{seen}");
            assert!(seen.contains("secret: ") && !seen.contains(answer), "{script:?}\n{seen}");
        }
    }
}
