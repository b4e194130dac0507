//! The catalog against the evidence: a random sample of its rows, and everything recorded.

use std::collections::BTreeMap;
use std::fs;

use dvpack::catalog::{self, Level, Levels, Ownership, Right};

use crate::support::repository;

/// A file of the reference material (`DVPACK_REFERENCE`), or `None` and a line that says so.
pub fn reference(path: &str) -> Option<String> {
    let folder =
        std::env::var_os("DVPACK_REFERENCE").map_or_else(|| repository().join("../shared/reference"), Into::into);
    let text = fs::read_to_string(folder.join(path)).ok();
    if text.is_none() {
        println!("skipped: no reference material ({path})");
    }
    text
}

/// A small generator of numbers that is the same everywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % bound as u64).expect("small")
    }
}

/// What the evidence says of a privilege: GUID, allowed levels, levels seen, source.
struct Evidence {
    id: String,
    allowed: String,
    seen: Vec<Level>,
    source: String,
}

fn seen_privileges() -> Option<BTreeMap<String, Evidence>> {
    let text = reference("privileges.tsv")?;
    let mut evidence = BTreeMap::new();
    for line in text.lines().skip(1) {
        let fields: Vec<_> = line.split('\t').collect();
        let seen = Level::ALL.into_iter().filter(|level| fields[1].contains(level.name())).collect();
        evidence.insert(
            fields[0].to_owned(),
            Evidence { id: fields[2].to_owned(), allowed: fields[3].to_owned(), seen, source: fields[5].to_owned() },
        );
    }
    Some(evidence)
}

#[test]
fn two_hundred_random_rows_agree_with_the_evidence() {
    let (Some(evidence), Some(csdl)) = (seen_privileges(), reference("csdl/dataverse-v9.1-metadata.davidmoten.xml"))
    else {
        return;
    };
    let names: Vec<_> = evidence.keys().filter(|name| catalog::privilege(name).is_some()).collect();
    let sets: BTreeMap<&str, &str> = csdl
        .split("<EntitySet Name=\"")
        .skip(1)
        .filter_map(|part| {
            let (set, rest) = part.split_once('"')?;
            Some((rest.split_once("Microsoft.Dynamics.CRM.")?.1.split('"').next()?, set))
        })
        .collect();
    let tables: Vec<_> = catalog::tables().iter().filter(|table| sets.contains_key(table.logical)).collect();
    assert!(names.len() > 400 && tables.len() > 100, "{} {}", names.len(), tables.len());
    let mut numbers = Numbers(2026);
    for _ in 0..100 {
        let name = names[numbers.below(names.len())];
        let known = catalog::privilege(name).expect("known");
        let evidence = &evidence[name];
        if known.spelling_known {
            assert_eq!(known.name, *name);
        }
        if let Some(levels) = known.levels {
            for level in &evidence.seen {
                assert!(levels.contains(*level), "{name} is held at {level}: {}", evidence.source);
            }
            if !evidence.allowed.is_empty() {
                assert_eq!(levels, Levels::from_letters(&evidence.allowed), "{name}: {}", evidence.source);
            }
        }
        if let Some(id) = known.id {
            // The first that the evidence has, or one that Microsoft's page has where it has none.
            assert!(evidence.id.is_empty() || evidence.id.contains(&id.to_string()), "{name}");
        }
        println!("{name}: levels {}, seen {:?} in {}", evidence.allowed, evidence.seen, evidence.source);
    }
    for _ in 0..100 {
        let table = tables[numbers.below(tables.len())];
        assert_eq!(table.set, sets.get(table.logical).copied(), "{}", table.logical);
        println!("{}: set {} in the CSDL", table.logical, sets[table.logical]);
    }
}

#[test]
fn recorded_entity_definitions_agree_in_every_privilege() {
    for name in [
        "businessunit",
        "connectionreference",
        "environmentvariabledefinition",
        "environmentvariablevalue",
        "role",
        "solution",
        "systemuser",
        "team",
        "workflow",
    ] {
        let Some(text) = reference(&format!("metadata/entitydefinitions/{name}.json")) else { return };
        let definition: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let table = catalog::table(name).expect("known");
        assert_eq!(table.set, definition["EntitySetName"].as_str(), "{name}");
        let ownership = match definition["OwnershipType"].as_str() {
            Some("UserOwned") => Ownership::User,
            Some("OrganizationOwned") => Ownership::Organization,
            Some("BusinessOwned") => Ownership::Business,
            _ => Ownership::None,
        };
        assert_eq!(table.ownership, ownership, "{name}");
        for privilege in definition["Privileges"].as_array().expect("privileges") {
            let spelled = privilege["Name"].as_str().expect("a name");
            let Some((right, _)) = catalog::split_privilege(spelled) else { continue };
            let Some(known) = catalog::privilege(spelled) else { panic!("{spelled}") };
            assert_eq!(known.name, spelled);
            let can = |key: &str| privilege[key] == true;
            let letters: String = [("CanBeBasic", "B"), ("CanBeLocal", "L"), ("CanBeDeep", "D"), ("CanBeGlobal", "G")]
                .into_iter()
                .filter(|(key, _)| can(key))
                .map(|(_, letter)| letter)
                .collect();
            // Assign of a user or a team exists as a privilege, but no role holds it.
            if matches!(right, Right::Assign | Right::Share) && table.levels(right).is_empty() {
                continue;
            }
            assert_eq!(known.levels, Some(Levels::from_letters(&letters)), "{spelled}");
        }
    }
}
