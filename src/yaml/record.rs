//! `record!`: a group of known keys, from one table: the struct, how it is read, and its JSON Schema.

/// The doc comment of a field or type, as one description.
#[must_use]
pub fn description(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The name of a type in the schema: `Written` only tells the text from what it means.
#[must_use]
pub fn name(of_type: &'static str) -> &'static str {
    of_type.strip_prefix("Written").unwrap_or(of_type)
}

/// A group of known keys: makes the struct, its reader and its schema from one table.
///
/// Every field is an `Option`: what is wrong or missing has been reported by the reader. `as` gives the schema another
/// name than the type has; what follows `=>` is an example of this key, in place of the one of its type.
macro_rules! record {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident $(as $schema:ident)? $(, unknown: $unknown:expr)? => {
            $( $(#[doc = $field_doc:literal])* $key:literal $need:ident $field:ident: $kind:ty $(=> $example:literal)?, )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            /// Where it is.
            pub span: $crate::diagnostic::Span,
            $( $(#[doc = $field_doc])* pub $field: Option<$kind>, )*
        }

        impl $crate::yaml::shape::Shape for $name {
            fn read(
                node: &$crate::yaml::node::Node,
                reader: &mut $crate::yaml::shape::Reader,
            ) -> Option<Self> {
                const KNOWN: &[&str] = &[$($key),*];
                let example = format!("its keys: {}", KNOWN.join(", "));
                let entries = reader.mapping(node, &example)?;
                #[allow(unused_mut, unused_assignments, reason = "not every record has its own words")]
                let mut words = $crate::yaml::shape::UNKNOWN_KEY;
                $( words = $unknown; )?
                for entry in entries.iter().filter(|entry| !KNOWN.contains(&entry.key.as_str())) {
                    reader.unknown(entry, &words, KNOWN);
                }
                $(
                    let $field = match node.get($key) {
                        Some(value) => {
                            $( reader.example = Some($example); )?
                            let read = <$kind as $crate::yaml::shape::Shape>::read(value, reader);
                            reader.example = None;
                            read
                        }
                        None => { $crate::yaml::record::record!(@missing $need $key node reader entries); None }
                    };
                )*
                Some(Self { span: node.span.clone(), $($field),* })
            }

            fn schema(definitions: &mut $crate::yaml::shape::Definitions) -> serde_json::Value {
                #[allow(unused_mut, unused_assignments, reason = "not every record has a name of its own in the schema")]
                let mut name = $crate::yaml::record::name(stringify!($name));
                $( name = stringify!($schema); )?
                if !definitions.contains_key(name) {
                    definitions.insert(name.to_owned(), serde_json::Value::Null);
                    let mut properties = serde_json::Map::new();
                    #[allow(unused_mut, reason = "a record may have no required key")]
                    let mut required: Vec<&str> = Vec::new();
                    $(
                        let mut schema = <$kind as $crate::yaml::shape::Shape>::schema(definitions);
                        schema["description"] = $crate::yaml::record::description(&[$($field_doc),*]).into();
                        $( $crate::yaml::shape::show_example(&mut schema, $example); )?
                        properties.insert($key.to_owned(), schema);
                        $crate::yaml::record::record!(@required $need $key required);
                    )*
                    let mut schema = serde_json::json!({
                        "description": $crate::yaml::record::description(&[$($doc),*]),
                        "type": "object",
                        "additionalProperties": false,
                        "properties": properties,
                    });
                    if !required.is_empty() {
                        schema["required"] = required.into();
                    }
                    definitions.insert(name.to_owned(), schema);
                }
                serde_json::json!({ "$ref": format!("#/$defs/{name}") })
            }
        }
    };
    (@missing default $key:literal $node:ident $reader:ident $entries:ident) => {};
    (@missing optional $key:literal $node:ident $reader:ident $entries:ident) => {};
    (@missing required $key:literal $node:ident $reader:ident $entries:ident) => {
        // One that is only misspelt is reported as such.
        let is_meant = |written: &str| {
            !KNOWN.contains(&written) && $crate::diagnostic::nearest(written, KNOWN.iter().copied()) == Some($key)
        };
        if !$entries.iter().any(|entry| is_meant(&entry.key)) {
            $reader.report(
                $crate::diagnostic::Diagnostic::error("missing-key", format!("key `{}` is missing", $key))
                    .at(&$crate::yaml::shape::head(&$node.span))
                    .help(format!("add `{}: …` here", $key)),
            );
        }
    };
    (@required default $key:literal $required:ident) => {};
    (@required optional $key:literal $required:ident) => {};
    (@required required $key:literal $required:ident) => { $required.push($key); };
}
pub(crate) use record;
