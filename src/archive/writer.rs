//! The deterministic writer: same entries, same bytes, on any machine.
//!
//! Entries keep the order they are given in; every entry is deflated at one level by a compressor whose
//! version is pinned in `Cargo.toml`; there is one timestamp for all, and no extra field.

use std::collections::VecDeque;
use std::io::{Cursor, Seek, SeekFrom, Write};
use std::sync::mpsc::{self, Receiver, TryRecvError};

use rayon::Yield;

use super::Entry;
use super::content::{Content, Whole};
use super::deflate::Piece;
use super::name::{self, Names};
use super::write_error::WriteError;

/// How much is deflated ahead of what is written: enough for all processors, little enough to hold.
const AHEAD_BYTES: usize = 16 << 20;
const AHEAD_PARTS: usize = 1024;

/// A moment in the form that zip archives hold: local time without a zone, in steps of two seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    date: u16,
    time: u16,
}

impl Timestamp {
    /// 1980-01-01 00:00:00, the first moment a zip archive can name.
    pub const FIRST: Self = Self { date: (1 << 5) | 1, time: 0 };

    /// From seconds since 1970, in UTC; what is outside 1980 to 2107 becomes the nearest moment within.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Self {
        let clamped = seconds.clamp(315_532_800, 4_354_819_198);
        let Ok(moment) = jiff::Timestamp::from_second(clamped) else { return Self::FIRST };
        let civil = moment.to_zoned(jiff::tz::TimeZone::UTC).datetime();
        let field = |value: i32| u16::try_from(value).unwrap_or_default();
        Self {
            date: (field(i32::from(civil.year()) - 1980) << 9)
                | (field(civil.month().into()) << 5)
                | field(civil.day().into()),
            time: (field(civil.hour().into()) << 11)
                | (field(civil.minute().into()) << 5)
                | (field(civil.second().into()) / 2),
        }
    }
}

/// Writes an archive with [`Timestamp::FIRST`].
///
/// # Errors
/// A [`WriteError`] for a name that the reader would refuse, and for more than a zip archive can hold.
pub fn write(entries: &[Entry]) -> Result<Vec<u8>, WriteError> {
    write_at(entries, Timestamp::FIRST)
}

/// Writes an archive whose entries all have one time.
///
/// # Errors
/// A [`WriteError`] for a name that the reader would refuse, and for more than a zip archive can hold.
pub fn write_at(entries: &[Entry], timestamp: Timestamp) -> Result<Vec<u8>, WriteError> {
    let mut archive = Cursor::new(Vec::new());
    let mut writer = Writer::new(&mut archive, timestamp);
    let contents: Vec<_> = entries.iter().map(|entry| (entry.name.clone(), Content::Bytes(&entry.bytes))).collect();
    writer.add(&contents, |_, _| Ok(()))?;
    writer.end()?;
    Ok(archive.into_inner())
}

/// Writes an archive entry by entry to where it is to stand.
pub struct Writer<W> {
    out: W,
    /// Bytes written.
    at: usize,
    timestamp: Timestamp,
    names: Names,
    count: u16,
    central: Vec<u8>,
    open: Option<Open>,
}

/// The entry that is being written.
struct Open {
    name: String,
    offset: usize,
    checksum: crc32fast::Hasher,
    size: usize,
    packed: usize,
}

impl<W: Write + Seek + Send> Writer<W> {
    /// A writer to the start of an empty file.
    pub fn new(out: W, timestamp: Timestamp) -> Self {
        Self { out, at: 0, timestamp, names: Names::default(), count: 0, central: Vec::new(), open: None }
    }

