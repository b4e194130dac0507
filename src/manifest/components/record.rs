//! `components.records`: folder names, files found.

use crate::catalog;
use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::extra::extra;
use crate::manifest::components::files::one;
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::written::components::record::Record;

/// Deeper than any real row by far.
const DEPTH: usize = 8;

/// The row that one entry stands for.
pub fn record(written: &Record, scope: &mut Scope<'_>) -> Option<meant::Record> {
    nested(written, scope, DEPTH)
}

fn nested(written: &Record, scope: &mut Scope<'_>, depth: usize) -> Option<meant::Record> {
    let name = written.table.as_ref()?;
    let table = name.value.0.to_lowercase();
    let of_catalog = || catalog::table(&table).and_then(|known| known.set).map(str::to_owned);
    let set = written.set.as_ref().map(|set| set.value.0.clone()).or_else(of_catalog);
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
            scope
                .findings
                .push(Diagnostic::error("record", message).at(span).help("write such as `configuration.json`"));
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
    Some(meant::Record {
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
