//! The parts of a text that no message and no excerpt shows. One rule: a value is shown only if it belongs to a known
//! key with a single value, the key is not for secrets, and the value does not have the form of one.
//!
//! Where a secret is expected, a reference (`{ secret: { env: NAME } }`) is right, and stays readable. Everything else
//! there may be the secret itself: text, a list, a key, an alias, also where the YAML around it is broken.

pub mod forms;
pub mod lines;
pub mod place;

use std::collections::HashSet;

use crate::catalog::credentials::looks_secret;
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::secret::Secret;
use crate::yaml::node::{Content, Entry, Node};
use crate::yaml::veil::place::Place;

/// Shorter texts are hidden only where they are written.
const LEAST: usize = 4;

/// What is meant at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The whole manifest, or what is merged into it.
    Manifest,
    /// `environments:`
    Environments,
    /// Names and values of settings.
    Settings,
    /// A setting's value.
    Setting,
    /// Where a secret comes from.
    Secret,
    /// `components:`
    Components,
    /// `components.environmentVariables:` and each of it.
    Variables,
    /// A value behind a key that looks like a secret's.
    Value,
    /// Nothing secret.
    Other,
}

/// What is meant at a place, and what the language takes there.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    meaning: Meaning,
    place: Place,
}

impl Spot {
    /// A whole file.
    pub(crate) fn new(place: Place) -> Self {
        Self { meaning: Meaning::Manifest, place }
    }

    /// The value of a key.
    pub(crate) fn of_key(&self, key: &str) -> Self {
        Self { meaning: self.meaning.of(key), place: self.place.of_key(key) }
    }

    /// An item of a list.
    pub(crate) fn item(&self) -> Self {
        Self { meaning: self.meaning.item(), place: self.place.item() }
    }

    /// The value of a key that is not text.
    pub(crate) fn of_other_key(&self) -> Self {
        let meaning = if self.meaning == Meaning::Settings { Meaning::Setting } else { self.meaning };
        Self { meaning, place: self.place.clone() }
    }

    /// Whether a single value there may be a secret.
    fn is_hidden(&self) -> bool {
        self.is_meant() || !self.place.takes_value()
    }

    /// Whether a secret is meant there, or what may be one.
    fn is_meant(&self) -> bool {
        matches!(self.meaning, Meaning::Secret | Meaning::Value | Meaning::Settings | Meaning::Setting)
    }

    fn meant(mut self, meaning: Meaning) -> Self {
        self.meaning = meaning;
        self
    }
}

impl Meaning {
    /// What is meant by the value of a key.
    fn of(self, key: &str) -> Self {
        let is = |word: &str| key == word || nearest(key, [word]) == Some(word);
        match self {
            Self::Secret => Self::Secret,
            _ if is("secret") => Self::Secret,
            Self::Manifest if is("settings") => Self::Settings,
            Self::Manifest if is("components") => Self::Components,
            Self::Manifest if is("environments") => Self::Environments,
            Self::Environments if is("settings") => Self::Settings,
            Self::Environments => Self::Manifest,
            Self::Settings => Self::Setting,
            Self::Setting if key == "connection" => Self::Other,
            Self::Setting => Self::Value,
            Self::Components if is("environmentVariables") => Self::Variables,
            Self::Variables if is("default") || key == "value" => Self::Value,
            Self::Value => Self::Value,
            // Written by name in place of a list.
            Self::Variables if key.contains('_') => Self::Variables,
            _ if sounds_secret(key) => Self::Value,
            // The name of a setting whose level was forgotten.
            Self::Manifest if key.contains('_') => Self::Setting,
            _ => Self::Other,
        }
    }

    /// What is meant by an item of a list.
    fn item(self) -> Self {
        match self {
            Self::Settings | Self::Setting => Self::Value,
            other => other,
        }
    }
}

/// Keys of the language that only look as if their value were a secret.
const LANGUAGE: [&str; 3] = ["parameterKey", "publicKeyToken", "secretExpires"];

