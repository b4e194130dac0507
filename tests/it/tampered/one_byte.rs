//! No change of one byte passes, with every digest made right again.

use super::*;

/// What a byte is to a reader of text.
fn class(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        b'"' | b'\'' => 3,
        b' ' | b'\t' => 4,
        b'\r' | b'\n' => 5,
        b'<' | b'>' | b'&' | b'/' => 6,
        b'{' | b'}' | b'[' | b']' | b':' | b',' => 7,
        0x80.. => 8,
        _ => 9,
    }
}

/// Changes of bytes of each class, at some places of each: another of its class, none, twice, NUL, a letter of another
/// script, a character that nobody sees. Without `all`, one of these for each class.
fn changes(bytes: &[u8], places_of_class: usize, all: bool) -> Vec<Vec<u8>> {
    const OF_CLASS: [&[u8]; 10] =
        [b"abz", b"AZB", b"019", b"\"'", b" \t", b"\r\n", b"</>&", b"{}[]:,", b"\xc3\xbf", b"-_.;#$"];
    let mut found = Vec::new();
    for (kind, of_class) in OF_CLASS.iter().enumerate() {
        let places: Vec<usize> = (0..bytes.len()).filter(|at| class(bytes[*at]) == kind).collect();
        let step = (places.len() / places_of_class).max(1);
        for (turn, at) in places.iter().skip(step / 2).step_by(step).enumerate() {
            let other = of_class.iter().find(|byte| **byte != bytes[*at]).copied().unwrap_or(b'x');
            let with = [&[other][..], &[], &[bytes[*at]; 2], b"\0", "а".as_bytes(), "\u{200b}".as_bytes()];
            let chosen = with.iter().enumerate().filter(|(index, _)| all || *index == (kind + turn) % with.len());
            found.extend(chosen.map(|(_, with)| [&bytes[..*at], with, &bytes[*at + 1..]].concat()));
        }
    }
    found
}

#[test]
fn no_change_of_one_byte_passes_even_with_every_digest_made_right_again() {
    let entries = genuine();
    let genuine = |bytes: &[u8]| Bundle::from_bytes(bytes, "it").is_ok();
    assert!(genuine(&packed(&entries)));
    // `DVPACK_CHANGES=20` tries all changes at 20 places of each class, which takes long.
    let wanted: Option<usize> = std::env::var("DVPACK_CHANGES").ok().and_then(|it| it.parse().ok());
    let (places, all) = (wanted.unwrap_or(1), wanted.is_some());
    let (mut tried, mut passed) = (0, Vec::new());
    for (index, entry) in entries.iter().enumerate() {
        // The sums follow from the others; the solution's parts are changed below.
        if entry.name == "SHA256SUMS" || entry.name.starts_with("solutions/") {
            continue;
        }
        for bytes in changes(&entry.bytes, places, all) {
            let mut entries = entries.clone();
            if entries[index].bytes == bytes {
                continue;
            }
            entries[index].bytes = bytes;
            tried += 1;
            if genuine(&packed(&entries)) {
                passed.push(differing(&entry.bytes, &entries[index].bytes, &entry.name));
            }
        }
    }
    let at = entries.iter().position(|entry| entry.name.starts_with("solutions/")).expect("there");
    let inner = archive::read(&entries[at].bytes, &Limits::default()).expect("read");
    for index in 0..inner.len() {
        for bytes in changes(&inner[index].bytes, places.min(3), all) {
            let mut inner = inner.clone();
            inner[index].bytes = bytes;
            let Ok(zip) = archive::write(&inner) else { continue };
            let mut entries = entries.clone();
            let (old, new) = (entries[at].bytes.clone(), zip.clone());
            entries[at].bytes = zip;
            if old == new {
                continue;
            }
            edit(&mut entries, "bundle.json", &sha256(&old), &sha256(&new));
            edit(&mut entries, "bundle.json", &format!("\"size\": {}", old.len()), &format!("\"size\": {}", new.len()));
            tried += 1;
            if genuine(&packed(&entries)) {
                passed.push(inner[index].name.clone());
            }
        }
    }
    println!("{tried} changes tried");
    assert!(passed.is_empty(), "{passed:#?}");
}

/// The place of a change, with what is around it.
fn differing(old: &[u8], new: &[u8], name: &str) -> String {
    let at = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let around =
        |bytes: &[u8]| String::from_utf8_lossy(&bytes[at.saturating_sub(40)..(at + 20).min(bytes.len())]).into_owned();
    format!("{name}: {:?} -> {:?}", around(old), around(new))
}
