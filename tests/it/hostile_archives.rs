//! Archives that programs read in different ways, or that hurt the one who unpacks them: each is refused with a reason.
//!
//! Every class of construction is made here from its description, none is copied. What the reader accepts, also of
//! archives with random damage, must be listed alike by Python, unzip, bsdtar and 7-Zip; a table shows who takes what.
#![allow(
    clippy::decimal_bitwise_operands,
    clippy::needless_for_each,
    reason = "tables of malformed bytes read best as they are"
)]
#![allow(clippy::print_stdout, reason = "the table is for people")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use dvpack::archive::{self, Limits};
use flate2::Compression;
use flate2::write::DeflateEncoder;

/// One entry, each field of its two headers free to lie.
#[derive(Clone)]
struct Item {
    local: Header,
    central: Header,
    data: Vec<u8>,
    /// Between this entry's data and the next.
    after: Vec<u8>,
    comment: Vec<u8>,
    attributes: u32,
    disk: u16,
    made_by: u16,
    offset: Option<u32>,
    listed: bool,
}

#[derive(Clone)]
struct Header {
    name: Vec<u8>,
    version: u16,
    flags: u16,
    method: u16,
    time: u32,
    checksum: u32,
    compressed: u32,
    size: u32,
    extra: Vec<u8>,
}

impl Header {
    fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for field in [self.version, self.flags, self.method] {
            out.extend(field.to_le_bytes());
        }
        for field in [self.time, self.checksum, self.compressed, self.size] {
            out.extend(field.to_le_bytes());
        }
        for length in [self.name.len(), self.extra.len()] {
            out.extend(u16::try_from(length).expect("short").to_le_bytes());
        }
        out
    }
}

fn item(name: impl AsRef<[u8]>, content: &[u8]) -> Item {
    let header = Header {
        name: name.as_ref().to_vec(),
        version: 20,
        flags: if name.as_ref().is_ascii() { 0 } else { 1 << 11 },
        method: 0,
        time: 0x0021_0000,
        checksum: crc32fast::hash(content),
        compressed: u32::try_from(content.len()).expect("short"),
        size: u32::try_from(content.len()).expect("short"),
        extra: Vec::new(),
    };
    Item {
        local: header.clone(),
        central: header,
        data: content.to_vec(),
        after: Vec::new(),
        comment: Vec::new(),
        attributes: 0,
        disk: 0,
        made_by: 20,
        offset: None,
        listed: true,
    }
}

fn deflated(name: &str, content: &[u8]) -> Item {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).expect("written");
    let data = encoder.finish().expect("finished");
    item(name, content).with(|it| {
        for header in [&mut it.local, &mut it.central] {
            header.method = 8;
            header.compressed = u32::try_from(data.len()).expect("short");
        }
        it.data = data;
    })
}

impl Item {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The same change in both headers.
    fn both(mut self, change: impl Fn(&mut Header)) -> Self {
        change(&mut self.local);
        change(&mut self.central);
        self
    }
}

#[derive(Clone, Default)]
struct Zip {
    prefix: Vec<u8>,
    items: Vec<Item>,
    before_list: Vec<u8>,
    before_end: Vec<u8>,
    comment: Vec<u8>,
    trailer: Vec<u8>,
    /// Changes to the end record, at an offset.
    end: Vec<(usize, Vec<u8>)>,
    /// Whether offsets count the prefix.
    offsets_from_prefix: bool,
    reversed_list: bool,
}

fn zip(items: Vec<Item>) -> Zip {
    Zip { items, offsets_from_prefix: true, ..Zip::default() }
}

