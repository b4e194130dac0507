//! Where the lines of a text are, so that a place in it is found without reading the text again.

use std::sync::OnceLock;

/// Characters are counted for each block of this many bytes: a text can be one line of megabytes.
const BLOCK: usize = 1024;

/// The lines of a text, found when first asked for.
#[derive(Debug, Default)]
pub(super) struct Lines(OnceLock<Found>);

#[derive(Debug)]
struct Found {
    /// Where each line begins.
    starts: Vec<usize>,
    /// The characters before each block.
    characters: Vec<usize>,
}

impl Lines {
    fn of(&self, text: &str) -> &Found {
        self.0.get_or_init(|| {
            let starts = [0].into_iter().chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
            let mut characters = vec![0];
            for block in text.as_bytes().chunks(BLOCK) {
                let before = characters.last().copied().unwrap_or_default();
                characters.push(before + count(block));
            }
            Found { starts, characters }
        })
    }

    /// The 1-based line and column (in characters) of a byte offset.
    pub(super) fn line_column(&self, text: &str, offset: usize) -> (usize, usize) {
        let offset = floor(text, offset);
        let found = self.of(text);
        let line = found.starts.partition_point(|start| *start <= offset);
        let before = |at: usize| {
            let block = at / BLOCK;
            let counted = found.characters.get(block).copied().unwrap_or_default();
            counted + count(text.as_bytes().get(block * BLOCK..at).unwrap_or_default())
        };
        (line, before(offset) - before(found.starts[line - 1]) + 1)
    }

    /// Where the line of an offset begins, and where it ends, without its line end.
    pub(super) fn line(&self, text: &str, offset: usize) -> std::ops::Range<usize> {
        let found = self.of(text);
        let line = found.starts.partition_point(|start| *start <= offset);
        let end = found.starts.get(line).map_or(text.len(), |next| next - 1);
        found.starts[line - 1]..end
    }
}

/// The offset, or where the character around it begins.
pub(super) fn floor(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// The characters that begin in these bytes.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn places_are_those_that_counting_gives(piece in "[a-z\u{e9}\u{1f600}\n]{1,30}", times in 1_usize..120) {
            let text = piece.repeat(times);
            let lines = Lines::default();
            for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                let before = &text[..at];
                let start = before.rfind('\n').map_or(0, |at| at + 1);
                let expected = (before.matches('\n').count() + 1, before[start..].chars().count() + 1);
                proptest::prop_assert_eq!(lines.line_column(&text, at), expected);
                let line = lines.line(&text, at);
                proptest::prop_assert_eq!(&text[line], text[start..].split('\n').next().unwrap_or_default());
            }
        }
    }
}
