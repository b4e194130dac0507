//! Entries put behind a finished archive and taken off again, byte for byte.
//!
//! What comes before the tail keeps its bytes, so a digest of the archive made before the tail was
//! added can be checked afterwards. Tail entries are stored, not compressed: their records follow from
//! name and content alone, and one that was altered is found by writing it again.

use super::{Entry, Limits, Refusal, read};

const LOCAL_SIZE: usize = 30;
const CENTRAL_SIZE: usize = 46;
const END_SIZE: usize = 22;
/// 1980-01-01, the first date that the format knows.
const DATE: u16 = 0x0021;
const VERSION: u16 = 20;

/// Why an archive cannot be split or extended.
#[derive(Debug, thiserror::Error)]
pub enum TailError {
    /// The archive is outside the profile.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// An entry of the tail is among the others, or its records are not those that are written here.
    #[error("the entries below `{0}` are not the last ones, or their records were altered")]
    Altered(String),
    /// The result would need zip64.
    #[error("the archive would be too large")]
    TooLarge,
}

/// An archive in two parts.
#[derive(Clone, Debug)]
pub struct Split {
    /// The archive without its tail.
    pub archive: Vec<u8>,
    /// The entries of the tail.
    pub tail: Vec<Entry>,
}

/// Takes off the entries below the folder `below` (such as `signatures/`), which must be the last ones.
///
/// # Errors
/// A [`TailError`] if the archive is refused, or its last entries are not written as they are here.
pub fn split(bytes: &[u8], below: &str, limits: &Limits) -> Result<Split, TailError> {
    let tail: Vec<Entry> = read(bytes, limits)?.into_iter().filter(|entry| entry.name.starts_with(below)).collect();
    if tail.is_empty() {
        return Ok(Split { archive: bytes.to_vec(), tail });
    }
    let altered = || TailError::Altered(below.to_owned());
    let archive = cut(bytes, &tail).ok_or_else(altered)?;
    // What is left must be an archive of its own, and the tail must be just as it is written here.
    read(&archive, limits).map_err(|_| altered())?;
    if append(&archive, &tail)? == bytes { Ok(Split { archive, tail }) } else { Err(altered()) }
}

/// Puts entries behind an archive that [`read`] accepts.
///
/// # Errors
/// [`TailError::TooLarge`] if the result would be more than a zip archive can be.
pub fn append(archive: &[u8], tail: &[Entry]) -> Result<Vec<u8>, TailError> {
    let end = End::of(archive).ok_or(TailError::TooLarge)?;
    let mut out = archive[..end.central].to_vec();
    let mut list = archive[end.central..end.at].to_vec();
    for entry in tail {
        let offset = u32::try_from(out.len()).map_err(|_| TailError::TooLarge)?;
        let fields = fields(entry)?;
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&fields);
        out.extend_from_slice(entry.name.as_bytes());
        out.extend_from_slice(&entry.bytes);
        list.extend_from_slice(b"PK\x01\x02");
        list.extend_from_slice(&VERSION.to_le_bytes());
        list.extend_from_slice(&fields);
        // Comment, disk, internal and external attributes.
        list.extend_from_slice(&[0; 10]);
        list.extend_from_slice(&offset.to_le_bytes());
        list.extend_from_slice(entry.name.as_bytes());
    }
    let count = usize::from(end.count) + tail.len();
    out.extend(end_record(count, list.len(), out.len(), &list).ok_or(TailError::TooLarge)?);
    Ok(out)
}

/// The fields that both records have, from the version on.
fn fields(entry: &Entry) -> Result<Vec<u8>, TailError> {
    let size = u32::try_from(entry.bytes.len()).map_err(|_| TailError::TooLarge)?;
    let name = u16::try_from(entry.name.len()).map_err(|_| TailError::TooLarge)?;
    let mut out = Vec::with_capacity(LOCAL_SIZE - 4);
    for field in [VERSION, 0, 0, 0, DATE] {
        out.extend_from_slice(&field.to_le_bytes());
    }
    for field in [crc32fast::hash(&entry.bytes), size, size] {
        out.extend_from_slice(&field.to_le_bytes());
    }
    out.extend_from_slice(&name.to_le_bytes());
    out.extend_from_slice(&[0; 2]); // no extra fields
    Ok(out)
}

/// The list of files and the end record.
fn end_record(count: usize, size: usize, offset: usize, list: &[u8]) -> Option<Vec<u8>> {
    let count = u16::try_from(count).ok().filter(|count| *count != u16::MAX)?;
    let mut out = list.to_vec();
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&u32::try_from(size).ok()?.to_le_bytes());
    out.extend_from_slice(&u32::try_from(offset).ok()?.to_le_bytes());
    out.extend_from_slice(&[0; 2]); // no comment
    Some(out)
}

/// The archive without its last entries; `None` where it is too short for them.
fn cut(bytes: &[u8], tail: &[Entry]) -> Option<Vec<u8>> {
    let end = End::of(bytes)?;
    let size = |fixed: usize, with_content: bool| {
        tail.iter().map(|entry| fixed + entry.name.len() + if with_content { entry.bytes.len() } else { 0 }).sum()
    };
    let central = end.central.checked_sub(size(LOCAL_SIZE, true))?;
    let list = bytes.get(end.central..end.at.checked_sub(size(CENTRAL_SIZE, false))?)?;
    let mut out = bytes.get(..central)?.to_vec();
    out.extend(end_record(usize::from(end.count).checked_sub(tail.len())?, list.len(), central, list)?);
    Some(out)
}

/// What the end record says.
struct End {
    at: usize,
    central: usize,
    count: u16,
}

impl End {
    fn of(bytes: &[u8]) -> Option<Self> {
        let at = bytes.len().checked_sub(END_SIZE)?;
        let count = u16::from_le_bytes(bytes.get(at + 10..at + 12)?.try_into().ok()?);
        let central = u32::from_le_bytes(bytes.get(at + 16..at + 20)?.try_into().ok()?);
        let central = usize::try_from(central).ok().filter(|central| *central <= at)?;
        Some(Self { at, central, count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::write;

    #[test]
    fn what_is_put_behind_comes_off_and_leaves_the_same_bytes() {
        let archive = write(&[Entry::new("a.txt", "one"), Entry::new("b/c.txt", "two")]).expect("written");
        let tail = [Entry::new("signatures/1.json", "{}"), Entry::new("signatures/2.json", "")];
        let whole = append(&archive, &tail).expect("appended");
        assert_eq!(read(&whole, &Limits::default()).expect("read").len(), 4);
        let split = split(&whole, "signatures/", &Limits::default()).expect("split");
        assert_eq!((split.archive, split.tail), (archive, tail.to_vec()));
    }

    #[test]
    fn a_tail_among_other_entries_is_refused() {
        let archive = write(&[Entry::new("signatures/a", "one"), Entry::new("b", "two")]).expect("written");
        let error = split(&archive, "signatures/", &Limits::default()).expect_err("refused");
        assert!(matches!(error, TailError::Altered(_)), "{error}");
    }

    #[test]
    fn any_change_of_the_tails_records_is_refused() {
        let archive = write(&[Entry::new("a.txt", "one")]).expect("written");
        let whole = append(&archive, &[Entry::new("signatures/1", "x")]).expect("appended");
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            if let Ok(split) = split(&changed, "signatures/", &Limits::default()) {
                // Only a change of what comes before the tail is left to the digest.
                assert!(split.archive != archive, "byte {at}");
            }
        }
    }
}
