//! The marker test: a secret at every string of the example's manifest in turn, right and broken in many ways, is in no
//! output except where that string is meant to be shown. Most of it inside this process, a sample by the program.

use std::fs;
use std::ops::Range;
use std::path::Path;

use dvpack::diagnostic::Source;
use dvpack::manifest::{self, Request};
use dvpack::secret;
use dvpack::yaml::node::{Content, Node};
use serde_json::Value;

use crate::support::{Test, repository};

const HEAD: &str = "dvpack: 1
publisher: { name: contoso, prefix: contoso, optionValuePrefix: 10000 }
solution: { name: ContosoWidgets, version: 1.10 }
";

/// What stands in a string's place. The first three leave it a single value.
const WAYS: [(&str, &str); 18] = [
    ("right", "MARKER"),
    ("in quotes", "\"MARKER\""),
    ("an anchor", "&x MARKER"),
    ("a bare text in place of a reference", "{ secret: MARKER }"),
    ("a wrong key beside `secret`", "{ secret: { env: A }, value: MARKER }"),
    ("a wrong key in `secret`", "{ secret: { nope: MARKER } }"),
    ("an unknown key", "{ nope: MARKER }"),
    ("a duplicate key", "{ a: x, a: MARKER }"),
    ("a list", "[x, MARKER]"),
    ("a merge key", "{ <<: { a: MARKER } }"),
    ("an unknown alias", "*MARKER"),
    ("a tag", "!x MARKER"),
    ("an unclosed quote", "\"MARKER"),
    ("an unclosed bracket", "[MARKER"),
    ("text behind quotes", "\"MARKER\" x"),
    ("a bad indent", "x\n   nope: MARKER [\n"),
    ("a tab", "\n\tnope: MARKER"),
    ("an expression", "\"${{ 'MARKER' | foo }}\""),
];
const SINGLE: usize = 3;

/// A string of the manifest: where it stands, what leads there, and whether it is a key.
struct Place {
    range: Range<usize>,
    path: Vec<String>,
    is_key: bool,
}

fn places(node: &Node, path: &mut Vec<String>, found: &mut Vec<Place>) {
    let place =
        |range: &Range<usize>, path: &[String], is_key| Place { range: range.clone(), path: path.to_vec(), is_key };
    match &node.content {
        Content::Scalar(_) => found.push(place(&node.span.range, path, false)),
        Content::Sequence(items) => {
            for item in items {
                path.push("[]".to_owned());
                places(item, path, found);
                path.pop();
            }
        }
        Content::Mapping(entries) => {
            for entry in entries {
                path.push(entry.key.clone());
                found.push(place(&entry.key_span.range, path, true));
                places(&entry.value, path, found);
                path.pop();
            }
        }
        Content::Refused => {}
    }
}

/// Whether the committed schema has a plain value at a path, and no secret is meant there.
fn is_shown(schema: &Value, path: &[String]) -> bool {
    if path.iter().any(|key| key == "settings") {
        return false;
    }
    let resolve = |parts: Vec<&Value>| -> Vec<Value> {
        let (mut open, mut all) = (parts.into_iter().cloned().collect::<Vec<_>>(), Vec::new());
        while let Some(part) = open.pop() {
            if let Some(name) = part["$ref"].as_str() {
                open.push(schema["$defs"][name.trim_start_matches("#/$defs/")].clone());
            }
            open.extend(["anyOf", "oneOf"].iter().flat_map(|word| part[word].as_array().cloned().unwrap_or_default()));
            all.push(part);
        }
        all
    };
    let mut here = resolve(vec![schema]);
    for step in path {
        let next = here.iter().flat_map(|part| match step.as_str() {
            "[]" => vec![part["items"].clone()],
            key => match &part["properties"][key] {
                Value::Null => vec![part["additionalProperties"].clone()],
                known => vec![known.clone()],
            },
        });
        let next: Vec<Value> = next.filter(Value::is_object).collect();
        here = resolve(next.iter().collect());
    }
    here.iter().any(|part| {
        let kinds = part["type"].as_array().cloned().unwrap_or_else(|| vec![part["type"].clone()]);
        part["enum"].is_array()
            || !part["const"].is_null()
            || kinds.iter().any(|kind| kind.is_string() && kind != "object" && kind != "array")
    })
}

/// Letters that are different for each number.
fn letters(number: usize, length: usize) -> String {
    const ALPHABET: &[u8; 56] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut state = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let letter = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(ALPHABET[(state % 56) as usize])
    };
    (0..length).map(letter).collect()
}

/// One that is known by its form, and one that nobody can know.
fn markers(number: usize) -> [String; 2] {
    [format!("ghp_{}", letters(number, 36)), format!("m{}", letters(number, 7))]
}

