//! Every verb that reads a manifest refuses what Dataverse would refuse in a role of a source, with file and line.

use super::*;

/// Verbs that would send the role to an environment, or ask one about it.
const VERBS: [&str; 6] = [
    "plan . --sandbox",
    "doctor . --sandbox",
    "apply . --sandbox --yes",
    "apply . --sandbox --dry-run",
    "status . --sandbox",
    "build . -o made",
];

/// A manifest whose role comes in each form, and its place as findings name it.
fn forms(rows: &[(&str, &str)]) -> Vec<(&'static str, Test)> {
    let roles: Rows<'_> = [("Contoso Service", ID, rows)];
    let of = |path: &str| Test::new().file("dvpack.yaml", manifest(&format!("components: {{ source: [{path}] }}\n")));
    vec![
        ("src/Roles/Role0.xml:4", with_folder(of("src"), "src", &roles)),
        ("clone/src/Roles/Role0.xml:4", with_folder(of("clone"), "clone/src", &roles)),
        ("tree/roles/role0.yml:7", with_yaml(of("tree"), "tree", &roles)),
        ("managed.zip: customizations.xml:", of("managed.zip").file("managed.zip", zip(PackageType::Managed, &roles))),
        ("other.zip: customizations.xml:", of("other.zip").file("other.zip", zip(PackageType::Unmanaged, &roles))),
    ]
}

#[test]
fn an_impossible_level_of_a_source_is_refused_by_every_verb_with_its_place() {
    let levels = REFUSED.iter().filter(|(.., code)| *code == "level-not-possible");
    for (index, (name, level, code)) in levels.enumerate() {
        for (place, test) in forms(&[(name, level)]) {
            // Every level in a folder; each other form with each verb once.
            if index > 0 && !place.starts_with("src") {
                continue;
            }
            for verb in VERBS {
                let output = crate::support::dvpack(test.path()).args(verb.split(' ')).output().expect("run");
                let stderr = String::from_utf8_lossy(&output.stderr);
                assert_eq!(output.status.code(), Some(3), "{name} {level}, {place}, {verb}: {stderr}");
                assert!(stderr.contains(&format!("error[{code}]")), "{name} {level}, {place}, {verb}: {stderr}");
                assert!(stderr.contains(place) && stderr.contains(name), "{name} {level}, {place}, {verb}: {stderr}");
                assert!(output.stdout.is_empty(), "{place}, {verb}: {}", String::from_utf8_lossy(&output.stdout));
            }
            assert!(!test.path().join("made").exists(), "{place}");
        }
    }
}

/// A level that there is, is taken by the same verbs.
#[test]
fn a_possible_level_of_a_source_is_taken() {
    for (place, test) in forms(&[("prvReadAccount", "Global"), ("prvReadRole", "Global")]) {
        let ran = test.args("plan . --sandbox").run();
        assert_eq!(ran.code, 10, "{place}: {}", ran.stderr);
        assert!(ran.stdout.contains("Contoso Service"), "{place}: {}", ran.stdout);
    }
}
