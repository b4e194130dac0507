//! What `dvpack inspect` prints for machines.

mod piece;
pub mod solution;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::bundle::RoleView;
use crate::bundle::descriptor::Descriptor;
use crate::catalog::Level;
use crate::cli::document::Document;
use crate::cli::inspect::document::solution::Solution;
use crate::solution::role::Matrix;

/// What was inspected.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InspectDocument {
    /// `bundle`, `solution`, `folder` or `manifest`.
    pub kind: &'static str,
    /// The file's SHA-256; absent for a folder and a manifest.
    pub sha256: Option<String>,
    /// The file's size.
    pub size: Option<usize>,
    /// What the bundle says about itself.
    pub bundle: Option<Descriptor>,
    /// The solutions.
    pub solutions: Vec<Solution>,
    /// The security roles of all solutions.
    pub roles: Vec<Role>,
    /// What has the form of a secret and is stored as plain text.
    pub secrets: Vec<String>,
}

impl Document for InspectDocument {
    const VERB: &'static str = "inspect";
}

/// A security role.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "InspectedRole")]
pub struct Role {
    /// The GUID of its root copy.
    pub id: Uuid,
    /// Display name.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// What else its element says.
    pub properties: BTreeMap<String, String>,
    /// Its privileges.
    pub privileges: Vec<Privilege>,
    /// The same as a table.
    pub matrix: Matrix,
    /// The same in sentences.
    pub summary: Vec<String>,
    /// What a reviewer should look at twice.
    pub look_twice: Vec<String>,
}

/// A privilege.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "InspectedPrivilege")]
pub struct Privilege {
    /// Such as `prvReadAccount`.
    pub name: String,
    /// How deep.
    pub level: Level,
    /// The author's reason.
    pub because: Option<String>,
}

impl From<&RoleView> for Role {
    fn from(role: &RoleView) -> Self {
        let privileges = role.rows.iter().map(|row| Privilege {
            name: row.name.clone(),
            level: row.level,
            because: row.because.clone(),
        });
        Self {
            id: role.id,
            name: role.name.clone(),
            description: role.description.clone(),
            properties: role.properties.iter().cloned().collect(),
            privileges: privileges.collect(),
            matrix: role.matrix.clone(),
            summary: role.summary.clone(),
            look_twice: role.twice.clone(),
        }
    }
}
