//! What of a source no excerpt shows, and the text with `***` in its place.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::lines::{Lines, floor};
use super::ranges::Ranges;

const STARS: &str = "***";

/// The hidden ranges of a text. They are found by and by, also after the first diagnostics were made.
#[derive(Debug, Default)]
pub(super) struct Hidden(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    ranges: Ranges,
    masked: Option<Arc<Masked>>,
}

/// A text in which each hidden range is `***`; line ends stay, so that line numbers do.
#[derive(Debug)]
pub(super) struct Masked {
    pub(super) text: String,
    pub(super) lines: Lines,
    /// Where the pieces that changed stood, and where they stand now.
    pieces: Vec<(Range<usize>, Range<usize>)>,
}

impl Hidden {
    pub(super) fn add(&self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.ranges.add(range);
        state.masked = None;
    }

    pub(super) fn touches(&self, range: &Range<usize>) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.ranges.touches(range)
    }

    /// The text as it may be seen; `None` where all of it may.
    pub(super) fn masked(&self, text: &str) -> Option<Arc<Masked>> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.ranges.is_empty() {
            return None;
        }
        if state.masked.is_none() {
            state.masked = Some(Arc::new(Masked::new(text, &between_characters(&state.ranges, text))));
        }
        state.masked.clone()
    }
}

/// The same, each from the beginning of a character to the end of one.
fn between_characters(ranges: &Ranges, text: &str) -> Ranges {
    let mut whole = Ranges::default();
    for range in ranges.iter() {
        let end = (range.end.min(text.len())..=text.len()).find(|at| text.is_char_boundary(*at));
        whole.add(floor(text, range.start)..end.unwrap_or(text.len()));
    }
    whole
}

impl Masked {
    fn new(text: &str, ranges: &Ranges) -> Self {
        let mut masked = Self { text: String::with_capacity(text.len()), lines: Lines::default(), pieces: Vec::new() };
        let mut done = 0;
        for range in ranges.iter() {
            masked.text.push_str(&text[done..range.start]);
            for line in text[range.clone()].split_inclusive('\n') {
                let start = line.as_ptr() as usize - text.as_ptr() as usize;
                let content = line.trim();
                let lead = line.len() - line.trim_start().len();
                if content.is_empty() {
                    masked.text.push_str(line);
                    continue;
                }
                masked.text.push_str(&line[..lead]);
                let at = masked.text.len();
                masked.text.push_str(STARS);
                masked.pieces.push((start + lead..start + lead + content.len(), at..at + STARS.len()));
                masked.text.push_str(&line[lead + content.len()..]);
            }
            done = range.end;
        }
        masked.text.push_str(&text[done..]);
        masked
    }

    /// Where a range stands now; all of a piece, where it touches one.
    pub(super) fn range(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.place(range.start, |now| now.start);
        start..self.place(range.end, |now| now.end).max(start)
    }

    fn place(&self, at: usize, inside: impl Fn(&Range<usize>) -> usize) -> usize {
        let next = self.pieces.partition_point(|(old, _)| old.end <= at);
        match self.pieces.get(next) {
            Some((old, now)) if old.start < at => inside(now),
            _ => match next.checked_sub(1).and_then(|last| self.pieces.get(last)) {
                Some((old, now)) => now.end + (at - old.end),
                None => at,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_follow_their_text() {
        let text = "a: hunter2, b: x\nc: |\n  one\n\n  two\nd: é";
        let hidden = Hidden::default();
        assert!(hidden.masked(text).is_none());
        let place = |part: &str| {
            let at = text.find(part).expect("there");
            at..at + part.len()
        };
        hidden.add(place("hunter2"));
        hidden.add(place("one\n\n  two"));
        let masked = hidden.masked(text).expect("something is hidden");
        assert_eq!(masked.text, "a: ***, b: x\nc: |\n  ***\n\n  ***\nd: é");
        for (part, now) in [
            ("b: x", "b: x"),
            ("hunter2", "***"),
            ("unter", "***"),
            ("a: hun", "a: ***"),
            ("d: é", "d: é"),
            ("c: |", "c: |"),
        ] {
            assert_eq!(&masked.text[masked.range(&place(part))], now, "{part}");
        }
        assert!(hidden.touches(&place("ter2, b")) && !hidden.touches(&place("b: x")));
    }

    proptest::proptest! {
        #[test]
        fn lines_keep_their_numbers(text in "[a-z\u{e9} \n]{0,60}", ranges in proptest::collection::vec((0_usize..70, 0_usize..70), 0..5)) {
            let hidden = Hidden::default();
            for (one, other) in ranges {
                hidden.add(one.min(other)..one.max(other));
            }
            if let Some(masked) = hidden.masked(&text) {
                proptest::prop_assert_eq!(masked.text.matches('\n').count(), text.matches('\n').count());
                for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                    let range = masked.range(&(at..at));
                    proptest::prop_assert!(masked.text.get(range).is_some());
                }
            }
        }
    }
}
