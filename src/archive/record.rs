//! A record of a zip archive, whose fields are read with bounds.

use std::ops::Range;

use super::refusal::Reason;

/// A record whose fields are read with bounds.
pub(super) struct Record<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) limit: usize,
    pub(super) what: &'static str,
}

impl<'a> Record<'a> {
    pub(super) fn range(&self, offset: usize, size: usize) -> Result<Range<usize>, Reason> {
        let start = self.at.checked_add(offset).ok_or(Reason::Truncated(self.what))?;
        let end = start.checked_add(size).ok_or(Reason::Truncated(self.what))?;
        if end <= self.limit { Ok(start..end) } else { Err(Reason::Truncated(self.what)) }
    }

    pub(super) fn bytes(&self, offset: usize, size: usize) -> Result<&'a [u8], Reason> {
        self.bytes.get(self.range(offset, size)?).ok_or(Reason::Truncated(self.what))
    }

    pub(super) fn u16(&self, offset: usize) -> Result<u16, Reason> {
        let field = self.bytes(offset, 2)?;
        Ok(u16::from_le_bytes([field[0], field[1]]))
    }

    pub(super) fn u32(&self, offset: usize) -> Result<u32, Reason> {
        let field = self.bytes(offset, 4)?;
        Ok(u32::from_le_bytes([field[0], field[1], field[2], field[3]]))
    }

    pub(super) fn u64(&self, offset: usize) -> Result<u64, Reason> {
        let (low, high) = (self.u32(offset)?, self.u32(offset + 4)?);
        Ok(u64::from(low) | u64::from(high) << 32)
    }
}
