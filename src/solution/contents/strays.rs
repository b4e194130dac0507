//! Files in the folder of a component that no reader understands: a reviewer of the solution has to look at them.

use std::collections::{BTreeMap, BTreeSet};

use crate::solution::components::Parts;
use crate::solution::part_name::{is_file, key};
use crate::solution::profile;
use crate::solution::xml;

/// The parts that lie in a folder of a component and are neither a record nor a file that one names. `payloads`: those
/// that items name, in lower case.
pub(super) fn strays(parts: &Parts, payloads: &BTreeSet<String>) -> BTreeSet<String> {
    let mut records: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut others: Vec<&str> = Vec::new();
    for (name, bytes) in parts {
        match name.rsplit_once('/') {
            Some((folder, _)) if profile::is_record(name, bytes) => records.entry(folder).or_default().push(name),
            _ => others.push(name),
        }
    }
    let in_component = |name: &str| name.matches('/').count() > 1 && !payloads.contains(&key(name));
    // `package/x.nupkg` is named by the column `package` of the record in the folder above.
    let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut is_named = |name: &str| {
        let Some((folder, file)) = name.rsplit_once('/') else { return false };
        let Some((above, column)) = folder.rsplit_once('/') else { return false };
        let files = named.entry(folder.to_owned()).or_insert_with(|| {
            let of_folder = records.get(above).into_iter().flatten();
            let of_folder = of_folder.filter(|record| profile::names_file(record, column));
            let roots = of_folder.filter_map(|record| xml::parse(parts.get(*record)?, record).ok());
            roots.filter_map(|root| root.child_text(column)).collect()
        });
        files.iter().any(|written| is_file(file, written))
    };
    let strays = others.iter().filter(|name| in_component(name) && !profile::is_beside(name) && !is_named(name));
    strays.map(|name| (*name).to_owned()).collect()
}