/// Whether somebody may have written a secret as the value of a key. Hiding too much costs only a word of an excerpt.
pub(crate) fn sounds_secret(key: &str) -> bool {
    const PARTS: [&str; 8] = ["secret", "passw", "passphrase", "kennwort", "credential", "creds", "apikey", "token"];
    const WHOLE: [&str; 6] = ["pw", "pwd", "pass", "cred", "jwt", "pin"];
    if LANGUAGE.contains(&key) {
        return false;
    }
    let lower = key.to_ascii_lowercase();
    looks_secret(key)
        || PARTS.iter().any(|part| lower.contains(part))
        || lower.split(|c: char| !c.is_alphanumeric()).any(|word| WHOLE.contains(&word))
}

/// At most so many texts are searched for in everything that is printed: each makes every output slower. Beyond these,
/// a text is hidden only where it is written and where a message quotes it.
pub(crate) const MOST_EVERYWHERE: usize = 32;

/// Texts that were hidden, to be removed from messages, too.
#[derive(Debug, Default)]
pub(crate) struct Veil {
    texts: HashSet<String>,
    everywhere: usize,
}

impl Veil {
    /// Hides what is not shown of a whole document.
    pub(crate) fn tree(&mut self, root: &mut Node, spot: &Spot) {
        let secret = secret_variables(root);
        self.node(root, spot, &secret, false);
    }

    /// Hides the values in a part of the text that is not in the tree.
    pub(crate) fn dropped(&mut self, node: &mut Node, spot: &Spot) {
        let secret = secret_variables(node);
        // What is written twice, or merged, is not needed to see the mistake.
        let spot = spot.clone();
        let spot = if spot.meaning == Meaning::Setting { spot.meant(Meaning::Value) } else { spot };
        self.node(node, &spot, &secret, true);
    }

    fn node(&mut self, node: &mut Node, spot: &Spot, secret: &HashSet<String>, all: bool) {
        match &mut node.content {
            Content::Scalar(scalar) => {
                let hidden = spot.is_hidden();
                if hidden {
                    properties(&node.span);
                }
                if hidden && !scalar.is_null() {
                    scalar.hidden = true;
                    node.span.source.hide(node.span.range.clone());
                    if spot.is_meant() {
                        self.add(&scalar.text, &node.span, spot.meaning == Meaning::Secret);
                    }
                }
            }
            Content::Sequence(items) => {
                let item_spot = spot.item();
                for item in items {
                    self.node(item, &item_spot, secret, all);
                }
            }
            Content::Mapping(entries) => {
                let is_secret = spot.meaning == Meaning::Variables && !all && !may_be_shown(entries, secret);
                let mut hidden = false;
                for entry in entries {
                    // A text with a comma is two entries where braces are: `{ password: one,two }`.
                    let rest = matches!(&entry.value.content, Content::Scalar(scalar) if scalar.is_null());
                    if hidden && rest && !entry.key.contains('_') {
                        self.add(&entry.key, &entry.key_span, true);
                        continue;
                    }
                    hidden = self.entry(entry, spot, secret, all, is_secret);
                }
            }
            Content::Refused if spot.is_hidden() => node.span.source.hide(node.span.range.clone()),
            Content::Refused => {}
        }
    }

    /// Whether its value is hidden.
    fn entry(&mut self, entry: &mut Entry, spot: &Spot, secret: &HashSet<String>, all: bool, is_secret: bool) -> bool {
        let mut below = spot.of_key(&entry.key);
        let scalar = matches!(entry.value.content, Content::Scalar(_));
        match spot.meaning {
            Meaning::Secret if is_reference(&entry.key, &entry.value) => below.meaning = Meaning::Other,
            Meaning::Secret | Meaning::Setting => self.key(entry),
            Meaning::Settings => {
                let is_declared = secret.contains(&entry.key.to_ascii_lowercase());
                if scalar && (is_declared || looks_secret(&entry.key)) {
                    if is_declared && let Content::Scalar(scalar) = &entry.value.content {
                        self.add(&scalar.text, &entry.value.span, true);
                    }
                    below.meaning = Meaning::Value;
                }
            }
            // The default of a variable that is not a secret is part of the package.
            Meaning::Variables if below.meaning == Meaning::Value && !is_secret && !all => {
                below.meaning = Meaning::Other;
            }
            _ => {}
        }
        self.node(&mut entry.value, &below, secret, all);
        below.is_hidden()
    }

