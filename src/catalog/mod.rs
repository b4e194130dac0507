//! What Dataverse itself has, as data: tables, privileges, built-in roles, component types, SDK
//! messages, clouds, error codes.
//!
//! May use the bottom layer only. The data is in `manifests/catalog/`, with the source of every row;
//! it is compiled in and parsed when first asked for.

mod built_in_role;
pub mod clouds;
mod component_type;
pub mod credentials;
pub mod error_codes;
pub mod import_texts;
mod language;
mod levels;
mod message;
mod object_type_code;
mod privilege;
mod right;
pub mod secret_forms;
mod system_column;
mod table;

pub use built_in_role::{BuiltInRole, CUSTOM_ROLE_RULE, SYSTEM_ADMINISTRATOR, built_in_role, built_in_roles};
pub use component_type::{
    COLUMN, KnownBy, SITE_MAP, TABLE, component_type_known_by, component_type_name, component_type_number,
};
pub use language::is_language;
pub use levels::Levels;
pub use message::{Message, message, message_name, nearest_message};
pub use object_type_code::object_type_code;
pub use privilege::{Danger, Grade, Privilege, baseline, nearest_privilege, privilege, split_privilege};
pub use right::{Level, Right};
pub use system_column::{SystemColumn, Where, control_class, system_columns};
pub use table::{Ownership, Table, TableKind, nearest_table, table, tables};
