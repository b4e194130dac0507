//! Manifests to start from: templates under `manifests/starters/`, filled in.

use crate::yaml::write::scalar;

/// A template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// What every package has.
    Minimal,
    /// Some of everything.
    Full,
}

/// What a starter is filled with.
#[derive(Clone, Debug)]
pub struct Answers {
    /// The solution's unique name.
    pub name: String,
    /// The publisher's unique name.
    pub publisher: String,
    /// The publisher's prefix.
    pub prefix: String,
    /// The application (client) ID.
    pub client_id: String,
}

/// Stands for a client ID until the real one is written: no application has it.
pub const PLACEHOLDER_CLIENT_ID: &str = "00000000-0000-0000-0000-000000000001";

impl Template {
    /// The manifest.
    #[must_use]
    pub fn fill(self, answers: &Answers) -> String {
        let text = match self {
            Self::Minimal => include_str!("../../manifests/starters/minimal.yaml"),
            Self::Full => include_str!("../../manifests/starters/full.yaml"),
        };
        let title = title(&answers.name);
        let values = [
            ("@name@", scalar(&answers.name)),
            ("@service@", scalar(&format!("{title} Service"))),
            ("@title@", scalar(&title)),
            ("@publisher@", scalar(&answers.publisher)),
            ("@display-name@", scalar(&self::title(&answers.publisher))),
            // The beginning of a name. Nothing that needs quotes is a prefix: the manifest is refused.
            ("@prefix@_", format!("{}_", answers.prefix)),
            ("@prefix@", scalar(&answers.prefix)),
            ("@client-id@", scalar(&answers.client_id)),
        ];
        values.iter().fold(text.to_owned(), |text, (mark, value)| text.replace(mark, value))
    }
}

/// `ContosoWidgets` → `Contoso Widgets`.
fn title(name: &str) -> String {
    let mut title = String::new();
    let mut previous = ' ';
    for (index, character) in name.chars().enumerate() {
        if character == '_' {
            title.push(' ');
        } else {
            if character.is_ascii_uppercase() && previous.is_ascii_lowercase() {
                title.push(' ');
            }
            title.push(if index == 0 { character.to_ascii_uppercase() } else { character });
        }
        previous = character;
    }
    title.trim().to_owned()
}

/// A unique name made of any text: `my widgets-2` → `MyWidgets2`.
#[must_use]
pub fn unique_name(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let joined: String = words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect();
    let name: String = joined.trim_start_matches(|c: char| c.is_ascii_digit()).chars().take(65).collect();
    if name.is_empty() { "MySolution".into() } else { name }
}

/// A prefix made of a publisher's name.
#[must_use]
pub fn prefix(publisher: &str) -> String {
    let letters = publisher.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let prefix: String = letters.trim_start_matches(|c: char| c.is_ascii_digit()).chars().take(8).collect();
    if prefix.len() < 2 || prefix.starts_with("mscrm") { "new1".into() } else { prefix }
}
