//! The floor that packing is measured against: reads every file below a folder and deflates it, on all
//! processors, and throws the result away. No XML, no checks, no archive.
//!
//!     cargo run --release --example bare -- FOLDER LEVEL [sampled]
//!
//! `sampled`: what a sample says does not shrink is only copied, as dvpack does.

#![allow(clippy::print_stdout)]

#[path = "../src/archive/sample.rs"]
mod sample;

use std::fs;
use std::path::PathBuf;

use flate2::{Compress, Compression, FlushCompress};
use rayon::prelude::*;

/// Large files are deflated in pieces, so that one of them cannot keep a processor alone in the end.
const PIECE: usize = 1 << 20;

fn main() {
    let usage = "usage: bare FOLDER LEVEL [sampled]";
    let mut arguments = std::env::args().skip(1);
    let mut folders = vec![PathBuf::from(arguments.next().expect(usage))];
    let level = Compression::new(arguments.next().expect(usage).parse().expect(usage));
    let is_sampled = arguments.next().is_some_and(|word| word == "sampled");
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            if entry.file_type().expect("a type").is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    let deflate = |(compress, out): &mut (Compress, Vec<u8>), piece: &[u8]| {
        let ranges = if is_sampled { sample::ranges(piece) } else { vec![(0..piece.len(), true)] };
        let sizes = ranges.into_iter().map(|(range, shrinks)| {
            compress.reset();
            out.clear();
            out.reserve(range.len() + range.len() / 8 + 64);
            if shrinks {
                compress.compress_vec(&piece[range], out, FlushCompress::Finish).expect("deflated");
            } else {
                out.extend_from_slice(&piece[range]);
            }
            out.len() as u64
        });
        sizes.sum()
    };
    let fresh = || (Compress::new(level, false), Vec::new());
    let sizes = files.par_iter().map_init(fresh, |state, file| {
        let bytes = fs::read(file).expect("a file");
        let checksum = u64::from(crc32fast::hash(&bytes));
        let packed: u64 = if bytes.len() <= PIECE {
            deflate(state, &bytes)
        } else {
            bytes.par_chunks(PIECE).map_init(fresh, deflate).sum()
        };
        (bytes.len() as u64, packed, checksum)
    });
    let (read, packed, checksums) = sizes.reduce(|| (0, 0, 0), |a, b| (a.0 + b.0, a.1 + b.1, a.2 ^ b.2));
    println!("{} files, {read} bytes, deflated {packed}, checksums {checksums:08x}", files.len());
}
