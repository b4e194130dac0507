//! The lists of a canvas app, which are JSON in the text of its elements: read as strictly as every other JSON of a
//! solution, since readers differ on single quotes, comments and duplicate names.
//! Facts: 56 apps of real solutions; all have these lists, none is written otherwise.

use serde_json::Value;

use crate::solution::json::{CONNECTIONS, Document, LIST};
use crate::solution::xml::Element;

/// What Dataverse has in an app as JSON: a list, or an object of named things.
const LISTS: [&str; 7] = [
    "ConnectionReferences",
    "DatabaseReferences",
    "CdsDependencies",
    "AuthorizationReferences",
    "AppComponents",
    "AppComponentDependencies",
    "Tags",
];

/// The connections that an app uses.
pub(super) const REFERENCES: &str = "ConnectionReferences";

/// What the lists of an app say.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Its connections by key, each with the `id` of a connector; nothing if they cannot be read.
    pub(super) references: Value,
    /// What readers could understand in different ways: a line, and why.
    pub(super) problems: Vec<(usize, String)>,
}

impl Lists {
    /// Reads those of an element of a section; nothing if it is not a canvas app.
    pub(super) fn of(section: &str, app: &Element) -> Self {
        let mut found = Self::default();
        if section != "CanvasApps" || app.name != "CanvasApp" {
            return found;
        }
        for element in app.elements().filter(|it| LISTS.contains(&it.name.as_str())) {
            let text = element.content();
            if !text.trim().is_empty() {
                found.read(&element.name, text.as_bytes(), element.line);
            }
        }
        found
    }

    fn read(&mut self, name: &str, text: &[u8], line: usize) {
        let is_references = name == REFERENCES;
        let mut problem = |why: String| self.problems.push((line, format!("`{name}`: {why}")));
        let document = match Document::read(text, if is_references { CONNECTIONS } else { LIST }) {
            Ok(document) => document,
            Err(error) => return problem(error.why),
        };
        document.ambiguous.into_iter().for_each(&mut problem);
        match &document.value {
            Value::Object(references) if is_references => {
                for (key, _) in references.iter().filter(|(_, it)| it.get("id").and_then(Value::as_str).is_none()) {
                    problem(format!("`{key}` does not name its connector, as in `{{\"id\":\"/providers/…\"}}`"));
                }
            }
            Value::Array(items) if is_references && !items.is_empty() => {
                problem("it is a list; Dataverse has an object of connections by their keys".to_owned());
            }
            Value::Object(_) | Value::Array(_) => {}
            _ => problem("it is neither an object nor a list".to_owned()),
        }
        if is_references {
            self.references = document.value;
        }
    }
}
