//! A file or an option that belongs to another verb: the message names the verb, and what is advised works.

use std::path::Path;

use crate::support::{Test, dvpack};

const BUNDLE: &str = "out/ContosoWidgets_1_4_0_0.dvpack";
const ZIP: &str = "out/ContosoWidgets_1_4_0_0_managed.zip";

fn built() -> Test {
    let example = Test::new().copy("examples/contoso-widgets");
    let (code, _, stderr) = run(example.path(), "build . -o out");
    assert_eq!(code, 0, "{stderr}");
    example
}

fn run(folder: &Path, line: &str) -> (i32, String, String) {
    let output = dvpack(folder).args(line.split_whitespace()).output().expect("run");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_bundle_or_a_solution_in_the_wrong_place_is_named_with_the_verb_that_takes_it() {
    let example = built();
    // An ending is no proof.
    for (from, to) in [(BUNDLE, "release.zip"), (BUNDLE, "release"), (ZIP, "solution.dvpack"), (BUNDLE, "a.yaml")] {
        std::fs::copy(example.path().join(from), example.path().join(to)).expect("copied");
    }
    let apply = "`dvpack apply ";
    let unzip = "'solutions/ContosoWidgets_1_4_0_0_managed.zip'`, then `dvpack ";
    for (line, is, help) in [
        (format!("build {BUNDLE}"), "it is a bundle, which is built already", apply),
        (format!("check {BUNDLE}"), "it is a bundle, which is built already", "`dvpack verify out/"),
        ("check release.zip".into(), "it is a bundle, which is built already", "`dvpack verify release.zip` checks"),
        ("build release".into(), "it is a bundle, which is built already", apply),
        ("build a.yaml".into(), "it is a bundle, which is built already", apply),
        (format!("sign {BUNDLE} --key k.pem --source {BUNDLE}"), "it is a bundle, which is built already", apply),
        (format!("build {ZIP}"), "it is a solution zip", "`dvpack init DIR --from out/"),
        ("check solution.dvpack".into(), "it is a solution zip", "`dvpack init DIR --from solution.dvpack`"),
        (format!("unpack {BUNDLE} there"), "it is a bundle, and a solution zip is wanted", unzip),
        (
            "unpack release there".into(),
            "it is a bundle, and a solution zip is wanted",
            "`dvpack inspect release` shows",
        ),
        (format!("init there --from {BUNDLE}"), "it is a bundle, and a solution zip is wanted", unzip),
        (format!("init there --role-from {BUNDLE}"), "it is a bundle, and a solution zip is wanted", unzip),
    ] {
        let (code, _, stderr) = run(example.path(), &line);
        assert_eq!(code, 3, "{line}: {stderr}");
        assert!(stderr.contains(is) && stderr.contains(help), "{line}: {stderr}");
        assert!(!stderr.contains("UTF-8") && !example.path().join("there").exists(), "{line}: {stderr}");
    }
    let (code, stdout, _) = run(example.path(), &format!("check {BUNDLE} --format json"));
    let document: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!((code, &document["diagnostics"][0]["code"]), (3, &"not-a-manifest".into()), "{document:#}");
}

/// Verbs that want a bundle or manifest, with what else they need.
const ON_BUNDLES: [&str; 9] = [
    "plan FILE --sandbox",
    "apply FILE --sandbox --yes",
    "status FILE --sandbox",
    "doctor FILE --sandbox",
    "remove FILE --sandbox --yes",
    "verify FILE",
    "consent FILE",
    "sign FILE --key k.pem",
    "build . --check FILE",
];

#[test]
fn a_solution_zip_in_place_of_a_bundle_is_named_with_what_to_do() {
    let example = built();
    // An ending is no proof.
    for to in ["solution.dvpack", "loose"] {
        std::fs::copy(example.path().join(ZIP), example.path().join(to)).expect("copied");
    }
    let diff = "diff solution.dvpack FILE".replace("FILE", BUNDLE);
    let lines = ON_BUNDLES.iter().flat_map(|line| [ZIP, "solution.dvpack", "loose"].map(|it| line.replace("FILE", it)));
    for line in lines.chain([diff]) {
        let (code, stdout, stderr) = run(example.path(), &line);
        assert_eq!(code, 3, "{line}: {stdout}{stderr}");
        for words in
            ["it is a solution zip, and a bundle is wanted", "`dvpack build` writes beside", "`dvpack init DIR --from "]
        {
            assert!(stderr.contains(words), "{line}: {words}: {stderr}");
        }
    }
    // A bundle is one under whatever name.
    std::fs::copy(example.path().join(BUNDLE), example.path().join("b.yaml")).expect("copied");
    std::fs::copy(example.path().join(BUNDLE), example.path().join("b.zip")).expect("copied");
    for file in ["b.yaml", "b.zip"] {
        for (line, wanted) in [
            (format!("plan {file} --sandbox"), 10),
            (format!("verify {file}"), 0),
            (format!("inspect {file}"), 0),
            (format!("diff {file} {BUNDLE}"), 0),
            (format!("consent {file}"), 0),
        ] {
            let (code, stdout, stderr) = run(example.path(), &line);
            assert_eq!(code, wanted, "{line}: {stdout}{stderr}");
        }
    }
}

#[test]
fn a_file_that_is_not_there_is_an_input_that_cannot_be_used_for_every_verb() {
    let example = built();
    let more = [
        "check nope",
        "check nope.yaml",
        "build nope",
        "inspect nope",
        "diff nope nope",
        "unpack nope there",
        "init there --from nope",
        "init there --role-from nope",
        "plan nope.yaml --sandbox",
    ];
    let of_bundle = [
        "apply FILE --sandbox --plan nope",
        "status FILE --sandbox --accepted nope",
        "verify FILE --policy nope",
        "apply FILE --sandbox --yes --accepted nope",
    ];
    let lines = ON_BUNDLES.iter().map(|line| line.replace("FILE", "nope"));
    let lines = lines.chain(more.map(str::to_owned)).chain(of_bundle.map(|line| line.replace("FILE", BUNDLE)));
    for line in lines {
        let (code, stdout, stderr) = run(example.path(), &line);
        assert_eq!(code, 3, "{line}: {stdout}{stderr}");
        assert!(stderr.contains("nope") && stderr.contains("No such file"), "{line}: {stderr}");
        if line.starts_with("init") || line.starts_with("unpack") {
            continue;
        }
        let (code, stdout, _) = run(example.path(), &format!("{line} --format json"));
        let document: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
        assert_eq!((code, &document["ok"]), (3, &false.into()), "{line}: {document:#}");
    }
    // Whoever reads only one line learns what is wrong.
    for (line, words) in [
        (format!("check {BUNDLE}"), "it is a bundle, which is built already, and a manifest is wanted"),
        (format!("plan {ZIP} --sandbox"), "it is a solution zip, and a bundle is wanted"),
    ] {
        let (_, stdout, _) = run(example.path(), &format!("{line} --format json"));
        let document: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
        assert_eq!(document["message"], words, "{line}: {document:#}");
    }
}

/// A project that takes its version from `--set`.
fn with_value() -> Test {
    let example = Test::new().copy("examples/contoso-widgets");
    let path = example.path().join("dvpack.yaml");
    let text = std::fs::read_to_string(&path).expect("a manifest");
    assert!(text.contains("version: 1.4.0.0"), "{text}");
    std::fs::write(&path, text.replace("version: 1.4.0.0", "version: ${{ set.version }}")).expect("written");
    example
}

#[test]
fn inspect_and_diff_take_the_values_that_they_ask_for() {
    let example = with_value();
    for line in ["inspect .", "diff . .", "diff . --sandbox"] {
        let (code, _, stderr) = run(example.path(), line);
        assert_eq!(code, 3, "{line}: {stderr}");
        assert!(stderr.contains("--set"), "{line}: {stderr}");
    }
    let (code, stdout, stderr) = run(example.path(), "inspect . --set version=1.4.0.7");
    assert!(code == 0 && stdout.contains("1.4.0.7"), "{stdout}{stderr}");
    let (code, stdout, stderr) = run(example.path(), "diff . dvpack.yaml --set version=1.4.0.7");
    assert!(code == 0 && stdout.ends_with("no difference\n"), "{stdout}{stderr}");
    let (code, stdout, stderr) = run(example.path(), "diff . --sandbox --set version=1.4.0.7");
    assert!(code == 10 && stdout.contains("1.4.0.7"), "{stdout}{stderr}");

    let built = built();
    for line in [
        format!("inspect {BUNDLE} --set version=1.0"),
        format!("diff {BUNDLE} {BUNDLE} --set version=1.0"),
        format!("diff {BUNDLE} --sandbox --set version=1.0"),
        format!("inspect {ZIP} --set version=1.0"),
        "inspect . --set version".to_owned(),
    ] {
        let (code, _, stderr) = run(built.path(), &line);
        assert_eq!(code, 2, "{line}: {stderr}");
    }
}
