//! An entry whose content is written while it is made, such as customizations.xml.

use std::io::{Seek, Write};

use rayon::prelude::*;

use super::deflate::{PIECE, WINDOW, deflate};
use super::write_error::WriteError;
use super::writer::Writer;

/// How much is gathered before it is deflated on all processors.
const GATHERED: usize = 8 * PIECE;

/// An entry that is being written. It is complete only after [`Self::end`].
pub struct Stream<'a, W> {
    writer: &'a mut Writer<W>,
    name: String,
    /// What is not written yet, and before it the window of what is.
    held: Vec<u8>,
    /// Where the window ends.
    from: usize,
}

impl<W: Write + Seek + Send> Writer<W> {
    /// An entry whose content is not there yet: [`Stream::write`] it in any number of parts, then [`Stream::end`].
    pub fn stream(&mut self, name: &str) -> Stream<'_, W> {
        Stream { writer: self, name: name.to_owned(), held: Vec::new(), from: 0 }
    }
}

impl<W: Write + Seek + Send> Stream<'_, W> {
    /// Writes a part of the content.
    ///
    /// # Errors
    /// A [`WriteError`] if the name is refused, or the archive cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.held.extend_from_slice(bytes);
        if self.held.len() - self.from > GATHERED { self.flush(false) } else { Ok(()) }
    }

    /// Writes the rest.
    ///
    /// # Errors
    /// A [`WriteError`] if the name is refused, or the archive cannot be written.
    pub fn end(mut self) -> Result<(), WriteError> {
        self.flush(true)
    }

    /// Deflates all whole pieces but one that could be the last; in the end that one too.
    fn flush(&mut self, end: bool) -> Result<(), WriteError> {
        let length = self.held.len() - self.from;
        let whole = length.saturating_sub(1) / PIECE;
        let pieces: Vec<_> = (0..whole + usize::from(end))
            .into_par_iter()
            .map(|index| {
                let start = self.from + index * PIECE;
                let last = index == whole;
                deflate(&self.held[..if last { self.held.len() } else { start + PIECE }], start, last)
            })
            .collect();
        for piece in &pieces {
            self.writer.piece(&self.name, piece)?;
        }
        let done = self.from + whole * PIECE;
        let keep = done.saturating_sub(WINDOW);
        self.held.drain(..keep);
        self.from = done - keep;
        Ok(())
    }
}
