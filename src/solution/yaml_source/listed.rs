//! Which files of a tree belong to a solution: what its `solutioncomponents.yml` lists, and what lies below that.

use std::collections::BTreeSet;

use super::convert;
use super::reader::Reader;
use crate::diagnostic::Diagnostic;
use crate::yaml::node::Content;

/// The paths that a solution lists, in lower case; without a list, everything belongs to it.
pub struct Listed(BTreeSet<String>);

impl Listed {
    /// Reads the list of a solution.
    pub fn read(reader: &mut Reader, solution: &str) -> Self {
        let name = format!("solutions/{solution}/solutioncomponents.yml");
        let mut paths = BTreeSet::new();
        let Some((file, bytes)) = reader.take(&name) else { return Self(paths) };
        let file = format!("{}/{file}", reader.origin);
        let Some(document) = convert::document(&bytes, &file, &mut reader.findings) else { return Self(paths) };
        let mut waiting = vec![&document];
        while let Some(node) = waiting.pop() {
            for entry in node.entries() {
                if ["@path", "path"].contains(&entry.key.to_lowercase().as_str()) {
                    let path = convert::text(&entry.value).replace('\\', "/");
                    paths.insert(path.trim_matches('/').to_lowercase());
                }
                waiting.push(&entry.value);
            }
            if let Content::Sequence(items) = &node.content {
                waiting.extend(items);
            }
        }
        paths.remove("");
        for path in &paths {
            if !reader.tree.has(path) && reader.tree.below(&format!("{path}/")).next().is_none() {
                let message = format!("the component `{path}` is listed, but its source does not exist");
                let finding = Diagnostic::warning("missing-component-source", message).in_file(file.as_str(), None);
                reader.findings.push(finding.help("it is left out of the package, as Microsoft's tool does"));
            }
        }
        Self(paths)
    }

    /// Whether a file belongs to the solution, by its name in lower case: it is listed, or a folder above it is. The file of
    /// a table does so as well where only parts of the table are listed, since they stand in it.
    pub fn covers(&self, lower: &str) -> bool {
        let above = || lower.match_indices('/').any(|(at, _)| self.0.contains(&lower[..at]));
        let of_table = || {
            let table = lower.strip_suffix("entity.yml").or_else(|| lower.strip_suffix("entity.xml"));
            table.is_some_and(|table| table.starts_with("entities/") && self.has_below(table))
        };
        self.0.is_empty() || self.0.contains(lower) || above() || of_table()
    }

    fn has_below(&self, folder: &str) -> bool {
        self.0.range(folder.to_owned()..).next().is_some_and(|path| path.starts_with(folder))
    }
}
