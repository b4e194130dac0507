//! Why an archive was not read.

use std::fmt;

/// An archive was refused: what is wrong, and with which entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// The name of the entry, as far as it was readable.
    pub entry: Option<String>,
    /// What is wrong.
    pub reason: Reason,
}

impl Refusal {
    /// About the archive as a whole.
    pub(crate) fn archive(reason: Reason) -> Self {
        Self { entry: None, reason }
    }
    /// About one entry.
    pub(crate) fn entry(name: &str, reason: Reason) -> Self {
        Self { entry: Some(name.to_owned()), reason }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.entry {
            // The name comes from outside: nothing in it may reach a terminal as a control sequence.
            Some(name) => write!(f, "entry `{}`: {}", name.escape_debug(), self.reason),
            None => self.reason.fmt(f),
        }
    }
}

/// What is wrong with an archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// No end record where a zip must have one.
    #[error("this is not a zip archive, or it was cut short: it does not end with a zip end record")]
    NoEnd,
    /// An archive without entries.
    #[error("there is no file in the archive")]
    Empty,
    /// A file of two formats.
    #[error("the file is also {0}; programs that guess the format can show different content")]
    OtherFormat(&'static str),
    /// A record reaches past the place where it must end.
    #[error("the archive is cut short or damaged: {0} reaches past its end")]
    Truncated(&'static str),
    /// A record does not begin with its signature.
    #[error("the archive is damaged: no {0} where one is required")]
    NoRecord(&'static str),
    /// Bytes before, between or after the records.
    #[error(
        "there are bytes that belong to no file ({0}); such an archive can show different content to different programs"
    )]
    Gap(&'static str),
    /// More than one disk.
    #[error("the archive is split over several disks")]
    Disks,
    /// Counts in the end record that do not agree.
    #[error("the list of files and its own count disagree")]
    Count,
    /// Zip64.
    #[error("zip64 records are not accepted")]
    Zip64,
    /// A comment.
    #[error("comments are not accepted")]
    Comment,
    /// Encryption.
    #[error("the entry is encrypted")]
    Encrypted,
    /// A data descriptor.
    #[error("sizes after the data (a data descriptor) are not accepted")]
    DataDescriptor,
    /// A data descriptor that programs could read in different ways.
    #[error("the data descriptor behind the entry {0}")]
    Descriptor(&'static str),
    /// Another flag.
    #[error("unknown flags {0:#06x}")]
    Flags(u16),
    /// A compression method other than store and deflate.
    #[error("compression method {0} is not accepted; only 0 (stored) and 8 (deflate) are")]
    Method(u16),
    /// A version that is needed to extract.
    #[error("the entry needs zip version {0}; 2.0 is the highest accepted")]
    Version(u16),
    /// The two headers of an entry differ.
    #[error("the entry's own header and the list of files disagree about the {0}")]
    Disagreement(&'static str),
    /// An extra field.
    #[error("extra field {0:#06x} is not accepted")]
    Extra(u16),
    /// An extra field appears twice.
    #[error("extra field {0:#06x} appears twice")]
    ExtraTwice(u16),
    /// Extra fields that do not fit.
    #[error("the extra fields are damaged")]
    ExtraDamaged,
    /// A name that is not text.
    #[error("the name is not UTF-8")]
    NameEncoding,
    /// A name that would mean different things on different systems.
    #[error("the name {0}")]
    Name(&'static str),
    /// Two names that are one on some system.
    #[error("the name is the same as `{}` on systems that ignore case or Unicode form", .0.escape_debug())]
    Collision(String),
    /// A file that is also a folder.
    #[error("`{}` is both a file and a folder", .0.escape_debug())]
    FileAndFolder(String),
    /// A system whose attributes are read in different ways.
    #[error("the entry says that it was made on system {0}, whose attributes programs read in different ways")]
    System(u8),
    /// A link, device, pipe or the like.
    #[error("the entry is a link or another special file")]
    SpecialFile,
    /// A folder with content.
    #[error("a folder has content")]
    FolderContent,
    /// Compressed data that does not inflate.
    #[error("the compressed data is damaged")]
    Deflate,
    /// The compressed stream ends too early or too late.
    #[error("the compressed data does not end where the entry ends")]
    DeflateEnd,
    /// More or fewer bytes than declared.
    #[error("the content is not as long as declared")]
    Size,
    /// The checksum differs.
    #[error("the content was changed or damaged: its checksum differs")]
    Checksum,
    /// Over a budget.
    #[error("{what} over the limit of {limit}")]
    Limit {
        /// What is over it.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
}
