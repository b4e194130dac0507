//! Custom security roles: the model, its XML, grants → rows.
//!
//! May use the ground floor, the catalog and the typed manifest. Format facts: real solution exports
//! and Microsoft's schema; `docs/roles.md` tells them.

mod expand;
mod model;
mod own_tables;
#[cfg(test)]
mod test_role;
mod xml;

pub use expand::expand;
pub use model::{Role, Row};
pub use own_tables::{OwnTable, OwnTables};
