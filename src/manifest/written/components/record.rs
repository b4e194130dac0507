//! `components.records`

use crate::manifest::written::components::extra::Extra;
use crate::manifest::written::components::model_driven_app::NameOrId;
use crate::manifest::written::leaf::{RelativePath, Stored, TableName};
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, Map};

record! {
    /// A row of a table whose rows are components, such as an app action, a masking rule or a part of an agent.
    pub struct Record => {
        /// Logical name of the table.
        "table" required table: At<TableName>,
        /// Entity set name, which is the folder's. Left out: that of the catalog, else the table's name with an s.
        "set" optional set: At<TableName>,
        /// The columns that tell one row from another, and their values.
        "key" required key: Map<At<Stored>>,
        /// Name of its folder. Left out: the value of the key.
        "folder" optional folder: At<NameOrId>,
        /// Column → value; a lookup is a group with the key of the other row.
        "columns" optional columns: Extra,
        /// Path in the record's folder → file.
        "files" optional files: Map<At<RelativePath>>,
        /// Rows that belong to it.
        "children" optional children: List<Record>,
    }
}
