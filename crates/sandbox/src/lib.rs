//! A stand-in for Entra ID and Dataverse on this machine, over real HTTP: for trials, for tests, for CI.
//! A separate crate, so that it cannot share a mistake with the client.
//! Facts come from Microsoft's documents and recorded traffic; `docs/sandbox.md` lists the rules.

#![allow(clippy::disallowed_methods, reason = "it is a server, with a clock and files of its own")]

mod actions;
mod batch;
mod certificate;
mod components;
mod connection;
mod dataverse;
mod depth;
mod echo;
mod entra;
mod exchange;
mod faults;
mod files;
mod filter;
mod functions;
mod handshake;
mod host;
mod import_result;
mod install;
mod job;
mod keys;
mod limit;
mod log;
mod metadata;
mod options;
mod package;
mod query;
mod read;
mod removal;
mod row;
mod schema;
mod server;
mod shared;
mod solutions;
mod split;
mod tokens;
mod uninstall;
mod user_row;
mod users;
mod worded;
mod world;
mod write;

pub use echo::Spelling;
pub use faults::{Effect, NoTlsFault, Rule, TlsFault};
pub use files::FileError;
pub use limit::Limit;
pub use options::{Application, Consented, Listener, NoScenario, Options, Scenario, UnknownPrivileges};
pub use server::{Sandbox, Snapshot, StartError, start};
pub use split::split;
