//! `[Content_Types].xml`: derived from the other entries by the rule that reproduces it in 326 of
//! 327 real packages (server form: everything is `application/octet-stream`).

use std::collections::HashSet;

use super::xml;

/// The part's name.
pub const NAME: &str = "[Content_Types].xml";

/// The part's bytes for these (encoded) entry names, in zip order.
#[must_use]
pub fn content_types<'a>(names: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut seen = HashSet::new();
    let (mut defaults, mut overrides) = (String::new(), String::new());
    for name in names {
        let file = name.rsplit('/').next().unwrap_or(name);
        match file.rsplit_once('.') {
            Some((_, extension)) if !extension.is_empty() => {
                if seen.insert(extension.to_ascii_lowercase()) {
                    defaults.push_str(&format!(
                        "<Default Extension=\"{}\" ContentType=\"application/octet-stream\" />",
                        escape(extension)
                    ));
                }
            }
            _ => overrides.push_str(&format!(
                "<Override PartName=\"/{}\" ContentType=\"application/octet-stream\" />",
                escape(name)
            )),
        }
    }
    format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">{defaults}{overrides}</Types>"
    )
    .into_bytes()
}

/// The extension or part that a list gives a type twice, in whatever case: a reader of the packaging format refuses that.
#[must_use]
pub fn twice(list: &[u8]) -> Option<String> {
    let root = xml::parse(list, NAME).ok()?;
    let mut met = HashSet::new();
    root.elements().find_map(|element| {
        let (what, key) = match element.name.as_str() {
            "Default" => ("extension", "Extension"),
            "Override" => ("part", "PartName"),
            _ => return None,
        };
        let value = element.attribute(key)?;
        (!met.insert((what, value.to_lowercase()))).then(|| format!("{what} `{value}`"))
    })
}

/// The parts that a list has no type for: for a reader of the packaging format they do not exist.
pub fn uncovered<'a>(list: &[u8], parts: &[&'a str]) -> Result<Vec<&'a str>, String> {
    let root = xml::parse(list, NAME).map_err(|finding| finding.message)?;
    let attribute = |element: &xml::Element, name: &str, wanted: &str| {
        element.attribute(name).is_some_and(|value| value.eq_ignore_ascii_case(wanted))
    };
    let is_covered = |part: &str| {
        let extension = part.rsplit('/').next().and_then(|file| file.rsplit_once('.')).map(|(_, extension)| extension);
        root.elements().any(|element| match element.name.as_str() {
            "Default" => extension.is_some_and(|extension| attribute(element, "Extension", extension)),
            "Override" => attribute(element, "PartName", &format!("/{part}")),
            _ => false,
        })
    };
    Ok(parts.iter().copied().filter(|part| !is_covered(part)).collect())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_extension_once_and_every_bare_name() {
        let names = ["customizations.xml", "solution.xml", "WebResources/a1B2", "a/b.Json", "a/c.json"];
        let text = String::from_utf8(content_types(names.into_iter())).expect("text");
        assert!(text.starts_with('\u{feff}'));
        insta::assert_snapshot!(text.trim_start_matches('\u{feff}').replace("><", ">\n<"), @r#"
        <?xml version="1.0" encoding="utf-8"?>
        <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
        <Default Extension="xml" ContentType="application/octet-stream" />
        <Default Extension="Json" ContentType="application/octet-stream" />
        <Override PartName="/WebResources/a1B2" ContentType="application/octet-stream" />
        </Types>
        "#);
    }
}
