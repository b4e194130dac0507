//! Column security: which columns a solution secures, what its profiles let be read, and which columns of the tables
//! that a role reads stay unreadable.
//!
//! Facts: `IsSecured` of an attribute and `CanRead` 4 of a permission, in real exports. A secured column has no value
//! for whoever no profile lets read it, whatever the roles say. What other solutions secure is not known. No column of Dataverse's own tables is
//! known to be unreadable without a profile: in published metadata of eleven tables the one with `IsSecured` is
//! `systemuser.sharepointemailaddress`, which says `CanBeSecuredForRead: false`, so that it can always be read.

use std::collections::BTreeSet;
use std::fmt;

use uuid::Uuid;

use super::expand;
use super::own_tables::{OwnTable, OwnTables};
use crate::catalog::Right;
use crate::diagnostic::{self, Diagnostic};
use crate::manifest::package::application_user::ByNameOrId;
use crate::solution::package::SolutionPackage;
use crate::solution::xml::Element;

/// What a solution says of column security.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnSecurity {
    secured: Vec<Secured>,
    /// Its column security profiles.
    pub profiles: Vec<Profile>,
}

/// A table with secured columns.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Secured {
    /// Logical name.
    table: String,
    /// The privilege to read its rows.
    privilege: String,
    /// Logical names.
    columns: BTreeSet<String>,
}

/// A column security profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its GUID, the same in every environment.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it lets be done, in the order of the file.
    pub permissions: Vec<Permission>,
}

/// What a column security profile lets be done with a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The table's logical name.
    pub table: String,
    /// The column's logical name.
    pub column: String,
    /// `read`, `update`, `create`, `read unmasked`; a value that means none of these stands as it is.
    pub rights: Vec<String>,
}

/// The right to read.
const READ: &str = "read";

/// The columns of a permission that give a right, the value that gives it, and the right.
const RIGHTS: [(&str, &str, &str); 5] = [
    ("CanRead", "4", READ),
    ("CanCreate", "4", "create"),
    ("CanUpdate", "4", "update"),
    ("CanReadUnmasked", "1", "read unmasked, one row at a time"),
    ("CanReadUnmasked", "3", "read unmasked"),
];

impl Profile {
    fn reads(&self, table: &str, column: &str) -> bool {
        let of = |it: &&Permission| it.table == table && it.column == column;
        self.permissions.iter().filter(of).any(|it| it.rights.iter().any(|right| right == READ))
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rights = if self.rights.is_empty() { "nothing".to_owned() } else { self.rights.join(", ") };
        write!(f, "{}.{}: {rights}", self.table, self.column)
    }
}

/// Columns that stay unreadable though the rows of their table can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The privilege that lets the rows be read.
    pub privilege: String,
    /// The table's logical name.
    pub table: String,
    /// The columns' logical names.
    pub columns: Vec<String>,
    /// Names of the profiles each of which lets all of them be read, or else of those that let some be read.
    pub profiles: Vec<String>,
    /// Whether one of these is enough.
    pub one_is_enough: bool,
}

impl Unreadable {
    /// What makes them readable.
    #[must_use]
    pub fn way_out(&self) -> String {
        let names: Vec<String> = self.profiles.iter().map(|name| format!("`{name}`")).collect();
        let which = match names.as_slice() {
            [] => "a column security profile that lets it read them".to_owned(),
            _ => names.join(if self.one_is_enough { " or " } else { " and " }),
        };
        format!("name {which} under `applicationUser.columnSecurityProfiles`")
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<String> = self.columns.iter().map(|column| format!("`{column}`")).collect();
        let (word, stay) = if columns.len() == 1 { ("column", "stays") } else { ("columns", "stay") };
        write!(f, "the secured {word} {} of `{}` {stay} unreadable", columns.join(", "), self.table)
    }
}

impl ColumnSecurity {
    /// That of a solution in memory.
    #[must_use]
    pub fn of(package: &SolutionPackage) -> Self {
        let mut all = Self::default();
        for section in ["Entities", "FieldSecurityProfiles"] {
            package.section(section).for_each(|element| all.append(Self::of_item(section, element)));
        }
        all
    }

    /// What an element of a section of customizations.xml says.
    #[must_use]
    pub fn of_item(section: &str, element: &Element) -> Self {
        match section {
            "Entities" => Self { secured: secured(element).into_iter().collect(), profiles: Vec::new() },
            "FieldSecurityProfiles" => Self { secured: Vec::new(), profiles: profile(element).into_iter().collect() },
            _ => Self::default(),
        }
    }

    /// Adds what was said elsewhere.
    pub fn append(&mut self, mut other: Self) {
        self.secured.append(&mut other.secured);
        self.profiles.append(&mut other.profiles);
    }

    /// The columns that are secured: `table.column`.
    pub fn secured_columns(&self) -> impl Iterator<Item = String> {
        self.secured.iter().flat_map(|it| it.columns.iter().map(move |column| format!("{}.{column}", it.table)))
    }

