//! What of a manifest no message and no excerpt shows: whatever stands where a secret is meant, right or wrong, and
//! whatever has the form of one.
//!
//! Right is a reference (`{ secret: { env: NAME } }`), and stays readable. Everything else at that place may be the
//! secret itself: text, a list, a key, an alias, also where the YAML around it is broken.

use std::collections::HashSet;

use crate::catalog::credentials::looks_secret;
use crate::catalog::secret_forms::{self, Scope};
use crate::diagnostic::{Diagnostic, Source, Span, nearest};
use crate::manifest::node::{Content, Entry, Node};
use crate::secret::Secret;

/// Shorter texts are hidden in their own place only.
const LEAST: usize = 4;

/// What is meant at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The whole manifest, or what is merged into it.
    Manifest,
    /// `environments:`
    Environments,
    /// Names and values of settings.
    Settings,
    /// A setting's value.
    Setting,
    /// Where a secret can be had.
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

impl Meaning {
    /// What is meant by the value of a key.
    pub(super) fn of(self, key: &str) -> Self {
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

/// Keys of the language that only look as if a secret stood behind them.
const LANGUAGE: [&str; 3] = ["parameterKey", "publicKeyToken", "secretExpires"];

/// Whether somebody can have written a secret behind a key. To hide too much here costs a word of an excerpt.
pub(super) fn sounds_secret(key: &str) -> bool {
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

/// Texts that are looked for in all that is printed, at most: each makes every output slower. Beyond these, a text is
/// hidden in its place and where a message quotes it.
const MOST_EVERYWHERE: usize = 32;
/// Findings of texts with the form of a secret.
const MOST_FINDINGS: usize = 50;

/// Texts that were hidden, to be taken out of messages too.
#[derive(Debug, Default)]
pub(super) struct Veil {
    texts: HashSet<String>,
    everywhere: usize,
}

impl Veil {
    /// Hides what has the form of a secret, anywhere in a text. Comments can have secrets, too.
    pub(super) fn forms(source: &Source) {
        for (index, found) in secret_forms::find(source.text.as_bytes(), Scope::Manifest).into_iter().enumerate() {
            if let Some(text) = source.text.get(found.range.clone()).filter(|_| index < MOST_EVERYWHERE) {
                let _known = Secret::new(text.trim());
            }
            source.hide(found.range);
        }
    }

    /// Hides what is not a reference where a secret is meant.
    pub(super) fn tree(&mut self, root: &mut Node) {
        let secret = secret_variables(root);
        self.node(root, Meaning::Manifest, &secret, false);
    }

    /// Hides what stands in a part that did not become part of the tree.
    pub(super) fn dropped(&mut self, node: &mut Node, meaning: Meaning) {
        let secret = secret_variables(node);
        // What is written twice, or merged, is not needed to see the mistake.
        self.node(node, if meaning == Meaning::Setting { Meaning::Value } else { meaning }, &secret, true);
    }

    fn node(&mut self, node: &mut Node, meaning: Meaning, secret: &HashSet<String>, all: bool) {
        match &mut node.content {
            Content::Scalar(scalar) => {
                let hidden = matches!(meaning, Meaning::Secret | Meaning::Value | Meaning::Settings | Meaning::Setting);
                if hidden {
                    properties(&node.span);
                }
                if hidden && !scalar.is_null() {
                    scalar.hidden = true;
                    self.add(&scalar.text, &node.span, meaning == Meaning::Secret);
                }
            }
            Content::Sequence(items) => {
                for item in items {
                    self.node(item, meaning.item(), secret, all);
                }
            }
            Content::Mapping(entries) => {
                let is_secret = meaning == Meaning::Variables && !all && !may_be_shown(entries, secret);
                let mut hidden = false;
                for entry in entries {
                    // A text with a comma is two entries where braces are: `{ password: one,two }`.
                    let rest = matches!(&entry.value.content, Content::Scalar(scalar) if scalar.is_null());
                    if hidden && rest && !entry.key.contains('_') {
                        self.add(&entry.key, &entry.key_span, true);
                        continue;
                    }
                    hidden = self.entry(entry, meaning, secret, all, is_secret);
                }
            }
            Content::Refused
                if matches!(meaning, Meaning::Secret | Meaning::Value | Meaning::Settings | Meaning::Setting) =>
            {
                node.span.source.hide(node.span.range.clone());
            }
            Content::Refused => {}
        }
    }

    /// Whether its value is hidden.
    fn entry(
        &mut self,
        entry: &mut Entry,
        meaning: Meaning,
        secret: &HashSet<String>,
        all: bool,
        is_secret: bool,
    ) -> bool {
        let mut below = meaning.of(&entry.key);
        let names = matches!(meaning, Meaning::Manifest | Meaning::Environments | Meaning::Settings | Meaning::Other);
        let scalar = matches!(entry.value.content, Content::Scalar(_));
        if names && entry.key.contains('_') && nearest(&entry.key, secret.iter().map(String::as_str)).is_some() {
            below = if scalar { Meaning::Value } else { Meaning::Setting };
        }
        match meaning {
            Meaning::Secret if is_reference(&entry.key, &entry.value) => below = Meaning::Other,
            Meaning::Secret | Meaning::Setting => self.key(entry),
            Meaning::Settings => {
                let name = entry.key.to_ascii_lowercase();
                if scalar && (secret.contains(&name) || looks_secret(&entry.key)) {
                    if secret.contains(&name)
                        && let Content::Scalar(scalar) = &entry.value.content
                    {
                        self.add(&scalar.text, &entry.value.span, true);
                    }
                    below = Meaning::Value;
                }
            }
            // The default of a variable that is no secret is part of the package.
            Meaning::Variables if below == Meaning::Value && !is_secret && !all => below = Meaning::Other,
            _ => {}
        }
        self.node(&mut entry.value, below, secret, all);
        matches!(below, Meaning::Secret | Meaning::Value | Meaning::Settings | Meaning::Setting)
    }

    /// A key where a secret is meant can be the secret: `secret: { hunter2 }`.
    fn key(&mut self, entry: &Entry) {
        const KNOWN: [&str; 5] = ["secret", "connection", "env", "file", "keyVault"];
        let is_null = matches!(&entry.value.content, Content::Scalar(scalar) if scalar.is_null());
        let is_word = entry.key.len() <= 20 && entry.key.chars().all(|c| c.is_ascii_alphabetic());
        let known = nearest(&entry.key, KNOWN).is_some();
        if !known && (is_null || !is_word) {
            self.add(&entry.key, &entry.key_span, true);
        }
    }

    /// `everywhere`: where it is long enough, in everything that is printed.
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
    pub(super) fn clean(&self, findings: &mut [Diagnostic]) {
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

/// Hides what stands before a value and would be an anchor or a tag: text that is not in quotes can begin like that.
pub(super) fn properties(span: &Span) {
    let text = &span.source.text;
    let start = text[..span.range.start].rfind('\n').map_or(0, |at| at + 1);
    let line = &text[start..span.range.start];
    let mut from = line.len();
    loop {
        let before = line[..from].trim_end();
        let word = before.rfind([' ', '\t', '{', '[', ',']).map_or(0, |at| at + 1);
        if !before[word..].starts_with(['&', '!']) {
            break;
        }
        from = word;
    }
    span.source.hide(start + from..span.range.start);
}

/// A reference as it is meant. What expressions will put into it is not known yet, and not shown.
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

/// Warns of strings that have the form of a secret. Expressions are evaluated by now.
pub(super) fn warn(node: &Node, path: &mut Vec<String>, findings: &mut Vec<Diagnostic>) {
    match &node.content {
        Content::Scalar(scalar) => strings(&scalar.text, &node.span, path, findings),
        Content::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(format!("[{}]", index + 1));
                warn(item, path, findings);
                path.pop();
            }
        }
        Content::Mapping(entries) => {
            for entry in entries {
                strings(&entry.key, &entry.key_span, path, findings);
                let dot = if path.is_empty() { "" } else { "." };
                path.push(format!("{dot}{}", entry.key));
                warn(&entry.value, path, findings);
                path.pop();
            }
        }
        Content::Refused => {}
    }
}

fn strings(text: &str, span: &Span, path: &[String], findings: &mut Vec<Diagnostic>) {
    let source = &span.source;
    for found in secret_forms::find(text.as_bytes(), Scope::Manifest) {
        if secret_forms::is_allowed(source.text.as_bytes(), span.range.start.min(source.text.len())) {
            continue;
        }
        let secret = text.get(found.range.clone()).unwrap_or(text).trim();
        let lead = span.text().find(secret).filter(|_| !secret.is_empty());
        let place = match lead {
            Some(lead) => Span::new(source, span.range.start + lead..span.range.start + lead + secret.len()),
            None => span.clone(),
        };
        source.hide(place.range.clone());
        if findings.iter().filter(|finding| finding.code == "secret-in-manifest").take(MOST_FINDINGS).count()
            == MOST_FINDINGS
        {
            continue;
        }
        let _known = Secret::new(secret);
        let (what, path) = (found.what, path.concat());
        let message = if path.is_empty() {
            format!("this looks like {what}")
        } else {
            format!("`{path}` contains what looks like {what}")
        };
        findings.push(
            Diagnostic::warning("secret-in-manifest", message)
                .at(&place)
                .help("whoever reads the manifest, the bundle or the solution can read it: write a reference such as `{ secret: { keyVault: … } }`, and have the secret replaced where it is issued")
                .help(format!("if it is none, write `{}` in a comment on the line or the one above", secret_forms::ALLOW)),
        );
    }
}
