//! From the bytes of a file to the metadata's heaps.

use super::refusal::Refusal;

/// The data directory of the .NET header.
const COMMON_LANGUAGE: usize = 14;
/// No real name is longer.
const NAME: usize = 1024;

/// The streams of an assembly's metadata.
pub struct Metadata<'a> {
    pub tables: &'a [u8],
    strings: &'a [u8],
    blobs: &'a [u8],
}

/// `length` bytes from `at`.
fn slice<'a>(bytes: &'a [u8], at: usize, length: usize, what: &'static str) -> Result<&'a [u8], Refusal> {
    at.checked_add(length).and_then(|end| bytes.get(at..end)).ok_or(Refusal::Outside(what))
}

pub fn u16_at(bytes: &[u8], at: usize, what: &'static str) -> Result<u16, Refusal> {
    let bytes = slice(bytes, at, 2, what)?;
    Ok(u16::from_le_bytes([bytes[0], bytes[1]]))
}

pub fn u32_at(bytes: &[u8], at: usize, what: &'static str) -> Result<u32, Refusal> {
    let bytes = slice(bytes, at, 4, what)?;
    Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

/// Finds the metadata of an assembly.
pub fn metadata(bytes: &[u8]) -> Result<Metadata<'_>, Refusal> {
    if !bytes.starts_with(b"MZ") {
        return Err(Refusal::NotPortable);
    }
    let pe = u32_at(bytes, 0x3c, "the header").map_err(|_| Refusal::NotPortable)? as usize;
    if slice(bytes, pe, 4, "the header").map_err(|_| Refusal::NotPortable)? != b"PE\0\0" {
        return Err(Refusal::NotPortable);
    }
    let coff = pe + 4;
    let optional = coff + 20;
    let sections = usize::from(u16_at(bytes, coff + 2, "the header")?);
    let first_section = optional + usize::from(u16_at(bytes, coff + 16, "the header")?);
    let directories = match u16_at(bytes, optional, "the header")? {
        0x10b => optional + 96,
        0x20b => optional + 112,
        _ => return Err(Refusal::NotPortable),
    };
    if u32_at(bytes, directories - 4, "the header")? as usize <= COMMON_LANGUAGE {
        return Err(Refusal::NotDotNet);
    }
    let address = u32_at(bytes, directories + COMMON_LANGUAGE * 8, "the header")?;
    if address == 0 {
        return Err(Refusal::NotDotNet);
    }
    let place = |address: u32| -> Result<usize, Refusal> {
        for section in 0..sections {
            let header = slice(bytes, first_section + section * 40, 40, "the list of sections")?;
            let start = u32_at(header, 12, "a section")?;
            let size = u32_at(header, 16, "a section")?;
            if let Some(below) = address.checked_sub(start)
                && below < size
            {
                return Ok(u32_at(header, 20, "a section")? as usize + below as usize);
            }
        }
        Err(Refusal::Outside("the .NET header"))
    };
    let header = slice(bytes, place(address)?, 16, "the .NET header")?;
    let (address, size) = (u32_at(header, 8, "the metadata")?, u32_at(header, 12, "the metadata")?);
    streams(slice(bytes, place(address)?, size as usize, "the metadata")?)
}

fn streams(root: &[u8]) -> Result<Metadata<'_>, Refusal> {
    if !root.starts_with(b"BSJB") {
        return Err(Refusal::Damaged("its metadata has no signature"));
    }
    let version = u32_at(root, 12, "the metadata")? as usize;
    let mut at = version.checked_add(16).ok_or(Refusal::Outside("the metadata"))?;
    let count = u16_at(root, at.saturating_add(2), "the list of streams")?;
    at = at.saturating_add(4);
    let mut found = Metadata { tables: &[], strings: &[], blobs: &[] };
    for _ in 0..count {
        let offset = u32_at(root, at, "the list of streams")? as usize;
        let size = u32_at(root, at + 4, "the list of streams")? as usize;
        let rest = root.get(at + 8..).ok_or(Refusal::Outside("the list of streams"))?;
        let length = rest.iter().take(32).position(|byte| *byte == 0);
        let length = length.ok_or(Refusal::Damaged("the name of a stream has no end"))?;
        let name = &rest[..length];
        at += 8 + (length / 4 + 1) * 4;
        let target = match name {
            b"#~" | b"#-" => &mut found.tables,
            b"#Strings" => &mut found.strings,
            b"#Blob" => &mut found.blobs,
            _ => continue,
        };
        *target = slice(root, offset, size, "a stream")?;
    }
    if found.tables.is_empty() {
        return Err(Refusal::Damaged("its metadata has no tables"));
    }
    Ok(found)
}

impl<'a> Metadata<'a> {
    /// A name.
    pub fn string(&self, at: u32) -> Result<String, Refusal> {
        let rest = self.strings.get(at as usize..).ok_or(Refusal::Outside("a name"))?;
        let length = rest.iter().take(NAME + 1).position(|byte| *byte == 0);
        let length = length.ok_or(Refusal::Damaged("a name has no end"))?;
        let text = std::str::from_utf8(&rest[..length]).map_err(|_| Refusal::Damaged("a name is not UTF-8"))?;
        if text.chars().any(char::is_control) {
            return Err(Refusal::Damaged("a name contains a control character"));
        }
        Ok(text.to_owned())
    }

    /// A blob.
    pub fn blob(&self, at: u32) -> Result<&'a [u8], Refusal> {
        if at == 0 {
            return Ok(&[]);
        }
        let rest = self.blobs.get(at as usize..).ok_or(Refusal::Outside("a blob"))?;
        let (length, used) = compressed(rest).ok_or(Refusal::Damaged("a blob has no length"))?;
        slice(rest, used, length as usize, "a blob")
    }
}

/// A number in one, two or four bytes, and how many they were.
pub fn compressed(bytes: &[u8]) -> Option<(u32, usize)> {
    let first = *bytes.first()?;
    let byte = |at: usize| bytes.get(at).copied().map(u32::from);
    match first {
        0..0x80 => Some((u32::from(first), 1)),
        0x80..0xC0 => Some(((u32::from(first & 0x3f) << 8) | byte(1)?, 2)),
        0xC0..0xE0 => Some(((u32::from(first & 0x1f) << 24) | (byte(1)? << 16) | (byte(2)? << 8) | byte(3)?, 4)),
        _ => None,
    }
}
