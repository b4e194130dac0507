//! Whoever closes the terminal stops the printing, not the work.
#![cfg(unix)]

use std::process::Command;

use dvpack::sandbox::Options;

use crate::support::Test;
use crate::world::World;

/// Runs in a terminal that is closed at the second step; how the program ended. `None`, and a line that says so, where
/// the machine has no Python to make a terminal with.
fn hung_up(mut command: Command, second: &str) -> Option<String> {
    const TERMINAL: &str = "import os, pty, sys\n\
        seen = b''\n\
        pid, fd = pty.fork()\n\
        if pid == 0: os.execv(sys.argv[2], sys.argv[2:])\n\
        while sys.argv[1].encode() not in seen:\n\
        \x20   more = os.read(fd, 65536)\n\
        \x20   if not more: break\n\
        \x20   seen += more\n\
        os.close(fd)\n\
        print(os.waitpid(pid, 0)[1])\n";
    command.env("TERM", "xterm").env("NO_COLOR", "1");
    let mut terminal = Command::new("python3");
    terminal.args(["-c", TERMINAL, second]).arg(command.get_program()).args(command.get_args()).env_clear();
    terminal.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        terminal.current_dir(folder);
    }
    let output = crate::support::output_if_there(&mut terminal)?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[test]
fn a_closed_terminal_ends_neither_apply_nor_remove() {
    let world = World::new(Options { job_polls: 6, ..Options::default() });
    let example = Test::new().copy("examples/contoso-widgets");
    for (verb, second, after) in [("apply", "2/", 0), ("remove", "2/", 9)] {
        let command = world.dvpack(example.path(), &format!("{verb} . --yes"));
        let Some(status) = hung_up(command, second) else { return };
        assert_eq!(status, "0", "{verb}: the status of wait(2), which is that of a signal where one has ended it");
        let (code, stdout, stderr) = world.run(example.path(), "status .");
        assert_eq!(code, after, "{verb}: {stdout}{stderr}");
    }
    assert_eq!(world.run(example.path(), "remove . --yes").1, "nothing to remove\n");
}
