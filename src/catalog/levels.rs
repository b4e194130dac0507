//! A set of levels: those that a privilege can be granted at.

use crate::catalog::Level;

/// A set of [`Level`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Levels(u8);

impl Levels {
    /// No level: the right does not exist.
    pub const NONE: Self = Self(0);
    /// All four: tables owned by users and teams.
    pub const ALL: Self = Self(0b1111);
    /// Only Organization: tables owned by the organization.
    pub const ORGANIZATION: Self = Self(0b1000);

    const fn bit(level: Level) -> u8 {
        1 << level as u8
    }

    /// The set of the letters `B`, `L`, `D`, `G`; other characters are ignored.
    #[must_use]
    pub fn from_letters(letters: &str) -> Self {
        let of = |letter: &str, level| if letters.contains(letter) { Self::bit(level) } else { 0 };
        Self(of("B", Level::Basic) | of("L", Level::Local) | of("D", Level::Deep) | of("G", Level::Global))
    }

    /// Whether `level` is in it.
    #[must_use]
    pub const fn contains(self, level: Level) -> bool {
        self.0 & Self::bit(level) != 0
    }

    /// Whether it is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its levels, the shallowest first.
    pub fn iter(self) -> impl Iterator<Item = Level> {
        Level::ALL.into_iter().filter(move |level| self.contains(*level))
    }

    /// Its levels as a manifest writes them: `` `user` or `organization` ``.
    #[must_use]
    pub fn words(self) -> String {
        self.listed(Level::key)
    }

    /// Its levels as solution XML and the Web API write them: `` `Basic` or `Global` ``.
    #[must_use]
    pub fn names(self) -> String {
        self.listed(Level::name)
    }

    fn listed(self, word: fn(Level) -> &'static str) -> String {
        let words: Vec<_> = self.iter().map(|level| format!("`{}`", word(level))).collect();
        match words.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
            None => "none".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_words() {
        assert_eq!(Levels::from_letters("BLDG"), Levels::ALL);
        assert_eq!(Levels::from_letters("-"), Levels::NONE);
        assert_eq!(Levels::from_letters("LDG").words(), "`businessUnit`, `parentChild` or `organization`");
        assert_eq!(Levels::ORGANIZATION.words(), "`organization`");
        assert_eq!(Levels::from_letters("BG").names(), "`Basic` or `Global`");
    }
}