    /// A key where a secret is expected can be the secret: `secret: { hunter2 }`.
    fn key(&mut self, entry: &Entry) {
        const KNOWN: [&str; 5] = ["secret", "connection", "env", "file", "keyVault"];
        let is_null = matches!(&entry.value.content, Content::Scalar(scalar) if scalar.is_null());
        let is_word = entry.key.len() <= 20 && entry.key.chars().all(|c| c.is_ascii_alphabetic());
        let known = nearest(&entry.key, KNOWN).is_some();
        if !known && (is_null || !is_word) {
            self.add(&entry.key, &entry.key_span, true);
        }
    }

    /// `everywhere`: if it is long enough, it is hidden in everything that is printed.
    fn add(&mut self, text: &str, span: &Span, everywhere: bool) {
        span.source.hide(span.range.clone());
        if text.chars().count() < LEAST {
            return;
        }
        self.texts.insert(text.to_owned());
        if everywhere && self.everywhere < MOST_EVERYWHERE {
            self.everywhere += 1;
            let _known = Secret::new(text);
        }
    }

    /// Puts `***` in place of what is hidden, in what a message quotes.
    pub(crate) fn clean(&self, findings: &mut [Diagnostic]) {
        if self.texts.is_empty() {
            return;
        }
        for finding in findings {
            self.quoted(&mut finding.message);
            finding.label.iter_mut().for_each(|label| self.quoted(label));
            finding.help.iter_mut().for_each(|help| self.quoted(help));
        }
    }

    fn quoted(&self, text: &mut String) {
        if !text.contains('`') {
            return;
        }
        let mut parts: Vec<&str> = text.split('`').collect();
        let mut changed = false;
        for part in parts.iter_mut().skip(1).step_by(2) {
            if self.texts.contains(*part) {
                (*part, changed) = ("***", true);
            }
        }
        if changed {
            *text = parts.join("`");
        }
    }
}

/// Hides what looks like an anchor or a tag before a value: text that is not in quotes can begin like that.
pub(crate) fn properties(span: &Span) {
    let text = &span.source.text[..span.range.start];
    let is_blank = |c: char| c == ' ' || c == '\t';
    let mut from = text.len();
    loop {
        let before = text[..from].trim_end_matches(is_blank);
        let word = before.rfind([' ', '\t', '{', '[', ',', '\n']).map_or(0, |at| at + 1);
        if !before[word..].starts_with(['&', '!']) {
            break;
        }
        from = word;
    }
    span.source.hide(from..span.range.start);
}

/// A reference in its intended form. The results of its expressions are not known yet, and not shown.
fn is_reference(key: &str, value: &Node) -> bool {
    let Content::Scalar(scalar) = &value.content else { return false };
    let text = scalar.text.as_str();
    let is_name = |text: &str| {
        text.len() <= 128
            && !text.starts_with(|c: char| c.is_ascii_digit())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let has_expression = text.contains("${{");
    // Text in quotes inside an expression can be the secret.
    if has_expression && text.contains(['"', '\'']) {
        return false;
    }
    match key {
        "env" => is_name(text) || has_expression,
        "file" => true,
        "keyVault" => text.starts_with("/subscriptions/") || text.trim_start().starts_with("${{"),
        _ => false,
    }
}

/// Whether the default of a variable may be seen.
fn may_be_shown(entries: &[Entry], secret: &HashSet<String>) -> bool {
    let name = entries.iter().find(|entry| entry.key == "name").and_then(|entry| text(&entry.value));
    name.is_some_and(|name| !looks_secret(name) && !secret.contains(&name.to_ascii_lowercase()))
        && !entries.iter().any(|entry| text(&entry.value) == Some("secret"))
}

/// The names of declared variables of type `secret`, in lower case.
fn secret_variables(root: &Node) -> HashSet<String> {
    let declared = root.get("components").and_then(|it| it.get("environmentVariables"));
    let Some(Content::Sequence(items)) = declared.map(|it| &it.content) else { return HashSet::new() };
    let is_secret = |item: &&Node| {
        item.get("type").and_then(text).is_some_and(|kind| nearest(kind, ["secret"]).is_some() || kind.contains("${{"))
    };
    let name = |item: &Node| item.get("name").and_then(text).map(str::to_ascii_lowercase);
    items.iter().filter(is_secret).filter_map(name).collect()
}

fn text(node: &Node) -> Option<&str> {
    match &node.content {
        Content::Scalar(scalar) => Some(scalar.text.as_str()),
        _ => None,
    }
}
