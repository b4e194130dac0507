//! Whoever reads what a script prints may go away: the work is finished, and the exit code is the true one.

use std::process::Stdio;

use dvpack::sandbox::Rule;
use serde_json::json;

use super::{Bundle, FIRST, Script, imported, options};
use crate::world::World;

#[derive(Clone, Copy, Debug)]
enum Gone {
    Stdout,
    Stderr,
}

/// Runs with a reader that has gone before a word is printed.
fn run(bundle: &Bundle, script: Script, world: &World, gone: Gone) -> Option<i32> {
    let mut command = bundle.command(script, world.sandbox.url().as_str(), world, &[]);
    let (stdout, stderr) = match gone {
        Gone::Stdout => (Stdio::piped(), Stdio::null()),
        Gone::Stderr => (Stdio::null(), Stdio::piped()),
    };
    let mut child = command.stdout(stdout).stderr(stderr).spawn().expect("it runs");
    drop((child.stdout.take(), child.stderr.take()));
    child.wait().expect("it ends").code()
}

#[test]
fn a_reader_that_goes_away_ends_no_work_and_changes_no_exit_code() {
    for script in Script::here() {
        for gone in [Gone::Stdout, Gone::Stderr] {
            let bundle = Bundle::new();
            // Something is said before the first write, and in the middle of the work.
            bundle.edit("\"text\": \"https://api.uat.contoso.com\"", "\"secretFromFile\": \"/x\"");
            let world = imported(&bundle, options());
            let effect = json!({"kind": "answer", "status": 429, "headers": [["Retry-After", "0"]]});
            let rule = json!({"method": "POST", "path": "/environmentvariablevalues", "effect": effect});
            world.fault(&serde_json::from_value::<Rule>(rule).expect("a rule"));
            assert_eq!(run(&bundle, script, &world, gone), Some(0), "{script:?} {gone:?}");
            let [user, value, _, role] = FIRST;
            assert_eq!(world.writes(), [user, value, value, role], "{script:?} {gone:?}");
            let empty = World::new(options());
            assert_eq!(run(&bundle, script, &empty, gone), Some(7), "{script:?} {gone:?}: nothing imported");
        }
    }
}
