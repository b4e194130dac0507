//! Which secured columns the application user of a bundle cannot read, though its roles read the rows.

use std::collections::BTreeSet;

use super::descriptor::Descriptor;
use crate::solution::role::{ColumnSecurity, Unreadable};

/// The columns, by table; `solutions`: what the bundle's solutions say of column security.
#[must_use]
pub fn unreadable<'a>(
    descriptor: &Descriptor,
    solutions: impl IntoIterator<Item = &'a ColumnSecurity>,
) -> Vec<Unreadable> {
    let Some(user) = &descriptor.application_user else { return Vec::new() };
    let mut all = ColumnSecurity::default();
    solutions.into_iter().for_each(|one| all.append(one.clone()));
    let roles = descriptor.roles.iter().filter(|role| user.roles.contains(&role.id));
    let privileges = roles.flat_map(|role| &role.privileges).map(|privilege| privilege.name.as_str());
    let held: BTreeSet<_> = user.column_security_profiles.iter().map(|profile| profile.id).collect();
    all.unreadable(privileges, &held)
}