struct Example {
    folder: std::path::PathBuf,
    text: String,
    schema: Value,
    places: Vec<Place>,
}

impl Example {
    fn new() -> Self {
        let folder = repository().join("examples/contoso-widgets");
        let text = fs::read_to_string(folder.join("dvpack.yaml")).expect("the example");
        let schema = fs::read(repository().join("manifests/schema/dvpack.v1.schema.json")).expect("the schema");
        let source = Source::new("dvpack.yaml", text.as_str());
        let tree = dvpack::yaml::parse::parse(&source, None, &mut Vec::new()).expect("a tree");
        let mut places = Vec::new();
        self::places(&tree, &mut Vec::new(), &mut places);
        Self { folder, text, schema: serde_json::from_slice(&schema).expect("JSON"), places }
    }

    fn changed(&self, place: &Place, way: &str, marker: &str) -> String {
        let mut changed = self.text.clone();
        changed.replace_range(place.range.clone(), &way.replace("MARKER", marker));
        changed
    }
}

/// All that would be printed for people and for machines, as the program prints it; annotations are made of the latter.
fn shown(text: &str, folder: &Path) -> String {
    let request = Request { path: folder.to_owned(), ..Request::default() };
    let findings = match manifest::load_text(&Source::new("dvpack.yaml", text), folder, &request) {
        Ok(loaded) => loaded.findings,
        Err(findings) => findings,
    };
    let all: String = findings
        .iter()
        .map(|it| it.render(false, 400) + &serde_json::to_string(&it.to_record()).expect("JSON"))
        .collect();
    secret::hide(&all).into_owned()
}

