//! A bundle whose other files match its `bundle.json` and its solutions again, as anyone can make it who has this
//! program's source. Tests need it: what `verify` refuses then, it refuses for what `bundle.json` and the solutions
//! say.

use super::checksums;
use super::contents::Contents;
use super::descriptor::{self, Setting, to_bytes};
use super::hosts::{connectors, hosts};
use super::templates;
use crate::archive::Entry;

/// The entries of a bundle with values of the solution, hosts and connectors filled in and all other files rendered
/// again; none where `bundle.json` or a solution cannot be read as strictly as a bundle's must be.
#[must_use]
pub fn fitted(entries: &[Entry]) -> Option<Vec<Entry>> {
    let json = entries.iter().find(|entry| entry.name == "bundle.json")?;
    let mut descriptor = descriptor::read(&json.bytes).ok()?;
    let solutions: Vec<&Entry> = descriptor
        .solutions
        .iter()
        .filter_map(|solution| entries.iter().find(|entry| entry.name == solution.file))
        .collect();
    let contents: Vec<Contents> =
        solutions.iter().map(|entry| Contents::read(&entry.name, &entry.bytes).ok()).collect::<Option<_>>()?;
    let settings: Vec<Setting> = contents.iter().flat_map(Contents::settings).collect();
    for setting in &mut descriptor.settings {
        let own = settings.iter().find(|own| own.kind == setting.kind && own.name == setting.name);
        setting.shipped = own.and_then(|own| own.shipped.clone());
    }
    descriptor.hosts = hosts(&contents);
    descriptor.connectors = connectors(&contents);
    let mut made = vec![Entry::new("bundle.json", to_bytes(&descriptor).ok()?)];
    made.extend(solutions.into_iter().cloned());
    made.extend(templates::generation(descriptor.templates)?.render(&descriptor, &contents).ok()?);
    // Files that do not belong in a bundle stay.
    made.extend(
        entries
            .iter()
            .filter(|it| it.name != checksums::NAME && !made.iter().any(|ours| ours.name == it.name))
            .cloned()
            .collect::<Vec<_>>(),
    );
    let sums = checksums::render(&made);
    made.push(Entry::new(checksums::NAME, sums));
    Some(made)
}
