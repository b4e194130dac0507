//! The strict reader: an archive is read only if every program would read the same content from it.
//!
//! The records must stand one after another from the first byte to the last, and the two headers of
//! each entry must agree. Nothing is allocated on the word of a header alone.

use flate2::{Decompress, FlushDecompress, Status};

use super::name::{self, Names};
use super::{Entry, Limits, Reason, Refusal, attributes, extra, polyglot};

/// How many bytes one byte of deflate can become at most: a match of 258 bytes takes two bits.
const EXPANSION: usize = 1032;
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const END_SIZE: usize = 22;
const CENTRAL_SIZE: usize = 46;
const LOCAL_SIZE: usize = 30;

const FLAG_ENCRYPTED: u16 = 1;
const FLAG_DEFLATE_LEVEL: u16 = 0b110;
const FLAG_DESCRIPTOR: u16 = 1 << 3;
const FLAG_STRONG_ENCRYPTION: u16 = 1 << 6;
const FLAG_UTF8: u16 = 1 << 11;

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

/// What is known of an entry after both of its headers were read.
struct Header {
    name: String,
    is_folder: bool,
    method: u16,
    checksum: u32,
    size: u32,
    /// Where its data begins and ends.
    data: std::ops::Range<usize>,
}

/// Walks the list of files and the entries side by side.
fn headers(bytes: &[u8], limits: &Limits) -> Result<Vec<Header>, Refusal> {
    let whole = Refusal::archive;
    let end = end_record(bytes).map_err(whole)?;
    if let Some(what) = polyglot::other_format(bytes) {
        return Err(whole(Reason::OtherFormat(what)));
    }
    if end.count == 0 {
        return Err(whole(Reason::Empty));
    }
    if end.count > limits.entries {
        return Err(whole(Reason::Limit { what: "the number of entries is", limit: limits.entries as u64 }));
    }
    let mut headers = Vec::new();
    let mut names = Names::default();
    let (mut central_at, mut local_at) = (end.central, 0);
    let mut total: u64 = 0;
    let total_limit = limits.total(bytes.len());
    for _ in 0..end.count {
        let (header, next_central, next_local) = entry(bytes, central_at, local_at, &end, limits)?;
        names.add(&header.name, header.is_folder).map_err(|reason| Refusal::entry(&header.name, reason))?;
        total += u64::from(header.size);
        if total > total_limit {
            return Err(whole(Reason::Limit { what: "the size of all files together is", limit: total_limit }));
        }
        (central_at, local_at) = (next_central, next_local);
        headers.push(header);
    }
    if central_at != end.at {
        return Err(whole(Reason::Count));
    }
    if local_at != end.central {
        return Err(whole(Reason::Gap("before the list of files")));
    }
    Ok(headers)
}

struct End {
    at: usize,
    central: usize,
    count: usize,
}

/// The last 22 bytes. A search for the record further up is what lets trailing data and comments in.
fn end_record(bytes: &[u8]) -> Result<End, Reason> {
    let at = bytes.len().checked_sub(END_SIZE).ok_or(Reason::NoEnd)?;
    let record = Record { bytes, at, limit: bytes.len(), what: "the end record" };
    if record.bytes(0, 4)? != END {
        return Err(if bytes.windows(4).rev().take(0x1_0000 + END_SIZE).any(|window| window == END) {
            Reason::Gap("after the end record, or a comment")
        } else {
            Reason::NoEnd
        });
    }
    if record.u16(20)? != 0 {
        return Err(Reason::Comment);
    }
    let (here, all) = (record.u16(8)?, record.u16(10)?);
    let (size, offset) = (record.u32(12)?, record.u32(16)?);
    if all == u16::MAX || size == u32::MAX || offset == u32::MAX {
        return Err(Reason::Zip64);
    }
    if record.u16(4)? != 0 || record.u16(6)? != 0 {
        return Err(Reason::Disks);
    }
    if here != all {
        return Err(Reason::Count);
    }
    let central = usize::try_from(offset).map_err(|_| Reason::Truncated("the list of files"))?;
    let size = usize::try_from(size).map_err(|_| Reason::Truncated("the list of files"))?;
    match central.checked_add(size) {
        Some(sum) if sum == at => Ok(End { at, central, count: usize::from(all) }),
        Some(sum) if sum < at => Err(Reason::Gap("before the end record")),
        _ => Err(Reason::Truncated("the list of files")),
    }
}

