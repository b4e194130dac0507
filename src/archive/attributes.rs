//! What the list of files says about an entry besides its content: the system it was made on and its attributes.

use super::Reason;

/// Systems whose attributes every program reads in one way: FAT, Unix, NTFS, VFAT, macOS.
const SYSTEMS: [u8; 5] = [0, 3, 11, 14, 19];

/// DOS: read-only, hidden, system, folder, archive, normal, compressed, not indexed, and 7-Zip's mark that a Unix mode
/// stands above. Not: volume label, device, sparse, link (a reparse point), offline, encrypted.
const DOS_ALLOWED: u32 = 0x01 | 0x02 | 0x04 | DOS_FOLDER | 0x20 | 0x80 | 0x800 | 0x2000 | 0x8000;
const DOS_FOLDER: u32 = 0x10;

pub(super) fn check_system(system: u8) -> Result<(), Reason> {
    if SYSTEMS.contains(&system) { Ok(()) } else { Err(Reason::System(system)) }
}

/// Bit 0 says that the file is text; the others have no use.
pub(super) fn check_internal(attributes: u16) -> Result<(), Reason> {
    if attributes <= 1 { Ok(()) } else { Err(Reason::SpecialFile) }
}

/// A Unix mode in the upper half of the attributes says link, device and the like; it is looked at
/// whatever system the entry claims to come from, since extractors do so too.
pub(super) fn check_external(attributes: u32, name: &[u8]) -> Result<(), Reason> {
    let folder = name.last() == Some(&b'/');
    let mode = attributes >> 16;
    let mode_fits = match mode & 0o170_000 {
        0 => true,
        0o100_000 => !folder,
        0o040_000 => folder,
        _ => false,
    };
    let set_id_or_sticky = mode & 0o7_000 != 0;
    let dos = attributes & 0xFFFF;
    let dos_fits = dos & !DOS_ALLOWED == 0 && (dos & DOS_FOLDER == 0 || folder);
    if mode_fits && dos_fits && !set_id_or_sticky { Ok(()) } else { Err(Reason::SpecialFile) }
}
