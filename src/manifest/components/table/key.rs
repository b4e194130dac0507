//! Alternate keys of a table.

use crate::diagnostic::Diagnostic;
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::labels::{Labels, WrittenLabels, labels_or};
use crate::manifest::components::names::Named;
use crate::manifest::components::scope::Scope;
use crate::manifest::components::table::leaf::ColumnName;
use crate::manifest::leaf::{SchemaName, Title};
use crate::manifest::prefix;
use crate::yaml::record::record;
use crate::yaml::shape::{At, List};

record! {
    /// An alternate key.
    pub struct WrittenAlternateKey => {
        /// Name, with the publisher's prefix.
        "name" required name: At<SchemaName> => "contoso_Code",
        /// Name that people see. Default: the name.
        "displayName" optional display_name: WrittenLabels<Title>,
        /// Its columns.
        "columns" required columns: List<At<ColumnName>> => "contoso_Code",
        /// Parts of its XML that have no key here.
        "xml" optional extra: Extra,
    }
}

/// An alternate key.
#[derive(Clone, Debug)]
pub struct AlternateKey {
    /// Name.
    pub name: String,
    /// Display name.
    pub display_name: Labels,
    /// Columns.
    pub columns: Vec<Named>,
    /// What is merged into its XML.
    pub extra: Extra,
}

pub fn key(written: &WrittenAlternateKey, scope: &mut Scope<'_>) -> Option<AlternateKey> {
    let name = written.name.as_ref()?;
    prefix::check(name, &name.value.0, scope.prefix, scope.findings);
    let columns: Vec<Named> = written
        .columns
        .iter()
        .flat_map(|list| &list.items)
        .map(|it| Named { name: it.value.0.clone(), span: it.span.clone() })
        .collect();
    // Microsoft's documentation of alternate keys: at most 16 columns.
    if columns.is_empty() || columns.len() > 16 {
        scope.findings.push(
            Diagnostic::error("key-columns", format!("a key has 1 to 16 columns, not {}", columns.len()))
                .at(&name.span)
                .help("name its columns: `columns: [contoso_Code]`"),
        );
    }
    Some(AlternateKey {
        name: name.value.0.clone(),
        display_name: labels_or(written.display_name.as_ref(), || name.value.0.clone(), scope),
        columns,
        extra: extra(written.extra.as_ref()),
    })
}
