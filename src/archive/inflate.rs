//! Inflates data of which the size is known.

use flate2::{Decompress, FlushDecompress, Status};

use super::refusal::Reason;

/// Inflates exactly `data` to exactly `size` bytes.
pub(super) fn inflate(data: &[u8], size: u64, sink: &mut dyn FnMut(&[u8])) -> Result<(), Reason> {
    let mut inflater = Decompress::new(false);
    let mut buffer = vec![0; 64 << 10];
    loop {
        let (before_in, before_out) = (inflater.total_in(), inflater.total_out());
        let rest = usize::try_from(before_in).ok().and_then(|at| data.get(at..)).ok_or(Reason::Deflate)?;
        let status = inflater.decompress(rest, &mut buffer, FlushDecompress::None).map_err(|_| Reason::Deflate)?;
        let made = usize::try_from(inflater.total_out() - before_out).map_err(|_| Reason::Deflate)?;
        if inflater.total_out() > size {
            return Err(Reason::Size);
        }
        sink(buffer.get(..made).ok_or(Reason::Deflate)?);
        if status == Status::StreamEnd {
            break;
        }
        if inflater.total_in() == before_in && made == 0 {
            return Err(Reason::DeflateEnd);
        }
    }
    if inflater.total_in() != data.len() as u64 {
        return Err(Reason::DeflateEnd);
    }
    if inflater.total_out() == size { Ok(()) } else { Err(Reason::Size) }
}
