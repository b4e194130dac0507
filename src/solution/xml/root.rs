//! The root of a document, for who only has to know what a file is.

use super::encoding::decode_data;

/// The name of the root element, without its prefix; `None` where the text does not begin like XML. The document is not
/// checked otherwise.
#[must_use]
pub fn root_name(bytes: &[u8]) -> Option<String> {
    let text = decode_data(bytes).ok()?;
    let mut rest = text.trim_start_matches('\u{feff}');
    loop {
        rest = rest.trim_start().strip_prefix('<')?;
        let end = match rest.as_bytes().first()? {
            b'?' => "?>",
            b'!' if rest.starts_with("!--") => "-->",
            _ => break,
        };
        rest = rest.split_once(end)?.1;
    }
    let name = rest.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next()?;
    let name = name.rsplit(':').next().unwrap_or(name);
    (!name.is_empty() && !name.starts_with('!')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_what_follows_the_head() {
        let name = |text: &str| root_name(text.as_bytes());
        assert_eq!(name("<Role id='1' />").as_deref(), Some("Role"));
        assert_eq!(name("\u{feff}<?xml version='1.0'?>\r\n<!-- <a> -->\n<x:Role>").as_deref(), Some("Role"));
        assert_eq!(name("<Role/>").as_deref(), Some("Role"));
        for none in ["", "text", "<", "<!DOCTYPE a><a/>", "<?xml", "<!-- <a>", "{}"] {
            assert_eq!(name(none), None, "{none}");
        }
        assert_eq!(root_name(b"\xff\xfe<\0R\0/\0>\0").as_deref(), Some("R"));
    }
}
