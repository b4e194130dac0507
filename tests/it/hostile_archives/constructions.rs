//! Constructions that were published, made again from their descriptions: bombs without nesting (D. Fifield, 2019), two
//! lists in one file and other ambiguities (a study of 2025, advisories for Python's package index), the holes that were found
//! in Android, Go, Python, Info-ZIP and libarchive, and files that are an archive of another format too.

use super::builder::{Item, deflated, extra, item, zip};
use super::cases::Case;

/// Records of a list, with where each says that its entry is, and the end record of them all.
fn list(items: &[(Item, usize)], start: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for (it, offset) in items {
        let offset = u32::try_from(*offset).expect("short");
        let made = zip(vec![it.clone().with(|it| it.offset = Some(offset))]).bytes();
        let entry = 30 + it.local.name.len() + it.local.extra.len() + it.data.len() + it.after.len();
        out.extend(&made[entry..made.len() - 22]);
    }
    let size = out.len();
    out.extend(end(items.len(), size, start));
    out
}

fn end(count: usize, size: usize, start: usize) -> Vec<u8> {
    let count = u16::try_from(count).expect("short").to_le_bytes();
    let mut out = b"PK\x05\x06\0\0\0\0".to_vec();
    out.extend([count, count].concat());
    out.extend(u32::try_from(size).expect("short").to_le_bytes());
    out.extend(u32::try_from(start).expect("short").to_le_bytes());
    out.extend([0; 2]);
    out
}

fn entry(it: &Item) -> Vec<u8> {
    let mut out = b"PK\x03\x04".to_vec();
    out.extend(it.local.bytes());
    for part in [&it.local.name, &it.local.extra, &it.data, &it.after] {
        out.extend(part);
    }
    out
}

/// The end record of zip64 and what points to it, for a list of `count` records at `start`.
fn end64(count: u64, size: u64, start: u64, at: u64) -> Vec<u8> {
    let mut out = b"PK\x06\x06".to_vec();
    out.extend(44_u64.to_le_bytes());
    out.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for field in [count, count, size, start] {
        out.extend(field.to_le_bytes());
    }
    out.extend(b"PK\x06\x07\0\0\0\0");
    out.extend(at.to_le_bytes());
    out.extend([1, 0, 0, 0]);
    out
}

