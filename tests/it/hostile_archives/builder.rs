//! Zip archives field by field, so that each can be made wrong.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// One entry, each field of its two headers free to lie.
#[derive(Clone)]
pub struct Item {
    pub local: Header,
    pub central: Header,
    pub data: Vec<u8>,
    /// Between this entry's data and the next.
    pub after: Vec<u8>,
    pub comment: Vec<u8>,
    pub attributes: u32,
    pub disk: u16,
    pub made_by: u16,
    pub offset: Option<u32>,
    pub listed: bool,
}

#[derive(Clone)]
pub struct Header {
    pub name: Vec<u8>,
    pub version: u16,
    pub flags: u16,
    pub method: u16,
    pub time: u32,
    pub checksum: u32,
    pub compressed: u32,
    pub size: u32,
    pub extra: Vec<u8>,
}

impl Header {
    pub fn bytes(&self) -> Vec<u8> {
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

pub fn item(name: impl AsRef<[u8]>, content: &[u8]) -> Item {
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

pub fn deflated(name: &str, content: &[u8]) -> Item {
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
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The same change in both headers.
    pub fn both(mut self, change: impl Fn(&mut Header)) -> Self {
        change(&mut self.local);
        change(&mut self.central);
        self
    }
}

#[derive(Clone, Default)]
pub struct Zip {
    pub prefix: Vec<u8>,
    pub items: Vec<Item>,
    pub before_list: Vec<u8>,
    pub before_end: Vec<u8>,
    pub comment: Vec<u8>,
    pub trailer: Vec<u8>,
    /// Changes to the end record, at an offset.
    pub end: Vec<(usize, Vec<u8>)>,
    /// Whether offsets count the prefix.
    pub offsets_from_prefix: bool,
    pub reversed_list: bool,
}

pub fn zip(items: Vec<Item>) -> Zip {
    Zip { items, offsets_from_prefix: true, ..Zip::default() }
}

impl Zip {
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
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

pub fn extra(id: u16, content: &[u8]) -> Vec<u8> {
    let mut out = id.to_le_bytes().to_vec();
    out.extend(u16::try_from(content.len()).expect("short").to_le_bytes());
    out.extend(content);
    out
}
