//! What others ask of what a solution says.

use super::{Contents, WEB_RESOURCE};
use crate::diagnostic::Diagnostic;
use crate::manifest::prefix;
use crate::text::lookalike;

impl Contents {
    /// Names that people compare by eye, and that could pass for others, as warnings.
    #[must_use]
    pub fn lookalikes(&self) -> Vec<Diagnostic> {
        let identity = &self.identity;
        let mut names = vec![
            ("the solution", identity.name.as_str()),
            ("the solution", identity.display_name.as_str()),
            ("the publisher", identity.publisher.name.as_str()),
            ("the publisher", identity.publisher.display_name.as_str()),
        ];
        names.extend(self.role_list().map(|role| ("a security role", role.name.as_str())));
        let resources = self.components.iter().filter(|it| it.kind == WEB_RESOURCE);
        names.extend(resources.map(|it| ("a web resource", it.name.as_str())));
        names.dedup();
        let told = names.into_iter().filter_map(|(what, name)| {
            let message = format!("the name of {what}, `{name}`, could pass for another one: {}", lookalike(name)?);
            Some(Diagnostic::warning("lookalike-name", message).in_file(&*self.origin, None))
        });
        told.collect()
    }

    /// Root components that are tables of others, and what of them it changes.
    #[must_use]
    pub fn foreign_tables(&self) -> Vec<(String, String)> {
        const TABLE: u32 = 1;
        let prefix = &self.identity.publisher.prefix;
        let tables =
            self.root_components.iter().filter(|it| it.kind == Some(TABLE) && !prefix::is_own(&it.key, prefix));
        tables.map(|it| (it.key.clone(), it.extent())).collect()
    }
}