    /// Adds entries: they are read and deflated on all processors, a few megabytes ahead of what is written. `look` is
    /// told the number of each and may have its content, in no order.
    ///
    /// # Errors
    /// A [`WriteError`] for a name that the reader would refuse, a file that cannot be read, what `look` returns, and an
    /// archive that cannot be written.
    pub fn add(
        &mut self,
        entries: &[(String, Content<'_>)],
        look: impl Fn(usize, Whole<'_>) -> Result<(), WriteError> + Sync,
    ) -> Result<(), WriteError> {
        let mut parts = entries.iter().enumerate().flat_map(|(index, (_, content))| content.parts(index));
        let mut ahead = VecDeque::new();
        let mut bytes = 0;
        let look = &look;
        rayon::in_place_scope(|scope| {
            loop {
                while bytes < AHEAD_BYTES
                    && ahead.len() < AHEAD_PARTS
                    && let Some(part) = parts.next()
                {
                    let (name, content) = &entries[part.entry];
                    let size = part.range.len();
                    let (give, take) = mpsc::sync_channel(1);
                    // It is not taken where an earlier part failed.
                    scope.spawn(move |_| drop(give.send(part.deflate(content, look))));
                    bytes += size;
                    ahead.push_back((name, size, take));
                }
                let Some((name, size, piece)) = ahead.pop_front() else { return Ok(()) };
                bytes -= size;
                self.piece(name, &taken(&piece)?)?;
            }
        })
    }

    /// Writes a piece; the first one opens the entry, the last one closes it.
    pub(super) fn piece(&mut self, name: &str, piece: &Piece) -> Result<(), WriteError> {
        let mut entry = match self.open.take() {
            Some(open) => open,
            None => {
                let wrong = |reason| WriteError::Name { name: name.to_owned(), reason };
                name::check_entry(name).map_err(wrong)?;
                self.names.add(name, false).map_err(wrong)?;
                self.count = self.count.checked_add(1).filter(|count| *count < u16::MAX).ok_or(WriteError::TooLarge)?;
                let checksum = crc32fast::Hasher::new();
                Open { name: name.to_owned(), offset: self.at, checksum, size: 0, packed: 0 }
            }
        };
        let first = entry.packed == 0;
        entry.checksum.combine(&piece.checksum);
        entry.size += piece.size;
        entry.packed += piece.data.len();
        if first {
            // Right where the entry is of one piece; else it is written again when the rest is known.
            self.header(&entry)?;
        }
        self.put(&piece.data)?;
        if !piece.last {
            self.open = Some(entry);
            return Ok(());
        }
        if !first {
            let end = self.at;
            self.seek(entry.offset)?;
            self.header(&entry)?;
            self.seek(end)?;
        }
        self.central.extend_from_slice(b"PK\x01\x02");
        self.central.extend_from_slice(&20_u16.to_le_bytes()); // made by: FAT, 2.0
        self.central.extend_from_slice(&entry.shared_header(self.timestamp)?);
        self.central.extend_from_slice(&[0; 10]); // no comment, first disk, no attributes
        self.central.extend_from_slice(&size(entry.offset)?.to_le_bytes());
        self.central.extend_from_slice(entry.name.as_bytes());
        Ok(())
    }

    fn header(&mut self, entry: &Open) -> Result<(), WriteError> {
        let shared = entry.shared_header(self.timestamp)?;
        self.put(b"PK\x03\x04")?;
        self.put(&shared)?;
        self.put(entry.name.as_bytes())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.at += bytes.len();
        self.out.write_all(bytes).map_err(|error| WriteError::Output(error.to_string()))
    }

    fn seek(&mut self, to: usize) -> Result<(), WriteError> {
        self.at = to;
        self.out.seek(SeekFrom::Start(to as u64)).map_err(|error| WriteError::Output(error.to_string()))?;
        Ok(())
    }

    /// Writes the list of files, after which the archive is complete; gives its size.
    ///
    /// # Errors
    /// A [`WriteError`] if the archive is too large, or cannot be written.
    pub fn end(mut self) -> Result<usize, WriteError> {
        let (central_at, central_size) = (size(self.at)?, size(self.central.len())?);
        let mut end = std::mem::take(&mut self.central);
        end.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        end.extend_from_slice(&self.count.to_le_bytes());
        end.extend_from_slice(&self.count.to_le_bytes());
        end.extend_from_slice(&central_size.to_le_bytes());
        end.extend_from_slice(&central_at.to_le_bytes());
        end.extend_from_slice(&[0, 0]);
        self.put(&end)?;
        self.out.flush().map_err(|error| WriteError::Output(error.to_string()))?;
        Ok(self.at)
    }
}

impl Open {
    /// The 26 bytes that the two headers of an entry have in common.
    fn shared_header(&self, timestamp: Timestamp) -> Result<[u8; 26], WriteError> {
        let name_size = u16::try_from(self.name.len()).map_err(|_| WriteError::TooLarge)?;
        let mut header = [0; 26]; // no extra field
        for (index, field) in [20, 0, 8, timestamp.time, timestamp.date].into_iter().enumerate() {
            header[index * 2..index * 2 + 2].copy_from_slice(&field.to_le_bytes());
        }
        let sizes = [self.checksum.clone().finalize(), size(self.packed)?, size(self.size)?];
        for (index, field) in sizes.into_iter().enumerate() {
            header[10 + index * 4..14 + index * 4].copy_from_slice(&field.to_le_bytes());
        }
        header[22..24].copy_from_slice(&name_size.to_le_bytes());
        Ok(header)
    }
}

/// Waits for a piece. A thread of the pool does the pool's work meanwhile, so that it does not wait for itself.
fn taken(piece: &Receiver<Result<Piece, WriteError>>) -> Result<Piece, WriteError> {
    let lost = || unreachable!("what is spawned sends a piece");
    loop {
        match piece.try_recv() {
            Ok(piece) => return piece,
            Err(TryRecvError::Disconnected) => return lost(),
            Err(TryRecvError::Empty) => match rayon::yield_now() {
                None => return piece.recv().unwrap_or_else(|_| lost()),
                Some(Yield::Executed) => {}
                Some(Yield::Idle) => std::thread::yield_now(),
            },
        }
    }
}

fn size(length: usize) -> Result<u32, WriteError> {
    u32::try_from(length).ok().filter(|length| *length < u32::MAX).ok_or(WriteError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_never_change() {
        let archive = write(&[Entry::new("a.txt", "aaaaaaaaaa"), Entry::new("b/c.txt", "")]).expect("written");
        let hex = archive.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        insta::assert_snapshot!(hex, @"504b030414000000080000002100f0cd114c050000000a00000005000000612e7478744b4c840100504b03041400000008000000210000000000020000000000000007000000622f632e7478740300504b0102140014000000080000002100f0cd114c050000000a000000050000000000000000000000000000000000612e747874504b0102140014000000080000002100000000000200000000000000070000000000000000000000000028000000622f632e747874504b05060000000002000200680000004f0000000000");
    }

    #[test]
    fn times_are_clamped_to_what_a_zip_can_hold() {
        assert_eq!(Timestamp::from_unix(0), Timestamp::FIRST);
        assert_eq!(Timestamp::from_unix(i64::MIN), Timestamp::FIRST);
        assert_eq!(Timestamp::from_unix(i64::MAX), Timestamp { date: 0xFF9F, time: 0xBF7D });
        assert_eq!(Timestamp::from_unix(1_700_000_000), Timestamp { date: 0x576E, time: 0xB1A8 | 0x02 });
    }

    #[test]
    fn names_that_the_reader_refuses_are_not_written() {
        assert!(write(&[Entry::new("../x", "")]).is_err());
        assert!(write(&[Entry::new("a", ""), Entry::new("A", "")]).is_err());
    }
}
