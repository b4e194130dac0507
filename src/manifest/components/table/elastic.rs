//! `type: elastic`: what such a table cannot have.
//!
//! Facts: Microsoft's page on elastic tables (what is not supported) and its own code, which recognizes one by its data
//! provider. No public package with one was found: that `DataProviderId` makes one at import is an assumption.

use crate::diagnostic::{Diagnostic, Span};
use crate::manifest::components::table::column::Column;
use crate::manifest::components::table::column_type::ColumnType;

/// The data provider of every elastic table.
pub const PROVIDER: &str = "{1d9bde74-9ebd-4da9-8ff5-aa74945b9f74}";

/// Reports what Dataverse does not offer for elastic tables. `refused`: parts of a table, and whether this one has
/// them.
pub fn check(columns: &[Column], refused: [(&str, bool); 3], span: &Span, findings: &mut Vec<Diagnostic>) {
    let mut refuse = |what: &str, span: &Span| {
        findings.push(
            Diagnostic::error("elastic-table", format!("an elastic table does not support {what}"))
                .at(span)
                .help("remove it, or make the table a standard one: leave `type` out"),
        );
    };
    for column in columns {
        let what = match column.kind {
            ColumnType::Money => "columns of money",
            ColumnType::File => "columns for files",
            ColumnType::Customer => "lookups to customers",
            _ if column.computed.is_some() => "computed columns",
            ColumnType::WholeNumber if column.format.as_deref().is_some_and(|format| format != "none") => {
                "whole numbers with a format"
            }
            _ => continue,
        };
        refuse(what, &column.span);
    }
    for (what, some) in refused {
        if some {
            refuse(what, span);
        }
    }
}
