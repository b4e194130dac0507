//! The list of files and the header of each entry, read side by side: they stand without a gap, and agree.

use std::ops::Range;

use super::descriptor::{self, Data};
use super::limits::Limits;
use super::name::{self, Names};
use super::record::Record;
use super::refusal::{Reason, Refusal};
use super::{attributes, extra, polyglot};

const LOCAL: [u8; 4] = *b"PK\x03\x04";
pub(super) const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const END_SIZE: usize = 22;
const CENTRAL_SIZE: usize = 46;
const LOCAL_SIZE: usize = 30;
/// The version of zip that a plain entry needs, and one with sizes of zip64.
const VERSION: u16 = 20;
const VERSION_ZIP64: u16 = 45;

const FLAG_ENCRYPTED: u16 = 1;
const FLAG_DEFLATE_LEVEL: u16 = 0b110;
const FLAG_DESCRIPTOR: u16 = 1 << 3;
const FLAG_STRONG_ENCRYPTION: u16 = 1 << 6;
const FLAG_UTF8: u16 = 1 << 11;

/// What is known of an entry after both of its headers were read.
pub(super) struct Header {
    pub(super) name: String,
    pub(super) is_folder: bool,
    pub(super) method: u16,
    pub(super) checksum: u32,
    pub(super) size: u32,
    /// Where its data begins and ends.
    pub(super) data: Range<usize>,
}

/// Walks the list of files and the entries side by side.
pub(super) fn headers(bytes: &[u8], limits: &Limits) -> Result<Vec<Header>, Refusal> {
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
        ("length of the name", 28, 26, 2),
    ] {
        if central.bytes(central_offset, width).map_err(wrong)? != local.bytes(local_offset, width).map_err(wrong)? {
            return Err(wrong(Reason::Disagreement(what)));
        }
    }
    if local.bytes(LOCAL_SIZE, name_size).map_err(wrong)? != raw_name {
        return Err(wrong(Reason::Disagreement("name")));
    }
    let flags = local.u16(6).map_err(wrong)?;
    check_flags(flags).map_err(wrong)?;
    let method = local.u16(8).map_err(wrong)?;
    if method != 0 && method != 8 {
        return Err(wrong(Reason::Method(method)));
    }
    let local_extra_size = usize::from(local.u16(28).map_err(wrong)?);
    let extras = local.bytes(LOCAL_SIZE + name_size, local_extra_size).map_err(wrong)?;
    let listed = Data::read(&central, 16).map_err(wrong)?;
    let own = Data::read(&local, 14).map_err(wrong)?;
    let is_wide = if flags & FLAG_DESCRIPTOR == 0 {
        extra::check(extras).map_err(wrong)?;
        same(own, listed).map_err(wrong)?;
        None
    } else if !limits.descriptors {
        return Err(wrong(Reason::DataDescriptor));
    } else if method != 8 {
        return Err(wrong(Reason::Descriptor("has no place: what is stored does not say where it ends")));
    } else {
        let zip64 = extra::with_zip64(extras).map_err(wrong)?;
        Some(descriptor::is_wide(own, listed, zip64).map_err(wrong)?)
    };
    let version = local.u16(4).map_err(wrong)?;
    if version > if is_wide == Some(true) { VERSION_ZIP64 } else { VERSION } {
        return Err(wrong(Reason::Version(version)));
    }
    let (name, is_folder) = checked_name(raw_name).map_err(wrong)?;
    let Data { checksum, compressed, size } = listed;
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
    let behind = Record { bytes, at: data.end, limit: end.central, what: "a data descriptor" };
    let descriptor = is_wide.map_or(Ok(0), |is_wide| descriptor::length(&behind, listed, is_wide)).map_err(wrong)?;
    let next = data.end + descriptor;
    let header = Header { name, is_folder, method, checksum, size, data };
    Ok((header, central_at + CENTRAL_SIZE + name_size + extra_size, next))
}

/// Whether both headers of an entry say the same of its data.
fn same(own: Data, listed: Data) -> Result<(), Reason> {
    for (what, own, listed) in [
        ("checksum", own.checksum, listed.checksum),
        ("compressed size", own.compressed, listed.compressed),
        ("size", own.size, listed.size),
    ] {
        if own != listed {
            return Err(Reason::Disagreement(what));
        }
    }
    Ok(())
}

fn check_flags(flags: u16) -> Result<(), Reason> {
    if flags & (FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION) != 0 {
        return Err(Reason::Encrypted);
    }
    match flags & !(FLAG_DEFLATE_LEVEL | FLAG_DESCRIPTOR | FLAG_UTF8) {
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