/// All of them.
pub fn constructions() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |class: &'static str, name: String, bytes: Vec<u8>| cases.push(Case { class, name, bytes });

    for count in [2, 30, 2000] {
        add("bomb of one body", format!("{count} names"), one_body(count));
        add("bomb that quotes headers", format!("{count} entries"), quoting_blocks(count));
        add("bomb that quotes in extras", format!("{count} entries"), quoting_extras(count.min(900)));
    }

    // Two lists: one shown to who believes the offset, one to who counts back from the end record.
    let (a, b) = (item("a.txt", b"shown to some"), item("b.txt", b"shown to others"));
    let entries = [entry(&a), entry(&b)].concat();
    let b_at = entry(&a).len();
    for (what, first, second) in [
        ("both files", vec![(a.clone(), 0)], vec![(b.clone(), b_at)]),
        ("one more", vec![(a.clone(), 0)], vec![(a.clone(), 0), (b.clone(), b_at)]),
    ] {
        let one = list(&first, entries.len());
        let two_at = entries.len() + one.len() - 22;
        let two = list(&second, two_at);
        let lists = [&entries[..], &one[..one.len() - 22], &two[..two.len() - 22]].concat();
        let both = lists.len() - entries.len();
        for (how, tail) in [
            ("offset of the first, size of the second", end(second.len(), two.len() - 22, entries.len())),
            ("offset of the second, size of both", end(second.len(), both, two_at)),
            ("offset of the first, count of the first, size of both", end(first.len(), both, entries.len())),
            (
                "one end record after the other",
                [end(first.len(), one.len() - 22, entries.len()), end(second.len(), two.len() - 22, two_at)].concat(),
            ),
            (
                "the second in front",
                [end(second.len(), two.len() - 22, two_at), end(first.len(), one.len() - 22, entries.len())].concat(),
            ),
        ] {
            add("two lists", format!("{what}: {how}"), [&lists[..], &tail].concat());
        }
        // The classic records say one list, those of zip64 the other.
        let (size, start) = ((two.len() - 22) as u64, two_at as u64);
        let at = lists.len() as u64;
        for (how, pointed) in [("pointed to", at), ("pointed elsewhere", 0), ("pointed past the end", at + 9999)] {
            let tail64 = end64(second.len() as u64, size, start, pointed);
            let classic = end(first.len(), one.len() - 22, entries.len());
            add("two lists", format!("{what}: zip64, {how}"), [&lists[..], &tail64, &classic].concat());
            let mut marked = end(0xffff, 0, 0);
            marked[12..20].fill(0xff);
            add("two lists", format!("{what}: zip64, {how}, marked"), [&lists[..], &tail64, &marked].concat());
        }
    }
    // An end record in the content or the comment of another one.
    let inner = zip(vec![item("inner.txt", b"1")]).bytes();
    let outer = zip(vec![item("outer.txt", b"2")]).bytes();
    for (what, comment) in [("an archive", inner.clone()), ("its end", inner[inner.len() - 22..].to_vec())] {
        add(
            "two lists",
            format!("{what} in the comment"),
            zip(vec![item("o", b"2")]).with(|it| it.comment = comment).bytes(),
        );
    }
    for cut in 1..22 {
        add(
            "two lists",
            format!("an archive in front, {cut} bytes of its end lost"),
            [&inner[..inner.len() - cut], &outer].concat(),
        );
    }
    // Each byte of the end record's comment length, with as much behind.
    for length in [1_u16, 21, 22, 255, 256, 4096, 0xffff] {
        let made = zip(vec![item("a", b"1")]).with(|it| it.trailer = vec![b'x'; usize::from(length)]);
        add("ends", format!("{length} bytes behind, no comment"), made.bytes());
        let made = zip(vec![item("a", b"1")]).with(|it| it.end.push((20, length.to_le_bytes().to_vec())));
        add("ends", format!("a comment of {length} that is not there"), made.bytes());
    }

    // Lengths that are negative where they are taken as signed (Android 9695860, 9950697), and that hide an entry.
    for (what, length) in [("0x7fff", 0x7fff_u16), ("0x8000", 0x8000), ("0xfffd", 0xfffd), ("0xffff", 0xffff)] {
        for (field, at) in [("name", 26), ("extra", 28)] {
            let mut made = zip(vec![item("classes", b"original"), item("b", &[b'x'; 300])]).bytes();
            made[at..at + 2].copy_from_slice(&length.to_le_bytes());
            add("signed lengths", format!("{field} of the entry {what}"), made);
            let mut made = zip(vec![item("classes", b"original"), item("b", &[b'x'; 300])]).bytes();
            let central = made.windows(4).position(|it| it == b"PK\x01\x02").expect("a list") + at + 2;
            made[central..central + 2].copy_from_slice(&length.to_le_bytes());
            add("signed lengths", format!("{field} in the list {what}"), made);
        }
    }
    // Packages of Android that unpackers refuse and the system installs (BadPack): method and sizes of one header lie.
    for method in [0_u16, 1, 8, 9, 0x4d2] {
        for in_list in [true, false] {
            let made = deflated("AndroidManifest.xml", &[b'x'; 200]).with(|it| {
                let header = if in_list { &mut it.central } else { &mut it.local };
                (header.method, header.compressed) = (method, header.size);
            });
            add(
                "headers disagree",
                format!("method {method} and sizes, in the list: {in_list}"),
                zip(vec![made]).bytes(),
            );
        }
    }

    // Names that were not seen as what they are: cut at NUL (Python, PHP), empty or only separators (Go), UTF-7, and the
    // Unicode name of Info-ZIP with its checksum right or wrong.
    for name in [
        "evil.php\0.txt",
        "/",
        "//",
        "\\",
        "\\\\",
        "",
        "./",
        "../",
        "a/..",
        "+AC4ALgAv-x/../y",
        "a/./../../b",
        ".../...//x",
        "%2e%2e/%2e%2e/../x",
        "..\u{2044}a",
        "..／a",
    ] {
        add("names taken for others", name.escape_default().to_string(), zip(vec![item(name, b"1")]).bytes());
    }
    for (what, checksum, version) in
        [("right", crc32fast::hash(b"a.txt"), 1_u8), ("wrong", 7, 1), ("version 2", crc32fast::hash(b"a.txt"), 2)]
    {
        let content = [&[version][..], &checksum.to_le_bytes(), b"b.txt"].concat();
        for id in [0x7075, 0x6375] {
            let field = extra(id, &content);
            add(
                "names taken for others",
                format!("field {id:#x}, checksum {what}"),
                zip(vec![item("a.txt", b"1").both(|it| it.extra.clone_from(&field))]).bytes(),
            );
        }
    }
    for name in ["__MACOSX/._a.txt", "__MACOSX/a", "._a.txt", "b/._a.txt"] {
        add("names that are hidden", name.to_owned(), zip(vec![item("a.txt", b"1"), item(name, b"2")]).bytes());
    }
    for name in
        [".git/config", ".GIT/hooks/post-checkout", "a/.git/config", "GIT~1/config", "PROGRA~1/a", "a/README~1.TXT"]
    {
        add("names that act", name.to_owned(), zip(vec![item(name, b"1")]).bytes());
    }
    for name in [
        "\u{e000}",
        "\u{f8ff}",
        "\u{10ffff}",
        "\u{378}",
        "\u{1f4a3}",
        "\u{fdd0}",
        "\u{3000}",
        "\u{a0}",
        "a\u{3164}",
        "\u{fe0f}a",
        "\u{e0041}",
        "\u{a5}",
        "\u{20a9}",
    ] {
        add(
            "unseen and unnormal",
            name.escape_unicode().to_string(),
            zip(vec![item(format!("x{name}y"), b"1")]).bytes(),
        );
    }
    for (first, second) in [("A/x", "a/y"), ("a/B/1", "a/b/2"), ("straße/1", "STRASSE/2"), ("a/x", "A/")] {
        let content = |name: &str| if name.ends_with('/') { Vec::new() } else { b"1".to_vec() };
        add(
            "same folders",
            format!("{first} {second}"),
            zip(vec![item(first, &content(first)), item(second, &content(second))]).bytes(),
        );
    }

    // Fields of which some program reads more than another, and on which bsdtar or Info-ZIP gave up or crashed.
    for (what, field) in [
        ("times without content", extra(0x5455, &[])),
        ("times that are short", extra(0x5455, &[7, 0, 0])),
        ("unknown times", extra(0x5455, &[0xff; 33])),
        ("owner without content", extra(0x7875, &[])),
        ("owner with long numbers", extra(0x7875, &[1, 200, 0, 0])),
        ("owner of version 2", extra(0x7875, &[2, 1, 0, 1, 0])),
        ("NTFS without content", extra(0x000a, &[])),
        ("NTFS of another length", extra(0x000a, &[0, 0, 0, 0, 1, 0, 0xff, 0xff])),
        ("old Unix of one byte", extra(0x5855, &[0])),
        ("hint of one byte", extra(0xa220, &[0])),
        ("central directory (0x6c78)", extra(0x6c78, &[0xff, 0, 0, 0])),
        ("link of PKWARE Unix", extra(0x000d, b"\0\0\0\0\0\0\0\0\0\0\0\0/etc/passwd")),
        ("ASi link", extra(0x756e, b"\0\0\0\0\xff\xa1\x0b\0\0\0\0\0\0\0/etc/passwd")),
        ("strong encryption", extra(0x0017, &[2, 0, 1, 0, 0, 1, 0, 0])),
        ("patch", extra(0x000f, &[0; 4])),
        ("OS/2 with a bad checksum", extra(0x0009, &[0; 10])),
    ] {
        for (place, made) in [
            ("both", item("a", b"1").both(|it| it.extra.clone_from(&field))),
            ("list", item("a", b"1").with(|it| it.central.extra.clone_from(&field))),
            ("entry", item("a", b"1").with(|it| it.local.extra.clone_from(&field))),
        ] {
            add("extra fields", format!("{what}, {place}"), zip(vec![made]).bytes());
        }
    }
    for system in [1_u16, 2, 4, 5, 6, 7, 8, 9, 10, 12, 13, 15, 16, 17, 18, 30, 255] {
        add("systems", system.to_string(), zip(vec![item("a", b"1").with(|it| it.made_by = system << 8 | 20)]).bytes());
    }
    for attributes in [0x40, 0x100, 0x200, 0x400, 0x410, 0x1000, 0x4000] {
        add(
            "special files",
            format!("DOS {attributes:#x}"),
            zip(vec![item("a", b"1").with(|it| it.attributes = attributes)]).bytes(),
        );
    }
    // A count that makes room for more entries than there are bytes (Go, CVE-2021-33196), sizes that overflow.
    for (at, value) in [
        (10, vec![0xfe, 0xff]),
        (8, vec![0xfe, 0xff, 0xfe, 0xff]),
        (12, vec![0xfe, 0xff, 0xff, 0xff]),
        (16, vec![0xfe, 0xff, 0xff, 0xff]),
    ] {
        add(
            "sizes that overflow",
            format!("end record, at {at}"),
            zip(vec![item("a", b"1")]).with(|it| it.end.push((at, value))).bytes(),
        );
    }
    for size in [0x7fff_ffff_u32, 0x8000_0000, 0xffff_fffe, 0xffff_ffff] {
        add(
            "sizes that overflow",
            format!("compressed {size:#x}"),
            zip(vec![item("a", b"1").both(|it| it.compressed = size)]).bytes(),
        );
        add(
            "sizes that overflow",
            format!("both {size:#x}"),
            zip(vec![item("a", b"1").both(|it| (it.compressed, it.size) = (size, size))]).bytes(),
        );
    }

    for (what, bytes) in other_formats() {
        add("other formats", what.to_owned(), bytes);
    }
    add("nothing in it", "an end record".into(), end(0, 0, 0));
    add(
        "bombs",
        "well-formed, 300 MiB of zeros".into(),
        zip(vec![deflated("solution.xml", b"<a/>"), deflated("zeros", &vec![0; 300 << 20])]).bytes(),
    );
    for (what, content) in [
        ("a file of 15 million elements", [b"<r>".to_vec(), b"<a/>".repeat(15_500_000), b"</r>".to_vec()].concat()),
        (
            "a file of 15 million elements that is no XML",
            [b"<r>".to_vec(), b"<a/>".repeat(15_500_000), b"</x>".to_vec()].concat(),
        ),
        (
            "a file of 6 million attributes",
            [b"<r>".to_vec(), b"<a b=''/>".repeat(6_000_000), b"</r>".to_vec()].concat(),
        ),
        ("one element of 8 million attributes", [b"<r ".to_vec(), b"a='' ".repeat(8 << 20), b"/>".to_vec()].concat()),
        (
            "a file of 200,000 elements that is no XML",
            [b"<r>".to_vec(), b"<a/>".repeat(200_000), vec![b' '; 60 << 20], b"</x>".to_vec()].concat(),
        ),
        ("a file of 60 MiB that is no XML", vec![0; 60 << 20]),
    ] {
        let parts = vec![deflated("solution.xml", b"<a/>"), deflated("customizations.xml", &content)];
        add(FILLED, what.into(), zip(parts).bytes());
    }
    cases
}