impl Zip {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out = self.prefix.clone();
        let base = if self.offsets_from_prefix { 0 } else { self.prefix.len() };
        let mut records = Vec::new();
        for item in &self.items {
            let offset = item.offset.unwrap_or(u32::try_from(out.len() - base).expect("short"));
            out.extend(b"PK\x03\x04");
            out.extend(item.local.bytes());
            for part in [&item.local.name, &item.local.extra, &item.data, &item.after] {
                out.extend(part);
            }
            if !item.listed {
                continue;
            }
            let mut record = b"PK\x01\x02".to_vec();
            record.extend(item.made_by.to_le_bytes());
            record.extend(item.central.bytes());
            record.extend(u16::try_from(item.comment.len()).expect("short").to_le_bytes());
            record.extend(item.disk.to_le_bytes());
            record.extend([0; 2]);
            record.extend(item.attributes.to_le_bytes());
            record.extend(offset.to_le_bytes());
            for part in [&item.central.name, &item.central.extra, &item.comment] {
                record.extend(part);
            }
            records.push(record);
        }
        if self.reversed_list {
            records.reverse();
        }
        out.extend(&self.before_list);
        let (start, list) = (out.len() - base, records.concat());
        out.extend(&list);
        out.extend(&self.before_end);
        // Beyond 65,535 the count wraps, as it does in writers that know no better.
        let count = u16::try_from(records.len() & 0xffff).expect("short").to_le_bytes();
        let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
        end.extend(count);
        end.extend(count);
        end.extend(u32::try_from(list.len()).expect("short").to_le_bytes());
        end.extend(u32::try_from(start).expect("short").to_le_bytes());
        end.extend(u16::try_from(self.comment.len()).expect("short").to_le_bytes());
        end.extend(&self.comment);
        for (at, bytes) in &self.end {
            end[*at..at + bytes.len()].copy_from_slice(bytes);
        }
        out.extend(end);
        out.extend(&self.trailer);
        out
    }
}

fn extra(id: u16, content: &[u8]) -> Vec<u8> {
    let mut out = id.to_le_bytes().to_vec();
    out.extend(u16::try_from(content.len()).expect("short").to_le_bytes());
    out.extend(content);
    out
}

struct Case {
    class: &'static str,
    name: String,
    bytes: Vec<u8>,
}

fn one(item: Item) -> Vec<u8> {
    zip(vec![item]).bytes()
}

