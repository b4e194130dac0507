//! Names of other components: where they are in the manifest, and stable ids where none are given.

use std::collections::HashMap;

use uuid::Uuid;

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::leaf::TableName;
use crate::yaml::leaf::{length, text};
use crate::yaml::shape::{At, List, Map};

text!(
    /// A name, or the GUID of what has no name here.
    NameOrId, "name", "a name or a GUID", "Active Widgets",
    |text| length(text, 256),
    serde_json::json!({ "minLength": 1, "maxLength": 256 })
);

/// The GUID that is given, or the one that is made of publisher, kind and name.
#[must_use]
pub fn given_or_stable(given: Option<Uuid>, kind: &str, publisher: &str, name: &str) -> Uuid {
    given.unwrap_or_else(|| crate::guid::stable(kind, publisher, name))
}

/// A name that is checked later, and its place.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name as written.
    pub name: String,
    /// Where it is.
    pub span: Span,
}

impl Named {
    /// The name in lower case, as Dataverse compares it.
    #[must_use]
    pub fn logical(&self) -> String {
        self.name.to_ascii_lowercase()
    }
}

/// A name or GUID that is looked for later.
pub fn name_or_id(written: &At<NameOrId>) -> Named {
    Named { name: written.value.0.clone(), span: written.span.clone() }
}

/// A table that is looked for later.
pub fn table(written: &At<TableName>) -> Named {
    Named { name: written.value.0.clone(), span: written.span.clone() }
}

/// Names or GUIDs that are looked for later; none where none are written.
pub fn names(written: Option<&List<At<NameOrId>>>) -> Vec<Named> {
    written.iter().flat_map(|list| &list.items).map(name_or_id).collect()
}

/// The same, by table.
pub fn by_table(written: Option<&Map<List<At<NameOrId>>>>) -> Vec<(Named, Vec<Named>)> {
    let entries = written.iter().flat_map(|map| &map.entries);
    entries.map(|(name, span, list)| (Named { name: name.clone(), span: span.clone() }, names(Some(list)))).collect()
}

/// Reports names that occur twice (without regard to case, as Dataverse compares them).
pub fn check_unique<'a>(
    what: &str,
    names: impl IntoIterator<Item = (&'a str, &'a Span)>,
    findings: &mut Vec<Diagnostic>,
) {
    let mut seen: HashMap<String, &Span> = HashMap::new();
    for (name, span) in names {
        if let Some(first) = seen.get(&name.to_lowercase()) {
            let finding = Diagnostic::error("duplicate-name", format!("{what} `{name}` is declared twice")).at(span);
            findings.push(
                finding.label("again here").related(first, "first here").help("remove one or give it another name"),
            );
        } else {
            seen.insert(name.to_lowercase(), span);
        }
    }
}
