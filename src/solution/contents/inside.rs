//! What is inside files: files in archives (apps, plug-in packages), and texts of programs, which .NET stores as
//! UTF-16 (ECMA-335, II.24.2.4). Nothing is written, and all of it is bounded; what is not searched is reported.

use std::io::{Cursor, Read};

use memchr::{memchr, memmem};
use zip::ZipArchive;

/// How deep archives are nested: a package in a package.
const DEEPEST: usize = 2;
/// How many files of an archive are searched.
const MOST_FILES: usize = 10_000;
/// How many bytes of the archives in one part are searched. The largest app of real solutions has 40 MB.
const MOST_BYTES: u64 = 64 << 20;

/// How other archives and compressed files begin: gzip, 7-Zip, cabinets, RAR, xz, Zstandard, bzip2.
const PACKED: [&[u8]; 7] =
    [b"\x1f\x8b\x08", b"7z\xbc\xaf\x27\x1c", b"MSCF", b"Rar!", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"BZh"];

/// The same inside a file, where fewer bytes would match by chance.
const PACKED_INSIDE: [&[u8]; 6] = [
    b"\x1f\x8b\x08",
    b"7z\xbc\xaf\x27\x1c",
    b"MSCF\0\0\0\0",
    b"Rar!\x1a\x07",
    b"\xfd7zXZ\0",
    b"1AY&SY", // of a block of bzip2
];

/// The end of a zip, without its comment.
const END: &[u8] = b"PK\x05\x06";
const END_LENGTH: usize = 22;
/// How many ends are searched in one file.
const MOST_ENDS: usize = 64;

/// Shows a file, and the files in it where it is an archive; whether that was all.
pub(super) fn each(bytes: &[u8], visit: &mut impl FnMut(&[u8])) -> bool {
    let (mut files, mut left) = (MOST_FILES, MOST_BYTES);
    look(bytes, DEEPEST, &mut files, &mut left, visit)
}

/// Whether a file is an archive or compressed, or contains one.
pub(super) fn is_packed(bytes: &[u8]) -> bool {
    is_other(bytes) || bytes.starts_with(b"PK\x03\x04") || memmem::find(bytes, END).is_some()
}

/// Whether there is an archive that is not a zip.
fn is_other(bytes: &[u8]) -> bool {
    PACKED.iter().any(|start| bytes.starts_with(start))
        || PACKED_INSIDE.iter().any(|start| memmem::find_iter(bytes, start).any(|at| is_head(&bytes[at..])))
}

/// Whether something that begins like an archive continues like one: flags, method and system of gzip, the level of
/// bzip2.
fn is_head(bytes: &[u8]) -> bool {
    match bytes {
        [0x1f, 0x8b, 8, flags, _, _, _, _, extra, system, ..] => {
            flags & 0xe0 == 0 && matches!(extra, 0 | 2 | 4) && matches!(system, 0..=13 | 255)
        }
        [0x1f, 0x8b, ..] => false,
        _ => true,
    }
}

fn look(bytes: &[u8], depth: usize, files: &mut usize, left: &mut u64, visit: &mut impl FnMut(&[u8])) -> bool {
    visit(bytes);
    if is_other(bytes) {
        return false;
    }
    // A zip can have anything before and after it: its end record says where it is.
    let ends = memmem::find_iter(bytes, END).filter(|at| is_end(bytes, *at));
    let ends: Vec<usize> = ends.take(MOST_ENDS + 1).collect();
    if ends.is_empty() {
        return !bytes.starts_with(b"PK\x03\x04");
    }
    let mut is_all = ends.len() <= MOST_ENDS;
    for end in ends.into_iter().take(MOST_ENDS) {
        let comment =
            bytes.get(end + 20..end + END_LENGTH).map_or(0, |it| usize::from(u16::from_le_bytes([it[0], it[1]])));
        let end = (end + END_LENGTH + comment).min(bytes.len());
        is_all &= archive(&bytes[..end], depth, files, left, visit);
    }
    is_all
}

/// Whether a zip may end there. A program that reads zips has these bytes, too: far from the end of a file they must go
/// on like an end, with one disk and as many files on it as there are.
fn is_end(bytes: &[u8], at: usize) -> bool {
    const FAR: usize = END_LENGTH + (64 << 10);
    let number = |from: usize| bytes.get(at + from..at + from + 2).map(|it| [it[0], it[1]]);
    let is_one_disk = [4, 6].into_iter().all(|from| number(from).is_some_and(|it| it == [0, 0] || it == [0xff, 0xff]));
    bytes.len() - at <= FAR || is_one_disk && number(8) == number(10)
}

