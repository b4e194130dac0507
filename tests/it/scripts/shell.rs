//! What only `apply.sh` can meet: its tools, its shell, the list of processes.

use std::process::Command;

use super::{Bundle, Script, imported, is_there, options, ran};
use crate::secrets::Watch;
use crate::support::repository;
use crate::world::World;

fn has_tools() -> bool {
    ["curl", "jq"].into_iter().all(is_there)
}

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
fn wrong_parameters_are_a_usage_error() {
    if !has_tools() {
        return;
    }
    let (bundle, world) = (Bundle::new(), World::new(options()));
    for url in
        ["http://contoso.crm.dynamics.com", "http://127.0.0.1.example.com", "https://user@contoso.crm.dynamics.com", ""]
    {
        assert_eq!(ran(&mut bundle.command(Script::Shell, url, &world, &[])).code, 2, "{url}");
    }
    for arguments in [&["--nonsense"][..], &["--url"], &["more"]] {
        bundle.code(2, Script::Shell, &world, arguments);
    }
    let ran = bundle.code(2, Script::Shell, &world, &["--help"]);
    assert!(ran.stderr.starts_with("usage: sh post-import/apply.sh --url"), "{}", ran.stderr);
}

/// An older jq must not be taken for one that said no, and one that is not there neither.
#[test]
fn an_older_jq_or_none_ends_the_script_before_anything_is_read() {
    let (bundle, world) = (Bundle::new(), World::new(options()));
    for version in ["jq-1.4", "jq version 1.3", "jq-1.0", "gojq 0.12.13", ""] {
        bundle.tool("jq", &format!("#!/bin/sh\necho '{version}'\n"));
        let ran = bundle.code(1, Script::Shell, &world, &[]);
        assert!(ran.stderr.contains("jq 1.5 or later is needed"), "{version}: {}", ran.stderr);
    }
    for version in ["jq-1.5", "jq-1.5-1-a5b5cbe", "jq-1.6", "jq-1.7.1", "jq-1.10", "jq-2.0"] {
        bundle.tool("jq", &format!("#!/bin/sh\n[ \"$1\" != --version ] || {{ echo '{version}'; exit; }}\nexit 7\n"));
        // This one is new enough, and fails: then nothing is assumed.
        let ran = bundle.run(Script::Shell, &world, &[]);
        assert!(!ran.stderr.contains("is needed") && ran.code != 0, "{version}: {} {}", ran.code, ran.stderr);
    }
    bundle.tool("jq", "#!/bin/sh\nexit 127\n");
    bundle.code(1, Script::Shell, &world, &[]);
}

/// What jq got after 1.5 would fail where it is older, some of it without a word.
#[test]
fn the_script_uses_nothing_that_jq_1_5_lacks() {
    let script = super::template("apply.sh");
    for newer in [
        "IN(",
        "INDEX(",
        "@base64d",
        "--rawfile",
        "--args",
        "--jsonargs",
        "halt",
        "walk(",
        "$__prog",
        "ascii(",
        "splits(null",
        "getpath/",
        "limit(0",
        "pick(",
        "have_",
        "ltrimstr(null",
        "trim",
        "toarray",
        "abs",
        "?//",
        "error(null",
        "env.$",
        "input_line",
        "strptime",
        "SQL",
        "getpath(null",
        "add(",
        "tojson(",
    ] {
        assert!(!script.contains(newer), "{newer}");
    }
    // An `if` without `else` came with 1.7. Each of jq's stands between quotes, where `end` ends it.
    let (ifs, elses) =
        (script.matches(" then ").count() + script.matches("\n\t\tthen ").count(), script.matches("else").count());
    assert!(ifs > 3 && elses > 3);
}

