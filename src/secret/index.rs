//! Everything that is looked for at once, by the bytes that it can begin with: how long a search takes hardly depends on
//! how many secrets are known.

use std::ops::Range;
use std::sync::Arc;

use super::spelling::Needle;

/// What is looked for, and for whom.
pub(super) struct Index {
    beginning: [Vec<(u64, Arc<Needle>)>; 256],
}

impl Index {
    pub(super) const fn new() -> Self {
        Self { beginning: [const { Vec::new() }; 256] }
    }

    pub(super) fn add(&mut self, owner: u64, needles: Vec<Needle>) {
        for needle in needles.into_iter().map(Arc::new) {
            for (byte, list) in (0..=u8::MAX).zip(&mut self.beginning) {
                if needle.begins_with(byte) {
                    list.push((owner, Arc::clone(&needle)));
                }
            }
        }
    }

    /// Looks no longer for what one of them has added.
    pub(super) fn remove(&mut self, owner: u64) {
        for list in &mut self.beginning {
            list.retain(|(other, _)| *other != owner);
        }
    }

    /// Where any of it is, from left to right; what overlaps or touches is one place.
    pub(super) fn find(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for (at, byte) in bytes.iter().enumerate() {
            let here = self.beginning[usize::from(*byte)].iter();
            found.extend(here.filter_map(|(_, needle)| needle.at(bytes, at)));
        }
        found.sort_unstable_by_key(|place| place.start);
        found.dedup_by(|next, place| {
            let one = next.start <= place.end;
            if one {
                place.end = place.end.max(next.end);
            }
            one
        });
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::spelling::needles;

    #[test]
    fn each_is_found_until_it_is_taken_out() {
        let mut index = Index::new();
        index.add(1, needles("abcdefgh"));
        index.add(2, needles("efghijkl"));
        assert_eq!(index.find(b"..abcdefgh, efghijkl"), [2..10, 12..20]);
        index.remove(1);
        assert_eq!(index.find(b"..abcdefgh, efghijkl").first(), Some(&(12..20)));
        index.remove(2);
        assert!(index.beginning.iter().all(Vec::is_empty));
    }
}
