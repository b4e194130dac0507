//! Files that a command line names: what an empty or invalid one is called, and where one can be written.

use dvpack::sandbox::Options;

use crate::support::{Test, dvpack};
use crate::world::World;

#[test]
fn an_empty_file_is_called_what_it_is() {
    let line = "status . --sandbox --accepted it.yaml";
    for (line, help) in [
        (line, "`dvpack status --write-accepted FILE` writes a list of accepted differences"),
        ("check it.yaml", "`dvpack init` writes a manifest to start from"),
        ("verify out/ContosoWidgets_1_4_0_0.dvpack --policy it.yaml", "a policy names who may sign which solutions"),
    ] {
        for text in ["", "# nothing\n", "---\n"] {
            let test = Test::new().copy("examples/contoso-widgets").args("build . -o out").success();
            let ran = Test::within(test.folder).file("it.yaml", text).args(line).run();
            assert!(ran.code == 3 || ran.code == 2 && line.contains("policy"), "{line}: {} {}", ran.code, ran.stderr);
            assert!(ran.stderr.contains("error[empty-file]: the file is empty\n"), "{line}: {}", ran.stderr);
            assert!(ran.stderr.contains(help), "{line}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_list_with_mistakes_is_an_invalid_input_and_another_file_is_left_alone() {
    let world = World::new(Options::default());
    let example = Test::new().copy("examples/contoso-widgets");
    let run = |text: &str| {
        std::fs::write(example.path().join("it.yaml"), text).expect("written");
        let (code, _, stderr) = world.run(example.path(), "status . --write-accepted it.yaml");
        let after = std::fs::read_to_string(example.path().join("it.yaml")).expect("there");
        assert!(code == 9 || after == text, "{after}");
        (code, stderr)
    };
    for list in [
        "dvpackAccepted: 1\naccepted: [{code: nope}]\n",
        "# mine\ndvpackAccepted: 7\naccepted: []\n",
        "{\n  \"dvpackAccepted\": 1\n}\n",
        "{\"dvpackAccepted\": 1, \"accepted\": 3}\n",
    ] {
        let (code, stderr) = run(list);
        assert_eq!(code, 3, "{list}: {stderr}");
        assert!(stderr.contains(" --> it.yaml:") && stderr.contains("mend the list"), "{list}: {stderr}");
    }
    let (code, stderr) = run("hello: world\n");
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("`it.yaml` already exists, and is not a list of accepted differences"), "{stderr}");
    assert_eq!(run("").0, 9);
}

#[test]
fn missing_folders_of_a_file_that_is_written_are_made_by_every_verb() {
    let world = World::new(Options::default());
    let example = Test::new().copy("examples/contoso-widgets");
    for (number, line) in [
        "plan . -o FILE.json",
        "plan . --log-file FILE.log",
        "plan . --report FILE.json",
        "status . --write-accepted FILE.yaml",
        "status . --report FILE.md",
        "doctor . --report junit:FILE",
        "apply . --dry-run --log-file FILE.log --report FILE.xml",
        "diff . --log-file FILE.log",
        "remove . --yes --log-file FILE.log",
    ]
    .into_iter()
    .enumerate()
    {
        let line = line.replace("FILE", &format!("n{number}/a/b"));
        let (_, stdout, stderr) = world.run(example.path(), &line);
        assert!(example.path().join(format!("n{number}/a")).is_dir(), "{line}: {stdout}{stderr}");
    }
    for (number, line) in
        ["check . --report FILE.sarif", "build . -o FILE", "schema -o FILE.json", "schema --output plan -o FILE"]
            .into_iter()
            .enumerate()
    {
        let line = line.replace("FILE", &format!("m{number}/a/b"));
        let output = dvpack(example.path()).args(line.split(' ')).output().expect("run");
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(example.path().join(format!("m{number}/a")).is_dir(), "{line}");
    }
    // The sandbox runs until it is stopped.
    let mut command = dvpack(example.path());
    let flags =
        "sandbox --tls --state s/a/state.json --log-file l/a/log --ca-file c/a/ca.pem --ready-file r/a/ready.json";
    let mut sandbox = command.args(flags.split(' ')).stdout(std::process::Stdio::null()).spawn().expect("started");
    let begun = std::time::Instant::now();
    while !example.path().join("r/a/ready.json").exists() && begun.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let made = ["r/a/ready.json", "l/a/log", "c/a/ca.pem"].map(|file| example.path().join(file).exists());
    sandbox.kill().and_then(|()| sandbox.wait()).expect("stopped");
    assert_eq!(made, [true; 3]);
}