#[test]
fn no_secret_stands_in_an_argument_of_what_the_script_starts() {
    if !has_tools() {
        return;
    }
    let bundle = Bundle::new();
    let (world, watch, secret) = super::faults::with_a_secret(&bundle);
    world.import_as(&bundle.solution(), secret);
    for tool in ["curl", "jq", "sed", "grep", "sort", "cat", "cut"] {
        let found = Command::new("sh").args(["-c", &format!("command -v {tool}")]).output().expect("sh runs").stdout;
        let found = String::from_utf8(found).expect("UTF-8");
        let log = bundle.folder.path().join("log").display().to_string();
        // The environment of a program can be read as well as its arguments.
        let script = format!("#!/bin/sh\n{{ printf '%s\\n' \"$*\"; env; }} >>'{log}'\nexec {} \"$@\"\n", found.trim());
        bundle.tool(tool, &script);
    }
    let file = bundle.folder.path().join("secret");
    std::fs::write(&file, format!("{secret}\n")).expect("written");
    let file = file.display().to_string();
    let by_variable = super::host::is_long().then(|| (secret, vec![]));
    for (given, arguments) in by_variable.into_iter().chain([("", vec!["--secret-file", file.as_str()])]) {
        let mut command = bundle.command(Script::Shell, world.sandbox.url().as_str(), &world, &arguments);
        let ran = ran(command.env("AZURE_CLIENT_SECRET", given));
        assert_eq!(ran.code, 0, "{}", ran.all());
        assert_eq!(watch.find(ran.all().as_bytes()), None);
    }
    let log = std::fs::read(bundle.folder.path().join("log")).expect("a log");
    assert!(log.len() > 10_000);
    let watch: Watch = watch;
    assert_eq!(watch.find(&log), None);
}

/// Silence is waited for once: asked again, it would be longer only.
#[test]
fn a_server_that_says_nothing_is_given_up() {
    if !has_tools() {
        return;
    }
    let bundle = Bundle::new();
    let found = Command::new("sh").args(["-c", "command -v curl"]).output().expect("sh runs").stdout;
    let found = String::from_utf8(found).expect("UTF-8");
    // The same curl in a hurry: its last option counts.
    bundle.tool("curl", &format!("#!/bin/sh\nexec {} \"$@\" -m 2\n", found.trim()));
    for (path, code, words) in
        [("WhoAmI", 1, "does not answer"), ("/token", 1, "no answer"), ("/roles", 8, "run again")]
    {
        let world = imported(&bundle, options());
        let rule = serde_json::json!({"path": path, "times": 0, "effect": {"kind": "stall"}});
        world.fault(&serde_json::from_value(rule).expect("a rule"));
        let ran = bundle.code(code, Script::Shell, &world, &[]);
        assert!(ran.stderr.contains(words) && ran.stderr.contains("curl: (28)"), "{}", ran.stderr);
        let log = world.ask(reqwest::Method::GET, "log").expect("JSON");
        let asked = log.as_array().expect("a list").iter();
        let asked = asked.filter(|entry| entry["path"].as_str().is_some_and(|asked| asked.contains(path)));
        assert!(asked.count() <= 1, "{log}");
    }
}

#[test]
fn the_script_leaves_no_file_behind() {
    if !has_tools() {
        return;
    }
    let bundle = Bundle::new();
    let world = imported(&bundle, options());
    let place = bundle.folder.path().join("place");
    std::fs::create_dir(&place).expect("a folder");
    for code in [0, 2] {
        let arguments: &[&str] = if code == 2 { &["--nonsense"] } else { &[] };
        let mut command = bundle.command(Script::Shell, world.sandbox.url().as_str(), &world, arguments);
        assert_eq!(ran(command.env("TMPDIR", &place)).code, code);
        assert_eq!(std::fs::read_dir(&place).expect("a folder").count(), 0);
    }
    let names: Vec<_> =
        std::fs::read_dir(bundle.root()).expect("a folder").map(|entry| entry.expect("one").file_name()).collect();
    assert_eq!(names.len(), 7, "{names:?}");
}

/// A tool that is not there, or fails, lets no changed file through.
#[test]
fn the_check_of_the_files_fails_closed() {
    for tool in ["comm", "sort", "sed", "grep", "uniq", "cat", "find", "sha256sum", "cmp"] {
        for what in ["exit 127", "exit 0"] {
            let bundle = Bundle::new();
            let world = World::new(options());
            bundle.write("INSTALL.html", b"x");
            bundle.tool(tool, &format!("#!/bin/sh\n{what}\n"));
            let ran = bundle.run(Script::Shell, &world, &[]);
            assert_ne!(ran.code, 0, "{tool} {what}: {}", ran.all());
            assert!(world.sandbox.log().is_empty(), "{tool} {what}: {}", ran.all());
        }
    }
}
