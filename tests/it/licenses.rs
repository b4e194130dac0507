//! `dvpack --licenses`: every library that is in the binary, with its licence and the licence's text.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::support::{Test, repository};

#[test]
fn the_licences_of_all_libraries_are_in_the_binary() {
    let told = Test::new().args("--licenses").success().stdout;
    let head = told.split("\nA library that offers several").next().unwrap_or_default();
    let listed: BTreeSet<String> = head.lines().filter_map(|line| line.strip_prefix("  ")).map(str::to_owned).collect();

    // Every package that Cargo links on some platform; without the network, so that all must have been fetched once.
    let output = Command::new(env!("CARGO"))
        .current_dir(repository())
        .args(["metadata", "--locked", "--offline", "--format-version", "1"])
        .output()
        .expect("cargo");
    if !output.status.success() {
        println!("skipped: not every crate has been fetched (cargo fetch)");
        return;
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    let packages: BTreeMap<String, (String, String)> = list(&metadata["packages"])
        .iter()
        .map(|it| {
            let label = format!("{} {}", text(&it["name"]), text(&it["version"]));
            (text(&it["id"]), (label, text(&it["license"])))
        })
        .collect();
    let links: BTreeMap<String, Vec<String>> = list(&metadata["resolve"]["nodes"])
        .iter()
        .map(|node| {
            let linked = |dependency: &&serde_json::Value| {
                list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null())
            };
            (text(&node["id"]), list(&node["deps"]).iter().filter(linked).map(|it| text(&it["pkg"])).collect())
        })
        .collect();
    let root = text(&metadata["resolve"]["root"]);
    let (mut seen, mut todo) = (BTreeSet::new(), vec![root]);
    while let Some(package) = todo.pop() {
        if seen.insert(package.clone()) {
            todo.extend(links[&package].clone());
        }
    }
    // Our own crates have the licence of the program.
    let own: Vec<String> = list(&metadata["workspace_members"]).iter().map(text).collect();
    seen.retain(|package| !own.contains(package));
    let wanted: BTreeSet<String> =
        seen.iter().map(|id| &packages[id]).map(|(label, license)| format!("{label}: {license}")).collect();
    assert_eq!(listed, wanted, "run: cargo fetch; python3 tests/tools/licenses.py >THIRD-PARTY-LICENSES.txt");
    for (label, license) in seen.iter().map(|id| &packages[id]) {
        assert!(!license.is_empty(), "{label} has no licence");
        let texts = told.split("\nA library that offers several").nth(1).unwrap_or_default();
        assert!(texts.contains(label), "no text for {label}");
    }
}