/// Every class of the archives that must be refused.
fn hostile() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |class: &'static str, name: String, bytes: Vec<u8>| cases.push(Case { class, name, bytes });
    let good = || vec![item("solution.xml", b"<a/>"), deflated("customizations.xml", &[b'x'; 500])];

    for (first, second) in [
        ("a.txt", "a.txt"),
        ("A.txt", "a.txt"),
        ("straße", "STRASSE"),
        ("ﬁ.txt", "fi.txt"),
        ("Å", "å"),
        ("K.txt", "k.txt"),
        ("①", "1"),
        ("a/b", "A/B"),
        ("ſ", "s"),
        ("İ", "i\u{307}"),
    ] {
        add("same names", format!("{first} {second}"), zip(vec![item(first, b"1"), item(second, b"2")]).bytes());
    }
    for (first, second) in [("a", "a/b"), ("a/b", "a"), ("a/", "a"), ("a", "a/"), ("A", "a/b"), ("x/y", "x/y/z")] {
        let content = |name: &str| if name.ends_with('/') { Vec::new() } else { b"1".to_vec() };
        let items = vec![item(first, &content(first)), item(second, &content(second))];
        add("file and folder", format!("{first} {second}"), zip(items).bytes());
    }
    for name in [
        "/a",
        "//a",
        "../a",
        "a/../b",
        "a/..",
        "..",
        ".",
        "./a",
        "a/./b",
        "a//b",
        "",
        "/",
        "a/.../../b",
        "\\a",
        "a\\b",
        "..\\a",
        "\\\\host\\share\\a",
        "\\\\?\\C:\\a",
        "C:a",
        "C:/a",
        "c:\\a",
        "a:stream",
        "~/../a",
        "a/../../../../etc/passwd",
    ] {
        add("paths", name.to_owned(), one(item(name, b"1")));
    }
    for name in [
        "con", "CON.txt", "a/nul", "aux.xml", "com1", "LPT9.log", "prn ", "conin$", "a.", "a ", "a/b./c", "a /b",
        "a<b", "a>b", "a|b", "a?b", "a*b", "a\"b",
    ] {
        add("names of Windows", name.to_owned(), one(item(name, b"1")));
    }
    for code in (0_u8..32).chain([127]) {
        add("control characters", format!("{code:#04x}"), one(item([b"a", &[code][..], b"b"].concat(), b"1")));
    }
    for name in [
        "a\u{202e}b",
        "a\u{200b}b",
        "a\u{feff}b",
        "a\u{2066}b",
        "a\u{85}b",
        "a\u{200f}",
        "e\u{301}",
        "\u{212b}",
        "A\u{30a}",
    ] {
        add("unseen and unnormal", name.escape_unicode().to_string(), one(item(name, b"1")));
    }
    for (what, raw, flags) in [
        ("Latin-1", &b"caf\xe9"[..], 0),
        ("Latin-1 called UTF-8", b"caf\xe9", 1 << 11),
        ("UTF-8 without the flag", "café".as_bytes(), 0),
        ("overlong slash", b"a\xc0\xafb", 1 << 11),
        ("surrogate", b"a\xed\xa0\x80", 1 << 11),
        ("cut short", b"a\xe2\x82", 1 << 11),
    ] {
        add("encodings of names", what.to_owned(), one(item(raw, b"1").both(|header| header.flags = flags)));
    }
    for (what, mode) in [
        ("link", 0o120_777),
        ("device", 0o020_666),
        ("block", 0o060_666),
        ("pipe", 0o010_666),
        ("socket", 0o140_777),
        ("set user", 0o104_755),
        ("set group", 0o102_755),
        ("sticky", 0o101_644),
        ("folder", 0o040_755),
    ] {
        for made_by in [3 << 8 | 20, 20, 19 << 8 | 20] {
            let bytes = one(item("a", b"/etc/passwd").with(|it| {
                it.attributes = mode << 16;
                it.made_by = made_by;
            }));
            add("special files", format!("{what}, made by {made_by:#x}"), bytes);
        }
    }
    for attributes in [0x08, 0x10, 0x18] {
        add(
            "special files",
            format!("DOS {attributes:#x}"),
            one(item("a", b"1").with(|it| it.attributes = attributes)),
        );
    }
    add("special files", "folder with content".into(), one(item("a/", b"1")));
    for bit in [0, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15] {
        add("flags", format!("bit {bit}"), one(item("a", b"1").both(|header| header.flags |= 1 << bit)));
        add("flags", format!("bit {bit}, list only"), one(item("a", b"1").with(|it| it.central.flags |= 1 << bit)));
        add("flags", format!("bit {bit}, entry only"), one(item("a", b"1").with(|it| it.local.flags |= 1 << bit)));
    }
    for signed in [true, false] {
        let bytes = one(deflated("a", &[b'x'; 99]).with(|it| {
            let mut after = if signed { b"PK\x07\x08".to_vec() } else { Vec::new() };
            for field in [it.central.checksum, it.central.compressed, it.central.size] {
                after.extend(field.to_le_bytes());
            }
            (it.local.checksum, it.local.compressed, it.local.size) = (0, 0, 0);
            (it.local.flags, it.central.flags, it.after) = (8, 8, after);
        }));
        add("data descriptors", format!("with signature: {signed}"), bytes);
    }
    for method in [1, 2, 3, 4, 5, 6, 7, 9, 10, 12, 14, 20, 93, 95, 96, 97, 98, 99, 0xffff] {
        add("methods", method.to_string(), one(item("a", b"1").both(|header| header.method = method)));
    }
    for version in [21, 45, 46, 51, 62, 63, 0xffff] {
        add("versions", version.to_string(), one(item("a", b"1").both(|header| header.version = version)));
    }
    let sized = [0_u64, 1, 5, u64::MAX];
    for size in sized {
        let content = [size.to_le_bytes(), size.to_le_bytes()].concat();
        let field = extra(1, &content);
        add("zip64", format!("extra, {size}"), one(item("a", b"1").both(|header| header.extra.clone_from(&field))));
        add(
            "zip64",
            format!("extra in the list, {size}"),
            one(item("a", b"1").with(|it| it.central.extra.clone_from(&field))),
        );
        add(
            "zip64",
            format!("extra in the entry, {size}"),
            one(item("a", b"1").with(|it| it.local.extra.clone_from(&field))),
        );
        let bytes = one(item("a", b"1").both(|header| {
            header.extra.clone_from(&field);
            (header.compressed, header.size) = (u32::MAX, u32::MAX);
        }));
        add("zip64", format!("sizes elsewhere, {size}"), bytes);
    }
    for at in [8, 10, 12, 16] {
        let marker = if at < 12 { vec![0xff; 2] } else { vec![0xff; 4] };
        add("zip64", format!("marker at {at} of the end"), zip(good()).with(|it| it.end.push((at, marker))).bytes());
    }
    let locator = [&b"PK\x06\x07\0\0\0\0"[..], &[0; 8], &[1, 0, 0, 0]].concat();
    let end64 = [&b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0"[..], &[0; 40]].concat();
    add("zip64", "locator".into(), zip(good()).with(|it| it.before_end.clone_from(&locator)).bytes());
    add(
        "zip64",
        "end record and locator".into(),
        zip(good()).with(|it| it.before_end = [end64, locator].concat()).bytes(),
    );

    let changes: [(&str, Change); 9] = [
        ("name", |header| header.name = b"other.txt".to_vec()),
        ("case of the name", |header| header.name.make_ascii_uppercase()),
        ("longer name", |header| header.name.push(b'x')),
        ("method", |header| header.method = 8 - header.method),
        ("checksum", |header| header.checksum ^= 1),
        ("compressed size", |header| header.compressed += 1),
        ("size", |header| header.size += 1),
        ("time", |header| header.time += 1),
        ("version", |header| header.version = 10),
    ];
    for (what, change) in changes {
        for (kind, base) in [("stored", item("a.txt", b"content")), ("deflated", deflated("a.txt", &[b'c'; 80]))] {
            add(
                "headers disagree",
                format!("{what} in the list, {kind}"),
                one(base.clone().with(|it| change(&mut it.central))),
            );
            add(
                "headers disagree",
                format!("{what} in the entry, {kind}"),
                one(base.clone().with(|it| change(&mut it.local))),
            );
            if !matches!(what, "name" | "case of the name" | "longer name" | "time" | "version") {
                add("headers lie", format!("{what}, {kind}"), one(base.both(change)));
            }
        }
    }
    for (what, bytes) in [
        ("a script", &b"#!/bin/sh\n"[..]),
        ("a program", b"MZ\x90\0"),
        ("a zero", b"\0"),
        ("an end record", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    ] {
        for from_prefix in [true, false] {
            let made = zip(good()).with(|it| (it.prefix, it.offsets_from_prefix) = (bytes.to_vec(), from_prefix));
            add("prefix", format!("{what}, offsets adjusted: {from_prefix}"), made.bytes());
        }
        add("trailer", what.to_owned(), zip(good()).with(|it| it.trailer = bytes.to_vec()).bytes());
        add("gaps", format!("{what} before the list"), zip(good()).with(|it| it.before_list = bytes.to_vec()).bytes());
        add("gaps", format!("{what} before the end"), zip(good()).with(|it| it.before_end = bytes.to_vec()).bytes());
        let between = zip(good()).with(|it| it.items[0].after = bytes.to_vec());
        add("gaps", format!("{what} between entries"), between.bytes());
        add("comments", what.to_owned(), zip(good()).with(|it| it.comment = bytes.to_vec()).bytes());
        add("comments", format!("{what}, of an entry"), one(item("a", b"1").with(|it| it.comment = bytes.to_vec())));
    }
    let other = zip(vec![item("evil.txt", b"evil")]).bytes();
    add("two archives", "behind".into(), [zip(good()).bytes(), other.clone()].concat());
    add("two archives", "in the comment".into(), zip(good()).with(|it| it.comment.clone_from(&other)).bytes());
    add("two archives", "before the list".into(), zip(good()).with(|it| it.before_list.clone_from(&other)).bytes());
    let hidden = zip(vec![item("a", b"1"), item("hidden", b"2").with(|it| it.listed = false), item("b", b"3")]);
    add("unlisted entries", "in the middle".into(), hidden.bytes());
    let hidden = zip(vec![item("a", b"1"), item("hidden", b"2").with(|it| it.listed = false)]);
    add("unlisted entries", "at the end".into(), hidden.bytes());
    add("order", "the list backwards".into(), zip(good()).with(|it| it.reversed_list = true).bytes());
    add(
        "overlap",
        "two names, one entry".into(),
        zip(vec![
            item("a", b"1"),
            item("a", b"1").with(|it| {
                it.offset = Some(0);
                it.listed = true;
                it.central.name = b"b".to_vec();
            }),
        ])
        .bytes(),
    );
    for count in [2_usize, 50, 5000] {
        // One body that every record of the list points to.
        let body = item("0", &[b'x'; 1000]);
        let mut made = zip(vec![body.clone()]).bytes();
        made.truncate(made.len() - 22 - 47);
        let start = made.len();
        for number in 0..count {
            let single = zip(vec![body.clone().with(|it| it.central.name = number.to_string().into_bytes())]).bytes();
            made.extend(&single[start..single.len() - 22]);
        }
        let (size, count) = (made.len() - start, u16::try_from(count).expect("short").to_le_bytes());
        made.extend(b"PK\x05\x06\0\0\0\0");
        made.extend(count);
        made.extend(count);
        made.extend(u32::try_from(size).expect("short").to_le_bytes());
        made.extend(u32::try_from(start).expect("short").to_le_bytes());
        made.extend([0; 2]);
        add("overlap", format!("{} records, one body", u16::from_le_bytes(count)), made);
    }
    for offset in [1, 10, 0x7fff_ffff, u32::MAX] {
        add("offsets", offset.to_string(), one(item("a", b"1").with(|it| it.offset = Some(offset))));
    }
    for (at, value) in
        [(4, 1_u16), (6, 1), (8, 0), (8, 1), (8, 3), (10, 0), (10, 1), (10, 3), (10, 40_000), (20, 1), (20, 99)]
    {
        add(
            "end record",
            format!("{value} at {at}"),
            zip(good()).with(|it| it.end.push((at, value.to_le_bytes().to_vec()))).bytes(),
        );
    }
    for (at, value) in [(12, 0_u32), (12, 1), (12, 0x7fff_ffff), (16, 0), (16, 1), (16, 0x7fff_ffff)] {
        add(
            "end record",
            format!("{value} at {at}"),
            zip(good()).with(|it| it.end.push((at, value.to_le_bytes().to_vec()))).bytes(),
        );
    }
    let unicode_path = [&[1][..], &crc32fast::hash(b"a").to_le_bytes(), b"../evil"].concat();
    for (what, field) in [
        ("another name (0x7075)", extra(0x7075, &unicode_path)),
        ("encryption (0x9901)", extra(0x9901, b"\x02\0AE\x03\x08\0")),
        ("unknown", extra(0xcafe, b"x")),
        ("twice", [extra(0x5455, b"\x01\0\0\0\0"), extra(0x5455, b"\x01\0\0\0\0")].concat()),
        ("longer than there is", vec![0x55, 0x54, 99, 0, 1]),
        ("one byte", vec![0]),
        ("three bytes", vec![0x55, 0x54, 0]),
    ] {
        add("extra fields", what.to_owned(), one(item("a", b"1").both(|header| header.extra.clone_from(&field))));
        add(
            "extra fields",
            format!("{what}, in the entry"),
            one(item("a", b"1").with(|it| it.local.extra.clone_from(&field))),
        );
        add(
            "extra fields",
            format!("{what}, in the list"),
            one(item("a", b"1").with(|it| it.central.extra.clone_from(&field))),
        );
    }
    let stream = deflated("a", &[b'x'; 99]);
    add(
        "deflate",
        "data behind the stream".into(),
        one(stream.clone().with(|it| {
            it.data.push(0);
            it.local.compressed += 1;
            it.central.compressed += 1;
        })),
    );
    add(
        "deflate",
        "cut short".into(),
        one(stream.clone().with(|it| {
            it.data.pop();
            it.local.compressed -= 1;
            it.central.compressed -= 1;
        })),
    );
    for byte in [0x06_u8, 0x07, 0xff] {
        add("deflate", format!("a block of no kind, {byte:#x}"), one(stream.clone().with(|it| it.data[0] = byte)));
    }
    let mebibyte = deflated("bomb", &vec![0; 1 << 20]);
    add("bombs", "more than it says".into(), one(mebibyte.clone().both(|header| header.size = 10)));
    add("bombs", "says 4 GiB".into(), one(mebibyte.clone().both(|header| header.size = u32::MAX - 1)));
    let many = (0..3).map(|n| deflated(&n.to_string(), b"x").both(|header| header.size = 500 << 20)).collect();
    add("bombs", "together over the limit".into(), zip(many).bytes());
    add("bombs", "20,001 entries".into(), zip((0..20_001).map(|n| item(n.to_string(), b"")).collect()).bytes());
    for count in [65_535_u32, 65_536, 65_538] {
        add("bombs", format!("{count} entries"), zip((0..count).map(|n| item(n.to_string(), b"")).collect()).bytes());
    }
    add("bombs", "a name of 2,000 bytes".into(), one(item("x".repeat(2000), b"1")));
    let whole = zip(good()).bytes();
    for at in (0..whole.len()).step_by(7) {
        add("truncated", at.to_string(), whole[..at].to_vec());
    }
    for at in [0, 1, 4, 21, 22, 30] {
        add("not archives", format!("{at} zeros"), vec![0; at]);
    }
    cases
}

/// Archives that are allowed, from plain to odd.
fn allowed() -> Vec<Case> {
    let hint = extra(0xa220, &[0x28, 0xa0, 0, 0, 0, 0]);
    let many = |items| zip(items).bytes();
    let good = many(vec![
        item("solution.xml", b"<a/>"),
        deflated("WebResources/a.js", &[b'x'; 500]),
        item("[Content_Types].xml", b"<b/>"),
    ]);
    let mut cases: Vec<_> = [
        ("plain", good.clone()),
        ("growth hint", one(deflated("a.xml", b"<a/>").with(|it| it.local.extra = hint))),
        ("non-ASCII", one(item("é/ü.txt", b"1"))),
        ("folder", many(vec![item("a/", b""), item("a/b", b"1")])),
        ("empty file", one(item("a", b""))),
        ("made on Unix", one(item("a", b"1").with(|it| (it.made_by, it.attributes) = (3 << 8 | 20, 0o100_644 << 16)))),
        ("ratio of 1000", one(deflated("a", &vec![0; 4 << 20]))),
        ("no entries", many(Vec::new())),
    ]
    .into_iter()
    .map(|(name, bytes)| Case { class: "allowed", name: name.to_owned(), bytes })
    .collect();
    // Random damage: most is refused, and what is not must be harmless.
    let mut state = 11_u64;
    let mut below = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % limit
    };
    for round in 0..600 {
        let mut bytes = good.clone();
        for _ in 0..=round % 3 {
            let at = below(bytes.len());
            bytes[at] = u8::try_from(below(256)).expect("a byte");
        }
        cases.push(Case { class: "damaged", name: round.to_string(), bytes });
    }
    cases
}

