//! Checksum and sizes behind the data of an entry: what programs write that cannot go back to its header.
//!
//! They are accepted where the list of files, the descriptor and the data say the same, so that a program which reads
//! from entry to entry finds what one finds that reads the list. Deflate ends by itself; what is stored does not, so
//! that nobody can say where it ends without the list. Form: APPNOTE.TXT 4.3.9.

use super::record::Record;
use super::refusal::Reason;

const SIGNATURE: [u8; 4] = *b"PK\x07\x08";

/// What a header says of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Data {
    pub(super) checksum: u32,
    pub(super) compressed: u32,
    pub(super) size: u32,
}

impl Data {
    /// Three fields that follow one another from `offset` on.
    pub(super) fn read(record: &Record<'_>, offset: usize) -> Result<Self, Reason> {
        let [checksum, compressed, size] = [record.u32(offset)?, record.u32(offset + 4)?, record.u32(offset + 8)?];
        Ok(Self { checksum, compressed, size })
    }
}

/// Which form the entry's own header announces: whether its sizes have eight bytes. `zip64` is that field of the header.
pub(super) fn is_wide(local: Data, listed: Data, zip64: Option<&[u8]>) -> Result<bool, Reason> {
    let open = Data { checksum: 0, compressed: u32::MAX, size: u32::MAX };
    // Each is open, or known already: libarchive writes the size that it knows, and leaves the others open.
    let is_open = |own: u32, listed: u32| own == 0 || own == listed;
    let fits = is_open(local.checksum, listed.checksum)
        && is_open(local.compressed, listed.compressed)
        && is_open(local.size, listed.size);
    match zip64 {
        None if fits => Ok(false),
        // Some programs look at the size only, and take eight bytes of an empty file for four and what follows.
        Some(field) if local == open && field == [0; 16] && listed.size > 0 => Ok(true),
        _ => Err(Reason::Descriptor("is announced with other sizes than the list of files has")),
    }
}

/// How many bytes the descriptor has that stands at the start of `record`; it says what the list does.
pub(super) fn length(record: &Record<'_>, listed: Data, is_wide: bool) -> Result<usize, Reason> {
    let start = if record.bytes(0, SIGNATURE.len())? == SIGNATURE { SIGNATURE.len() } else { 0 };
    let (compressed, size, end) = if is_wide {
        (record.u64(start + 4)?, record.u64(start + 12)?, start + 20)
    } else {
        (record.u32(start + 4)?.into(), record.u32(start + 8)?.into(), start + 12)
    };
    let is_same = record.u32(start)? == listed.checksum
        && compressed == u64::from(listed.compressed)
        && size == u64::from(listed.size);
    if is_same { Ok(end) } else { Err(Reason::Descriptor("and the list of files disagree")) }
}