/// Reads both headers of one entry; also gives where the next ones must stand.
fn entry(
    bytes: &[u8],
    central_at: usize,
    local_at: usize,
    end: &End,
    limits: &Limits,
) -> Result<(Header, usize, usize), Refusal> {
    let whole = Refusal::archive;
    let central = Record { bytes, at: central_at, limit: end.at, what: "the list of files" };
    if central.bytes(0, 4).map_err(whole)? != CENTRAL {
        return Err(whole(Reason::NoRecord("record of a file")));
    }
    let name_size = usize::from(central.u16(28).map_err(whole)?);
    let raw_name = central.bytes(CENTRAL_SIZE, name_size).map_err(whole)?;
    let shown = String::from_utf8_lossy(raw_name).into_owned();
    let wrong = |reason| Refusal::entry(&shown, reason);

    if name_size > limits.name_bytes {
        return Err(whole(Reason::Limit { what: "the length of a name is", limit: limits.name_bytes as u64 }));
    }
    let extra_size = usize::from(central.u16(30).map_err(wrong)?);
    extra::check(central.bytes(CENTRAL_SIZE + name_size, extra_size).map_err(wrong)?).map_err(wrong)?;
    if central.u16(32).map_err(wrong)? != 0 {
        return Err(wrong(Reason::Comment));
    }
    if central.u16(34).map_err(wrong)? != 0 {
        return Err(wrong(Reason::Disks));
    }
    attributes::check_system(central.bytes(5, 1).map_err(wrong)?[0]).map_err(wrong)?;
    attributes::check_internal(central.u16(36).map_err(wrong)?).map_err(wrong)?;
    attributes::check_external(central.u32(38).map_err(wrong)?, raw_name).map_err(wrong)?;

    let local = Record { bytes, at: local_at, limit: end.central, what: "an entry" };
    if local.bytes(0, 4).map_err(wrong)? != LOCAL {
        return Err(wrong(Reason::NoRecord("header of an entry")));
    }
    if u64::from(central.u32(42).map_err(wrong)?) != local_at as u64 {
        return Err(wrong(Reason::Gap("between entries, or entries that overlap")));
    }
    // (what, offset in the central record, offset in the local header, width)
    for (what, central_offset, local_offset, width) in [
        ("version", 6, 4, 2),
        ("flags", 8, 6, 2),
        ("compression method", 10, 8, 2),
        ("time", 12, 10, 4),
        ("checksum", 16, 14, 4),
        ("compressed size", 20, 18, 4),
        ("size", 24, 22, 4),
        ("length of the name", 28, 26, 2),
    ] {
        if central.bytes(central_offset, width).map_err(wrong)? != local.bytes(local_offset, width).map_err(wrong)? {
            return Err(wrong(if local.u16(6).map_err(wrong)? & FLAG_DESCRIPTOR == 0 {
                Reason::Disagreement(what)
            } else {
                Reason::DataDescriptor
            }));
        }
    }
    if local.bytes(LOCAL_SIZE, name_size).map_err(wrong)? != raw_name {
        return Err(wrong(Reason::Disagreement("name")));
    }
    let local_extra_size = usize::from(local.u16(28).map_err(wrong)?);
    extra::check(local.bytes(LOCAL_SIZE + name_size, local_extra_size).map_err(wrong)?).map_err(wrong)?;

    let flags = local.u16(6).map_err(wrong)?;
    check_flags(flags).map_err(wrong)?;
    let version = local.u16(4).map_err(wrong)?;
    if version > 20 {
        return Err(wrong(Reason::Version(version)));
    }
    let method = local.u16(8).map_err(wrong)?;
    if method != 0 && method != 8 {
        return Err(wrong(Reason::Method(method)));
    }
    let (name, is_folder) = checked_name(raw_name).map_err(wrong)?;
    let (compressed, size) = (local.u32(18).map_err(wrong)?, local.u32(22).map_err(wrong)?);
    if compressed == u32::MAX || size == u32::MAX {
        return Err(wrong(Reason::Zip64));
    }
    if is_folder && size != 0 {
        return Err(wrong(Reason::FolderContent));
    }
    if u64::from(size) > limits.entry_bytes {
        return Err(wrong(Reason::Limit { what: "the size of the file is", limit: limits.entry_bytes }));
    }
    let data_offset = LOCAL_SIZE + name_size + local_extra_size;
    let data = local
        .range(data_offset, usize::try_from(compressed).map_err(|_| wrong(Reason::Truncated("an entry")))?)
        .map_err(wrong)?;
    let header = Header { name, is_folder, method, checksum: local.u32(14).map_err(wrong)?, size, data: data.clone() };
    Ok((header, central_at + CENTRAL_SIZE + name_size + extra_size, data.end))
}