#[test]
fn a_secret_at_any_string_is_only_shown_where_that_string_is_meant_to_be() {
    let example = Example::new();
    let values = example.places.iter().filter(|place| !place.is_key);
    let hidden: Vec<_> = values.filter(|it| !is_shown(&example.schema, &it.path)).map(|it| it.path.join("/")).collect();
    assert_eq!(hidden.len(), 3, "{hidden:?}");
    let ways = |place: &Place| if place.is_key { 0..2 } else { 0..WAYS.len() };
    let work: Vec<(usize, usize)> = example
        .places
        .iter()
        .enumerate()
        .flat_map(|(number, place)| ways(place).map(move |way| (number, way)))
        .collect();
    let threads = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let leaks: Vec<String> = std::thread::scope(|scope| {
        let chunks = work.chunks(work.len().div_ceil(threads));
        let started: Vec<_> = chunks.map(|chunk| scope.spawn(|| leaks(&example, chunk))).collect();
        started.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    println!("{} places, {} manifests", example.places.len(), work.len());
    assert!(example.places.len() > 120, "{}", example.places.len());
    assert!(leaks.is_empty(), "{} leaks\n{}", leaks.len(), leaks[..leaks.len().min(10)].join("\n"));
}

fn leaks(example: &Example, work: &[(usize, usize)]) -> Vec<String> {
    let mut leaks = Vec::new();
    for (number, way) in work {
        let place = &example.places[*number];
        let [known, unknown] = markers(number * WAYS.len() + way);
        let mut look = |marker: &str| {
            let all = shown(&example.changed(place, WAYS[*way].1, marker), &example.folder);
            if all.contains(marker) {
                leaks.push(format!("{} ({}): {marker}\n{all}", place.path.join("/"), WAYS[*way].0));
            }
        };
        // A text that nobody can know is shown where a text is meant: alone, or in what is broken there. A key is a name.
        let broken = ["a tag", "an unclosed quote", "text behind quotes", "an expression"].contains(&WAYS[*way].0);
        let as_text = *way < SINGLE || broken;
        if place.is_key || (as_text && is_shown(&example.schema, &place.path)) {
            look(&known);
        } else {
            look(&unknown);
        }
    }
    leaks
}

/// What an unknown key, or a value of another shape, would have been, nobody knows.
#[test]
fn a_value_is_shown_only_where_a_known_key_takes_one() {
    for (number, way) in [
        "foo: MARKER\n",
        "foo: { bar: [MARKER] }\n",
        "application: { clientId: x, foo: MARKER }\n",
        "application: { clientId: x, foo: { name: MARKER } }\n",
        "application: { clientId: [MARKER] }\n",
        "application: MARKER\n",
        "application: { clientId: { name: MARKER } }\n",
        "roles: [{ name: R, nmae: MARKER }]\n",
        "roles: { name: MARKER }\n",
        "roles: [{ name: R, foo: x, foo: MARKER }]\n",
        "roles: [{ name: R, <<: { foo: MARKER } }]\n",
        "roles: [{ name: R, foo: a, MARKER }]\n",
        "roles:\n  - name: R\n    foo: MARKER\n   bar: x\n",
        "roles:\n  - name: R\n    foo: MARKER: x\n",
        "roles:\n  - foo: &x MARKER\n    bar: [\n",
        "foo:\n  - MARKER\nx: [\n",
        "foo: |\n  MARKER\n  MARKER\nx: [\n",
        "{ \"foo\": \"MARKER\", \"x\": [ }\n",
        "environments: { uat: { foo: MARKER } }\n",
        "environments: { uat: MARKER }\n",
        "components: { environmentVariables: [{ name: contoso_X, foo: MARKER }] }\n",
        "components: { foo: [{ name: MARKER }] }\n",
        "requires: { solutions: [MARKER] }\n",
        "foo: !x MARKER\n",
        "foo: *MARKER\n",
        "foo: .inf\nbar: \"${{ 'MARKER' | foo }}\"\n",
    ]
    .into_iter()
    .enumerate()
    {
        let marker = markers(3_000_000 + number)[1].clone();
        let all = shown(&format!("{HEAD}{}", way.replace("MARKER", &marker)), Path::new("."));
        assert!(!all.contains(&marker) && all.contains("error"), "{way}\n{all}");
    }
}

#[test]
fn the_program_shows_no_marker_in_any_mode() {
    let example = Example::new();
    let mut runs = 0;
    for (number, place) in example.places.iter().enumerate().filter(|(_, place)| !place.is_key).step_by(9) {
        let way = WAYS[number % WAYS.len()];
        let [known, _] = markers(1_000_000 + number);
        let manifest = example.changed(place, way.1, &known);
        for (format, pipeline) in [("human", "GITHUB_ACTIONS"), ("json", "GITHUB_ACTIONS"), ("human", "TF_BUILD")] {
            let test = Test::new().copy("examples/contoso-widgets").file("dvpack.yaml", &manifest);
            let verb = ["check", "build", "pack", "plan --sandbox", "inspect"][runs % 5];
            let ran = test.env(pipeline, "true").args(verb).args("-vv --format").arg(format).run();
            let all = format!("{}{}", ran.stdout, ran.stderr);
            assert!(ran.code != 101 && !all.contains(&known), "{verb} {:?} ({})\n{all}", place.path, way.0);
            runs += 1;
        }
    }
    assert!(runs > 15, "{runs}");
}

/// A marker that may be there: it is built in, and shown by no verb.
#[test]
fn a_secret_that_was_built_in_is_named_and_never_shown() {
    let marker = markers(2_000_000)[0].clone();
    let text = fs::read_to_string(repository().join("examples/contoso-widgets/dvpack.yaml")).expect("the example");
    let manifest = text.replace("https://api.contoso.com", &marker).replace("Watches over", &marker);
    let built = Test::new().copy("examples/contoso-widgets").file("dvpack.yaml", &manifest);
    let built = built.args("build . -o out --environment production").success();
    let bundle = |ran: &crate::support::Ran| {
        let mut files = fs::read_dir(ran.folder.path().join("out")).expect("out").flatten().map(|it| it.path());
        fs::read(files.find(|path| path.extension().is_some_and(|it| it == "dvpack")).expect("a bundle")).expect("read")
    };
    let kept = Test::new().file("a.dvpack", bundle(&built));
    let path = kept.path().join("a.dvpack").display().to_string();
    let other = text.replace("https://api.contoso.com", &markers(2_000_001)[0]);
    let other = Test::new().copy("examples/contoso-widgets").file("dvpack.yaml", other);
    let other = other.args("build . -o out --environment production").success();
    let other = Test::new().file("b.dvpack", bundle(&other));
    let second = other.path().join("b.dvpack").display().to_string();
    for (verb, says) in [
        (format!("verify {path}"), "setting `contoso_ApiBase` contains what looks like a token of GitHub"),
        (format!("inspect {path}"), "contoso_ApiBase = *** (not shown: what looks like a token of GitHub)"),
        (format!("diff {path} {second}"), "another one"),
        (format!("diff {path} {second} --format json"), "another one"),
        (format!("inspect {path} --format json"), "a token of GitHub"),
        (format!("verify {path} --format json"), "a token of GitHub"),
        (format!("plan {path} --sandbox"), "text of the bundle, not shown: it has the form of a secret"),
        (format!("apply {path} --sandbox --yes -vv"), ""),
        (format!("doctor {path} --sandbox"), ""),
    ] {
        let ran = Test::new().args(&verb).run();
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!([0, 9, 10].contains(&ran.code), "{verb}: {}\n{all}", ran.code);
        assert!(!all.contains(&marker) && !all.contains(&markers(2_000_001)[0]), "{verb}\n{all}");
        assert!(all.contains(says), "{verb}: {says}\n{all}");
    }
    let page = dvpack::bundle::Bundle::from_bytes(&bundle(&built), "x").expect("a bundle");
    let page = String::from_utf8_lossy(page.file("INSTALL.html").expect("the page")).into_owned();
    assert!(!page.contains(&marker) && page.contains("(not shown: what looks like a token of GitHub)"), "{page}");
}

/// Files of a checkout or of the machine that builds, which a manifest from somebody else could name.
#[test]
fn no_file_with_credentials_is_built_into_a_bundle() {
    let components = |kind: &str| format!("{HEAD}components: {{ {kind} }}\n");
    let secret = "ghs_0123456789";
    for (kind, code) in [
        ("webResources: [{ path: .git/config, name: contoso_/x.js, type: js }]", "credential-file"),
        ("webResources: [{ path: '.git/*', name: 'contoso_/{path}', type: js }]", "credential-file"),
        ("webResources: [{ path: .env, name: contoso_/x.js, type: js }]", "credential-file"),
        ("webResources: [{ path: web/.npmrc, name: contoso_/x.js, type: js }]", "credential-file"),
        ("webResources: [{ path: 'web/*rc', name: 'contoso_/{path}', type: js }]", "pattern-empty"),
        ("webResources: [{ path: web/id_rsa, name: contoso_/x.js, type: js }]", "credential-file"),
        ("webResources: [{ path: 'web/id*', name: 'contoso_/{path}', type: js }]", "pattern-empty"),
        ("source: [.git]", "credential-file"),
    ] {
        let test = Test::new().file("dvpack.yaml", components(kind));
        let test =
            [".git/config", ".env", "web/.npmrc", "web/id_rsa"].iter().fold(test, |test, it| test.file(it, secret));
        let ran = test.args("build . -o out").code(3);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(all.contains(code) && !all.contains(secret), "{kind}\n{all}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_a_named_folder_leads_to_no_other_file() {
    use std::os::unix::fs::symlink;
    let template = "emailTemplates: [{ title: Contoso, table: contact, folder: mail }]";
    let control = "codeComponents: [{ path: mail }]";
    let outside = Test::new().file("body.xsl", "s0me-credential");
    let target = outside.path().join("body.xsl");
    for (kind, link) in [(template, "body.xsl"), (template, "subject.xsl"), (control, "ControlManifest.xml")] {
        let files =
            ["subject.xsl", "subjectpresentationxml.xml", "body.xsl", "presentationxml.xml", "ControlManifest.xml"];
        let test = Test::new().file("dvpack.yaml", format!("{HEAD}components: {{ {kind} }}\n"));
        let test = files
            .iter()
            .filter(|name| **name != link)
            .fold(test, |test, name| test.file(&format!("mail/{name}"), "<x/>"));
        symlink(&target, test.path().join("mail").join(link)).expect("linked");
        let ran = test.args("build . -o out").code(3);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(all.contains("path-outside") && !all.contains("s0me-credential"), "{link}\n{all}");
    }
}

/// A folder that looks like a repository brings its own configuration, with programs for git to run.
#[test]
fn git_runs_nothing_that_a_folder_asks_for() {
    let manifest =
        HEAD.replace("optionValuePrefix: 10000", "optionValuePrefix: 10000, description: \"${{ git.NAME }}\"");
    let head = "1234567890123456789012345678901234567890\n";
    for name in ["commit", "shortCommit", "tag", "branch"] {
        for inside in ["", ".git/"] {
            let test = Test::new().file("dvpack.yaml", manifest.replace("NAME", name));
            let ran = test.path().join("ran").display().to_string();
            let config = format!(
                "[core]\nrepositoryformatversion = 1\nbare = true\nfsmonitor = touch {ran}\n[protocol \"ext\"]\nallow = always\n\
                 [extensions]\npartialClone = origin\n[remote \"origin\"]\nurl = ext::sh -c touch% {ran}\npromisor = true\n"
            );
            let files = [
                ("HEAD", "ref: refs/heads/main\n"),
                ("refs/heads/main", head),
                ("refs/tags/v1", head),
                ("objects/info/x", ""),
                ("config", config.as_str()),
            ];
            let test = files.iter().fold(test, |test, (path, text)| test.file(&format!("{inside}{path}"), text));
            let folder = test.path().to_owned();
            let outcome = test.args("check .").run();
            assert!(!folder.join("ran").exists(), "{name} {inside}: {}", outcome.stderr);
            assert!(!Path::new(&ran).exists() && outcome.code != 101, "{name} {inside}: {}", outcome.stderr);
        }
    }
}
