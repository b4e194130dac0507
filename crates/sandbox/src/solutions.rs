//! Solution operations: stage, import, upgrade, promote, uninstall, as jobs that somebody can watch.
//! Shapes are those of the recorded responses; refusals carry the published codes.

mod findings;
mod payload;
mod progress;
mod stage;
mod start;
mod surprise;

pub(super) use progress::look_at_all;
pub(super) use stage::stage;
pub(super) use start::start;
pub(super) use surprise::surprise_asked;
