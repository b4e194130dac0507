//! Customization prefixes: the publisher's letters before the first `_` of a name.

use crate::diagnostic::Diagnostic;
use crate::yaml::shape::At;

/// Whether a name has this prefix: the prefix in any case, `_`, and something behind it.
#[must_use]
pub fn is_own(name: &str, prefix: &str) -> bool {
    let Some((own, rest)) = name.split_at_checked(prefix.len()) else { return false };
    own.eq_ignore_ascii_case(prefix) && rest.strip_prefix('_').is_some_and(|rest| !rest.is_empty())
}

/// The prefix that a name has, whoever's it is; none for the names of Dataverse itself.
#[must_use]
pub fn of(name: &str) -> Option<&str> {
    // Dynamics 365's own form libraries are named after their table, without a prefix.
    const PLATFORM: &str = "_system_library.js";
    let (prefix, rest) = name.split_once('_')?;
    let has_form = (2..=8).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (has_form && !rest.is_empty() && !name.to_ascii_lowercase().ends_with(PLATFORM)).then_some(prefix)
}

/// A name as it has to be: with this prefix in place of the one that it has, if it has one.
#[must_use]
pub fn with(name: &str, prefix: &str) -> String {
    format!("{prefix}_{}", name.split_once('_').map_or(name, |(_, rest)| rest))
}

/// Checks that a component's name starts with the publisher's prefix.
pub fn check<T>(name: &At<T>, text: &str, prefix: Option<&str>, findings: &mut Vec<Diagnostic>) {
    let Some(prefix) = prefix else { return };
    if !is_own(text, prefix) {
        findings.push(
            Diagnostic::error("prefix-missing", format!("`{}` does not start with the publisher's prefix", name.shown))
                .at(&name.span)
                .help(format!("write `{}`", with(text, prefix))),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_followed_by_a_name() {
        assert!(is_own("contoso_Widget", "Contoso") && is_own("Contoso_/app.js", "contoso"));
        assert!(is_own("pre__app", "pre_") && !is_own("pre_app", "pre_"));
        for name in ["contoso", "contoso_", "contosox_a", "a_contoso", "contosö_a", ""] {
            assert!(!is_own(name, "contoso"), "{name}");
        }
        assert_eq!(of("msdyn_workorder"), Some("msdyn"));
        for name in
            ["account", "Main_system_library.js", "Lead_main_system_library.js", "a_b", "much_", "verylongone_a"]
        {
            assert_eq!(of(name), None, "{name}");
        }
        assert_eq!((with("a", "new").as_str(), with("old_a", "new").as_str()), ("new_a", "new_a"));
    }
}