/// A change of one header.
type Change = fn(&mut Header);

/// A program's list of the files in an archive; `None` where it complains.
type Lister = fn(&Path) -> Option<BTreeSet<String>>;

fn lines(program: &str, arguments: &[&str], path: &Path) -> Option<String> {
    let output = Command::new(program).args(arguments).arg(path).env("LC_ALL", "C.UTF-8").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn files(text: &str) -> BTreeSet<String> {
    text.lines().filter(|line| !line.is_empty() && !line.ends_with('/')).map(str::to_owned).collect()
}

const PYTHON: &str = "import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nsys.stdout.buffer.write('\\n'.join(z.namelist()).encode())";

fn listers() -> Vec<(&'static str, Lister)> {
    let all: [(&str, &str, Lister); 4] = [
        ("python3", "python3", |path| {
            let output = Command::new("python3").args(["-c", PYTHON]).arg(path).output().ok()?;
            output.status.success().then(|| files(&String::from_utf8_lossy(&output.stdout)))
        }),
        ("unzip", "unzip", |path| {
            lines("unzip", &["-Z1"], path).map(|text| files(&text.replace("\\[", "[").replace("\\]", "]")))
        }),
        ("bsdtar", "bsdtar", |path| lines("bsdtar", &["-tf"], path).map(|text| files(&text))),
        ("7z", "7z", |path| {
            let text = lines("7z", &["l", "-slt", "-ba", "-sccUTF-8", "-tzip"], path)?;
            let mut out = BTreeSet::new();
            let mut name = None;
            for line in text.lines() {
                if let Some(path) = line.strip_prefix("Path = ") {
                    name = Some(path.to_owned());
                } else if line == "Folder = -" {
                    out.extend(name.take());
                }
            }
            Some(out)
        }),
    ];
    let mut out = Vec::new();
    for (name, program, lister) in all {
        match Command::new(program).arg("--help").output() {
            Ok(_) => out.push((name, lister)),
            Err(_) => println!("skipped: no {program}"),
        }
    }
    out
}

#[test]
fn every_hostile_archive_is_refused_with_a_reason() {
    let cases = hostile();
    let accepted: Vec<_> = cases
        .iter()
        .filter(|case| match archive::read(&case.bytes, &Limits::default()) {
            Ok(_) => true,
            Err(refusal) => refusal.to_string().is_empty(),
        })
        .map(|case| format!("{}: {}", case.class, case.name))
        .collect();
    assert!(accepted.is_empty(), "accepted:\n{}", accepted.join("\n"));
    assert!(cases.len() > 400, "only {} archives", cases.len());
    println!(
        "{} archives in {} classes refused",
        cases.len(),
        cases.iter().map(|case| case.class).collect::<BTreeSet<_>>().len()
    );
}

/// The bars are those of a machine of a subscriber: 2 s of processor time and 256 MiB for the whole program, held by
/// the system. Every archive that is large or claims to be, and every eighth of the others.
#[test]
#[cfg(target_os = "linux")]
fn refusing_an_archive_takes_neither_long_nor_much_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("it.zip");
    let heavy = ["bombs", "overlap", "zip64", "two archives", "deflate"];
    let mut tried = 0;
    for (number, case) in hostile().into_iter().enumerate() {
        if !heavy.contains(&case.class) && number % 8 != 0 {
            continue;
        }
        std::fs::write(&path, &case.bytes).expect("written");
        let output = Command::new("bash")
            .args(["-c", "ulimit -t 2; ulimit -v 262144; exec \"$0\" inspect it.zip", env!("CARGO_BIN_EXE_dvpack")])
            .current_dir(folder.path())
            .env("MALLOC_ARENA_MAX", "1")
            .output()
            .expect("bash");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{} {}: {said}", case.class, case.name);
        assert!(!said.contains("panicked"), "{} {}: {said}", case.class, case.name);
        tried += 1;
    }
    println!("{tried} archives refused within 2 s of processor time and 256 MiB each");
}

