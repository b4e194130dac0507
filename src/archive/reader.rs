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
///
/// # Errors
/// A [`Refusal`] for the first record that is outside the profile, or over a limit.
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
mod tests;
