//! Why a file is not read as an assembly.

/// Why a file was not read as an assembly.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a Windows executable.
    #[error("it is not a Windows program or library")]
    NotPortable,
    /// Native code only.
    #[error("it contains no .NET code")]
    NotDotNet,
    /// A module without an assembly.
    #[error("it is a .NET module without an assembly's name")]
    NoAssembly,
    /// It ends early, or an offset points outside.
    #[error("it is damaged: {0} lies outside the file")]
    Outside(&'static str),
    /// Something is there that no compiler writes.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
}