fn check_flags(flags: u16) -> Result<(), Reason> {
    if flags & (FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION) != 0 {
        return Err(Reason::Encrypted);
    }
    if flags & FLAG_DESCRIPTOR != 0 {
        return Err(Reason::DataDescriptor);
    }
    match flags & !(FLAG_DEFLATE_LEVEL | FLAG_UTF8) {
        0 => Ok(()),
        _ => Err(Reason::Flags(flags)),
    }
}

fn checked_name(raw: &[u8]) -> Result<(String, bool), Reason> {
    let text = std::str::from_utf8(raw).map_err(|_| Reason::NameEncoding)?;
    let (text, is_folder) = match text.strip_suffix('/') {
        Some(folder) => (folder, true),
        None => (text, false),
    };
    name::check_entry(text)?;
    Ok((text.to_owned(), is_folder))
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

/// Inflates exactly `data` to exactly `size` bytes.
fn inflate(data: &[u8], size: u64, sink: &mut dyn FnMut(&[u8])) -> Result<(), Reason> {
    let mut inflater = Decompress::new(false);
    let mut buffer = vec![0; 64 << 10];
    loop {
        let (before_in, before_out) = (inflater.total_in(), inflater.total_out());
        let rest = usize::try_from(before_in).ok().and_then(|at| data.get(at..)).ok_or(Reason::Deflate)?;
        let status = inflater.decompress(rest, &mut buffer, FlushDecompress::None).map_err(|_| Reason::Deflate)?;
        let made = usize::try_from(inflater.total_out() - before_out).map_err(|_| Reason::Deflate)?;
        if inflater.total_out() > size {
            return Err(Reason::Size);
        }
        sink(buffer.get(..made).ok_or(Reason::Deflate)?);
        if status == Status::StreamEnd {
            break;
        }
        if inflater.total_in() == before_in && made == 0 {
            return Err(Reason::DeflateEnd);
        }
    }
    if inflater.total_in() != data.len() as u64 {
        return Err(Reason::DeflateEnd);
    }
    if inflater.total_out() == size { Ok(()) } else { Err(Reason::Size) }
}

/// A record whose fields are read with bounds.
struct Record<'a> {
    bytes: &'a [u8],
    at: usize,
    limit: usize,
    what: &'static str,
}

impl<'a> Record<'a> {
    fn range(&self, offset: usize, size: usize) -> Result<std::ops::Range<usize>, Reason> {
        let start = self.at.checked_add(offset).ok_or(Reason::Truncated(self.what))?;
        let end = start.checked_add(size).ok_or(Reason::Truncated(self.what))?;
        if end <= self.limit { Ok(start..end) } else { Err(Reason::Truncated(self.what)) }
    }
    fn bytes(&self, offset: usize, size: usize) -> Result<&'a [u8], Reason> {
        self.bytes.get(self.range(offset, size)?).ok_or(Reason::Truncated(self.what))
    }
    fn u16(&self, offset: usize) -> Result<u16, Reason> {
        let field = self.bytes(offset, 2)?;
        Ok(u16::from_le_bytes([field[0], field[1]]))
    }
    fn u32(&self, offset: usize) -> Result<u32, Reason> {
        let field = self.bytes(offset, 4)?;
        Ok(u32::from_le_bytes([field[0], field[1], field[2], field[3]]))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
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
