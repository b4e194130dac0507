//! The archives: every class that must be refused, and what is allowed, from plain to damaged by chance.

use dvpack::archive::{self, Limits};

use super::builder::{Header, Item, deflated, extra, item, zip};

pub struct Case {
    pub class: &'static str,
    pub name: String,
    pub bytes: Vec<u8>,
}

pub fn one(item: Item) -> Vec<u8> {
    zip(vec![item]).bytes()
}

/// Every class of the archives that must be refused.
pub fn hostile() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |class: &'static str, name: String, bytes: Vec<u8>| cases.push(Case { class, name, bytes });
    let good = || vec![item("solution.xml", b"<a/>"), deflated("customizations.xml", &[b'x'; 500])];

    for (first, second) in [
        ("a.txt", "a.txt"),
        ("A.txt", "a.txt"),
        ("gr%C3%B6sse", "GR%c3%b6SSE"),
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
        ("UTF-8", "café".as_bytes(), 1 << 11),
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
pub fn allowed() -> Vec<Case> {
    let hint = extra(0xa220, &[0x28, 0xa0, 0, 0, 0, 0]);
    let many = |items| zip(items).bytes();
    let good = many(vec![
        item("solution.xml", b"<a/>"),
        deflated("WebResources/a.js", &[b'x'; 500]),
        item("[Content_Types].xml", b"<b/>"),
    ]);
    let infozip =
        [extra(0x5455, &[3, 0, 0, 0, 0, 0, 0, 0, 0]), extra(0x7875, &[1, 4, 0xe8, 3, 0, 0, 4, 0xe8, 3, 0, 0])].concat();
    let mut cases: Vec<_> = [
        ("plain", good.clone()),
        ("growth hint", one(deflated("a.xml", b"<a/>").with(|it| it.local.extra = hint))),
        ("flag of UTF-8", one(item("a", b"1").both(|it| it.flags = 1 << 11))),
        ("folder", many(vec![item("a/", b""), item("a/b", b"1")])),
        ("empty file", one(item("a", b""))),
        ("made on Unix", one(item("a", b"1").with(|it| (it.made_by, it.attributes) = (3 << 8 | 20, 0o100_644 << 16)))),
        ("ratio of 1000", one(deflated("a", &vec![0; 4 << 20]))),
        ("archive in an archive", one(item("inner.zip", &good))),
        ("Info-ZIP's fields", one(item("a", b"1").both(|it| it.extra.clone_from(&infozip)))),
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
    for round in 0..300 {
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
pub type Change = fn(&mut Header);

/// One archive whose names begin with, hold and end with every character that is accepted there.
pub fn letters() -> Case {
    let places = (' '..='~').flat_map(|c| [format!("{c}x"), format!("x{c}y"), format!("x{c}")]);
    let names = places.enumerate().map(|(number, name)| format!("{number}/{name}"));
    let accepted = |name: &String| archive::names(&one(item(name, b"")), &Limits::default()).is_ok();
    let items: Vec<_> = names.filter(accepted).map(|name| item(name, b"")).collect();
    assert!(items.len() > 200, "only {} names", items.len());
    Case { class: "letters", name: format!("{} names", items.len()), bytes: zip(items).bytes() }
}
