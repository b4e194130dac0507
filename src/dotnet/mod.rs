//! .NET assemblies: what one is called, and which of its types Dataverse can run.
//!
//! May use nothing else of the crate. An assembly comes from outside: every offset and count in it is
//! checked before it is followed, and nothing is allocated on its word. Facts: ECMA-335, partition II
//! (§22 tables, §23.2 signatures, §24 file layout, §25 PE); the token is that of `AssemblyName`.

mod identity;
mod image;
mod refusal;
mod tables;
mod types;

pub use identity::Identity;
pub use refusal::Refusal;
use tables::Tables;
pub use types::{Role, Type};

/// What is read of an assembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assembly {
    /// Its full name.
    pub identity: Identity,
    /// Public classes that can be made and are plug-ins or activities, in the order of the file. A base
    /// class in another assembly hides that from this reader; nested and generic classes are passed over.
    pub types: Vec<Type>,
}
/// Reads an assembly.
///
/// # Errors
/// A [`Refusal`] for what is not an assembly, or not a sound one.
pub fn read(bytes: &[u8]) -> Result<Assembly, Refusal> {
    let metadata = image::metadata(bytes)?;
    let tables = Tables::read(&metadata)?;
    let identity = identity::identity(&metadata, &tables)?;
    let types = types::types(&metadata, &tables)?;
    Ok(Assembly { identity, types })
}

#[cfg(test)]
mod tests;
