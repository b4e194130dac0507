//! Custom security roles: the model, its XML, grants ⇄ rows, the review, and the matrix that people read.
//!
//! May use the bottom layer, the catalog and the typed manifest. Format facts: real solution exports
//! and Microsoft's schema; `docs/roles.md` tells them.

mod allowed;
mod column_security;
mod compress;
mod expand;
mod identities;
mod judge;
mod lint;
mod matrix;
mod model;
mod needs;
mod own_tables;
mod placed;
mod plain_words;
mod render;
mod review;
mod rules;
mod subject;
#[cfg(test)]
mod test_role;
mod together;
mod xml;
mod yaml;

pub use column_security::{ColumnSecurity, Permission, Profile, Unreadable};
pub use compress::{Compressed, CompressedGrant, compress};
pub use expand::{Granted, expand};
pub use matrix::{Cell, Group, Matrix, MatrixRow, OtherPrivilege, matrix, matrix_with, right_title, unusual};
pub use model::{Role, Row};
pub use needs::{Need, Needs};
pub use own_tables::{OwnTable, OwnTables};
pub use placed::{Collected, Placed};
pub use plain_words::{look_twice, summary};
pub use render::render_terminal;
pub use review::{review, review_solution};
pub use rules::{RULES, Rule};
pub use yaml::to_value;
