//! The list of accepted differences as a file: strict YAML like the manifest, with every mistake reported at once.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::deploy::accepted::{Entry, List};
use crate::deploy::difference::Code;
use crate::diagnostic::{Diagnostic, Source, Span, has_errors};
use crate::text::harmless_json;
use crate::yaml::empty;
use crate::yaml::node::Scalar;
use crate::yaml::parse::parse;
use crate::yaml::record::record;
use crate::yaml::shape::{At, Leaf, List as Rows, Reader, Shape, head};
use crate::yaml::write::{Value as Written, document};

/// The largest file that is read or written.
pub const LIMIT: u64 = 1 << 20;

const HEAD: &str = "\
# Differences between an environment and a bundle that somebody has accepted. `dvpack status --write-accepted` wrote it;
# `plan`, `apply`, `status` and `doctor` take it as `--accepted FILE`. If something else is found, it is a difference
# again. What lets the application do more than the bundle says is shown in every run. Write your reasons under `why`.
";

record! {
    /// Differences that somebody has accepted.
    pub struct AcceptedFile => {
        /// The version of this language: 1.
        "dvpackAccepted" required format: At<Format>,
        /// The differences.
        "accepted" required accepted: Rows<Row>,
    }
}

record! {
    /// A difference that is accepted as it was found.
    pub struct Row => {
        /// The kind of difference, as `dvpack status --format json` says it.
        "code" required code: At<CodeWord>,
        /// The thing that differs.
        "where" required place: At<Said>,
        /// What of it.
        "what" required what: At<Said>,
        /// As it was found.
        "found" required found: At<Said>,
        /// Why it is accepted.
        "why" optional why: At<Said>,
    }
}

/// The version of the language.
#[derive(Clone, Debug)]
pub struct Format;

impl Leaf for Format {
    const NOUN: &'static str = "a version of this language";
    const EXAMPLE: &'static str = "1";
    const CODE: &'static str = "accepted-version";
    fn parse(scalar: &Scalar) -> Result<Self, String> {
        if scalar.text == "1" { Ok(Self) } else { Err("this dvpack reads version 1".into()) }
    }
    fn schema() -> Value {
        json!({ "const": 1 })
    }
}

/// A kind of difference.
#[derive(Clone, Copy, Debug)]
pub struct CodeWord(Code);

/// All words; a schema and a proposal need them for as long as the program runs.
fn words() -> &'static [String] {
    static WORDS: std::sync::LazyLock<Vec<String>> =
        std::sync::LazyLock::new(|| Code::ALL.iter().map(|code| code.word()).collect());
    &WORDS
}

impl Leaf for CodeWord {
    const NOUN: &'static str = "a kind of difference";
    const EXAMPLE: &'static str = "privilege-missing";
    const CODE: &'static str = "accepted-code";
    fn parse(scalar: &Scalar) -> Result<Self, String> {
        let found = Code::ALL.iter().zip(words()).find(|(_, word)| **word == scalar.text);
        found.map(|(code, _)| Self(*code)).ok_or_else(|| "it is not one of the known words".into())
    }
    fn schema() -> Value {
        json!({ "enum": words() })
    }
    fn words() -> Vec<&'static str> {
        words().iter().map(String::as_str).collect()
    }
}

/// Words of dvpack, of the environment, or of a person.
#[derive(Clone, Debug)]
pub struct Said(String);

impl Leaf for Said {
    const NOUN: &'static str = "a text";
    const EXAMPLE: &'static str = "not held";
    const CODE: &'static str = "accepted-text";
    fn parse(scalar: &Scalar) -> Result<Self, String> {
        if scalar.text.is_empty() { Err("it is empty".into()) } else { Ok(Self(scalar.text.clone())) }
    }
    fn schema() -> Value {
        json!({ "type": "string", "minLength": 1 })
    }
}

impl Row {
    fn meant(&self) -> Option<Entry> {
        let text = |leaf: &Option<At<Said>>| leaf.as_ref().map(|leaf| leaf.value.0.clone());
        Some(Entry {
            place: text(&self.place)?,
            what: text(&self.what)?,
            code: self.code.as_ref()?.value.0,
            found: text(&self.found)?,
            why: text(&self.why),
        })
    }
}

impl List {
    /// Reads YAML or JSON; the error contains every mistake.
    pub fn parse(source: &Arc<Source>) -> Result<Self, Vec<Diagnostic>> {
        let mut findings = Vec::new();
        let Some(tree) = parse(source, None, &mut findings) else {
            empty::advise(&mut findings, "`dvpack status --write-accepted FILE` writes a list of accepted differences");
            return Err(findings);
        };
        let mut reader = Reader::default();
        let file = AcceptedFile::read(&tree, &mut reader);
        findings.append(&mut reader.findings);
        let rows = file.iter().flat_map(|file| &file.accepted).flat_map(|rows| &rows.items);
        let mut entries: Vec<(Entry, &Span)> = rows.filter_map(|row| Some((row.meant()?, &row.span))).collect();
        // Stable: of two entries about the same thing, the second one is the mistake.
        entries.sort_by(|(one, _), (other, _)| one.subject().cmp(&other.subject()));
        for pair in entries.windows(2) {
            let [(first, at), (second, again)] = pair else { continue };
            if first.subject() == second.subject() {
                findings.push(
                    Diagnostic::error("accepted-twice", format!("{}, {} is accepted twice", second.place, second.what))
                        .at(&head(again))
                        .related(&head(at), "here, too")
                        .help("keep the entry that says what is there now"),
                );
            }
        }
        if has_errors(&findings) {
            return Err(findings);
        }
        Ok(Self::new(entries.into_iter().map(|(entry, _)| entry)))
    }

    /// Whether a text says that it is such a list, though it may have mistakes.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.lines().any(|line| line.trim_start().trim_start_matches(['{', '"', ' ']).starts_with("dvpackAccepted"))
    }

    /// Whether a text has comments; rewriting the list would lose them.
    #[must_use]
    pub fn leaves_comments(&self, text: &str) -> bool {
        let signs = |text: &str| text.matches('#').count();
        let head = if text.contains(HEAD) { 0 } else { signs(HEAD) };
        signs(text) + head > signs(&self.render())
    }

    /// The file.
    #[must_use]
    pub fn render(&self) -> String {
        // What a terminal or a pipeline could execute is in quotes, so that it can be escaped.
        let value = |text: &str| {
            if harmless_json(text) == text { Written::text(text) } else { Written::Quoted(text.to_owned()) }
        };
        let row = |entry: &Entry| {
            let mut keys = vec![
                ("code", Written::Text(entry.code.word())),
                ("where", value(&entry.place)),
                ("what", value(&entry.what)),
                ("found", value(&entry.found)),
            ];
            keys.extend(entry.why.iter().map(|why| ("why", value(why))));
            Written::map(keys)
        };
        let list = document(&Written::map([
            ("dvpackAccepted", Written::Number(1)),
            ("accepted", Written::List(self.entries().map(row).collect())),
        ]));
        format!("{HEAD}{}", harmless_json(&list))
    }
}
