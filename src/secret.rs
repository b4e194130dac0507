//! Text that must never be seen: in a log, an error, a bundle, a URL.
//!
//! [`Secret`] prints as `***` in every form and is wiped when nobody holds it. The one way to the text is
//! [`Secret::reveal`]; searching for that name finds every place where a secret leaves the type.
//!
//! That is not enough where somebody else repeats it, such as a server in its error message. So this process
//! remembers the secrets it has met, and [`hide`] puts `***` in their place, however they are spelt.
//! Everything that leaves the process as text goes through it: what is printed, logged, or written into a report, a plan or
//! a list. What is only read does not, since it is compared; before it is cut, it does ([`cut`]).

mod index;
mod spelling;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use index::Index;

/// What is in a secret's place.
const STARS: &str = "***";

/// Shorter texts, in characters, are not looked for: they are part of ordinary words.
const LEAST: usize = 8;

/// So many are remembered beyond those that are in use. A run meets some ten.
const REMEMBERED: usize = 64;

/// The secrets that this process has met.
static KNOWN: RwLock<Known> = RwLock::new(Known { texts: Vec::new(), next: 0, index: Index::new() });

struct Known {
    /// Each with its number in the index.
    texts: Vec<(u64, Arc<SecretString>)>,
    next: u64,
    index: Index,
}

impl Known {
    fn add(&mut self, text: &Arc<SecretString>) {
        self.index.add(self.next, spelling::needles(text.expose_secret()));
        self.texts.push((self.next, Arc::clone(text)));
        self.next += 1;
    }

    fn remove(&mut self, position: usize) {
        let (number, _) = self.texts.remove(position);
        self.index.remove(number);
    }

    /// The first that nobody holds any more.
    fn unused(&self) -> Option<usize> {
        self.texts.iter().position(|(_, text)| Arc::strong_count(text) == 1)
    }
}

/// A text that prints as `***`.
#[derive(Clone)]
pub struct Secret(Arc<SecretString>);

impl Secret {
    /// Takes ownership of a secret text. From now on [`hide`] finds it.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = Arc::new(SecretString::from(text.into()));
        if text.expose_secret().chars().count() < LEAST {
            return Self(text);
        }
        let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, same)) = known.texts.iter().find(|(_, same)| same.expose_secret() == text.expose_secret()) {
            return Self(Arc::clone(same));
        }
        if known.texts.len() >= REMEMBERED
            && let Some(unused) = known.unused()
        {
            known.remove(unused);
        }
        known.add(&text);
        Self(text)
    }

    /// A text that is kept like a secret and prints as one, but that [`hide`] leaves alone where others print it: it is
    /// no secret by itself (a setting's plain value), or its secret part is known already (a form with a password).
    #[must_use]
    pub fn unlisted(text: impl Into<String>) -> Self {
        Self(Arc::new(SecretString::from(text.into())))
    }

    /// The text itself. Hand it on to the wire only.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.reveal().is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(STARS)
    }
}
impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(STARS)
    }
}

/// The text with `***` in place of every secret that this process has met.
#[must_use]
pub fn hide(text: &str) -> Cow<'_, str> {
    match hide_bytes(text.as_bytes()) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        // What is cut out begins and ends between characters.
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// What is left of a text when only some characters are kept, at most `most`. Its secrets go before that, since what is
/// left of one would not be found any more; a text that is kept as it is, keeps them for whoever compares it.
#[must_use]
pub fn cut(text: &str, keep: impl Fn(char) -> bool, most: usize) -> String {
    if text.chars().nth(most).is_none() && text.chars().all(&keep) {
        return text.to_owned();
    }
    hide(text).chars().filter(|c| keep(*c)).take(most).collect()
}

/// The same for bytes of any kind.
#[must_use]
pub fn hide_bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let found = known.index.find(bytes);
    if found.is_empty() {
        return Cow::Borrowed(bytes);
    }
    let (mut out, mut from) = (Vec::with_capacity(bytes.len()), 0);
    for place in found {
        out.extend_from_slice(&bytes[from..place.start]);
        out.extend_from_slice(STARS.as_bytes());
        from = place.end;
    }
    out.extend_from_slice(&bytes[from..]);
    Cow::Owned(out)
}

/// The same in every text of a JSON value, so that it stays JSON whatever a secret ends with.
pub fn hide_in(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(hidden) = hide(text) {
                *text = hidden;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide_in),
        Value::Object(members) => members.values_mut().for_each(hide_in),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Wipes what is remembered and no longer in use; for the end of the program.
pub fn forget_unused() {
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    while let Some(unused) = known.unused() {
        known.remove(unused);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_stars_in_every_form() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?} {:#?}", Some(&secret)), "*** *** Some(\n    ***,\n)");
        assert_eq!(secret.reveal(), "hunter2");
    }

    /// One test, since what is no longer in use makes room for what comes after.
    #[test]
    fn what_others_repeat_is_hidden_also_after_the_secret_is_gone_until_there_are_too_many() {
        drop(Secret::new("c0rrect horse/battery"));
        assert_eq!(hide("key=c0rrect horse/battery;"), "key=***;");
        assert_eq!(hide("key=c0rrect+horse%2fbattery;"), "key=***;");
        assert!(matches!(hide("nothing of it"), Cow::Borrowed(_)));
        assert_eq!(hide_bytes(b"\xffc0rrect horse/battery\xff").as_ref(), b"\xff***\xff");
        let mut value = serde_json::json!({"a": ["c0rrect horse/battery", 1], "b": {"c": null}});
        hide_in(&mut value);
        assert_eq!(value, serde_json::json!({"a": ["***", 1], "b": {"c": null}}));

        let kept = Secret::new("kept-0123456789");
        assert!(Arc::ptr_eq(&kept.0, &Secret::new("kept-0123456789").0));
        for number in 0..2 * REMEMBERED {
            drop(Secret::new(format!("passing-{number:08}")));
        }
        assert_eq!(hide("kept-0123456789"), "***");
        assert_eq!(hide("passing-00000000"), "passing-00000000");
        assert_eq!(hide(&format!("passing-{:08}", 2 * REMEMBERED - 1)), "***");
    }

    #[test]
    fn what_is_cut_loses_its_secrets_first_and_what_is_not_keeps_them() {
        let _secret = Secret::new("cut/in+halves-0123");
        assert_eq!(cut("at cut/in+halves-0123", |_| true, 40), "at cut/in+halves-0123");
        assert_eq!(cut("at cut/in+halves-0123", |_| true, 10), "at ***");
        assert_eq!(cut("cut/in+halves-0123 end", |c| c.is_ascii_alphanumeric(), 40), "end");
    }

    #[test]
    fn a_secret_of_several_lines_is_found_where_its_line_ends_were_taken_out() {
        let text = "-----BEGIN KEY-----\r\nMIIEvQIBADANBg\n-----END KEY-----\n";
        let _secret = Secret::new(text);
        assert_eq!(hide(&format!("it says {}.", crate::text::plain(text))), "it says ***.");
        assert_eq!(hide(&crate::text::plain(&format!("it says\u{200e} {text}!"))), "it says *** !");
    }

    #[test]
    fn short_and_unlisted_texts_are_left_alone() {
        let _short = Secret::new("sevench");
        let _plain = Secret::unlisted("https://api.unlisted.example");
        let text = "sevench https://api.unlisted.example";
        assert_eq!(hide(text), text);
    }
}
