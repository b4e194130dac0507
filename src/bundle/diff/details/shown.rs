//! Values as a reviewer may see them: short, around the difference, and without secrets.

use super::tree::{Tree, Variables, is_value};
use crate::catalog::secret_forms;
use crate::manifest::leaf::is_key_vault_id;
use crate::solution::contents::HIDDEN;
use crate::text::shortened;

/// How many characters of a value are shown.
const LONGEST: usize = 200;
/// How many are shown before the first that differs.
const BEFORE: usize = 30;
/// How many characters of a path are shown.
const LONGEST_PATH: usize = 400;

/// What must not be shown of a component.
pub(super) struct Shown {
    /// Whether it is an environment variable that may be for secrets: its default and its value are, where they are no
    /// references.
    is_secret_variable: bool,
}

impl Shown {
    /// Of a component before and now.
    pub(super) fn of(sides: [&Tree; 2]) -> Self {
        Self { is_secret_variable: Variables::is_secret(sides.map(|side| side.variables)) }
    }

    fn text(&self, tree: &Tree) -> String {
        let is_value = is_value(tree.name.trim_start_matches('@'));
        let is_of_variable = self.is_secret_variable && is_value && !is_key_vault_id(&tree.text);
        if (tree.is_secret || is_of_variable) && !tree.text.trim().is_empty() {
            return HIDDEN.to_owned();
        }
        secret_forms::shown(&tree.text).into_owned()
    }

    /// A text by itself.
    pub(super) fn one(&self, tree: &Tree) -> String {
        shortened(&self.text(tree), LONGEST).into_owned()
    }

    /// All that is in something that is new or gone.
    pub(super) fn whole(&self, tree: &Tree) -> String {
        let all = tree.summary(&|it| self.one(it));
        if all.is_empty() { "(empty)".to_owned() } else { shortened(&all, LONGEST * 2).into_owned() }
    }

    /// A text before and now.
    pub(super) fn both(&self, old: &Tree, new: &Tree) -> (String, String) {
        let (old, new) = (self.text(old), self.text(new));
        if old == new {
            // They differ, even if that is not shown.
            let old = shortened(&old, LONGEST).into_owned();
            return (old.clone(), format!("{old}, another one"));
        }
        let is_long = [&old, &new].iter().any(|text| text.chars().nth(LONGEST).is_some());
        let same = old.chars().zip(new.chars()).take_while(|(one, other)| one == other).count();
        let from = same.saturating_sub(BEFORE);
        let around = |text: &str| {
            let mark = if is_long && from > 0 { "…" } else { "" };
            let rest: String = text.chars().skip(if is_long { from } else { 0 }).collect();
            format!("{mark}{}", shortened(&rest, LONGEST))
        };
        (around(&old), around(&new))
    }

    /// A path, whose keys are texts of the solution.
    pub(super) fn path(&self, path: &str) -> String {
        let hidden = secret_forms::hidden(path);
        shortened(hidden.as_deref().unwrap_or(path), LONGEST_PATH).into_owned()
    }
}
