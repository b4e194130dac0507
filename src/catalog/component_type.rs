//! The numbers and names of solution component types.
//!
//! Facts: `manifests/catalog/component_types.tsv`.

/// The name of a component type, such as `Security Role` for 20.
#[must_use]
pub fn component_type_name(number: u32) -> Option<&'static str> {
    include_str!("../../manifests/catalog/component_types.tsv").lines().skip(1).find_map(|line| {
        let (found, rest) = line.split_once('\t')?;
        (found.parse() == Ok(number)).then(|| rest.split('\t').next())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_solutions_hold() {
        assert_eq!(component_type_name(20), Some("Security Role"));
        assert_eq!(component_type_name(61), Some("Web Resource"));
        assert_eq!(component_type_name(372), Some("Connector"));
        assert_eq!(component_type_name(19), None);
    }
}
