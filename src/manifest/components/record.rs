//! `components.records`: folder names, files found.

use std::path::PathBuf;

use crate::catalog;
use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::{Extra, extra};
use crate::manifest::components::files::one;
use crate::manifest::components::names::NameOrId;
use crate::manifest::components::scope::{Kind, Scope};
use crate::manifest::leaf::{RelativePath, SetName, Stored, TableName};
use crate::yaml::leaf::Given;
use crate::yaml::record::record;
use crate::yaml::shape::{At, List, Map};

record! {
    /// A row of a table whose rows are components, such as an app action, a masking rule or a part of an agent.
    pub struct WrittenRecord => {
        /// Logical name of the table.
        "table" required table: At<TableName> => "appaction",
        /// Entity set name, which is the folder's. Default: that of the catalog, otherwise the table's name with an s.
        "set" optional set: At<SetName> => "appactions",
        /// The columns that identify the row, and their values.
        "key" required key: Map<At<Stored>>,
        /// Name of its folder. Default: the value of the key.
        "folder" optional folder: At<NameOrId> => "Widgets",
        /// Column → value; a lookup is a group with the key of the other row.
        "columns" optional columns: Extra,
        /// Path in the record's folder → file.
        "files" optional files: Map<At<RelativePath>>,
        /// Rows that belong to it.
        "children" optional children: List<WrittenRecord>,
    }
}

/// One row.
#[derive(Clone, Debug)]
pub struct Record {
    /// Logical name of the table.
    pub table: String,
    /// Entity set name.
    pub set: String,
    /// Key columns and their values.
    pub key: Vec<(String, String)>,
    /// Name of its folder.
    pub folder: String,
    /// The other columns.
    pub columns: Extra,
    /// Path in the folder, and the file.
    pub files: Vec<(String, PathBuf)>,
    /// Rows that belong to it.
    pub children: Vec<Self>,
    /// Set and folder, which identify it.
    pub path: String,
    /// Where it is declared.
    pub span: Span,
}

/// Deeper than any real row by far.
const DEPTH: usize = 8;

impl Kind for Record {
    type Written = WrittenRecord;

    fn mean(written: &WrittenRecord, scope: &mut Scope<'_>) -> Option<Self> {
        nested(written, scope, DEPTH)
    }

    fn name(&self) -> Option<(&str, &Span)> {
        Some((&self.path, &self.span))
    }
}

fn nested(written: &WrittenRecord, scope: &mut Scope<'_>, depth: usize) -> Option<Record> {
    let name = written.table.as_ref()?;
    let table = name.value.0.to_lowercase();
    let of_catalog = || catalog::table(&table).and_then(|known| known.set).map(str::to_owned);
    let set = written.set.value().or_else(of_catalog);
    let set = set.unwrap_or_else(|| format!("{table}s"));
    let mut wrong = |message: String, span: &Span, help: &str| {
        scope.findings.push(Diagnostic::error("record", message).at(span).help(help));
    };
    let key: Vec<(String, String)> = written
        .key
        .as_ref()?
        .entries
        .iter()
        .filter_map(|(column, span, value)| {
            let good =
                !column.is_empty() && column.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
            if !good {
                wrong(format!("`{column}` is not the name of a column"), span, "letters, digits and underscores");
            }
            good.then(|| (column.clone(), value.value.text.clone()))
        })
        .collect();
    let folder = match (&written.folder, &key[..]) {
        (Some(folder), _) => folder.value.0.clone(),
        (None, [(_, value)]) => value.clone(),
        (None, _) => {
            wrong(
                "a row without one key to name its folder by".to_owned(),
                &name.span,
                "add `folder: …`, as in an export",
            );
            return None;
        }
    };
    if folder.is_empty()
        || folder.starts_with('.')
        || folder.contains(['/', '\\', ':'])
        || folder.chars().any(char::is_control)
    {
        wrong(
            format!("`{folder}` is not the name of a folder"),
            &name.span,
            "write a plain name under `folder`, as in an export",
        );
        return None;
    }
    let mut files = Vec::new();
    for (path, span, file) in written.files.iter().flat_map(|map| &map.entries) {
        let plain =
            path.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':']));
        if plain {
            files.extend(one(file, scope.folder, scope.findings).pop().map(|(file, _)| (path.clone(), file)));
        } else {
            let message = format!("`{path}` is not a path in the record's folder");
            scope.findings.push(Diagnostic::error("record", message).at(span).help("for example `configuration.json`"));
        }
    }
    let mut children = Vec::new();
    for child in written.children.iter().flat_map(|list| &list.items) {
        if depth == 0 {
            let finding = Diagnostic::error("record", "rows inside rows inside rows, too deep").at(&name.span);
            scope.findings.push(finding.help(format!("at most {DEPTH} levels are read")));
            break;
        }
        children.extend(nested(child, scope, depth - 1));
    }
    Some(Record {
        path: format!("{set}/{folder}"),
        table,
        set,
        key,
        folder,
        columns: extra(written.columns.as_ref()),
        files,
        children,
        span: name.span.clone(),
    })
}
