//! Text of manifests, bundles, files, arguments and servers is shown, and neither a pipeline nor a terminal obeys it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use dvpack::sandbox::{Effect, Options, Rule};
use serde_json::Value;

use crate::support::{Test, dvpack};
use crate::world::World;

/// Where the program runs: what it may say to the service itself.
const PLACES: [(&str, &[(&str, &str)]); 3] =
    [("alone", &[]), ("GitHub", &[("GITHUB_ACTIONS", "true")]), ("Azure", &[("TF_BUILD", "True")])];

const COMPLETE: &str = "##vso[task.complete result=Succeeded;]";

/// In the middle and at the start of a line, hidden by what .NET passes over, and for other services.
const TEXTS: [&str; 8] = [
    "x ##vso[task.setvariable variable=a;isOutput=true]b",
    "::error file=a::b",
    "##[add-mask]x",
    " \u{a0}::stop-commands::x",
    "#\u{200d}#v\u{640}so[task.complete result=Failed;]",
    ":\u{200b}:set-output name=a::b",
    "##teamcity[buildStatus status='SUCCESS']",
    "a ##[group]b ##VSO[task.complete]c",
];

/// What the services would do with an output: every line that one of them obeys, except dvpack's own commands.
fn obeyed(place: &str, output: &str) -> Vec<String> {
    let is_own = |line: &str| match place {
        "GitHub" => {
            ["::error ", "::warning ", "::notice "].iter().any(|own| line.starts_with(own))
                && line.contains("title=dvpack ")
        }
        "Azure" => ["##vso[task.logissue type=", "##vso[task.uploadsummary]/"].iter().any(|own| line.starts_with(own)),
        _ => false,
    };
    let acts = |line: &str| {
        // .NET's culture passes over more than these; all of that is not ASCII.
        let seen: String = line.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).collect();
        let lower = seen.to_lowercase();
        ["##[", "##vso[", "##teamcity["].iter().any(|mark| lower.contains(mark)) || seen.trim_start().starts_with("::")
    };
    let lines = output.split(['\n', '\r']);
    lines
        .filter(|line| if is_own(line) { acts(&line[1..].replacen("##vso[", "", 1)) } else { acts(line) })
        .map(|line| line.escape_debug().to_string())
        .collect()
}

/// What a terminal would obey, or not show where it stands.
fn controls(output: &str) -> Vec<char> {
    let order =
        |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    output.chars().filter(|c| !matches!(c, '\n' | '\t') && (c.is_control() || order(*c))).collect()
}

/// Runs in every place and both forms; what each run printed.
fn everywhere(command: &dyn Fn() -> Command) -> Vec<String> {
    let mut all = Vec::new();
    for (place, variables) in PLACES {
        for format in ["human", "json"] {
            let output = command()
                .args(["--format", format])
                .envs(variables.iter().copied())
                .env("GITHUB_STEP_SUMMARY", "summary.md")
                .output()
                .expect("run");
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
            let (out, err) = (text(&output.stdout), text(&output.stderr));
            for (stream, text) in [("stdout", &out), ("stderr", &err)] {
                let obeyed = obeyed(place, text);
                assert!(obeyed.is_empty(), "{place} obeys {format} on {stream}: {obeyed:#?}\n{text}");
                let controls = controls(text);
                assert!(controls.is_empty(), "{format} on {stream}: {controls:?}\n{text}");
            }
            if format == "json" && !out.is_empty() {
                serde_json::from_str::<Value>(&out).unwrap_or_else(|error| panic!("{error}: {out}"));
            }
            all.push(out + &err);
        }
    }
    all
}

fn manifest(text: &str) -> String {
    // Names of roles and applications have no invisible characters, and no white space at their ends.
    let name: String = text.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).collect();
    let [text, role] = [text, name.trim()].map(|text| serde_json::to_string(text).expect("JSON"));
    format!(
        "dvpack: 1\n\
         publisher: {{ name: contoso, displayName: {text}, prefix: contoso, optionValuePrefix: 10000 }}\n\
         solution: {{ name: ContosoWidgets, displayName: {text}, description: {text}, version: 1.0.0.0 }}\n\
         application: {{ clientId: 6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40, name: {role} }}\n\
         roles:\n  - name: {role}\n    description: {text}\n    grants: {{ account: {{ read: organization }} }}\n\
         applicationUser: {{ roles: [{role}], businessUnit: root }}\n\
         components:\n  environmentVariables:\n    - {{ name: contoso_A, displayName: {text}, type: string, default: {text} }}\n\
         settings: {{ contoso_A: {role} }}\n"
    )
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("written");
}