/// Shows the files of a zip that ends where these bytes end.
fn archive(bytes: &[u8], depth: usize, files: &mut usize, left: &mut u64, visit: &mut impl FnMut(&[u8])) -> bool {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return false };
    if depth == 0 {
        return archive.is_empty();
    }
    let mut is_all = true;
    for index in 0..archive.len() {
        if *files == 0 || *left == 0 {
            return false;
        }
        *files -= 1;
        let Ok(entry) = archive.by_index(index) else {
            is_all = false;
            continue;
        };
        let mut content = Vec::new();
        let read = entry.take(*left + 1).read_to_end(&mut content);
        let size = content.len() as u64;
        is_all &= read.is_ok() && size <= *left;
        *left = left.saturating_sub(size);
        is_all &= look(&content, depth - 1, files, left, visit);
    }
    is_all
}

/// The texts of a file: as it is, in whatever encoding, since an address is ASCII in most of them; and as a program has
/// them.
pub(super) fn texts(bytes: &[u8]) -> Vec<String> {
    let as_it_is = match bytes {
        [0xff, 0xfe, rest @ ..] | [0xfe, 0xff, rest @ ..] => {
            let big = bytes[0] == 0xfe;
            let unit = |pair: &[u8]| {
                if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) }
            };
            let units: Vec<u16> = rest.chunks_exact(2).map(unit).collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    let mut texts = wide_texts(bytes);
    texts.insert(0, as_it_is);
    texts
}

/// The texts of a file as UTF-16, from its first and from its second byte on, where it has any.
fn wide_texts(bytes: &[u8]) -> Vec<String> {
    let has_mark = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    if has_mark || !may_have_wide(bytes) {
        return Vec::new();
    }
    let text = |bytes: &[u8]| {
        let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or(' ')).collect::<String>()
    };
    [bytes, bytes.get(1..).unwrap_or_default()].into_iter().map(text).collect()
}

/// Whether there is a slash or backslash next to a zero: without that, no address is UTF-16.
fn may_have_wide(bytes: &[u8]) -> bool {
    let mut from = 0;
    while let Some(at) = memchr(0, &bytes[from..]).map(|at| from + at) {
        let is_slash = |byte: Option<&u8>| byte.is_some_and(|byte| matches!(byte, b'/' | b'\\' | b':'));
        if at > 0 && is_slash(bytes.get(at - 1)) || is_slash(bytes.get(at + 1)) {
            return true;
        }
        from = at + 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("started");
            writer.write_all(bytes).expect("written");
        }
        writer.finish().expect("finished").into_inner()
    }

    fn seen(bytes: &[u8]) -> (bool, bool) {
        let mut found = false;
        let is_all = each(bytes, &mut |bytes| found |= memchr::memmem::find(bytes, b"evil.example").is_some());
        (found, is_all)
    }

    #[test]
    fn files_in_archives_are_looked_at_and_what_is_not_is_said() {
        let plain = zip(&[("Src\\App.pa.yaml", b"https://evil.example/")]);
        let nested = zip(&[("lib/inner.nupkg", &plain)]);
        let deeper = zip(&[("deeper.zip", &nested)]);
        for (bytes, found) in [(plain.clone(), (true, true)), (nested, (true, true)), (deeper, (false, false))] {
            assert_eq!(seen(&bytes), found);
        }
        // Whatever is before and after it.
        for (before, behind) in [("X", ""), ("MZ", ""), ("", "X"), ("MZ", "x"), ("X", &*"x".repeat(100_000))] {
            let around = [before.as_bytes(), &plain, behind.as_bytes()].concat();
            assert_eq!(seen(&around), (true, true), "{before} {behind:.9}");
            assert!(seen(&[before.as_bytes(), &plain, &plain, behind.as_bytes()].concat()).0);
        }
        let broken = plain[..plain.len() - 10].to_vec();
        let gzip = b"\x1f\x8b\x08\0evil".to_vec();
        let end = b"text PK\x05\x06 text".to_vec();
        let mut all = vec![broken, gzip, zip(&[("a.gz", b"\x1f\x8b\x08\0")]), end];
        for packed in [
            &b"\x1f\x8b\x08\0\0\0\0\0\0\x03x"[..],
            b"7z\xbc\xaf\x27\x1c",
            b"MSCF\0\0\0\0",
            b"Rar!\x1a\x07",
            b"\xfd7zXZ\0",
            b"BZh91AY&SY",
        ] {
            all.push([b"MZ", packed, b"x"].concat());
        }
        for bytes in all {
            assert!(!seen(&bytes).1, "{bytes:?}");
        }
        assert_eq!(seen(b"evil.example"), (true, true));
    }

    #[test]
    fn texts_of_programs_are_found_at_odd_and_even_places() {
        let wide: Vec<u8> = "https://evil.example/x".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "https://evil.example/x".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for before in [&b""[..], b"MZ", b"MZ1", b"\0", b"\0\0\0"] {
            for wide in [&wide, &big] {
                let bytes = [before, &wide[..], b"\0\0"].concat();
                assert!(wide_texts(&bytes).iter().any(|text| text.contains("https://evil.example")), "{before:?}");
            }
        }
        assert!(wide_texts(b"https://evil.example").is_empty());
    }
}