#[test]
fn what_is_accepted_is_listed_alike_by_other_programs() {
    let listers = listers();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("it.zip");
    let mut accepted = 0;
    for case in allowed() {
        let entries = match archive::read(&case.bytes, &Limits::default()) {
            Ok(entries) => entries,
            Err(refusal) => {
                assert!(case.class == "damaged", "{}: {refusal}", case.name);
                continue;
            }
        };
        accepted += 1;
        if entries.is_empty() {
            continue; // some programs call an empty archive an error
        }
        let ours: BTreeSet<_> = entries.into_iter().map(|entry| entry.name).collect();
        std::fs::write(&path, &case.bytes).expect("written");
        for (program, lister) in &listers {
            // unzip shows other letters as its locale lets it.
            if *program == "unzip" && !ours.iter().all(|name| name.is_ascii()) {
                continue;
            }
            assert_eq!(lister(&path).as_ref(), Some(&ours), "{program} on {} {}", case.class, case.name);
        }
    }
    println!("{accepted} accepted archives are listed alike by dvpack and {} other programs", listers.len());
}

/// How many archives of each class a program takes. Slow: `cargo test --test it table_of -- --ignored --nocapture`.
#[test]
#[ignore = "starts thousands of programs; prints a table for people"]
fn table_of_who_takes_what() {
    let listers = listers();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("it.zip");
    let mut table: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for case in hostile().into_iter().chain(allowed()) {
        std::fs::write(&path, &case.bytes).expect("written");
        let row = table.entry(case.class).or_insert_with(|| vec![0; listers.len() + 2]);
        row[0] += 1;
        row[1] += usize::from(archive::read(&case.bytes, &Limits::default()).is_ok());
        for (column, (_, lister)) in listers.iter().enumerate() {
            row[column + 2] += usize::from(lister(&path).is_some());
        }
    }
    print!("{:<22}{:>9}{:>9}", "accepted by", "archives", "dvpack");
    listers.iter().for_each(|(name, _)| print!("{name:>9}"));
    println!();
    for (class, row) in table {
        print!("{class:<22}");
        row.iter().for_each(|count| print!("{count:>9}"));
        println!();
    }
}
