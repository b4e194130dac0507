//! Extra fields: only those that change nothing about the content, once each, and well-formed, since programs that know
//! a field give up on one that is not.

use super::Reason;

const ZIP64: u16 = 0x0001;
const NTFS_TIMES: u16 = 0x000A;
const EXTENDED_TIMES: u16 = 0x5455;
const OLD_UNIX: u16 = 0x5855;
const UNIX_OWNER: u16 = 0x7875;
/// The growth hint of .NET's packaging: in nearly every exported solution, in the local header only.
const GROWTH_HINT: u16 = 0xA220;

/// Checks the extra fields of one header.
pub(super) fn check(extras: &[u8]) -> Result<(), Reason> {
    match with_zip64(extras)? {
        None => Ok(()),
        Some(_) => Err(Reason::Zip64),
    }
}

/// The same where sizes of zip64 may stand; gives what that field says.
pub(super) fn with_zip64(mut extras: &[u8]) -> Result<Option<&[u8]>, Reason> {
    let mut met = Vec::new();
    let mut zip64 = None;
    while !extras.is_empty() {
        let [id0, id1, size0, size1, rest @ ..] = extras else { return Err(Reason::ExtraDamaged) };
        let id = u16::from_le_bytes([*id0, *id1]);
        let size = usize::from(u16::from_le_bytes([*size0, *size1]));
        let content = rest.get(..size).ok_or(Reason::ExtraDamaged)?;
        extras = &rest[size..];
        let well_formed = match id {
            ZIP64 => {
                zip64 = Some(content);
                true
            }
            GROWTH_HINT => size >= 4,
            EXTENDED_TIMES => extended_times(content),
            // Four reserved bytes, then the one attribute that is defined: three times of eight bytes.
            NTFS_TIMES => size == 32 && content[4..8] == [1, 0, 24, 0],
            // Two times, in the local header with two owners behind them.
            OLD_UNIX => size == 8 || size == 12,
            UNIX_OWNER => unix_owner(content),
            _ => return Err(Reason::Extra(id)),
        };
        if !well_formed {
            return Err(Reason::ExtraDamaged);
        }
        if met.contains(&id) {
            return Err(Reason::ExtraTwice(id));
        }
        met.push(id);
    }
    Ok(zip64)
}

/// A byte that says which of three times follow; the list of files has only the first of them.
fn extended_times(content: &[u8]) -> bool {
    let [which, times @ ..] = content else { return false };
    let all = 4 * usize::try_from(which.count_ones()).unwrap_or_default();
    let listed = usize::from(which & 1) * 4;
    which & !7 == 0 && (times.len() == all || times.len() == listed)
}

/// Version 1, then two numbers, each behind its length.
fn unix_owner(content: &[u8]) -> bool {
    let Some((1, mut rest)) = content.split_first() else { return false };
    for _ in 0..2 {
        let Some((size @ 1..=8, number)) = rest.split_first() else { return false };
        let Some(behind) = number.get(usize::from(*size)..) else { return false };
        rest = behind;
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(id: u16, content: &[u8]) -> Vec<u8> {
        let size = u16::try_from(content.len()).expect("short");
        [&id.to_le_bytes()[..], &size.to_le_bytes(), content].concat()
    }

    #[test]
    fn a_known_field_passes_only_in_its_form() {
        let owner = [1, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0];
        let ntfs = [&[0, 0, 0, 0, 1, 0, 24, 0][..], &[0; 24]].concat();
        for (id, good) in [
            (GROWTH_HINT, &[0x28, 0xA0, 0, 0][..]),
            (EXTENDED_TIMES, &[3, 0, 0, 0, 0, 0, 0, 0, 0]),
            (EXTENDED_TIMES, &[3, 0, 0, 0, 0]),
            (NTFS_TIMES, &ntfs),
            (OLD_UNIX, &[0; 8]),
            (UNIX_OWNER, &owner),
        ] {
            assert_eq!(check(&field(id, good)), Ok(()), "{id:#x}");
            let twice = [field(id, good), field(id, good)].concat();
            assert_eq!(check(&twice), Err(Reason::ExtraTwice(id)));
            assert_eq!(check(&field(id, &good[..3])), Err(Reason::ExtraDamaged), "{id:#x}");
            assert_eq!(check(&field(id, &[])), Err(Reason::ExtraDamaged), "{id:#x}");
        }
        for bad in [&[8, 0, 0, 0, 0][..], &[1], &[1, 0, 0, 0, 0, 0, 0, 0, 0], &[0, 0, 0, 0, 0]] {
            assert_eq!(check(&field(EXTENDED_TIMES, bad)), Err(Reason::ExtraDamaged), "{bad:?}");
        }
        for at in [0, 1, 6] {
            let mut bad = owner;
            bad[at] = 9;
            assert_eq!(check(&field(UNIX_OWNER, &bad)), Err(Reason::ExtraDamaged), "{at}");
        }
    }
}
