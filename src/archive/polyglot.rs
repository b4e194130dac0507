//! Files that are a zip archive and something else at once. Programs that guess the format, such as bsdtar (which is also
//! the `tar` of Windows and macOS) and 7-Zip, may then show the other one's content.

/// The other format that a file also is. Only formats that leave room at their start for a zip's first header.
pub(super) fn other_format(bytes: &[u8]) -> Option<&'static str> {
    if is_tar(bytes) {
        return Some("a tar archive");
    }
    // The descriptors of ISO 9660, High Sierra and UDF from the seventeenth sector on.
    let marks: [&[u8]; 6] = [b"CD001", b"CDROM", b"BEA01", b"NSR02", b"NSR03", b"TEA01"];
    let sectors = (0x8000..0x8000 + 64 * 0x800).step_by(0x800);
    let mut found =
        sectors.filter_map(|sector| Some((bytes.get(sector + 1..sector + 6)?, bytes.get(sector + 9..sector + 14)?)));
    if found.any(|(mark, high_sierra)| marks.contains(&mark) || marks.contains(&high_sierra)) {
        return Some("an image of a disk");
    }
    None
}

/// Whether the first 512 bytes are a header of tar: its checksum fits, with bytes taken as signed or unsigned. The
/// chance that it does so in an archive that is none is less than one in a million.
fn is_tar(bytes: &[u8]) -> bool {
    let Some((header, _)) = bytes.split_at_checked(512) else { return false };
    let field = header[148..156].trim_ascii_start();
    let digits = field.iter().take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let checksum = field[..digits].iter().fold(0_i64, |sum, digit| sum * 8 + i64::from(digit - b'0'));
    let sum = |value: fn(u8) -> i64| -> i64 {
        let all = header.iter().enumerate();
        all.map(|(at, byte)| if (148..156).contains(&at) { i64::from(b' ') } else { value(*byte) }).sum()
    };
    digits > 0 && (checksum == sum(i64::from) || checksum == sum(|byte| i64::from(byte.cast_signed())))
}
