//! Colours of a terminal, or none.

use crate::text::style;

/// ANSI colour, or none.
#[derive(Clone, Copy)]
pub(super) struct Paint(pub bool);

impl Paint {
    pub fn with(self, code: &str, text: &str) -> String {
        style(self.0, code, text)
    }
    pub fn strong(self, text: &str) -> String {
        self.with("1", text)
    }
    pub fn green(self, text: &str) -> String {
        self.with("32", text)
    }
    pub fn yellow(self, text: &str) -> String {
        self.with("33", text)
    }
    pub fn red(self, text: &str) -> String {
        self.with("31", text)
    }
}
