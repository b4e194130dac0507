//! What goes into an entry: bytes that are there, or a file that is read when its turn comes.

use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use super::deflate::{PIECE, Piece, WINDOW, deflate};
use super::write_error::WriteError;
use crate::files;

/// The content of an entry.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// Bytes in memory.
    Bytes(&'a [u8]),
    /// A file, which must still have this size when it is read.
    File {
        /// Where it is.
        path: &'a Path,
        /// Its bytes.
        size: usize,
    },
}

/// Gives the whole content of an entry.
pub type Whole<'a> = &'a dyn Fn() -> Result<Cow<'a, [u8]>, WriteError>;

/// A part of a content that is deflated on its own.
pub(super) struct Part {
    /// The number of its entry.
    pub entry: usize,
    /// Which bytes.
    pub range: Range<usize>,
}

impl Content<'_> {
    fn size(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::File { size, .. } => *size,
        }
    }

    /// The parts of the content of entry number `entry`; an empty one has one too.
    pub(super) fn parts(&self, entry: usize) -> impl Iterator<Item = Part> + use<> {
        let size = self.size();
        (0..size.max(1)).step_by(PIECE).map(move |start| Part { entry, range: start..size.min(start + PIECE) })
    }

    fn read(&self, range: Range<usize>) -> io::Result<Cow<'_, [u8]>> {
        match self {
            Self::Bytes(bytes) => Ok(Cow::Borrowed(&bytes[range])),
            Self::File { path, size } => {
                let (mut file, _) = files::open(path)?;
                if range.start > 0 {
                    file.seek(SeekFrom::Start(range.start as u64))?;
                }
                // A byte more than there should be, so that a file that grew is noticed.
                let (wanted, to_end) = (range.len(), range.end == *size);
                let mut bytes = Vec::with_capacity(wanted + 1);
                file.take(wanted as u64 + u64::from(to_end)).read_to_end(&mut bytes)?;
                if bytes.len() == wanted {
                    Ok(Cow::Owned(bytes))
                } else {
                    Err(io::Error::other("it has changed meanwhile"))
                }
            }
        }
    }
}

impl Part {
    /// Reads and deflates it; with the first one `look` may read all of the content.
    pub(super) fn deflate(
        &self,
        content: &Content<'_>,
        look: impl Fn(usize, Whole<'_>) -> Result<(), WriteError>,
    ) -> Result<Piece, WriteError> {
        let fail = |error: io::Error| {
            let path = match content {
                Content::File { path, .. } => path.display().to_string(),
                Content::Bytes(_) => String::new(),
            };
            WriteError::Input { path, reason: error.to_string() }
        };
        let start = self.range.start.saturating_sub(WINDOW);
        let bytes = content.read(start..self.range.end).map_err(fail)?;
        if self.range == (0..content.size()) {
            look(self.entry, &|| Ok(Cow::Borrowed(&bytes)))?;
        } else if self.range.start == 0 {
            look(self.entry, &|| content.read(0..content.size()).map_err(fail))?;
        }
        Ok(deflate(&bytes, self.range.start - start, self.range.end == content.size()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::{Entry, Limits, Timestamp, Writer, read, write};
    use super::*;

    #[test]
    fn a_file_gives_the_same_entry_as_its_bytes_in_memory() {
        let folder = tempfile::tempdir().expect("a folder");
        for size in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7] {
            let bytes: Vec<u8> = (0..size as u64).map(|n| ((n * n) >> 7).to_le_bytes()[0]).collect();
            let path = folder.path().join("content");
            std::fs::write(&path, &bytes).expect("written");
            let (mut added, mut streamed) = (Cursor::new(Vec::new()), Cursor::new(Vec::new()));
            let mut writer = Writer::new(&mut added, Timestamp::FIRST);
            writer.add(&[("a".to_owned(), Content::File { path: &path, size })], |_, _| Ok(())).expect("added");
            writer.end().expect("complete");
            let mut writer = Writer::new(&mut streamed, Timestamp::FIRST);
            let mut stream = writer.stream("a");
            for part in bytes.chunks(77_777) {
                stream.write(part).expect("written");
            }
            stream.end().expect("ended");
            writer.end().expect("complete");
            let archive = added.into_inner();
            assert!(archive == streamed.into_inner(), "{size}");
            let entries = vec![Entry::new("a", bytes)];
            assert!(archive == write(&entries).expect("written"), "{size}");
            assert_eq!(read(&archive, &Limits::default()), Ok(entries));
        }
    }

    #[test]
    fn a_file_that_changes_meanwhile_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("content");
        std::fs::write(&path, b"four").expect("written");
        for size in [3, 5] {
            let mut writer = Writer::new(Cursor::new(Vec::new()), Timestamp::FIRST);
            let error = writer
                .add(&[("a".to_owned(), Content::File { path: &path, size })], |_, _| Ok(()))
                .expect_err("refused");
            assert!(error.to_string().contains("it has changed meanwhile"), "{error}");
        }
    }
}
