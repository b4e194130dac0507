//! Plug-in types, as plug-ins, steps and custom APIs name them.

use serde_json::json;

use crate::diagnostic::{Diagnostic, Span};
use crate::yaml::leaf::{length, pattern, text};
use crate::yaml::shape::At;

text!(
    /// A class, with its namespace.
    TypeName, "type-name", "the full name of a class", "Contoso.Widgets.RateWidget",
    |text| {
        length(text, 256)?;
        let part = |part: &str| {
            part.starts_with(|c: char| c.is_alphabetic() || c == '_') && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        if text.split(['.', '+']).all(part) { Ok(()) } else { Err("the form is `Namespace.Class`".into()) }
    },
    pattern("^[^\\s,`]+$")
);
text!(
    /// How an exported solution names a plug-in type: its GUID, or 64 digits for a type of a plug-in package.
    TypeKey, "plugin-type-key", "the key of a plug-in type", "d51ecaf4-8a9f-43a4-8a39-3a80bd85d79e",
    |text| {
        let digits = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        if digits || (text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()) { Ok(()) } else { Err("a GUID, or 64 hexadecimal digits, is expected".into()) }
    },
    pattern("^[0-9a-fA-F]{64}$|^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
);
text!(
    /// A column, by logical name.
    ColumnName, "column-name", "a column's logical name", "contoso_serialnumber",
    |text| {
        length(text, 128)?;
        let good = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if good { Ok(()) } else { Err("logical names are lower case: letters, digits, underscores".into()) }
    },
    pattern("^[a-z0-9_]+$")
);
text!(
    /// The name of something that Dataverse shows in lists.
    RowName, "name", "a name", "Rate a widget",
    |text| { length(text, 256)?; if text.contains(['\n', '\r']) { Err("it must be one line".into()) } else { Ok(()) } },
    json!({ "minLength": 1, "maxLength": 256 })
);

/// A plug-in type that something else runs.
#[derive(Clone, Debug)]
pub enum PluginTypeReference {
    /// By its name, in an assembly or package of this solution.
    Name(String, Span),
    /// By its key in an exported solution.
    Key(String),
}

/// The one plug-in type that is named, by name or by key.
pub fn plugin_type(
    name: Option<&At<TypeName>>,
    key: Option<&At<TypeKey>>,
    findings: &mut Vec<Diagnostic>,
) -> Option<PluginTypeReference> {
    if let (Some(name), Some(key)) = (name, key) {
        findings.push(
            Diagnostic::error("two-plugin-types", "a plug-in type by name and by key")
                .at(&key.span)
                .related(&name.span, "by name")
                .help("keep the name for a type of this solution, the key for one of another solution"),
        );
    }
    let by_name = name.map(|name| PluginTypeReference::Name(name.value.0.clone(), name.span.clone()));
    by_name.or_else(|| key.map(|key| PluginTypeReference::Key(key.value.0.clone())))
}
