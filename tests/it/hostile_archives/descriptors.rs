//! Archives whose sizes follow the data, as programs write that cannot go back: macOS, Java, Go, Python to a pipe, .NET.
//! Accepted in solutions where list, descriptor and data agree, and never in bundles.

use dvpack::archive::{self, Entry, Limits};

use super::builder::{Item, Zip, deflated, extra, item, zip};
use super::cases::Case;

const FLAG: u16 = 1 << 3;
const SIGNATURE: &[u8] = b"PK\x07\x08";

/// The forms of a descriptor: with its signature or without, sizes of four bytes or of eight.
const FORMS: [(bool, bool); 4] = [(true, false), (false, false), (true, true), (false, true)];

/// What follows the data.
fn behind(it: &Item, signed: bool, is_wide: bool) -> Vec<u8> {
    let mut out = if signed { SIGNATURE.to_vec() } else { Vec::new() };
    out.extend(it.central.checksum.to_le_bytes());
    for size in [it.central.compressed, it.central.size] {
        let size = u64::from(size).to_le_bytes();
        out.extend(&size[..if is_wide { 8 } else { 4 }]);
    }
    out
}

/// The same entry with its sizes behind the data.
pub fn streamed(it: Item, (signed, is_wide): (bool, bool)) -> Item {
    it.with(|it| {
        it.after = behind(it, signed, is_wide);
        (it.local.checksum, it.local.compressed, it.local.size) = (0, 0, 0);
        if is_wide {
            (it.local.compressed, it.local.size) = (u32::MAX, u32::MAX);
            it.local.extra = extra(1, &[0; 16]);
            (it.local.version, it.central.version) = (45, 45);
        }
    })
    .both(|header| header.flags |= FLAG)
}

fn parts() -> Vec<Item> {
    vec![
        deflated("solution.xml", b"<ImportExportXml/>"),
        deflated("Workflows/a.json", &[b'x'; 3000]),
        deflated("customizations.xml", b"<a/>"),
    ]
}

/// An archive whose entries all have a descriptor in that form.
fn all(form: (bool, bool)) -> Zip {
    zip(parts().into_iter().map(|it| streamed(it, form)).collect())
}

/// Archives with descriptors that solutions may have.
pub fn allowed() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: String, zip: Zip| cases.push(Case { class: ALLOWED, name, bytes: zip.bytes() });
    for form in FORMS {
        let (signed, is_wide) = form;
        add(format!("signature {signed}, zip64 {is_wide}"), all(form));
        add(
            format!("signature {signed}, zip64 {is_wide}, among others"),
            zip(vec![item("a", b"1"), streamed(deflated("b", b"22"), form), deflated("c", b"333")]),
        );
    }
    let known = |it: Item| {
        let own = it.central.clone();
        streamed(it, (true, false)).with(|it| {
            (it.local.checksum, it.local.compressed, it.local.size) = (own.checksum, own.compressed, own.size);
        })
    };
    add("sizes before the data, too".into(), zip(parts().into_iter().map(known).collect()));
    let size = |it: Item| streamed(it, (true, false)).with(|it| it.local.size = it.central.size);
    add("the size before the data, as libarchive has it".into(), zip(parts().into_iter().map(size).collect()));
    add("of an empty file".into(), zip(vec![streamed(deflated("a", b""), (true, false))]));
    add("of a folder, as Java has them".into(), zip(vec![streamed(deflated("a/", b""), (true, false))]));
    let times = |it: Item| streamed(it, (true, false)).both(|it| it.extra = extra(0x5455, &[1, 0, 0, 0, 0]));
    add("with times, as Go has them".into(), zip(parts().into_iter().map(times).collect()));
    cases
}

/// The class of those.
pub const ALLOWED: &str = "descriptors that agree";

