use proptest::prelude::*;

use super::*;
use crate::archive::header::CENTRAL;
use crate::archive::write;

fn sample() -> Vec<Entry> {
    vec![
        Entry::new("solution.xml", "<ImportExportXml/>".repeat(40)),
        Entry::new("WebResources/contoso_gr%C3%B6sse.js", "let a = 1;"),
        Entry::new("[Content_Types].xml", ""),
    ]
}

fn reason(bytes: &[u8]) -> String {
    read(bytes, &Limits::default()).expect_err("refused").to_string()
}

#[test]
fn reads_what_the_writer_wrote() {
    assert_eq!(read(&write(&sample()).expect("written"), &Limits::default()), Ok(sample()));
}

#[test]
fn truncation_prefix_and_trailer_are_told_in_plain_words() {
    let good = write(&sample()).expect("written");
    insta::assert_snapshot!(reason(&good[..good.len() - 1]), @"there are bytes that belong to no file (after the end record, or a comment); such an archive can show different content to different programs");
    insta::assert_snapshot!(reason(&good[..100]), @"this is not a zip archive, or it was cut short: it does not end with a zip end record");
    assert!(read(&[b"MZ", good.as_slice()].concat(), &Limits::default()).is_err());
    assert!(read(&[good.as_slice(), b"\0"].concat(), &Limits::default()).is_err());
    assert!(read(&[good.as_slice(), good.as_slice()].concat(), &Limits::default()).is_err());
}

#[test]
fn every_prefix_is_refused() {
    let good = write(&sample()).expect("written");
    for length in 0..good.len() {
        assert!(read(&good[..length], &Limits::default()).is_err(), "{length}");
    }
}

#[test]
fn every_changed_byte_is_refused_or_changes_nothing_that_is_read() {
    let good = write(&sample()).expect("written");
    for at in 0..good.len() {
        for flip in [1_u8, 0x20, 0x80, 0xFF] {
            let mut bytes = good.clone();
            bytes[at] ^= flip;
            if let Ok(entries) = read(&bytes, &Limits::default()) {
                // What is left: made-by and attributes, which say nothing about the content.
                assert_eq!(entries, sample(), "byte {at} ^ {flip:#x}");
            }
        }
    }
}

#[test]
fn a_bomb_is_stopped_at_the_declared_size() {
    let bytes = write(&[Entry::new("zeros", vec![0; 5 << 20])]).expect("written");
    let limits = Limits { entry_bytes: 1 << 20, ..Limits::default() };
    insta::assert_snapshot!(read(&bytes, &limits).expect_err("refused"), @"entry `zeros`: the size of the file is over the limit of 1048576");
    let mut lying = bytes.clone();
    let central = lying.windows(4).position(|window| window == CENTRAL).expect("central");
    for at in [22, central + 24] {
        lying[at..at + 4].copy_from_slice(&7_u32.to_le_bytes());
    }
    insta::assert_snapshot!(reason(&lying), @"entry `zeros`: the content is not as long as declared");
}

proptest! {
    #[test]
    fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, &Limits::default());
    }

    #[test]
    fn never_panics_on_a_damaged_archive(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = write(&sample()).expect("written");
        for (index, value) in changes {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        let _ = read(&bytes, &Limits::default());
    }
}
