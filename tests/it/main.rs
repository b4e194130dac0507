//! The integration tests: one binary, one file per behaviour. They drive the real `dvpack` program.

mod archive;
mod command_line;
mod consent;
mod corpus;
mod sign_in;
mod support;
