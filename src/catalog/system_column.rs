//! The columns that Dataverse gives every table, and the controls that forms show columns with.
//!
//! Facts: `manifests/catalog/system_columns.tsv` and `form_controls.tsv`, counted over real exports.

/// Which tables have a system column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// All.
    Both,
    /// Those that users own.
    User,
    /// Those that the organization owns.
    Organization,
    /// Those with a column of money.
    Money,
    /// Activities.
    Activity,
    /// Elastic tables.
    Elastic,
}

/// A column that Dataverse gives a table.
#[derive(Clone, Debug)]
pub struct SystemColumn {
    /// Schema name.
    pub name: &'static str,
    /// Type as in the XML.
    pub kind: &'static str,
    /// Which tables have it.
    pub place: Where,
    /// `RequiredLevel`
    pub required: &'static str,
    /// `DisplayMask`; empty: none.
    pub mask: &'static str,
    /// `ImeMode`
    pub ime: &'static str,
    /// Valid for update and for create, a digit each.
    pub writable: &'static str,
    /// `IsAuditEnabled`
    pub audited: &'static str,
    /// Whether `IsLogical` is there.
    pub logical: bool,
    /// Searchable, filterable and retrievable, a digit each.
    pub search: &'static str,
    /// Further elements and their text.
    pub rest: Vec<(&'static str, &'static str)>,
    /// Display name.
    pub display: &'static str,
    /// Description.
    pub description: &'static str,
}

/// All of them.
#[must_use]
pub fn system_columns() -> Vec<SystemColumn> {
    include_str!("../../manifests/catalog/system_columns.tsv").lines().skip(1).filter_map(parse).collect()
}

fn parse(line: &'static str) -> Option<SystemColumn> {
    let fields: Vec<&'static str> = line.split('\t').collect();
    let [name, kind, place, required, mask, ime, writable, audited, logical, search, rest, display, description, _] =
        fields[..]
    else {
        return None;
    };
    let place = match place {
        "both" => Where::Both,
        "user" => Where::User,
        "organization" => Where::Organization,
        "money" => Where::Money,
        "activity" => Where::Activity,
        "elastic" => Where::Elastic,
        _ => return None,
    };
    Some(SystemColumn {
        name,
        kind,
        place,
        required,
        mask,
        ime,
        writable,
        audited,
        logical: logical == "1",
        search,
        rest: rest.split(';').filter_map(|pair| pair.split_once('=')).collect(),
        display,
        description,
    })
}

/// The class of the control that a form shows a column of this type with (a manifest's word or the XML's).
#[must_use]
pub fn control_class(kind: &str) -> Option<&'static str> {
    include_str!("../../manifests/catalog/form_controls.tsv").lines().skip(1).find_map(|line| {
        let (found, rest) = line.split_once('\t')?;
        (found == kind).then(|| rest.split('\t').next())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_column() {
        let lines = include_str!("../../manifests/catalog/system_columns.tsv").lines().count() - 1;
        let columns = system_columns();
        assert_eq!(columns.len(), lines);
        assert!(columns.iter().all(|column| column.writable.len() == 2 && column.search.len() == 3));
        let owner = columns.iter().find(|column| column.name == "OwnerId").expect("there");
        assert_eq!((owner.kind, owner.place), ("owner", Where::User));
        assert_eq!(control_class("money"), Some("533B9E00-756B-4312-95A0-DC888637AC78"));
    }
}