    /// The profiles that a manifest names, and the solution does not have just once.
    pub(super) fn unknown(&self, named: &[ByNameOrId]) -> Vec<Diagnostic> {
        let names: Vec<&str> = self.profiles.iter().map(|profile| profile.name.as_str()).collect();
        let one = |named: &ByNameOrId| {
            let code = "unknown-column-security-profile";
            let error = |message: String| Diagnostic::error(code, message).at(&named.span);
            match self.profiles.iter().filter(|it| named.means(it.id, &it.name)).count() {
                1 => None,
                0 => {
                    let error = error(format!("`{}` is not a column security profile of this solution", named.text));
                    Some(match diagnostic::nearest(&named.text, names.iter().copied()) {
                        Some(near) => error.help(format!("write `{near}`")),
                        None if names.is_empty() => error.help(
                            "declare it under `components.columnSecurityProfiles`, or add the source that has it",
                        ),
                        None => error.help(format!("profiles of this solution: {}", names.join(", "))),
                    })
                }
                several => {
                    let message = format!("the solution has {several} column security profiles `{}`", named.text);
                    Some(error(message).help("name the one that is meant by its id"))
                }
            }
        };
        named.iter().filter_map(one).collect()
    }

    /// The columns that whoever has these privileges and profiles cannot read, in tables whose rows they can.
    pub fn unreadable<'a>(
        &self,
        privileges: impl IntoIterator<Item = &'a str>,
        profiles: &BTreeSet<Uuid>,
    ) -> Vec<Unreadable> {
        let held: BTreeSet<String> = privileges.into_iter().map(str::to_lowercase).collect();
        let one = |secured: &Secured| {
            let table = &secured.table;
            let covered = |column: &&String| {
                self.profiles.iter().any(|profile| profiles.contains(&profile.id) && profile.reads(table, column))
            };
            let columns: Vec<String> = secured.columns.iter().filter(|column| !covered(column)).cloned().collect();
            let reads = |profile: &&Profile, column: &String| profile.reads(table, column);
            let names = |profiles: Vec<&Profile>| profiles.into_iter().map(|it| it.name.clone()).collect::<Vec<_>>();
            let some = self.profiles.iter().filter(|it| columns.iter().any(|column| reads(it, column)));
            let (all, some): (Vec<&Profile>, Vec<&Profile>) =
                some.partition(|it| columns.iter().all(|column| reads(it, column)));
            let one_is_enough = !all.is_empty();
            let able = names(if one_is_enough { all } else { some });
            let unreadable = held.contains(&secured.privilege.to_lowercase()) && !columns.is_empty();
            let (privilege, table) = (secured.privilege.clone(), table.clone());
            unreadable.then_some(Unreadable { privilege, table, columns, profiles: able, one_is_enough })
        };
        self.secured.iter().filter_map(one).collect()
    }
}

/// The secured columns of a table, the solution's own or one that it extends.
fn secured(entity: &Element) -> Option<Secured> {
    let name = entity.child_text("Name")?;
    let attributes = entity.path(&["EntityInfo", "entity", "attributes"])?;
    let columns: BTreeSet<String> = attributes
        .elements()
        .filter(|it| it.child_text("IsSecured").is_some_and(|text| text.trim() == "1"))
        .filter_map(|it| it.child_text("LogicalName").or_else(|| it.attribute("PhysicalName").map(str::to_owned)))
        .map(|name| name.to_lowercase())
        .collect();
    if columns.is_empty() {
        return None;
    }
    let own = OwnTables { tables: OwnTable::of_entity(entity).into_iter().collect(), ..OwnTables::default() };
    let privilege = expand::target(&name, &own).privilege(Right::Read);
    Some(Secured { table: name.to_lowercase(), privilege, columns })
}

fn profile(element: &Element) -> Option<Profile> {
    let id = Uuid::parse_str(element.attribute("fieldsecurityprofileid")?.trim_matches(['{', '}'])).ok()?;
    let permissions = element.find("FieldPermissions").into_iter().flat_map(Element::elements);
    let permissions = permissions.map(permission).collect();
    Some(Profile { id, name: element.attribute("name").unwrap_or_default().to_owned(), permissions })
}

fn permission(element: &Element) -> Permission {
    let name = |name: &str| element.child_text(name).unwrap_or_default().to_lowercase();
    let mut rights = Vec::new();
    for (column, value, right) in RIGHTS {
        match element.child_text(column) {
            Some(text) if text == value => rights.push(right.to_owned()),
            Some(text) => {
                let known = text == "0" || RIGHTS.iter().any(|(of, value, _)| *of == column && *value == text);
                let other = format!("{column} = {text}");
                if !known && !rights.contains(&other) {
                    rights.push(other);
                }
            }
            None => {}
        }
    }
    Permission { table: name("EntityName"), column: name("AttributeName"), rights }
}
