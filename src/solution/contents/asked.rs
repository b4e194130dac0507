//! Questions about a solution's facts that other modules ask.

use std::collections::BTreeSet;

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

    /// Tables of other solutions among its root components or in its customizations, and what it changes in them.
    #[must_use]
    pub fn foreign_tables(&self) -> Vec<(String, String)> {
        const TABLE: u32 = 1;
        let prefix = &self.identity.publisher.prefix;
        let roots: Vec<_> = self.root_components.iter().filter(|it| it.kind == Some(TABLE)).collect();
        let met: BTreeSet<String> = roots.iter().map(|it| it.key.to_lowercase()).collect();
        let tables = roots.into_iter().map(|it| (it.key.clone(), it.extent()));
        let others = self.components.iter().filter(|it| it.kind == "Table" && !met.contains(&it.name.to_lowercase()));
        let others = others.map(|it| (it.name.clone(), "changed without a root component".to_owned()));
        tables.chain(others).filter(|(name, _)| !prefix::is_own(name, prefix)).collect()
    }
}
