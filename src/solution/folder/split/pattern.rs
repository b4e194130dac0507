//! The names of files from what elements say, and nothing that could leave the folder.
//!
//! `{@name}` is an attribute, `{Name}` the text of a child, `{A|B}` the first of two that is there.
//! `{/Name}` may hold `/`, which make folders; `{~FileName}` is a path from the package's root, which
//! must lead into the folder. Everything else stands for itself.

use crate::solution::xml::Element;

/// The name that `pattern` gives for `element`, with the folder; `None` where it gives none that is safe.
pub fn name(pattern: &str, folder: &str, element: &Element) -> Option<String> {
    let mut out = folder.to_owned();
    let mut rest = pattern;
    while let Some((literal, after)) = rest.split_once('{') {
        out.push_str(literal);
        let (field, after) = after.split_once('}')?;
        let (kind, field) = match field.as_bytes().first()? {
            b'/' | b'~' => field.split_at(1),
            _ => ("", field),
        };
        let value = field.split('|').find_map(|field| match field.strip_prefix('@') {
            Some(attribute) => element.attribute(attribute).map(str::to_owned),
            None => element.child_text(field),
        })?;
        match kind {
            "/" => out.push_str(path(&value)?),
            "~" => out.push_str(path(value.strip_prefix('/')?.strip_prefix(folder)?)?),
            _ => out.push_str(&piece(&value)?),
        }
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// A path below the folder, as it is.
fn path(value: &str) -> Option<&str> {
    let stays = !value.contains(['\\', ':', '\0']) && value.split('/').all(|piece| !matches!(piece, "" | "." | ".."));
    stays.then_some(value)
}

/// One part of a name, without what some system does not allow in it.
pub fn piece(value: &str) -> Option<String> {
    let clean: String =
        value.chars().map(|c| if c.is_control() || "<>:\"/\\|?*".contains(c) { '_' } else { c }).collect();
    let clean = clean.trim().trim_end_matches(['.', ' ']);
    (!clean.is_empty()).then(|| clean.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(pattern: &str, value: &str) -> Option<String> {
        name(pattern, "F/", &Element::new("e").with("name", value).child(Element::text("Name", value)))
    }

    #[test]
    fn a_name_in_xml_cannot_leave_the_folder() {
        for bad in ["../x", "/x", "a/../../x", "a\\x", "c:x", "", "a//b", "a/."] {
            assert_eq!(named("{/Name}", bad), None, "{bad}");
            assert_eq!(named("{~Name}", bad), None, "{bad}");
        }
        for bad in ["/F/../x", "/G/x", "F/x", "/F/"] {
            assert_eq!(named("{~Name}", bad), None, "{bad}");
        }
        assert_eq!(named("{@name}", "../a: c?. ").as_deref(), Some("F/.._a_ c_"));
        assert_eq!(named("{@name}", ".."), None);
    }

    #[test]
    fn names_follow_the_pattern() {
        assert_eq!(named("{/Name}", "new_/a b.js").as_deref(), Some("F/new_/a b.js"));
        assert_eq!(named("{~None|Name}", "/F/x-1.json").as_deref(), Some("F/x-1.json"));
        assert_eq!(named("1033/{Name}/{@name}", "x").as_deref(), Some("F/1033/x/x"));
        assert_eq!(named("{Nothing}", "x"), None);
    }
}
