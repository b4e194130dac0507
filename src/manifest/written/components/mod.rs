//! `components:` one file per kind. A new kind is a file with its record and a line in this table.

mod connection_reference;
mod environment_variable;
mod extra;
mod web_resource;

pub use connection_reference::ConnectionReference;
pub use environment_variable::EnvironmentVariable;
pub use extra::{Extra, ExtraValue};
pub use web_resource::WebResource;

use crate::manifest::written::leaf::RelativePath;
use crate::manifest::written::shape::{At, List, Unknown, record};

const UNKNOWN_KIND: Unknown = Unknown {
    code: "unknown-component-kind",
    noun: "kind of component",
    help: "a kind that cannot be declared here can travel in a folder or exported zip named under `source`",
};

record! {
    /// What the solution holds besides its roles. Kinds that cannot be declared here travel through `source`.
    pub struct Components, unknown: UNKNOWN_KIND => {
        /// Files that the environment serves: scripts, pages, images.
        "webResources" optional web_resources: List<WebResource>,
        /// Environment variable definitions.
        "environmentVariables" optional environment_variables: List<EnvironmentVariable>,
        /// Connection references.
        "connectionReferences" optional connection_references: List<ConnectionReference>,
        /// Folders in SolutionPackager layout and exported .zip files, merged in.
        "source" optional source: List<At<RelativePath>>,
    }
}
