//! What `components:` means: one file per kind.

mod connection_reference;
mod environment_variable;
mod extra;
mod source;
mod web_resource;

pub use connection_reference::ConnectionReference;
pub use environment_variable::{EnvironmentVariable, VariableKind};
pub use extra::{Extra, ExtraEntry, ExtraValue};
pub use source::SourceFolder;
pub use web_resource::WebResource;

/// `components:`
#[derive(Clone, Debug, Default)]
pub struct Components {
    /// Web resources, globs already resolved, in the order of their names.
    pub web_resources: Vec<WebResource>,
    /// Environment variable definitions.
    pub environment_variables: Vec<EnvironmentVariable>,
    /// Connection references.
    pub connection_references: Vec<ConnectionReference>,
    /// Folders in SolutionPackager layout and exported zip files, to be merged in.
    pub sources: Vec<SourceFolder>,
}
