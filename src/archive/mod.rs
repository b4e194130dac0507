//! Zip archives: one strict reader for every archive from outside, one deterministic writer.
//!
//! Uses nothing of the other modules. The profile follows APPNOTE.TXT 6.3.10, narrowed to what hundreds
//! of real exported solutions hold; `docs/security.md` lists what is refused and why.

mod attributes;
mod content;
mod deflate;
mod descriptor;
mod extra;
mod header;
mod inflate;
mod limits;
mod name;
mod polyglot;
mod reader;
mod record;
mod refusal;
mod sample;
mod stream;
mod tail;
mod write_error;
mod writer;

pub use content::{Content, Whole};
pub use limits::Limits;
pub use name::SafeNames;
pub use reader::{names, read, read_one};
pub use refusal::{Reason, Refusal};
pub use stream::Stream;
pub use tail::{Split, TailError, append, split};
pub use write_error::WriteError;
pub use writer::{Timestamp, Writer, write, write_at};

/// A file in an archive. Folders have no entries: the names of files imply them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The path, with `/` between its parts.
    pub name: String,
    /// The content, uncompressed.
    pub bytes: Vec<u8>,
}

impl Entry {
    /// An entry from its parts.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into() }
    }
}
