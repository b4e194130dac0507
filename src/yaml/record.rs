//! `record!`: a group of known keys, from one table: the struct, how it is read, and its JSON Schema.

use serde_json::{Map, Value, json};

use crate::diagnostic::{Diagnostic, nearest};
use crate::yaml::node::{Content, Node};
use crate::yaml::shape::{Definitions, Reader, head};

/// The doc comment of a field or type, as one description.
#[must_use]
pub fn description(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The name of a type in the schema: `Written` only distinguishes the text from its meaning.
#[must_use]
pub fn name(of_type: &'static str) -> &'static str {
    of_type.strip_prefix("Written").unwrap_or(of_type)
}

/// The keys of a record, which another record may have beside its own.
pub trait Keys: Sized {
    /// Their names, in the order of the schema.
    fn names() -> Vec<&'static str>;
    /// Reads their values; `known` are all keys that may be beside them.
    fn values(node: &Node, known: &[&'static str], reader: &mut Reader) -> Self;
    /// Adds them to the properties of a JSON Schema, and the names of those that must be there.
    fn properties(definitions: &mut Definitions, properties: &mut Map<String, Value>, required: &mut Vec<&'static str>);
}

/// Puts a record into the definitions of the schema, once, and refers to it.
pub fn schema<T: Keys>(name: &str, description: &str, definitions: &mut Definitions) -> Value {
    if !definitions.contains_key(name) {
        definitions.insert(name.to_owned(), Value::Null);
        let (mut properties, mut required) = (Map::new(), Vec::new());
        T::properties(definitions, &mut properties, &mut required);
        let mut schema = json!({
            "description": description,
            "type": "object",
            "additionalProperties": false,
            "properties": properties,
        });
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        definitions.insert(name.to_owned(), schema);
    }
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// Reports a key that must be there; one that is only misspelt has been reported as that.
pub fn missing(node: &Node, key: &str, known: &[&'static str], reader: &mut Reader) {
    let Content::Mapping(entries) = &node.content else { return };
    let is_meant = |written: &str| !known.contains(&written) && nearest(written, known.iter().copied()) == Some(key);
    if !entries.iter().any(|entry| is_meant(&entry.key)) {
        reader.report(
            Diagnostic::error("missing-key", format!("key `{key}` is missing"))
                .at(&head(&node.span))
                .help(format!("add `{key}: …` here")),
        );
    }
}

/// A group of known keys: makes the struct, its reader and its schema from one table.
///
/// Every field is an `Option`: what is wrong or missing has been reported by the reader. `as` gives the schema another
/// name than the type has; what follows `=>` is an example of this key, in place of the one of its type. A line
/// `..field: Type,` puts the keys of another record here: a person writes them beside the others.
macro_rules! record {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident $(as $schema:ident)? $(, unknown: $unknown:expr)? => {
            $( $(#[doc = $field_doc:literal])* $key:literal $need:ident $field:ident: $kind:ty $(=> $example:literal)?, )*
            $(
                ..$group:ident: $group_type:ty,
                $( $(#[doc = $more_doc:literal])* $more_key:literal $more_need:ident $more:ident: $more_kind:ty $(=> $more_example:literal)?, )*
            )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            /// Where it is.
            pub span: $crate::diagnostic::Span,
            $( $(#[doc = $field_doc])* pub $field: Option<$kind>, )*
            $(
                /// Keys that are beside the others.
                pub $group: $group_type,
                $( $(#[doc = $more_doc])* pub $more: Option<$more_kind>, )*
            )*
        }

        impl $crate::yaml::record::Keys for $name {
            fn names() -> Vec<&'static str> {
                #[allow(unused_mut, reason = "not every record has the keys of another")]
                let mut names = vec![$($key),*];
                $(
                    names.extend(<$group_type as $crate::yaml::record::Keys>::names());
                    names.extend_from_slice(&[$($more_key),*]);
                )*
                names
            }

            #[allow(unused_variables, reason = "a record may have no required key")]
            fn values(
                node: &$crate::yaml::node::Node,
                known: &[&'static str],
                reader: &mut $crate::yaml::shape::Reader,
            ) -> Self {
                $( $crate::yaml::record::record!(@value $need $key $field: $kind [$($example)?] node known reader); )*
                $(
                    let $group = <$group_type as $crate::yaml::record::Keys>::values(node, known, reader);
                    $( $crate::yaml::record::record!(@value $more_need $more_key $more: $more_kind [$($more_example)?] node known reader); )*
                )*
                Self { span: node.span.clone(), $($field,)* $( $group, $($more,)* )* }
            }

            #[allow(unused_variables, reason = "a record may have no required key")]
            fn properties(
                definitions: &mut $crate::yaml::shape::Definitions,
                properties: &mut serde_json::Map<String, serde_json::Value>,
                required: &mut Vec<&'static str>,
            ) {
                $( $crate::yaml::record::record!(
                    @property [$($field_doc),*] $need $key $kind [$($example)?] definitions properties required
                ); )*
                $(
                    <$group_type as $crate::yaml::record::Keys>::properties(definitions, properties, required);
                    $( $crate::yaml::record::record!(
                        @property [$($more_doc),*] $more_need $more_key $more_kind [$($more_example)?] definitions properties required
                    ); )*
                )*
            }
        }

        impl $crate::yaml::shape::Shape for $name {
            fn read(
                node: &$crate::yaml::node::Node,
                reader: &mut $crate::yaml::shape::Reader,
            ) -> Option<Self> {
                let known = <Self as $crate::yaml::record::Keys>::names();
                let example = format!("its keys: {}", known.join(", "));
                let entries = reader.mapping(node, &example)?;
                #[allow(unused_mut, unused_assignments, reason = "not every record has its own words")]
                let mut words = $crate::yaml::shape::UNKNOWN_KEY;
                $( words = $unknown; )?
                for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
                    reader.unknown(entry, &words, &known);
                }
                Some($crate::yaml::record::Keys::values(node, &known, reader))
            }

            fn schema(definitions: &mut $crate::yaml::shape::Definitions) -> serde_json::Value {
                #[allow(unused_mut, unused_assignments, reason = "not every record has a name of its own in the schema")]
                let mut name = $crate::yaml::record::name(stringify!($name));
                $( name = stringify!($schema); )?
                let description = $crate::yaml::record::description(&[$($doc),*]);
                $crate::yaml::record::schema::<Self>(name, &description, definitions)
            }
        }
    };
    (@value $need:ident $key:literal $field:ident: $kind:ty [$($example:literal)?] $node:ident $known:ident $reader:ident) => {
        let $field = match $node.get($key) {
            Some(value) => {
                $( $reader.example = Some($example); )?
                let read = <$kind as $crate::yaml::shape::Shape>::read(value, $reader);
                $reader.example = None;
                read
            }
            None => {
                $crate::yaml::record::record!(@missing $need $key $node $known $reader);
                None
            }
        };
    };
    (@property [$($doc:literal),*] $need:ident $key:literal $kind:ty [$($example:literal)?] $definitions:ident $properties:ident $required:ident) => {
        let mut schema = <$kind as $crate::yaml::shape::Shape>::schema($definitions);
        schema["description"] = $crate::yaml::record::description(&[$($doc),*]).into();
        $( $crate::yaml::shape::show_example(&mut schema, $example); )?
        $properties.insert($key.to_owned(), schema);
        $crate::yaml::record::record!(@required $need $key $required);
    };
    (@missing default $key:literal $node:ident $known:ident $reader:ident) => {};
    (@missing optional $key:literal $node:ident $known:ident $reader:ident) => {};
    (@missing required $key:literal $node:ident $known:ident $reader:ident) => {
        $crate::yaml::record::missing($node, $key, $known, $reader);
    };
    (@required default $key:literal $required:ident) => {};
    (@required optional $key:literal $required:ident) => {};
    (@required required $key:literal $required:ident) => { $required.push($key); };
}
pub(crate) use record;
