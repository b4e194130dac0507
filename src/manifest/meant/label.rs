//! Text that people read, in one language or in several.

/// A label: at least one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Language and text; no language stands for the solution's base language.
    pub texts: Vec<(Option<u32>, String)>,
}

impl Label {
    /// Text of the base language.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { texts: vec![(None, text.into())] }
    }

    /// The text in `base`, the solution's base language, or else the first there is.
    #[must_use]
    pub fn text(&self, base: u32) -> &str {
        let own = self.texts.iter().find(|(language, _)| language.is_none_or(|code| code == base));
        own.or(self.texts.first()).map_or("", |(_, text)| text.as_str())
    }
}