/// Archives that are well-formed, and solutions that are not: the reader of solutions refuses them.
pub const FILLED: &str = "solutions that fill the memory";

/// One body and many records of the list that point to it.
fn one_body(count: usize) -> Vec<u8> {
    let body = deflated("0", &vec![b'x'; 1 << 20]);
    let mut out = entry(&body);
    let start = out.len();
    let items: Vec<_> =
        (0..count).map(|n| (body.clone().with(|it| it.central.name = n.to_string().into_bytes()), 0)).collect();
    out.extend(list(&items, start));
    out
}

/// Each entry's stream begins with a stored block that holds the next one's header, down to a kernel that all share.
fn quoting_blocks(count: usize) -> Vec<u8> {
    let kernel = vec![b'x'; 1 << 16];
    let last = deflated(&(count - 1).to_string(), &kernel);
    let mut content = kernel;
    let mut made = vec![last.clone()];
    let mut tail = entry(&last);
    for number in (0..count - 1).rev() {
        let header = tail[..tail.len() - made.last().expect("one").data.len()].to_vec();
        content = [header.clone(), content].concat();
        let length = u16::try_from(header.len()).expect("short");
        let mut data = vec![0];
        data.extend(length.to_le_bytes());
        data.extend((!length).to_le_bytes());
        data.extend(&header);
        data.extend(&made.last().expect("one").data);
        // Only the first block is written; the rest of the stream is the next entry's own.
        let size = u32::try_from(content.len()).expect("short");
        let it = item(number.to_string(), b"").with(|it| it.data = data).both(|it| {
            (it.method, it.checksum, it.size) = (8, crc32fast::hash(&content), size);
        });
        let compressed = u32::try_from(it.data.len()).expect("short");
        let it = it.both(|it| it.compressed = compressed);
        tail = entry(&it);
        made.push(it);
        if content.len() > 1 << 18 {
            break;
        }
    }
    made.reverse();
    let start = tail.len();
    let mut at = 0;
    let mut records = Vec::new();
    for (it, next) in made.iter().zip(made.iter().skip(1).map(Some).chain([None])) {
        records.push((it.clone(), at));
        at += next.map_or(0, |next| entry(it).len() - entry(next).len());
    }
    tail.extend(list(&records, start));
    tail
}

