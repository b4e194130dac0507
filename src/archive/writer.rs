//! The deterministic writer: same entries, same bytes, on any machine.
//!
//! Entries keep the order they are given in; every entry is deflated at level 9 by a compressor whose
//! version is pinned in `Cargo.toml`; there is one timestamp for all, and no extra field.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use rayon::prelude::*;

use super::name::{self, Names};
use super::{Entry, Reason};

/// A moment in the form that zip archives hold: local time without a zone, in steps of two seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    date: u16,
    time: u16,
}

impl Timestamp {
    /// 1980-01-01 00:00:00, the first moment a zip archive can name.
    pub const FIRST: Self = Self { date: (1 << 5) | 1, time: 0 };

    /// From seconds since 1970, in UTC; what lies outside 1980 to 2107 becomes the nearest moment within.
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

/// Why entries cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A name that the reader would refuse.
    #[error("entry `{}`: {reason}", name.escape_debug())]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: Reason,
    },
    /// More than a zip archive without zip64 holds.
    #[error("the archive would be larger than a zip archive can be (4 GiB, 65,534 files)")]
    TooLarge,
}

/// Writes an archive with [`Timestamp::FIRST`].
pub fn write(entries: &[Entry]) -> Result<Vec<u8>, WriteError> {
    write_at(entries, Timestamp::FIRST)
}

/// Writes an archive whose entries all bear one time.
pub fn write_at(entries: &[Entry], timestamp: Timestamp) -> Result<Vec<u8>, WriteError> {
    let count = u16::try_from(entries.len()).ok().filter(|count| *count < u16::MAX).ok_or(WriteError::TooLarge)?;
    let mut names = Names::default();
    let (mut archive, mut central) = (Vec::new(), Vec::new());
    // Each entry is compressed on its own, so that the number of processors does not show in the bytes.
    let packed: Vec<Vec<u8>> = entries.par_iter().map(|entry| deflate(&entry.bytes)).collect();
    for (entry, data) in entries.iter().zip(packed) {
        let wrong = |reason| WriteError::Name { name: entry.name.clone(), reason };
        name::check(&entry.name).map_err(wrong)?;
        names.add(&entry.name, false).map_err(wrong)?;
        let offset = size(archive.len())?;
        let shared = shared_header(entry, &data, timestamp)?;

        archive.extend_from_slice(b"PK\x03\x04");
        archive.extend_from_slice(&shared);
        archive.extend_from_slice(entry.name.as_bytes());
        archive.extend_from_slice(&data);

        central.extend_from_slice(b"PK\x01\x02");
        central.extend_from_slice(&20_u16.to_le_bytes()); // made by: FAT, 2.0
        central.extend_from_slice(&shared);
        central.extend_from_slice(&[0; 10]); // no comment, first disk, no attributes
        central.extend_from_slice(&offset.to_le_bytes());
        central.extend_from_slice(entry.name.as_bytes());
    }
    let (central_at, central_size) = (size(archive.len())?, size(central.len())?);
    archive.append(&mut central);
    archive.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    archive.extend_from_slice(&count.to_le_bytes());
    archive.extend_from_slice(&count.to_le_bytes());
    archive.extend_from_slice(&central_size.to_le_bytes());
    archive.extend_from_slice(&central_at.to_le_bytes());
    archive.extend_from_slice(&[0, 0]);
    Ok(archive)
}

/// The 26 bytes that the two headers of an entry have in common.
fn shared_header(entry: &Entry, data: &[u8], timestamp: Timestamp) -> Result<Vec<u8>, WriteError> {
    let name_size = u16::try_from(entry.name.len()).map_err(|_| WriteError::TooLarge)?;
    let utf8 = if entry.name.is_ascii() { 0 } else { 1_u16 << 11 };
    let mut header = Vec::with_capacity(26);
    for field in [20, utf8, 8, timestamp.time, timestamp.date] {
        header.extend_from_slice(&field.to_le_bytes());
    }
    for field in [crc32fast::hash(&entry.bytes), size(data.len())?, size(entry.bytes.len())?] {
        header.extend_from_slice(&field.to_le_bytes());
    }
    header.extend_from_slice(&name_size.to_le_bytes());
    header.extend_from_slice(&[0, 0]); // no extra field
    Ok(header)
}

fn size(length: usize) -> Result<u32, WriteError> {
    u32::try_from(length).ok().filter(|length| *length < u32::MAX).ok_or(WriteError::TooLarge)
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
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
