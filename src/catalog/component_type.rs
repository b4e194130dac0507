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

/// The number of a component type by the name in the server's messages: `Entity`, `WebResource`, `SystemForm`.
#[must_use]
pub fn component_type_number(name: &str) -> Option<u32> {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let asked = match plain(name).as_str() {
        // Names of old for what is called otherwise today.
        "entity" => "table".to_owned(),
        "attribute" => "column".to_owned(),
        "savedquery" => "view".to_owned(),
        "workflow" => "process".to_owned(),
        other => other.to_owned(),
    };
    include_str!("../../manifests/catalog/component_types.tsv").lines().skip(1).find_map(|line| {
        let mut cells = line.split('\t');
        let (number, known) = (cells.next()?, plain(cells.next()?));
        (known == asked || known == plain(name)).then(|| number.parse().ok())?
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
        assert_eq!(component_type_number("Entity"), Some(1));
        assert_eq!(component_type_number("Attribute"), Some(2));
        assert_eq!(component_type_number("WebResource"), Some(61));
        assert_eq!(component_type_number("connectionreference"), None);
    }
}
