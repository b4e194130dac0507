//! What stands inside of files: files in archives (apps, plug-in packages), and texts of programs, which .NET keeps as
//! UTF-16 (ECMA-335, II.24.2.4). Nothing is written, and all of it is bounded; what is not looked at is said.

use std::io::{Cursor, Read};

use memchr::memchr;
use zip::ZipArchive;

/// How deep archives stand in archives: a package in a package.
const DEEPEST: usize = 2;
/// How many files of an archive are looked at.
const MOST_FILES: usize = 10_000;
/// How many bytes of the archives in one part are looked at. The largest app of real solutions has 40 MB.
const MOST_BYTES: u64 = 64 << 20;

/// How other archives and compressed files begin: gzip, 7-Zip, cabinets, RAR, xz, Zstandard, bzip2.
const PACKED: [&[u8]; 7] =
    [b"\x1f\x8b\x08", b"7z\xbc\xaf\x27\x1c", b"MSCF", b"Rar!", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"BZh"];

/// Shows a file, and the files in it where it is an archive; whether that was all.
pub(super) fn each(bytes: &[u8], visit: &mut impl FnMut(&[u8])) -> bool {
    let (mut files, mut left) = (MOST_FILES, MOST_BYTES);
    look(bytes, DEEPEST, &mut files, &mut left, visit)
}

fn look(bytes: &[u8], depth: usize, files: &mut usize, left: &mut u64, visit: &mut impl FnMut(&[u8])) -> bool {
    visit(bytes);
    if PACKED.iter().any(|start| bytes.starts_with(start)) {
        return false;
    }
    if !bytes.starts_with(b"PK\x03\x04") {
        return true;
    }
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

/// The texts of a file as UTF-16, from its first and from its second byte on, where it has any.
pub(super) fn wide_texts(bytes: &[u8]) -> Vec<String> {
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

/// Whether a slash or backslash and a zero stand side by side: without that no address is UTF-16.
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
        let broken = plain[..plain.len() - 10].to_vec();
        let gzip = b"\x1f\x8b\x08\0evil".to_vec();
        for bytes in [broken, gzip, zip(&[("a.gz", b"\x1f\x8b\x08\0")])] {
            assert!(!seen(&bytes).1);
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
