//! (laid by the room's first commit)

pub mod role;
