//! Ranges of a text that do not overlap. Adding and asking take the same little time however many there are.

use std::collections::BTreeMap;
use std::ops::Range;

/// Ranges, in order; those that overlap or touch are one.
#[derive(Clone, Debug, Default)]
pub struct Ranges(BTreeMap<usize, usize>);

impl Ranges {
    /// Adds a range.
    pub fn add(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let (mut start, mut end) = (range.start, range.end);
        while let Some((from, to)) = self.0.range(..=end).next_back().map(|(from, to)| (*from, *to)) {
            if to < start {
                break;
            }
            self.0.remove(&from);
            (start, end) = (start.min(from), end.max(to));
        }
        self.0.insert(start, end);
    }

    /// Whether any of them has a byte of this range.
    #[must_use]
    pub fn touches(&self, range: &Range<usize>) -> bool {
        self.0.range(..range.end).next_back().is_some_and(|(from, to)| range.start < *to && from < &range.end)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.0.iter().map(|(from, to)| *from..*to)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_byte_is_in_them_if_it_is_in_one_that_was_added(added in proptest::collection::vec((0_usize..40, 0_usize..12), 0..12)) {
            let mut ranges = Ranges::default();
            let mut bytes = [false; 60];
            for (start, length) in added {
                ranges.add(start..start + length);
                bytes[start..start + length].fill(true);
            }
            for at in 0..59 {
                proptest::prop_assert_eq!(ranges.touches(&(at..at + 1)), bytes[at]);
                proptest::prop_assert_eq!(ranges.touches(&(at..at + 2)), bytes[at] || bytes[at + 1]);
                proptest::prop_assert!(!ranges.touches(&(at..at)) || bytes[at]);
            }
            let all: Vec<_> = ranges.iter().collect();
            proptest::prop_assert!(all.windows(2).all(|pair| pair[0].end < pair[1].start));
        }
    }
}
