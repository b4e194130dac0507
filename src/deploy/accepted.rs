//! What a subscriber has accepted: differences that nobody will fix, as they were found.
//!
//! Only what `apply` leaves as it is can be accepted: it fixes the rest, and what prevents it from starting would
//! still prevent it. If another value is found, that is a difference again.

mod file;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use file::{AcceptedFile, LIMIT};

use crate::deploy::difference::{Code, Difference};
use crate::secret::hide;

/// A difference that somebody accepts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// The thing that differs.
    #[serde(rename = "where")]
    pub place: String,
    /// What of it.
    pub what: String,
    /// The kind of difference.
    pub code: Code,
    /// As it was found.
    pub found: String,
    /// Why it is accepted, in the words of whoever did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Everything that somebody accepts, each difference once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct List(Vec<Entry>);

/// A difference that was found and is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// What differs.
    #[serde(flatten)]
    pub difference: Difference,
    /// Whether it lets the application do more than the bundle says.
    #[serde(rename = "grantsMore")]
    pub grants_more: bool,
    /// Why it is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// An entry that accepts nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Idle {
    /// The entry.
    pub entry: Entry,
    /// Why it accepts nothing.
    pub reason: Reason,
}

/// Why an entry accepts nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Reason {
    /// There is no such difference any more.
    NoLongerNeeded,
    /// Something else is found now.
    OtherFound {
        /// What.
        found: String,
    },
    /// `apply` mends the difference.
    Mended,
    /// The difference prevents an apply from starting.
    InTheWay,
}

impl Entry {
    /// What would accept a difference.
    #[must_use]
    pub fn of(difference: &Difference) -> Self {
        Self {
            place: difference.place.clone(),
            what: difference.what.clone(),
            code: difference.code,
            found: difference.found.clone(),
            why: None,
        }
    }

    /// Whether it is about this difference, whatever was found.
    #[must_use]
    pub fn is_about(&self, difference: &Difference) -> bool {
        self.code == difference.code && same(&self.place, &difference.place) && same(&self.what, &difference.what)
    }

    /// Whether it accepts what was found.
    #[must_use]
    pub fn accepts(&self, found: &str) -> bool {
        same(&self.found, found)
    }

    /// As it may be written into a file.
    fn hidden(&self) -> Self {
        let text = |text: &String| hide(text).into_owned();
        let why = self.why.as_ref().map(text);
        Self { place: text(&self.place), what: text(&self.what), code: self.code, found: text(&self.found), why }
    }

    /// What it is about, whatever was found.
    fn subject(&self) -> (&str, &str, Code) {
        (&self.place, &self.what, self.code)
    }
}

/// Whether two texts are the same. One may come from a file, where `***` replaces secrets.
fn same(written: &str, found: &str) -> bool {
    written == found || hide(written) == hide(found)
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}", self.place, self.what, self.found)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLongerNeeded => f.write_str("no longer needed, take it out of the list"),
            Self::OtherFound { found } => write!(f, "not accepted any more, it is {found} now"),
            Self::Mended => f.write_str("not accepted, since `dvpack apply` mends it"),
            Self::InTheWay => f.write_str("not accepted, since no apply can begin until it is mended"),
        }
    }
}

impl List {
    /// These entries in their order, each difference once: the first one counts.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut list: Vec<Entry> = Vec::new();
        for entry in entries {
            if !list.iter().any(|known| known.subject() == entry.subject()) {
                list.push(entry);
            }
        }
        list.sort();
        Self(list)
    }

    /// The entries, in their order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }

    /// Whether nothing is accepted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it has an entry that accepts the same.
    #[must_use]
    pub fn has(&self, entry: &Entry) -> bool {
        self.0.iter().any(|known| known.subject() == entry.subject() && known.found == entry.found)
    }

    /// The entry about a difference, whatever was found.
    #[must_use]
    pub fn about(&self, difference: &Difference) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.is_about(difference))
    }

    /// The list that accepts exactly these differences, with their known reasons.
    #[must_use]
    pub fn of<'a>(differences: impl IntoIterator<Item = &'a Difference>, known: &[&Self]) -> Self {
        let entry = |difference: &Difference| {
            let mut entry = Entry::of(difference);
            let about = known.iter().filter_map(|list| list.about(difference));
            entry.why = about.filter(|it| it.accepts(&difference.found)).find_map(|it| it.why.clone());
            entry.hidden()
        };
        Self::new(differences.into_iter().map(entry))
    }
}