#[test]
fn names_in_a_package_are_obeyed_by_nobody() {
    for (number, text) in TEXTS.into_iter().enumerate() {
        let test = Test::new().file("dvpack.yaml", manifest(text));
        let folder = test.path();
        let line = |line: &str| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            everywhere(&move || {
                let mut command = dvpack(folder);
                command.args(&words).env("DVPACK_TEST_PACE", "10000");
                command
            })
        };
        line("check .");
        line("build . -o out");
        let bundle = std::fs::read_dir(folder.join("out"))
            .ok()
            .and_then(|files| {
                files
                    .map(|file| file.expect("a file").path())
                    .find(|path| path.extension().is_some_and(|e| e == "dvpack"))
            })
            .unwrap_or_else(|| panic!("`{text}` was not built: {:?}", line("build . -o out")));
        let bundle = bundle.display();
        write(folder, "other.yaml", &manifest("Other").replace("version: 1.0.0.0", "version: 1.0.0.1"));
        let mut shown = String::new();
        let lines = [
            format!("inspect {bundle} -v"),
            format!("verify {bundle}"),
            "diff dvpack.yaml other.yaml".to_owned(),
            format!("diff {bundle} other.yaml --markdown"),
            format!("apply {bundle} --sandbox -vvv --report report.md"),
            format!("plan {bundle} --sandbox -vvv"),
            format!("apply {bundle} --sandbox --scenario import-fails --report report.xml --log-file requests.log"),
            format!("plan {bundle} --sandbox -o plan.json"),
            format!("status {bundle} --sandbox"),
            format!("doctor {bundle} --sandbox"),
            format!("remove {bundle} --sandbox --yes"),
            format!("consent {bundle}"),
        ];
        // Every verb for one text, and those that print most for all.
        for words in lines.iter().take(if number == 0 { lines.len() } else { 3 }) {
            shown += &line(words).concat();
        }
        assert!(
            shown.contains("# #")
                || shown.contains(": :")
                || shown.contains("\u{200b} :")
                || shown.contains("\u{200d} #"),
            "{text}: {shown}"
        );
        for file in
            ["summary.md", "report.md", "report.xml", "plan.json", "requests.log"].iter().filter(|_| number == 0)
        {
            let written = std::fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert_eq!(obeyed("alone", &written), Vec::<String>::new(), "{file}");
            assert_eq!(controls(&written), Vec::<char>::new(), "{file}");
        }
        // The value stays what it is.
        let output = dvpack(folder).args(["inspect", &bundle.to_string(), "--format", "json"]).output().expect("run");
        let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let mut values = BTreeSet::new();
        strings(&document, &mut values);
        assert!(values.contains(text) || values.contains(text.trim()), "{text}: {values:#?}");
    }
}

fn strings(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            out.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, out)),
        Value::Object(members) => members.values().for_each(|member| strings(member, out)),
        _ => {}
    }
}

#[test]
fn texts_of_a_server_are_obeyed_by_nobody() {
    let test = Test::new().file("dvpack.yaml", manifest("Plain"));
    let folder = test.path();
    assert!(dvpack(folder).args(["build", ".", "-o", "out"]).status().expect("run").success());
    let world = World::new(Options::default());
    let lines = [
        format!("no {COMPLETE}x\n::error::y\r\n ::add-mask::z\u{1b}[2J\u{9b}31m\u{7}"),
        format!("{COMPLETE}\u{2028}::error::\u{85}::debug::\u{202e}\u{b}\u{c}"),
        "::stop-commands::x\r::error::y".to_owned(),
        "#\u{ad}#[error]\u{200f}".to_owned(),
        format!("{} {COMPLETE}", "x".repeat(400)),
    ];
    let ask = |rule: &Rule, verb: &str| {
        world.sandbox.clear_faults();
        world.sandbox.add_fault(rule.clone());
        everywhere(&|| world.dvpack(folder, &format!("{verb} out/ContosoWidgets_1_0_0_0.dvpack -vvv"))).concat()
    };
    let mut shown = String::new();
    for (number, message) in lines.iter().enumerate() {
        for (status, path) in [(403, "/api/data/"), (400, "/oauth2/v2.0/token")] {
            let body = if path.starts_with("/oauth2") {
                serde_json::json!({"error": message, "error_description": message})
            } else {
                serde_json::json!({"error": {"code": message, "message": message}})
            };
            let effect = Effect::Answer {
                status,
                code: None,
                message: None,
                body: Some(body.to_string()),
                headers: [("x-ms-service-request-id".to_owned(), "##[error]".to_owned())].into_iter().collect(),
                after: false,
            };
            let skip = u64::from(path.starts_with("/api"));
            let rule = Rule { path: Some(path.into()), skip, times: Some(0), effect, ..Rule::default() };
            let verbs = ["plan", "apply --yes", "status", "doctor", "remove --yes", "diff"];
            for verb in verbs.iter().take(if number == 0 { verbs.len() } else { 1 }) {
                shown += &ask(&rule, verb);
            }
        }
    }
    assert!(shown.contains("# #vso[task.complete"), "no text of the server was shown: {shown}");
    for verb in ["plan", "doctor"] {
        let effect = Effect::Redirect { status: 302, location: format!("https://x.example/{COMPLETE}") };
        ask(&Rule { path: Some("/api/data/".into()), times: Some(0), effect, ..Rule::default() }, verb);
    }
}

