//! `components.columnSecurityProfiles`

use crate::manifest::meant;
use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::leaf::{Guid, Paragraph, Title};
use crate::yaml::leaf::choice;
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, Map};

record! {
    /// A column security profile: what its members may do with secured columns.
    pub struct ColumnSecurityProfile => {
        /// Name.
        "name" required name: At<Title>,
        /// Description.
        "description" optional description: At<Paragraph>,
        /// Table → column → rights: read, update, create, readUnmasked (all rows) or readUnmaskedRow (one row at a time).
        "permissions" required permissions: Map<Map<List<At<ColumnRight>>>>,
        /// GUID. Left out: made of publisher and name.
        "id" optional id: At<Guid>,
        /// Parts of its XML that have no key here.
        "xml" optional xml: Extra,
    }
}

choice!(
    /// A right on a secured column.
    ColumnRight(meant::ColumnRight), "column-right", "a right on a column", meant::ColumnRight::ALL
);
