//! The strict reader: an archive is read only if every program would read the same content from it.
//!
//! The records must stand one after another from the first byte to the last, and the two headers of
//! each entry must agree. Nothing is allocated on the word of a header alone.

use super::header::{Header, headers};
use super::inflate::inflate;
use super::{Entry, Limits, Reason, Refusal};

/// How many bytes one byte of deflate can become at most: a match of 258 bytes takes two bits.
const EXPANSION: usize = 1032;

/// Above this many bytes an archive is checked whole before any of it is kept, so that one which is
/// refused in the end costs no memory.
const CHECK_FIRST: u64 = 64 << 20;

/// Reads all files of an archive, in their order.
///
/// # Errors
/// A [`Refusal`] for the first thing that is outside the profile, or over a limit.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Vec<Entry>, Refusal> {
    let headers = headers(bytes, limits)?;
    let total: u64 = headers.iter().map(|header| u64::from(header.size)).sum();
    if total > CHECK_FIRST {
        for header in &headers {
            header.content(bytes, &mut |_| {})?;
        }
    }
    let mut entries = Vec::new();
    for header in headers {
        let content = header.whole(bytes)?;
        if !header.is_folder {
            entries.push(Entry { name: header.name, bytes: content });
        }
    }
    Ok(entries)
}

/// The names of the files in an archive, in their order. Its records are checked as [`read`] does, its content is not.
pub fn names(bytes: &[u8], limits: &Limits) -> Result<Vec<String>, Refusal> {
    Ok(headers(bytes, limits)?.into_iter().filter(|header| !header.is_folder).map(|header| header.name).collect())
}

/// Reads one file of an archive, by its name in any case; none where it has no such file. The others are not unpacked.
///
/// # Errors
/// A [`Refusal`] for the first header that is outside the profile, or over a limit.
pub fn read_one(bytes: &[u8], name: &str, limits: &Limits) -> Result<Option<Vec<u8>>, Refusal> {
    let Some(header) = headers(bytes, limits)?.into_iter().find(|header| header.name.eq_ignore_ascii_case(name)) else {
        return Ok(None);
    };
    header.whole(bytes).map(Some)
}

impl Header {
    /// The content, in memory for what it claims to have, or for the most that its data can become if that is less.
    fn whole(&self, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
        let most = self.data.len().saturating_mul(EXPANSION);
        let mut content = Vec::with_capacity(most.min(usize::try_from(self.size).unwrap_or(most)));
        self.content(bytes, &mut |part| content.extend_from_slice(part))?;
        Ok(content)
    }

    /// Gives the content to `sink` in parts; checks its end, length and checksum.
    fn content(&self, bytes: &[u8], sink: &mut dyn FnMut(&[u8])) -> Result<(), Refusal> {
        let wrong = |reason| Refusal::entry(&self.name, reason);
        let data = bytes.get(self.data.clone()).ok_or_else(|| wrong(Reason::Truncated("an entry")))?;
        let mut checksum = crc32fast::Hasher::new();
        if self.method == 0 {
            if data.len() as u64 != u64::from(self.size) {
                return Err(wrong(Reason::Size));
            }
            checksum.update(data);
            sink(data);
        } else {
            let mut take = |part: &[u8]| {
                checksum.update(part);
                sink(part);
            };
            inflate(data, u64::from(self.size), &mut take).map_err(wrong)?;
        }
        if checksum.finalize() == self.checksum { Ok(()) } else { Err(wrong(Reason::Checksum)) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::archive::header::CENTRAL;
    use crate::archive::write;

    fn sample() -> Vec<Entry> {
        vec![
            Entry::new("solution.xml", "<ImportExportXml/>".repeat(40)),
            Entry::new("WebResources/contoso_gr%C3%B6sse.js", "let a = 1;"),
            Entry::new("[Content_Types].xml", ""),
        ]
    }

    fn reason(bytes: &[u8]) -> String {
        read(bytes, &Limits::default()).expect_err("refused").to_string()
    }

    #[test]
    fn reads_what_the_writer_wrote() {
        assert_eq!(read(&write(&sample()).expect("written"), &Limits::default()), Ok(sample()));
    }

    #[test]
    fn truncation_prefix_and_trailer_are_told_in_plain_words() {
        let good = write(&sample()).expect("written");
        insta::assert_snapshot!(reason(&good[..good.len() - 1]), @"there are bytes that belong to no file (after the end record, or a comment); such an archive can show different content to different programs");
        insta::assert_snapshot!(reason(&good[..100]), @"this is not a zip archive, or it was cut short: it does not end with a zip end record");
        assert!(read(&[b"MZ", good.as_slice()].concat(), &Limits::default()).is_err());
        assert!(read(&[good.as_slice(), b"\0"].concat(), &Limits::default()).is_err());
        assert!(read(&[good.as_slice(), good.as_slice()].concat(), &Limits::default()).is_err());
    }

    #[test]
    fn every_prefix_is_refused() {
        let good = write(&sample()).expect("written");
        for length in 0..good.len() {
            assert!(read(&good[..length], &Limits::default()).is_err(), "{length}");
        }
    }

    #[test]
    fn every_changed_byte_is_refused_or_changes_nothing_that_is_read() {
        let good = write(&sample()).expect("written");
        for at in 0..good.len() {
            for flip in [1_u8, 0x20, 0x80, 0xFF] {
                let mut bytes = good.clone();
                bytes[at] ^= flip;
                if let Ok(entries) = read(&bytes, &Limits::default()) {
                    // What is left: made-by and attributes, which say nothing about the content.
                    assert_eq!(entries, sample(), "byte {at} ^ {flip:#x}");
                }
            }
        }
    }

    #[test]
    fn a_bomb_is_stopped_at_the_declared_size() {
        let bytes = write(&[Entry::new("zeros", vec![0; 5 << 20])]).expect("written");
        let limits = Limits { entry_bytes: 1 << 20, ..Limits::default() };
        insta::assert_snapshot!(read(&bytes, &limits).expect_err("refused"), @"entry `zeros`: the size of the file is over the limit of 1048576");
        let mut lying = bytes.clone();
        let central = lying.windows(4).position(|window| window == CENTRAL).expect("central");
        for at in [22, central + 24] {
            lying[at..at + 4].copy_from_slice(&7_u32.to_le_bytes());
        }
        insta::assert_snapshot!(reason(&lying), @"entry `zeros`: the content is not as long as declared");
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes, &Limits::default());
        }

        #[test]
        fn never_panics_on_a_damaged_archive(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
            let mut bytes = write(&sample()).expect("written");
            for (index, value) in changes {
                let at = index.index(bytes.len());
                bytes[at] = value;
            }
            let _ = read(&bytes, &Limits::default());
        }
    }
}
