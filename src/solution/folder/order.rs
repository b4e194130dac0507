//! The order of a section's files. It is that of their names without case; where a solution has
//! another one, `Other/Order.txt` keeps it. SolutionPackager ignores that file and sorts.

use std::collections::HashMap;

/// The file.
pub const FILE: &str = "Other/Order.txt";

const HEAD: &str = "\
# The order of files in the solution, where it is not that of their names. Written by dvpack unpack and
# kept to by dvpack pack. Files that are not listed follow in the order of their names; lines may be removed.
";

/// Where listed files stand.
#[derive(Clone, Debug, Default)]
pub struct Order {
    places: HashMap<String, usize>,
    lines: Vec<String>,
}

impl Order {
    /// Reads the file.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut order = Self::default();
        for line in String::from_utf8_lossy(bytes).lines() {
            let line = line.trim_start_matches('\u{feff}').trim_end();
            if !line.is_empty() && !line.starts_with('#') {
                order.push(line);
            }
        }
        order
    }

    /// The file's content, or `None` if all is in the order of names.
    pub fn write(&self) -> Option<Vec<u8>> {
        (!self.lines.is_empty()).then(|| format!("{HEAD}{}\n", self.lines.join("\n")).into_bytes())
    }

    fn push(&mut self, name: &str) {
        let place = self.places.len();
        self.places.entry(name.to_lowercase()).or_insert(place);
        self.lines.push(name.to_owned());
    }

    /// Notes names that are not in the order in which they would be read.
    pub fn note<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        let names: Vec<&str> = names.into_iter().collect();
        let mut sorted = names.clone();
        self.sort(&mut sorted);
        if sorted != names {
            for name in names {
                self.push(name);
            }
        }
    }

    /// Sorts names: listed ones first, then the others by name without case.
    pub fn sort<S: AsRef<str>>(&self, names: &mut [S]) {
        names.sort_by_cached_key(|name| {
            let lower = name.as_ref().to_lowercase();
            (self.places.get(&lower).copied().unwrap_or(usize::MAX), lower)
        });
    }

    /// Sorts the types of a table's forms, which have an order of their own.
    pub fn sort_form_types<S: AsRef<str>>(&self, folder: &str, types: &mut [S]) {
        types.sort_by_cached_key(|name| {
            let name = name.as_ref();
            let place = self.places.get(&format!("{folder}{name}").to_lowercase()).copied();
            (place.unwrap_or(usize::MAX), form_type_rank(name), name.to_owned())
        });
    }

    /// Notes the types of a table's forms, if they are not in the order in which they would be read.
    pub fn note_form_types(&mut self, folder: &str, types: &[&str]) {
        let mut sorted = types.to_vec();
        self.sort_form_types(folder, &mut sorted);
        if sorted != types {
            for name in types {
                self.push(&format!("{folder}{name}"));
            }
        }
    }
}

/// As the server exports them: in 2,000 tables by name, but `quickCreate` before `quick`.
const FORM_TYPES: [&str; 8] =
    ["appointmentBook", "card", "main", "mainInteractionCentric", "mobile", "quickCreate", "quick", "taskBasedForm"];

fn form_type_rank(name: &str) -> usize {
    FORM_TYPES.iter().position(|known| *known == name).unwrap_or(FORM_TYPES.len())
}

/// Whether a type of form is known.
pub fn is_form_type(name: &str) -> bool {
    FORM_TYPES.contains(&name)
}

/// The type of a form as XML spells it.
pub fn form_type(name: &str) -> &str {
    FORM_TYPES.iter().find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_order_that_is_not_that_of_the_names_is_written() {
        let mut order = Order::default();
        order.note(["Roles/a.xml", "Roles/B.xml", "Roles/c.xml"]);
        assert_eq!(order.write(), None);
        order.note(["Workflows/b", "Workflows/a"]);
        let read = Order::parse(&order.write().expect("a file"));
        let mut names = ["Workflows/0", "Workflows/a", "Workflows/B"];
        read.sort(&mut names);
        assert_eq!(names, ["Workflows/B", "Workflows/a", "Workflows/0"]);
    }

    #[test]
    fn form_types_are_in_the_order_of_the_server() {
        let mut order = Order::default();
        let server = ["card", "main", "quickCreate", "quick", "unheardOf"];
        order.note_form_types("Entities/a/FormXml/", &server);
        assert_eq!(order.write(), None);
        order.note_form_types("Entities/a/FormXml/", &["quick", "main"]);
        let mut types = ["main", "quick"];
        Order::parse(&order.write().expect("a file")).sort_form_types("Entities/a/FormXml/", &mut types);
        assert_eq!(types, ["quick", "main"]);
    }
}
