//! What a host brings that runs the core: time and random numbers, at once, before it calls anything else.

use crate::clock::{self, Clock};
use crate::random::{self, Source};

/// Takes the host's clock and random numbers; `false` if there are some already.
pub fn install(clock: Box<dyn Clock>, random: Source) -> bool {
    // Both, in any case: a second call changes neither.
    let (clock, random) = (clock::install(clock), random::install(random));
    clock && random
}
