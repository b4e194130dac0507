//! What a bundle would be if another program had compressed the same parts: the files that contain digests of the
//! compressed bytes, or follow from such.

use super::contents::Contents;
use super::descriptor::{self, Descriptor, to_bytes};
use super::{checksums, sha256, templates};
use crate::archive::Entry;

/// The name of the description.
pub(super) const NAME: &str = "bundle.json";

/// The files whose content follows from the compressed bytes.
pub(super) const FOLLOWING: [&str; 4] = [NAME, checksums::NAME, templates::BILL, templates::PAGE];

/// A bundle, as if the program that made a published one had built it.
pub(super) struct Recompressed {
    /// What each of the files in [`FOLLOWING`] would be.
    pub(super) files: Vec<Entry>,
    /// What compressed the published bundle, and what compresses here, where these are two.
    pub(super) compressors: Option<[Option<String>; 2]>,
}

/// What `rebuilt` would be around the solutions of `published`, which have the same parts; none where one of the two cannot
/// be read.
pub(super) fn recompressed(published: &[Entry], rebuilt: &[Entry]) -> Option<Recompressed> {
    let theirs = description(published)?;
    let mut wanted = description(rebuilt)?;
    let compressors = [theirs.tool.compressor.clone(), wanted.tool.compressor.clone()];
    wanted.tool = theirs.tool;
    let mut contents = Vec::new();
    for solution in &mut wanted.solutions {
        let zip = &entry(published, &solution.file)?.bytes;
        solution.sha256 = sha256(zip);
        solution.size = zip.len() as u64;
        contents.push(Contents::read(&solution.file, zip).ok()?);
    }
    let mut files = vec![Entry::new(NAME, to_bytes(&wanted).ok()?)];
    files.extend(templates::generation(wanted.templates)?.render(&wanted, &contents).ok()?);
    files.retain(|file| FOLLOWING.contains(&file.name.as_str()));
    // What is listed there is compared before, or is one of these.
    files.push(Entry::new(checksums::NAME, checksums::render(published)));
    let differ = compressors[0] != compressors[1];
    Some(Recompressed { files, compressors: differ.then_some(compressors) })
}

fn description(entries: &[Entry]) -> Option<Descriptor> {
    descriptor::read(&entry(entries, NAME)?.bytes).ok()
}

fn entry<'a>(entries: &'a [Entry], name: &str) -> Option<&'a Entry> {
    entries.iter().find(|entry| entry.name == name)
}
