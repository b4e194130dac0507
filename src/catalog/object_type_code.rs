//! The numbers that some tables have in every environment. Those of other tables differ.
//!
//! Facts: `manifests/catalog/object_type_codes.tsv`.

/// The number of a table, by its logical name.
#[must_use]
pub fn object_type_code(table: &str) -> Option<u32> {
    let rows = include_str!("../../manifests/catalog/object_type_codes.tsv").lines().skip(1);
    rows.filter_map(|line| line.split_once('\t')).find(|(name, _)| *name == table)?.1.split('\t').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_row_has_a_number_and_a_known_table() {
        for line in include_str!("../../manifests/catalog/object_type_codes.tsv").lines().skip(1) {
            let table = line.split('\t').next().expect("a table");
            assert!(super::object_type_code(table).is_some() && crate::catalog::table(table).is_some(), "{table}");
        }
    }
}
