//! `SHA256SUMS`, in the format of `sha256sum`: anyone can check a bundle without this program.

use std::collections::BTreeMap;

use crate::archive::Entry;

use super::sha256;

/// The name of the file in a bundle.
pub(super) const NAME: &str = "SHA256SUMS";

/// Whether an entry is listed: the list itself and signatures, which are made later, are not.
pub(super) fn is_listed(entry: &Entry) -> bool {
    entry.name != NAME && !entry.name.starts_with(super::signature::FOLDER)
}

/// One line for each entry that is listed, sorted by name.
pub(super) fn render(entries: &[Entry]) -> String {
    let listed = entries.iter().filter(|entry| is_listed(entry));
    let sorted: BTreeMap<_, _> = listed.map(|entry| (entry.name.as_str(), sha256(&entry.bytes))).collect();
    sorted.iter().map(|(name, digest)| format!("{digest}  {name}\n")).collect::<Vec<_>>().concat()
}

/// Names and digests; `None` where a line is not of the format or a name appears twice.
pub(super) fn parse(text: &str) -> Option<BTreeMap<String, String>> {
    let mut sums = BTreeMap::new();
    for line in text.lines() {
        let (digest, name) = line.split_once("  ")?;
        let is_digest = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !is_digest || sums.insert(name.to_owned(), digest.to_owned()).is_some() {
            return None;
        }
    }
    Some(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_another_form_are_no_list() {
        let line = |digest: &str| format!("{digest}  bundle.json\n");
        let good = "0a".repeat(32);
        assert_eq!(parse(&line(&good)), Some(BTreeMap::from([("bundle.json".to_owned(), good.clone())])));
        for bad in [line(&good[1..]), line(&good.to_uppercase()), line(&good).repeat(2), good] {
            assert_eq!(parse(&bad), None, "{bad}");
        }
    }
}
