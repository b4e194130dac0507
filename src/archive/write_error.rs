//! Why an archive cannot be written.

use super::refusal::Reason;

/// Why entries cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A name that the reader would refuse.
    #[error("entry `{}`: {reason}", name.escape_debug())]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: Reason,
    },
    /// More than a zip archive without zip64 holds.
    #[error("the archive would be larger than a zip archive can be (4 GiB, 65,534 files)")]
    TooLarge,
    /// A file whose content was to go in.
    #[error("cannot read `{path}`: {reason}")]
    Input {
        /// The file.
        path: String,
        /// The operating system's answer.
        reason: String,
    },
    /// Where the archive was to go.
    #[error("cannot write the archive: {0}")]
    Output(String),
}
