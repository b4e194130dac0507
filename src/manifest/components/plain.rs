//! Kinds without special rules: one struct, whose fields say how a key is read and what it means.

use std::ops::Deref;
use std::path::PathBuf;

use serde_json::Value;

use crate::diagnostic::Span;
use crate::manifest::components::extra::Extra;
use crate::manifest::components::files::one;
use crate::manifest::components::labels::{Labels, WrittenLabels, labels};
use crate::manifest::components::names::Named;
use crate::manifest::components::scope::Scope;
use crate::manifest::leaf::RelativePath;
use crate::manifest::prefix;
use crate::yaml::leaf::Plain;
use crate::yaml::node::Node;
use crate::yaml::shape::{At, Definitions, Leaf, List, Map, Reader, Shape};

/// Something written that means a value.
pub trait Meaning {
    /// The value.
    type Meant;
    /// What it means; `None` when that has been reported.
    fn meant(&self, scope: &mut Scope<'_>) -> Option<Self::Meant>;
}

impl<T: Plain> Meaning for At<T> {
    type Meant = T::Value;
    fn meant(&self, _: &mut Scope<'_>) -> Option<T::Value> {
        Some(self.value.value())
    }
}

impl<T: Meaning> Meaning for List<T> {
    type Meant = Vec<T::Meant>;
    fn meant(&self, scope: &mut Scope<'_>) -> Option<Vec<T::Meant>> {
        Some(self.items.iter().filter_map(|item| item.meant(scope)).collect())
    }
}

impl<T: Meaning> Meaning for Map<T> {
    type Meant = Vec<(String, T::Meant)>;
    fn meant(&self, scope: &mut Scope<'_>) -> Option<Self::Meant> {
        Some(self.entries.iter().filter_map(|(name, _, it)| Some((name.clone(), it.meant(scope)?))).collect())
    }
}

impl<T> Meaning for WrittenLabels<T> {
    type Meant = Labels;
    fn meant(&self, scope: &mut Scope<'_>) -> Option<Labels> {
        labels(Some(self), scope)
    }
}

impl Meaning for Extra {
    type Meant = Self;
    fn meant(&self, _: &mut Scope<'_>) -> Option<Self> {
        Some(self.clone())
    }
}

/// A leaf that means more than its value.
macro_rules! leaf {
    ($(#[doc = $doc:literal])* $name:ident) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $name<T>(At<T>);

        impl<T> Deref for $name<T> {
            type Target = At<T>;
            fn deref(&self) -> &At<T> {
                &self.0
            }
        }

        impl<T: Leaf> Shape for $name<T> {
            fn read(node: &Node, reader: &mut Reader) -> Option<Self> {
                At::read(node, reader).map(Self)
            }
            fn schema(definitions: &mut Definitions) -> Value {
                At::<T>::schema(definitions)
            }
        }
    };
}

leaf!(
    /// A name that starts with the publisher's prefix.
    Own
);
leaf!(
    /// A name that is looked for later, so that it keeps its place.
    Reference
);
leaf!(
    /// A file below the manifest's folder.
    File
);
leaf!(
    /// A file below the manifest's folder that may still be refused later, so that it keeps its place.
    Content
);

impl<T: Plain<Value = String>> Meaning for Own<T> {
    type Meant = String;
    fn meant(&self, scope: &mut Scope<'_>) -> Option<String> {
        let name = self.value.value();
        prefix::check(self, &name, scope.prefix, scope.findings);
        Some(name)
    }
}

impl<T: Plain<Value = String>> Meaning for Reference<T> {
    type Meant = Named;
    fn meant(&self, _: &mut Scope<'_>) -> Option<Named> {
        Some(Named { name: self.value.value(), span: self.span.clone() })
    }
}

impl Meaning for File<RelativePath> {
    type Meant = PathBuf;
    fn meant(&self, scope: &mut Scope<'_>) -> Option<PathBuf> {
        one(self, scope.folder, scope.findings).pop().map(|(path, _)| path)
    }
}

impl Meaning for Content<RelativePath> {
    type Meant = (PathBuf, Span);
    fn meant(&self, scope: &mut Scope<'_>) -> Option<(PathBuf, Span)> {
        one(self, scope.folder, scope.findings).pop().map(|(path, _)| (path, self.span.clone()))
    }
}

/// A kind whose meaning is what is written. `at` is the key with the name that no other of the kind has.
///
/// A field of type `T` becomes `T::Meant` where it is `required`, an `Option` of it where it is `optional`, and the
/// value behind `=` or the type's own default where it is `default` and left out.
macro_rules! plain {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident at $at:ident => {
            $( $(#[doc = $field_doc:literal])* $key:literal $need:ident $field:ident: $kind:ty $(= $otherwise:expr)?
                $(=> $example:literal)?, )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $( $(#[doc = $field_doc])* pub $field: $crate::manifest::components::plain::plain!(@type $need $kind), )*
            /// Where it is declared.
            pub span: $crate::diagnostic::Span,
        }

        const _: () = {
            $crate::yaml::record::record! {
                $(#[doc = $doc])*
                pub struct Written as $name => {
                    $( $(#[doc = $field_doc])* $key $need $field: $kind $(=> $example)?, )*
                }
            }

            impl $crate::manifest::components::scope::Kind for $name {
                type Written = Written;

                fn mean(
                    written: &Written,
                    scope: &mut $crate::manifest::components::scope::Scope<'_>,
                ) -> Option<Self> {
                    use $crate::manifest::components::plain::Meaning as _;
                    $( let $field = written.$field.as_ref().and_then(|it| it.meant(scope)); )*
                    Some(Self {
                        span: written.$at.as_ref()?.span.clone(),
                        $( $field: $crate::manifest::components::plain::plain!(@value $need $field $($otherwise)?), )*
                    })
                }

                fn name(&self) -> Option<(&str, &$crate::diagnostic::Span)> {
                    Some((&self.$at, &self.span))
                }
            }
        };
    };
    (@type required $kind:ty) => { <$kind as $crate::manifest::components::plain::Meaning>::Meant };
    (@type optional $kind:ty) => { Option<<$kind as $crate::manifest::components::plain::Meaning>::Meant> };
    (@type default $kind:ty) => { <$kind as $crate::manifest::components::plain::Meaning>::Meant };
    (@value required $field:ident) => { $field? };
    (@value optional $field:ident) => { $field };
    (@value default $field:ident) => { $field.unwrap_or_default() };
    (@value default $field:ident $otherwise:expr) => { $field.unwrap_or_else(|| $otherwise) };
}
pub(crate) use plain;
