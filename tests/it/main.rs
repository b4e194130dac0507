//! The integration tests: one binary, one file per behaviour. They drive the real `dvpack` program.

#![allow(clippy::print_stdout, reason = "tests say what they counted and what they skipped")]

mod adopt;
mod apply;
mod approval;
mod apps;
mod archive;
mod assemble;
mod build;
mod catalog;
mod check;
mod command_line;
mod consent;
mod corpus;
mod csdl;
#[path = "../support/csdl.rs"]
mod csdl_description;
mod diff;
mod docs;
mod doctor;
mod echoes;
mod fuzzed;
mod hostile_archives;
mod house;
mod init;
mod inspect;
mod kinds;
mod licenses;
mod machine_values;
mod meant_secrets;
mod odd_server;
mod pack;
mod plugins;
mod processes;
mod recorded;
mod recovery;
mod removal;
mod reports;
mod roles;
mod round_trip;
mod running;
mod sandbox;
mod sandbox_sign_in;
mod sandbox_web_api;
mod schema;
mod scripts;
mod secrets;
mod sign_in;
mod signing;
mod silence;
mod solution_check;
mod support;
mod tables;
mod unpack;
mod verify;
mod world;
