//! One verdict: `plan`, `status` and `apply` say the same of every state of an environment.

pub mod bundle;
mod drawn;
mod scenarios;
pub mod stage;
mod table;
