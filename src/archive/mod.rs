//! (laid by the room's first commit)
