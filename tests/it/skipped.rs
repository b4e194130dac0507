//! A test that cannot do its work for want of a program says so: a run that passes without a word would prove nothing.
#![cfg(unix)]

use std::process::Command;

/// Tests that need a program which not every machine has, and that program.
const TESTS: [(&str, &str); 7] = [
    ("pipes::sign_signs_the_same_whoever_reads", "openssl"),
    ("closed_terminal::a_closed_terminal_ends_neither_apply_nor_remove", "python3"),
    ("questions::a_value_of_this_machine_is_taken_only_by_a_yes", "python3"),
    ("questions::a_role_is_taken_away_only_by_a_yes", "python3"),
    ("target_guard::a_terminal_asks_for_names", "python3"),
    ("deletions::a_terminal_asks_for_the_name_of_the_solution", "python3"),
    ("scripts::shell::wrong_parameters_are_a_usage_error", "curl"),
];

#[test]
fn a_test_without_its_program_says_that_it_was_skipped() {
    let tests = std::env::current_exe().expect("this program");
    let nowhere = tempfile::tempdir().expect("a folder");
    for (name, program) in TESTS {
        let output = Command::new(&tests)
            .args([name, "--exact", "--nocapture", "--test-threads=1"])
            .env("PATH", nowhere.path())
            .output()
            .expect("it runs");
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{name}: {stdout}{}", String::from_utf8_lossy(&output.stderr));
        assert!(stdout.contains("1 passed"), "{name}: {stdout}");
        assert!(stdout.contains(&format!("skipped: no {program}")), "{name}: {stdout}");
    }
}
