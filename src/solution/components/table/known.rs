//! What is known about a table's columns: declared ones, and those that Dataverse gives it.

use crate::catalog::{self, SystemColumn, Where};
use crate::diagnostic::{Diagnostic, nearest};
use crate::manifest::components::labels::Labels;
use crate::manifest::components::names::Named;
use crate::manifest::components::table::column_type::ColumnType;
use crate::manifest::components::table::{Table, TableOwnership, TableType};

/// A column, as forms and views need to know it.
pub struct KnownColumn {
    /// Logical name.
    pub logical: String,
    /// Display name.
    pub display: Labels,
    /// Class of the control that shows it, where one is known.
    pub class: Option<&'static str>,
    /// Whether the column exists, as far as is known; if not, that has been reported.
    pub exists: bool,
}

/// The columns that Dataverse gives a table.
pub fn system_columns(table: &Table) -> Vec<SystemColumn> {
    let has_money = table.columns.iter().any(|column| column.kind == ColumnType::Money);
    let has = |column: &SystemColumn| match column.place {
        Where::Both => true,
        Where::User => table.ownership == TableOwnership::User,
        Where::Organization => table.ownership == TableOwnership::Organization,
        Where::Money => has_money,
        Where::Activity => table.kind == TableType::Activity,
        Where::Elastic => table.kind == TableType::Elastic,
    };
    match table.kind {
        TableType::Virtual => Vec::new(),
        _ => catalog::system_columns().into_iter().filter(has).collect(),
    }
}

/// The logical name of the column that identifies a row, and of the one that names it.
pub fn primary_names(table: &Table) -> (String, String) {
    let logical = table.name.to_ascii_lowercase();
    if table.kind == TableType::Activity {
        return ("activityid".to_owned(), "subject".to_owned());
    }
    let known = catalog::table(&logical);
    let id = format!("{logical}id");
    let name = match (&table.primary_column, known) {
        (Some(column), _) => column.logical(),
        // Of Dataverse's tables, contact and similar ones have a full name.
        (None, _) if matches!(logical.as_str(), "contact" | "lead" | "systemuser") => "fullname".to_owned(),
        (None, Some(_)) => "name".to_owned(),
        (None, None) => logical.split_once('_').map_or("name".to_owned(), |(prefix, _)| format!("{prefix}_name")),
    };
    (id, name)
}

/// The column of that name. All columns of the solution's own tables are known, so that another name is a finding.
pub fn find(table: &Table, named: &Named, language: u32, findings: &mut Vec<Diagnostic>) -> KnownColumn {
    let logical = named.logical();
    let own = table.primary_column.iter().chain(&table.columns).find(|column| column.logical() == logical);
    if let Some(column) = own {
        let class = catalog::control_class(column.kind.word());
        return KnownColumn { logical, display: column.display_name.clone(), class, exists: true };
    }
    let label = |text: &str| Labels::one(language, text);
    let status = [("statecode", "Status", "state"), ("statuscode", "Status Reason", "status")];
    if let Some((_, text, kind)) = status.into_iter().find(|(name, ..)| *name == logical) {
        return KnownColumn { display: label(text), class: catalog::control_class(kind), logical, exists: true };
    }
    let system = system_columns(table);
    if let Some(column) = system.iter().find(|column| column.name.eq_ignore_ascii_case(&logical)) {
        return KnownColumn {
            logical,
            display: label(column.display),
            class: catalog::control_class(column.kind),
            exists: true,
        };
    }
    let (id, _) = primary_names(table);
    let exists = table.existing || logical == id;
    if !exists {
        let declared = table.primary_column.iter().chain(&table.columns).map(|column| column.name.as_str());
        let names = declared.chain(system.iter().map(|column| column.name));
        let message = format!("`{}` is not a column of `{}`", named.name, table.name);
        let finding = Diagnostic::error("unknown-column", message).at(&named.span);
        findings.push(match nearest(&named.name, names) {
            Some(near) => finding.help(format!("write `{near}`")),
            None => finding.help("declare it under `columns`"),
        });
    }
    KnownColumn { display: label(&named.name), class: None, logical, exists }
}
