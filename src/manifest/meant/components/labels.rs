//! Text for people, by language.

/// Texts by language code (LCID), that of the base language first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// Language code and text.
    pub texts: Vec<(u32, String)>,
}

impl Labels {
    /// One text in one language.
    #[must_use]
    pub fn one(language: u32, text: impl Into<String>) -> Self {
        Self { texts: vec![(language, text.into())] }
    }

    /// The text in the base language.
    #[must_use]
    pub fn base(&self) -> &str {
        self.texts.first().map_or("", |(_, text)| text)
    }

    /// The same with every text changed.
    #[must_use]
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        Self { texts: self.texts.iter().map(|(language, text)| (*language, change(text))).collect() }
    }
}
