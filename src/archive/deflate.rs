//! Deflate in pieces of one fixed size, so that a large file keeps all processors busy and the bytes do
//! not depend on how many there are.
//!
//! A piece that is not the last ends with an empty stored block on a byte boundary (zlib's sync flush), and
//! the next one starts with the 32 KiB before it as its dictionary: put together they are one stream of
//! RFC 1951, a few bytes per piece longer than one made in one go. Level and library: docs/internals/benchmarks.md.

use std::cell::RefCell;

use flate2::{Compress, Compression, FlushCompress, Status};

/// Bytes of content in a piece. Another size gives other archives.
pub(super) const PIECE: usize = 1 << 20;
/// How far back deflate can refer.
pub(super) const WINDOW: usize = 32 << 10;
const LEVEL: u32 = 6;

/// A piece of a file, deflated.
pub(super) struct Piece {
    /// Its checksum, to be combined with those of the others.
    pub checksum: crc32fast::Hasher,
    /// Bytes of content.
    pub size: usize,
    /// Bytes of deflate.
    pub data: Box<[u8]>,
    /// Whether the file ends here.
    pub last: bool,
}

/// A compressor and the room for what it makes, used again and again.
struct Deflater {
    compress: Compress,
    out: Vec<u8>,
}

thread_local! {
    static DEFLATER: RefCell<Deflater> =
        RefCell::new(Deflater { compress: fresh(), out: Vec::new() });
}

fn fresh() -> Compress {
    Compress::new(Compression::new(LEVEL), false)
}

/// Deflates `bytes[from..]`; what comes before is only referred to.
pub(super) fn deflate(bytes: &[u8], from: usize, last: bool) -> Piece {
    let (before, content) = bytes.split_at(from);
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(content);
    let data = DEFLATER.with_borrow_mut(|deflater| deflater.run(&before[from.saturating_sub(WINDOW)..], content, last));
    Piece { checksum, size: content.len(), data, last }
}

impl Deflater {
    fn run(&mut self, before: &[u8], content: &[u8], last: bool) -> Box<[u8]> {
        self.out.clear();
        if before.is_empty() {
            self.compress.reset();
        } else {
            // A new one: set_dictionary of zlib-rs 0.6 takes one byte behind the dictionary into account, which is what
            // the last use has left there. It is refused only by a compressor that has begun.
            self.compress = fresh();
            let _ = self.compress.set_dictionary(before);
        }
        let flush = if last { FlushCompress::Finish } else { FlushCompress::Sync };
        loop {
            let rest = &content[usize::try_from(self.compress.total_in()).unwrap_or(content.len())..];
            self.out.reserve(rest.len() + rest.len() / 8 + 256);
            let status = self.compress.compress_vec(rest, &mut self.out, flush);
            let room = self.out.len() < self.out.capacity();
            match status {
                Ok(Status::StreamEnd) => break,
                // A flush is complete once there is room left behind it.
                Ok(_) if !last && room => break,
                Ok(_) => {}
                Err(_) => unreachable!("a compressor in its first states takes any input"),
            }
        }
        self.out.as_slice().into()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn pieces_put_together_are_one_stream_that_is_hardly_longer() {
        let text: String =
            (0..120_000_u32).map(|n| format!("line {} of {n}\n", n.wrapping_mul(2_654_435_761))).collect();
        let bytes = text.as_bytes();
        let (mut together, mut checksum) = (Vec::new(), crc32fast::Hasher::new());
        for start in (0..bytes.len()).step_by(PIECE) {
            let end = bytes.len().min(start + PIECE);
            let piece = deflate(&bytes[..end], start, end == bytes.len());
            together.extend_from_slice(&piece.data);
            checksum.combine(&piece.checksum);
        }
        let mut read = Vec::new();
        flate2::read::DeflateDecoder::new(together.as_slice()).read_to_end(&mut read).expect("inflated");
        assert!(read == bytes && checksum.finalize() == crc32fast::hash(bytes));
        let whole = deflate(bytes, 0, true).data.len();
        assert!(together.len() < whole + whole / 200, "{} and {whole}", together.len());
    }

    #[test]
    fn what_was_deflated_before_does_not_show() {
        let mut state = 1_u32;
        let mut letter = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            b"acgt"[(state >> 16) as usize % 4]
        };
        for before in b"acgt".repeat(5) {
            let text: Vec<u8> = (0..WINDOW + 3000).map(|_| letter()).collect();
            let piece = || deflate(&text, WINDOW, false).data;
            let fresh = std::thread::scope(|scope| scope.spawn(piece).join().expect("done"));
            deflate(&vec![before; 1 << 20], 0, true);
            assert!(piece() == fresh);
        }
    }
}
