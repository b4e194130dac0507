//! Something that acts: a kind, a name, and facts by name.
//! Facts: the numbers of stages and modes are those of the tables `sdkmessageprocessingstep` and `pluginassembly`.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::{credentials, message_name, secret_forms};
use crate::digest::sha256;
use crate::solution::contents::values::HIDDEN;
use crate::solution::profile::{passes_for_attribute, passes_for_child, row};
use crate::solution::xml::Element;
use crate::text::is_invisible;

/// The fact with a role that sees an app or a form.
pub const ROLE: &str = "role";
/// What is shown if there is none.
pub const NO_ROLE: &str = "(none)";
/// The fact that says where a plug-in runs.
pub const ISOLATION: &str = "IsolationMode";
/// A fact that a reviewer needs, if nothing states it.
pub const NOT_SAID: &str = "(not said)";
/// The fact that a canvas app uses connections without anybody's consent.
pub const CONSENT: [&str; 2] = ["BypassConsent", "AdminControlBypassConsent"];
/// The privilege that whoever calls a custom API needs.
pub const PRIVILEGE: &str = "executeprivilegename";
/// What is shown if there is none.
pub const NOBODY_ASKED: &str = "(none: everybody may call it)";

/// The facts that say who may talk to an agent.
pub const ACCESS: [&str; 4] =
    ["accesscontrolpolicy", "authenticationmode", "authenticationtrigger", "authorizedsecuritygroupids"];

/// The fact with the users who may start a flow that is for some only.
pub const USERS: &str = "triggerAllowedUsers";

/// How much of a value is shown.
pub(super) const LONGEST: usize = 500;
/// How much of a name is shown, and of a fact's name kept: one name can belong to thousands of facts.
const LONGEST_NAME: usize = 200;

/// A text as it is shown: where it is cut, what it is the beginning of has a digest, so that no change hides behind the cut.
pub(super) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => {
            Cow::Owned(format!("{}… ({} bytes, sha256 {})", &text[..end], text.len(), sha256(text.as_bytes())))
        }
        None => Cow::Borrowed(text),
    }
}

/// A name as it is shown.
#[must_use]
pub fn shown_name(name: &str) -> Cow<'_, str> {
    cut(name, LONGEST_NAME)
}

/// A value of a fact as it is shown: without secrets, and cut, but for a list of people, of whom each counts.
#[must_use]
pub fn shown_value(fact: &str, value: &str) -> String {
    let shown = secret_forms::shown(value);
    if fact == USERS { shown.into_owned() } else { cut(&shown, LONGEST).into_owned() }
}

/// Something that acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Acting")]
pub struct Act {
    /// What it is, such as `plug-in step`.
    pub kind: &'static str,
    /// What people know it by.
    pub name: String,
    /// Its id, if names of its kind can occur twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it does, by the names that Dataverse has for it.
    pub facts: Vec<ActFact>,
}

/// A fact about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[schemars(rename = "ActingFact")]
pub struct ActFact {
    /// Such as `Stage`.
    pub name: String,
    /// Such as `20 (pre-operation)`; whole, however long it is.
    pub value: String,
}

impl ActFact {
    pub(in crate::solution::contents) fn new(name: &str, value: &str) -> Self {
        Self { name: shown_name(name).into_owned(), value: value.trim().to_owned() }
    }
}

impl Act {
    pub(super) fn new(kind: &'static str, name: &str, id: Option<&str>) -> Self {
        let id = id.map(|id| id.trim_matches(['{', '}']).to_lowercase()).filter(|id| !id.is_empty());
        Self { kind, name: name.to_owned(), id, facts: Vec::new() }
    }

    pub(super) fn add(&mut self, name: &str, value: &str) {
        let fact = ActFact::new(name, value);
        if !is_blank(&fact.value) {
            self.facts.push(fact);
        }
    }

    /// Attributes and children that have only a text, except these. One that looks like the attribute that is read is
    /// not among them.
    pub(super) fn leaves(&mut self, element: &Element, place: &str, but: &[&str]) {
        let row = row(place);
        let is_decoy = |name: &str| row.is_some_and(|row| passes_for_child(row, name));
        let attributes = element.attributes.iter().filter(|(name, _)| !is_decoy(name));
        let attributes = attributes.map(|(name, value)| (name.as_str(), value.clone()));
        let plain = |child: &&Element| {
            child.elements().next().is_none() && !row.is_some_and(|row| passes_for_attribute(row, &child.name))
        };
        let children = element.elements().filter(plain).map(|child| (child.name.as_str(), child.content()));
        for (name, value) in attributes.chain(children).filter(|(name, _)| !but.contains(name) && !is_about(name)) {
            let hidden = is_secret(name) && !value.trim().is_empty();
            let value = if hidden { HIDDEN.to_owned() } else { in_words(name, value.trim()) };
            self.add(name, &value);
        }
    }

    /// Kind, name and id.
    #[must_use]
    pub fn called(&self) -> String {
        let id = self.id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
        format!("{} {}{id}", self.kind, self.name)
    }

    /// All facts on one line, as they are shown.
    #[must_use]
    pub fn words(&self) -> String {
        let facts = self.facts.iter().map(|ActFact { name, value }| format!("{name} = {}", shown_value(name, value)));
        facts.collect::<Vec<_>>().join("; ")
    }
}

/// Blanks and invisible characters mean nothing.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|it| it.is_whitespace() || it.is_control() || is_invisible(it))
}

/// Names of facts that say nothing about what it does.
fn is_about(name: &str) -> bool {
    const ABOUT: [&str; 8] = [
        "Name",
        "IntroducedVersion",
        "IsCustomizable",
        "Description",
        "unmodified",
        "iscustomizable",
        "name",
        "xsi:nil",
    ];
    ABOUT.contains(&name)
}

/// Values meant to be secret: only their existence is shown.
fn is_secret(name: &str) -> bool {
    ["SecureConfiguration", "AuthValue", "SASKey", "SASToken"].iter().any(|it| it.eq_ignore_ascii_case(name))
        || credentials::looks_secret(name) && name != "SASKeyName"
}

/// Numbers with the words that people have for them.
fn in_words(name: &str, value: &str) -> String {
    let word = match (name, value) {
        ("Stage", "10") => "pre-validation",
        ("Stage", "20") => "pre-operation",
        ("Stage", "30") => "main operation",
        ("Stage", "40") => "post-operation",
        ("Mode", "0") => "synchronous",
        ("Mode", "1") => "asynchronous",
        ("Contract", "1") => "one-way queue",
        ("Contract", "2") => "two-way",
        ("Contract", "3") => "REST",
        ("Contract", "5") => "topic",
        ("Contract", "6") => "queue",
        ("Contract", "7") => "event hub",
        ("Contract", "8") => "webhook",
        ("IsolationMode", "1") => "none",
        ("IsolationMode", "2") => "sandbox",
        ("IsolationMode", "3") => "external",
        ("SourceType", "0") => "database",
        ("SourceType", "1") => "disk",
        ("SourceType", "4") => "file store",
        ("SdkMessageId", id) => message_name(id).unwrap_or_default(),
        _ => "",
    };
    if word.is_empty() { value.to_owned() } else { format!("{value} ({word})") }
}