#[test]
fn arguments_files_and_excerpts_are_obeyed_by_nobody() {
    let more =
        ["a\u{1b}[31mb\u{1b}]0;t\u{7}", "a\n::error::b", "a\r::error::b", "a\u{202e}b\u{2028}\u{85}c ##vso[a.b]"];
    for (number, text) in more.iter().chain(&TEXTS).enumerate() {
        let quoted = serde_json::to_string(text).expect("JSON");
        let test = Test::new()
            .file(
                "dvpack.yaml",
                format!("dvpack: 1\n{quoted}: {quoted}\n# {}\nroles: {quoted}\n", text.replace(['\n', '\r'], " ")),
            )
            .file("policy.yaml", format!("dvpackPolicy: {quoted}\n"))
            .file("it.dvpack", *text)
            .file("it.zip", *text);
        let folder = test.path();
        let lines = [
            vec!["check", "."],
            vec!["build", "."],
            vec!["check", text],
            vec!["inspect", text],
            vec![text],
            vec!["check", ".", "--set", text],
            vec!["check", ".", text, "--x"],
            vec!["inspect", "it.dvpack"],
            vec!["inspect", "it.zip"],
            vec!["verify", "it.dvpack", "--policy", "policy.yaml"],
            vec!["plan", "it.dvpack", "--url", text],
            vec!["diff", text, text],
            vec!["sign", "it.dvpack", "--key", text],
            vec!["consent", "--client-id", "6f2b7c1e-9a54-4d0e-8f63-2b1d5c7a9e40", "--tenant", text],
            vec!["sandbox", "--consented", text],
            vec!["sandbox", "--application", text],
            vec!["sandbox", "--installed", text],
            vec!["init", "--from", text, "new"],
            vec!["unpack", text, "-o", "there"],
        ];
        // Every line for some of the texts, and one of each way in for all.
        for words in lines.iter().take(if number % 4 == 0 { lines.len() } else { 7 }) {
            everywhere(&|| {
                let mut command = dvpack(folder);
                command.args(words);
                command
            });
        }
    }
}

#[test]
fn with_colour_only_dvpacks_own_escape_sequences_reach_a_terminal() {
    let hostile = "a\u{1b}[8mb\u{1b}]0;t\u{7}\u{9b}2Jc";
    let quoted = serde_json::to_string(hostile).expect("JSON");
    let ran = Test::new()
        .file("dvpack.yaml", format!("dvpack: 1\n{quoted}: 1\nroles: {quoted}\n"))
        .args("check . --color always")
        .run();
    assert_eq!(ran.code, 3);
    let colors = regex::Regex::new("\u{1b}\\[[0-9;]*m").expect("a pattern");
    assert!(colors.is_match(&ran.stderr), "{}", ran.stderr);
    assert!(!ran.stderr.contains("\u{1b}[8m"), "{}", ran.stderr);
    assert_eq!(controls(&colors.replace_all(&ran.stderr, "")), Vec::<char>::new(), "{}", ran.stderr);
    let ran = Test::new().env("CLICOLOR_FORCE", "1").arg(hostile).code(2);
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
    let ran = Test::new().env("CLICOLOR_FORCE", "1").arg("aply").code(2);
    assert!(colors.is_match(&ran.stderr), "{}", ran.stderr);
    assert_eq!(controls(&colors.replace_all(&ran.stderr, "")), Vec::<char>::new(), "{}", ran.stderr);
}

#[test]
fn what_came_with_the_program_is_printed_byte_by_byte() {
    let licenses = Test::new().args("--licenses").success().stdout;
    assert_eq!(
        licenses,
        std::fs::read_to_string(crate::support::repository().join("THIRD-PARTY-LICENSES.txt")).expect("there")
    );
    let schema = Test::new().args("schema").success();
    let written = Test::new().args("schema -o schema.json").success().read("schema.json");
    assert_eq!(schema.json(), serde_json::from_slice::<Value>(&written).expect("JSON"));
    assert!(Test::new().args("completions bash").success().stdout.contains("_dvpack()"));
}
