//! The Dataverse Web API: one transport with one policy, and one file per entity with its operations.
//!
//! May use `http`, `entra`, `catalog` and the bottom layer. Reads tolerantly: a missing or unknown
//! member of an answer is not an error unless nothing can be done without it.

pub mod async_operation;
mod bearer;
pub mod business_unit;
pub mod change;
pub mod column_security_profile;
pub mod component;
pub mod connection_reference;
pub mod dependency;
pub mod environment_variable;
pub mod error;
pub mod import;
pub mod import_job;
pub mod layer;
mod list;
pub mod log;
pub mod organization;
pub mod policy;
pub mod process;
mod reply;
pub mod request;
pub mod role;
pub mod row;
pub mod row_count;
pub mod solution;
pub mod solution_component;
pub mod system_user;
pub mod table;
mod transport;

pub use bearer::{Bearer, BearerFuture};
pub use error::{ApiError, ServerError};
pub use request::{Answer, Request};
pub use transport::{Client, Notice};

#[cfg(test)]
mod tests;