/// The same, in which something does not agree or has two meanings.
pub fn hostile() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: String, zip: Zip| cases.push(Case { class: "data descriptors", name, bytes: zip.bytes() });
    for form in FORMS {
        let (signed, is_wide) = form;
        let what = format!("signature {signed}, zip64 {is_wide}");
        let with = |change: &dyn Fn(&mut Item)| all(form).with(|it| change(&mut it.items[1]));
        add(format!("{what}: stored"), with(&|it| *it = streamed(item("a", b"PK\x07\x08"), form)));
        for at in 0..behind(&parts()[1], signed, is_wide).len() {
            add(format!("{what}: byte {at} differs"), with(&|it| it.after[at] ^= 1));
        }
        for length in 0..24 {
            let own = behind(&parts()[1], signed, is_wide).len();
            if length != own {
                add(format!("{what}: {length} bytes"), with(&|it| it.after.resize(length, 0)));
            }
        }
        add(format!("{what}: twice"), with(&|it| it.after = it.after.repeat(2)));
        add(format!("{what}: two signatures"), with(&|it| it.after = [SIGNATURE, &behind(it, true, is_wide)].concat()));
        add(format!("{what}: another checksum in front"), with(&|it| it.local.checksum = it.central.checksum ^ 1));
        add(format!("{what}: another size in front"), with(&|it| it.local.compressed = 7));
        add(format!("{what}: list without the flag"), with(&|it| it.central.flags = 0));
        add(format!("{what}: entry without the flag"), with(&|it| it.local.flags = 0));
        add(format!("{what}: another checksum everywhere"), {
            with(&|it| {
                it.central.checksum ^= 1;
                it.after = behind(it, signed, is_wide);
            })
        });
        add(format!("{what}: another size everywhere"), {
            with(&|it| {
                it.central.size += 1;
                it.after = behind(it, signed, is_wide);
            })
        });
        add(format!("{what}: data behind the stream"), {
            with(&|it| {
                it.data.push(0);
                it.central.compressed += 1;
                it.after = behind(it, signed, is_wide);
            })
        });
        let both = |it: &mut Item| it.central.extra = extra(1, &[0; 16]);
        add(format!("{what}: zip64 in the list"), with(&both));
        let mut last = all(form);
        last.items[2].after.clear();
        add(format!("{what}: none behind the last"), last);
    }
    for signed in [true, false] {
        let narrow = || streamed(deflated("a", &[b'x'; 99]), (signed, false));
        let wide = || streamed(deflated("a", &[b'x'; 99]), (signed, true));
        add(
            format!("eight bytes that nobody announced, signature {signed}"),
            zip(vec![narrow().with(|it| it.after = behind(it, signed, true))]),
        );
        add(
            format!("eight bytes announced and four there, signature {signed}"),
            zip(vec![wide().with(|it| it.after = behind(it, signed, false))]),
        );
        for (why, content) in [("sizes", [1_u8; 16].to_vec()), ("one size", vec![0; 8]), ("more", vec![0; 24])] {
            add(
                format!("announced with {why}, signature {signed}"),
                zip(vec![wide().with(|it| it.local.extra = extra(1, &content))]),
            );
        }
        add(
            format!("announced twice, signature {signed}"),
            zip(vec![wide().with(|it| it.local.extra = [it.local.extra.clone(), it.local.extra.clone()].concat())]),
        );
        add(
            format!("announced without open sizes, signature {signed}"),
            zip(vec![wide().with(|it| (it.local.compressed, it.local.size) = (0, 0))]),
        );
        add(
            format!("eight bytes of an empty file, signature {signed}"),
            zip(vec![streamed(deflated("a", b""), (signed, true)), deflated("b", b"1")]),
        );
        add(
            format!("version 4.5 of four bytes, signature {signed}"),
            zip(vec![narrow().both(|header| header.version = 45)]),
        );
    }
    // The checksum of this content is the signature.
    let same = deflated("a", &[0xac, 0x0a, 0x7a, 0xd5]);
    assert_eq!(same.central.checksum.to_le_bytes(), SIGNATURE);
    add("a checksum that looks like the signature".into(), zip(vec![streamed(same, (false, false))]));
    cases
}

fn read(bytes: &[u8], limits: &Limits) -> Option<Vec<Entry>> {
    archive::read(bytes, limits).ok()
}

#[test]
fn a_descriptor_is_accepted_in_solutions_where_all_agree_and_never_in_a_bundle() {
    for case in allowed() {
        let entries = read(&case.bytes, &Limits::of_solutions());
        let content: usize = entries.unwrap_or_else(|| panic!("{}", case.name)).iter().map(|it| it.bytes.len()).sum();
        let names = archive::names(&case.bytes, &Limits::of_solutions()).expect("names");
        assert!(content > 0 || names.len() <= 1, "{}", case.name);
        assert_eq!(read(&case.bytes, &Limits::default()), None, "{} is read without leave", case.name);
    }
    for case in hostile() {
        assert_eq!(read(&case.bytes, &Limits::of_solutions()), None, "{}", case.name);
    }
}