/// Each header's extra field reaches over the headers that follow, so that all share one body.
fn quoting_extras(count: usize) -> Vec<u8> {
    let body = deflated("0", &vec![b'x'; 1 << 16]);
    let header = 30 + 3 + 4;
    let mut out = Vec::new();
    let mut records = Vec::new();
    for number in 0..count {
        let behind = (count - 1 - number) * header;
        let mut it = body.clone().both(|it| it.name = format!("{number:03}").into_bytes());
        let length = u16::try_from(behind).expect("short");
        it.local.extra = [0x6e, 0x6f].to_vec();
        it.local.extra.extend(length.to_le_bytes());
        let mut bytes = entry(&it)[..header].to_vec();
        bytes[28..30].copy_from_slice(&(length + 4).to_le_bytes());
        records.push((it.with(|it| it.local.extra.clear()), out.len()));
        out.extend(bytes);
    }
    out.extend(&body.data);
    let start = out.len();
    out.extend(list(&records, start));
    out
}

/// Archives that are another format's file as well.
fn other_formats() -> Vec<(&'static str, Vec<u8>)> {
    let mut out = Vec::new();
    for (what, magic, signed) in [
        ("tar of 1979", &b"\0\0\0\0\0\0\0\0"[..], false),
        ("ustar", b"ustar\x0000", false),
        ("GNU tar", b"ustar  \0", false),
        ("tar, bytes taken as signed", b"ustar\x0000", true),
    ] {
        // The content of the first entry begins at byte 31; the header of tar has its fields from byte 100 on.
        let mut content = vec![0; 1600];
        let mut put = |at: usize, bytes: &[u8]| content[at - 31..at - 31 + bytes.len()].copy_from_slice(bytes);
        if signed {
            put(60, &[0xff; 9]);
        }
        put(100, b"0000644\x000000000\x000000000\x0000000000004\x0000000000000\0        0");
        put(257, magic);
        put(512, b"evil");
        let make = |content: &[u8]| zip(vec![item("a", content)]).bytes();
        // The checksum of tar is over zip's fields too, which hold the checksum of the content: try until both fit.
        for number in 0..10_000_u32 {
            content[1500 - 31..1504 - 31].copy_from_slice(&number.to_le_bytes());
            let first = make(&content);
            let sum: i64 = first[..512]
                .iter()
                .map(|byte| if signed { i64::from(byte.cast_signed()) } else { i64::from(*byte) })
                .sum();
            content[148 - 31..156 - 31].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            let made = make(&content);
            content[148 - 31..156 - 31].copy_from_slice(b"        ");
            let blank: i64 = made[..512]
                .iter()
                .enumerate()
                .map(|(at, byte)| match at {
                    148..156 => 32,
                    _ if signed => i64::from(byte.cast_signed()),
                    _ => i64::from(*byte),
                })
                .sum();
            if blank == sum {
                out.push((what, made));
                break;
            }
        }
    }
    for (what, mark) in
        [("ISO 9660", &b"\x01CD001\x01"[..]), ("UDF", b"\0BEA01\x01"), ("UDF, second part", b"\0NSR03\x01")]
    {
        let mut content = vec![0; 0xa000];
        content[0x8000 - 31..0x8000 - 31 + mark.len()].copy_from_slice(mark);
        content[0x8800 - 31..0x8800 - 31 + 7].copy_from_slice(b"\xffCD001\x01");
        out.push((what, zip(vec![item("a", &content)]).bytes()));
    }
    assert_eq!(out.len(), 7, "each was made");
    out
}
