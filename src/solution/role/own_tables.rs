//! Tables that the catalog does not have: the package's own, and those that it says it requires.

use crate::catalog::{self, Ownership};
use crate::manifest::components::table::{Table, TableOwnership, TableType};
use crate::manifest::package::Package;
use crate::manifest::prefix;
use crate::solution::package::SolutionPackage;
use crate::solution::xml::Element;

/// A table that the solution itself brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnTable {
    /// Schema name, spelled as in the solution; its privileges are `prv<Right><schema name>`.
    pub schema_name: String,
    /// Who owns its rows; `None` where that is not known.
    pub ownership: Option<Ownership>,
    /// Whether it is an activity, and so shares the privileges of all activities.
    pub is_activity: bool,
}

impl OwnTable {
    /// A table of the solution, as far as roles need to know it.
    #[must_use]
    pub fn of_entity(entity: &Element) -> Option<Self> {
        // A table of Dataverse itself stays one, although a solution brings a form or a column of it.
        if entity.child_text("Name").is_none_or(|name| catalog::table(&name).is_some()) {
            return None;
        }
        let info = entity.path(&["EntityInfo", "entity"]);
        let text = |name: &str| info.and_then(|info| info.child_text(name)).unwrap_or_default();
        let ownership = match text("OwnershipTypeMask").as_str() {
            "UserOwned" => Some(Ownership::User),
            "OrgOwned" | "OrganizationOwned" => Some(Ownership::Organization),
            _ => None,
        };
        Some(Self {
            schema_name: entity.child_text("Name")?,
            ownership,
            is_activity: matches!(text("IsActivity").trim().to_ascii_lowercase().as_str(), "1" | "true"),
        })
    }
}

/// The tables that grants may name besides those of the catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnTables {
    /// Those that the solution brings.
    pub tables: Vec<OwnTable>,
    /// Customization prefixes of the publisher, without the underscore.
    pub prefixes: Vec<String>,
    /// `requires.tables`: those of other solutions, by schema name.
    pub required: Vec<String>,
    /// Whether `tables` is the whole list, so that an own table that is not in it does not exist.
    pub complete: bool,
}

impl OwnTables {
    /// What a manifest alone tells: its prefix and the tables that it requires. The tables of its
    /// `source` folders are not known here.
    #[must_use]
    pub fn of_manifest(package: &Package) -> Self {
        Self {
            tables: Self::declared(package),
            prefixes: vec![package.publisher.prefix.clone()],
            required: package.requires.tables.clone(),
            complete: false,
        }
    }

    /// The tables that the roles of a manifest may name: those of its solution, and those that it requires.
    #[must_use]
    pub fn known(package: &Package, solution: &SolutionPackage) -> Self {
        // In the order of their names, in which a solution has them in the end.
        let mut brought: Vec<OwnTable> = solution.section("Entities").filter_map(OwnTable::of_entity).collect();
        brought.sort_by_cached_key(|table| table.schema_name.to_lowercase());
        Self {
            tables: Self::declared(package).into_iter().chain(brought).collect(),
            prefixes: vec![package.publisher.prefix.clone()],
            required: package.requires.tables.clone(),
            complete: true,
        }
    }

    /// The tables that a solution brings, as far as roles need to know them.
    #[must_use]
    pub fn of_solution(package: &SolutionPackage) -> Self {
        Self {
            tables: package.section("Entities").filter_map(OwnTable::of_entity).collect(),
            prefixes: Some(package.publisher().prefix).filter(|prefix| !prefix.is_empty()).into_iter().collect(),
            required: Vec::new(),
            complete: true,
        }
    }

    /// The tables that a manifest declares, without those that it only extends.
    #[must_use]
    pub fn declared(package: &Package) -> Vec<OwnTable> {
        let own = package.components.tables.iter().filter(|table| !table.existing);
        let table = |table: &Table| OwnTable {
            schema_name: table.name.clone(),
            ownership: Some(match (table.kind, table.ownership) {
                (TableType::Standard | TableType::Activity, TableOwnership::User) => Ownership::User,
                _ => Ownership::Organization,
            }),
            is_activity: table.kind == TableType::Activity,
        };
        own.map(table).collect()
    }

    /// Whether `name` is a table of the solution or of one that it requires, or looks like one.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.find(name).is_some() || self.find_required(name).is_some() || self.has_own_prefix(name)
    }

    /// The table of the solution with this name, in any case (a logical name is a schema name in lower case).
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&OwnTable> {
        self.tables.iter().find(|table| table.schema_name.eq_ignore_ascii_case(name))
    }

    /// The required table with this name, in any case.
    #[must_use]
    pub fn find_required(&self, name: &str) -> Option<&str> {
        self.required.iter().find(|table| table.eq_ignore_ascii_case(name)).map(String::as_str)
    }

    /// Whether `name` starts with a prefix of the publisher.
    #[must_use]
    pub fn has_own_prefix(&self, name: &str) -> bool {
        self.prefixes.iter().any(|own| prefix::is_own(name, own))
    }
}
