//! The release artifact (`.dvpack`): build, read, show.

pub mod descriptor;
