//! Deflate in pieces of one fixed size, so that a large file keeps all processors busy and the bytes do
//! not depend on how many there are.
//!
//! A piece that is not the last ends with an empty stored block on a byte boundary (zlib's sync flush), and
//! the next one starts with the 32 KiB before it as its dictionary: put together they are one stream of
//! RFC 1951, a few bytes per piece longer than one made in one go. What a sample says is not worth it becomes stored
//! blocks (`sample.rs`), between two flushes like a piece of its own. Level and library: docs/internals/benchmarks.md.

use std::cell::RefCell;

use flate2::{Compress, Compression, FlushCompress, Status};

use super::sample;

/// Bytes of content in a piece. Another size gives other archives.
pub(super) const PIECE: usize = 1 << 20;
/// How far back deflate can refer.
pub(super) const WINDOW: usize = 32 << 10;
const LEVEL: u32 = 6;
/// The most that a stored block has.
const STORED: usize = 0xffff;

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
    let content = &bytes[from..];
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(content);
    let data = DEFLATER.with_borrow_mut(|deflater| deflater.run(bytes, from, last));
    Piece { checksum, size: content.len(), data, last }
}

impl Deflater {
    fn run(&mut self, bytes: &[u8], from: usize, last: bool) -> Box<[u8]> {
        self.out.clear();
        for (range, shrinks) in sample::ranges(&bytes[from..]) {
            let (start, end) = (from + range.start, from + range.end);
            let last = last && end == bytes.len();
            if shrinks {
                self.shrink(&bytes[start.saturating_sub(WINDOW)..start], &bytes[start..end], last);
            } else {
                self.store(&bytes[start..end], last);
            }
        }
        self.out.as_slice().into()
    }

    /// Deflates to the end of the stream, or else to a byte boundary.
    fn shrink(&mut self, before: &[u8], content: &[u8], last: bool) {
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
    }

    /// Writes stored blocks, which begin on a byte boundary: a byte of which the lowest bit says whether it is the last
    /// block, the length, and its complement.
    fn store(&mut self, content: &[u8], last: bool) {
        let mut blocks = content.chunks(STORED).peekable();
        while let Some(block) = blocks.next() {
            let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
            self.out.push(u8::from(last && blocks.peek().is_none()));
            self.out.extend_from_slice(&length.to_le_bytes());
            self.out.extend_from_slice(&(!length).to_le_bytes());
            self.out.extend_from_slice(block);
        }
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

    /// Bytes that do not shrink.
    fn noise(size: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[7]
        };
        std::iter::repeat_with(next).take(size).collect()
    }

    fn inflated(data: &[u8]) -> Vec<u8> {
        let mut read = Vec::new();
        flate2::read::DeflateDecoder::new(data).read_to_end(&mut read).expect("inflated");
        read
    }

    #[test]
    fn what_does_not_shrink_is_stored_and_what_is_around_it_is_not() {
        let text = "it is said again and again; ".repeat(9000);
        let noise = noise(300_000);
        for content in [
            noise.clone(),
            [text.as_bytes(), &noise].concat(),
            [&noise, text.as_bytes()].concat(),
            [text.as_bytes(), &noise, text.as_bytes(), &noise[..100_000]].concat(),
        ] {
            let data = deflate(&content, 0, true).data;
            assert!(inflated(&data) == content);
            let least = noise.len() * (content.len() / noise.len()).min(1);
            assert!(data.len() < least + least / 1000 + 120_000, "{} of {}", data.len(), content.len());
            // In the middle of a file: the window before it is referred to, or not.
            let from = content.len() / 2;
            let halves = [deflate(&content[..from], 0, false).data, deflate(&content, from, true).data];
            assert!(inflated(&halves.concat()) == content);
        }
    }

    #[test]
    fn a_sample_that_deceives_costs_bytes_or_time_and_nothing_else() {
        // All bytes are equally frequent, and nothing is new: it is stored.
        let cycle: Vec<u8> = (0..=255_u8).cycle().take(500_000).collect();
        let data = deflate(&cycle, 0, true).data;
        assert!(
            inflated(&data) == cycle && data.len() <= cycle.len() + 5 * (cycle.len() / STORED + 1),
            "{}",
            data.len()
        );
        // Every spot that is looked at says the same, and the rest does not shrink: it is deflated.
        let mut masked = noise(64 << 10);
        (0..64).for_each(|spot| masked[spot * 1039..][..64].fill(0));
        let data = deflate(&masked, 0, true).data;
        assert!(inflated(&data) == masked && data.len() < masked.len(), "{}", data.len());
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
