//! Relationships of many to many.

use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::names::Named;
use crate::manifest::components::scope::Scope;
use crate::manifest::leaf::{Flag, SchemaName, TableName};
use crate::manifest::prefix;
use crate::yaml::leaf::Given;
use crate::yaml::record::record;
use crate::yaml::shape::At;

record! {
    /// A relationship of many rows to many rows of another table.
    pub struct WrittenManyToMany => {
        /// The other table.
        "with" required with: At<TableName> => "contact",
        /// Name, with the publisher's prefix. Default: derived from both tables' names.
        "name" optional name: At<SchemaName> => "contoso_widget_contact",
        /// Whether forms show it in their navigation (default: yes).
        "navigation" optional navigation: At<Flag>,
        /// Parts of its XML that have no key here.
        "xml" optional extra: Extra,
    }
}

/// A relationship of many to many.
#[derive(Clone, Debug)]
pub struct ManyToMany {
    /// The other table.
    pub with: Named,
    /// Name, where it is given.
    pub name: Option<String>,
    /// Whether forms show it in their navigation.
    pub navigation: bool,
    /// What is merged into its XML.
    pub extra: Extra,
}

pub fn many_to_many(written: &WrittenManyToMany, scope: &mut Scope<'_>) -> Option<ManyToMany> {
    let with = written.with.as_ref()?;
    if let Some(name) = &written.name {
        prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    }
    Some(ManyToMany {
        with: Named { name: with.value.0.clone(), span: with.span.clone() },
        name: written.name.value(),
        navigation: written.navigation.value().unwrap_or(true),
        extra: extra(written.extra.as_ref()),
    })
}
