//! From bytes to characters, as .NET does it: the declaration counts, even after a byte order mark.
//! Source: observed with `XmlDocument.Load` on .NET 10; parsers differ where mark and declaration disagree, and in
//! which encodings they know. Documents on which they differ are refused.

use std::borrow::Cow;

/// The characters of a document, without its byte order mark; the XML declaration stays.
///
/// # Errors
/// In words, why it is not text of a known encoding.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    let (text, encoding) = match bytes {
        [0xff, 0xfe, rest @ ..] => (Cow::Owned(wide(rest, u16::from_le_bytes)?), "utf-16"),
        [0xfe, 0xff, rest @ ..] => (Cow::Owned(wide(rest, u16::from_be_bytes)?), "utf-16"),
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let text = std::str::from_utf8(bytes)
                .map_err(|error| format!("it is not UTF-8 text (byte {}); save it as UTF-8", error.valid_up_to()))?;
            (Cow::Borrowed(text), "utf-8")
        }
    };
    if text.starts_with('\u{feff}') {
        return Err("it begins with two byte order marks; save it as UTF-8".to_owned());
    }
    check_declaration(&text, encoding)?;
    Ok(text)
}

/// [`decode`] for a document that is only carried: it may also declare Latin-1 or ASCII, which every reader of XML
/// decodes alike.
pub fn decode_data(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    let declared = |encoding: &str| {
        // Each byte is the character of its number; bytes beyond ASCII do not matter to the declaration.
        let text: String = bytes.iter().copied().map(char::from).collect();
        let names_one = declaration(&text).is_ok_and(|it| it.is_some_and(|it| it.contains("encoding")));
        (names_one && check_declaration(&text, encoding).is_ok()).then_some(text)
    };
    match decode(bytes) {
        Err(why) if bytes.starts_with(b"<?xml") => {
            let text = declared("iso-8859-1").or_else(|| declared("us-ascii").filter(|text| text.is_ascii()));
            text.map(Cow::Owned).ok_or(why)
        }
        other => other,
    }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    if !bytes.len().is_multiple_of(2) {
        return Err("it is not UTF-16 text; save it as UTF-8".to_owned());
    }
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16(&units).map_err(|_| "it is not UTF-16 text; save it as UTF-8".to_owned())
}

/// Checks that the declaration, if there is one, is XML 1.0 and names the encoding that the document has.
fn check_declaration(text: &str, encoding: &str) -> Result<(), String> {
    let Some(inner) = declaration(text)? else { return Ok(()) };
    let mut rest = inner;
    let mut position = 0;
    while !rest.trim_ascii().is_empty() {
        let (name, value, after) =
            pseudo_attribute(rest).ok_or("its XML declaration is malformed; write `<?xml version=\"1.0\"?>`")?;
        let order = match name {
            "version" => 1,
            "encoding" => 2,
            "standalone" => 3,
            _ => 0,
        };
        if order <= position {
            return Err("its XML declaration is malformed; write `<?xml version=\"1.0\"?>`".to_owned());
        }
        match name {
            "version" if value != "1.0" => {
                return Err(format!("it is XML {}, and solutions are XML 1.0", value.escape_debug()));
            }
            "encoding" if !value.eq_ignore_ascii_case(encoding) => {
                let declared = value.escape_debug();
                return Err(format!(
                    "it declares the encoding `{declared}`, which programs read in different ways here; save it as UTF-8"
                ));
            }
            "standalone" if !matches!(value, "yes" | "no") => {
                return Err("its XML declaration is malformed; write `<?xml version=\"1.0\"?>`".to_owned());
            }
            _ => {}
        }
        position = order;
        rest = after;
    }
    if inner.trim_ascii_start().starts_with("version") {
        Ok(())
    } else {
        Err("its XML declaration has no version".into())
    }
}

/// What stands in the XML declaration at the beginning of `text`.
fn declaration(text: &str) -> Result<Option<&str>, String> {
    let Some(rest) = text.strip_prefix("<?xml") else { return Ok(None) };
    // `<?xml-stylesheet` is an instruction.
    if !rest.starts_with(|c: char| c.is_ascii_whitespace()) {
        return Ok(None);
    }
    let end = rest.find("?>").ok_or("its XML declaration does not end")?;
    Ok(Some(&rest[..end]))
}

/// The document without its XML declaration and the blanks behind it, and whether the declaration is one that a
/// bundle may have: none, or one that names UTF-8 or nothing.
pub fn without_declaration(bytes: &[u8]) -> &[u8] {
    let Ok(text) = std::str::from_utf8(bytes) else { return bytes };
    match declaration(text) {
        Ok(Some(inner)) => text["<?xml".len() + inner.len() + "?>".len()..].trim_ascii_start().as_bytes(),
        _ => bytes,
    }
}

/// ` name = "value"`: the name, the value, and what is behind.
fn pseudo_attribute(text: &str) -> Option<(&str, &str, &str)> {
    let start = text.trim_ascii_start();
    if start.len() == text.len() {
        return None;
    }
    let (name, rest) = start.split_once('=')?;
    let rest = rest.trim_ascii_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, after) = rest[1..].split_once(quote)?;
    Some((name.trim_ascii_end(), value, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str) -> Vec<u8> {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    }

    #[test]
    fn documents_that_all_readers_decode_alike_are_read() {
        for good in [
            "<a/>",
            "<?xml version='1.0'?><a/>",
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><a/>",
            "\u{feff}<?xml version = '1.0' encoding='UTF-8' standalone=\"yes\" ?><a/>",
            "<?xml-stylesheet href='a'?><a/>",
        ] {
            decode(good.as_bytes()).unwrap_or_else(|why| panic!("{good}: {why}"));
        }
        assert_eq!(
            decode(&utf16("<?xml version='1.0' encoding='utf-16'?><a>ä</a>")).expect("read").chars().count(),
            47
        );
        assert_eq!(decode(&utf16("<a/>")).as_deref(), Ok("<a/>"));
    }

    #[test]
    fn a_document_that_is_only_carried_may_be_latin_1() {
        let declared = |encoding: &str| format!("<?xml version='1.0' encoding='{encoding}'?><a>").into_bytes();
        for encoding in ["iso-8859-1", "ISO-8859-1"] {
            let bytes = [&declared(encoding)[..], b"\xe4</a>"].concat();
            assert!(decode_data(&bytes).expect("read").ends_with("<a>ä</a>"));
        }
        assert!(decode_data(&[&declared("us-ascii")[..], b"a</a>"].concat()).is_ok());
        for encoding in ["us-ascii", "utf-7", "windows-1252", "IBM037", "utf-16", "latin1"] {
            assert!(decode_data(&[&declared(encoding)[..], b"\xe4</a>"].concat()).is_err(), "{encoding}");
        }
        assert!(decode_data(b"<a>\xe4</a>").is_err());
        assert!(decode_data(b"<?xml version='1.0'?><a>\xe4</a>").is_err());
    }

    #[test]
    fn documents_that_readers_decode_differently_are_refused() {
        let declared = |encoding: &str| format!("<?xml version='1.0' encoding='{encoding}'?><a>+ADw-b/+AD4-</a>");
        for encoding in ["utf-7", "windows-1252", "iso-8859-1", "utf-16", "shift_jis", "IBM037", "utf8", "us-ascii", ""]
        {
            let text = declared(encoding);
            assert!(decode(text.as_bytes()).is_err(), "{encoding}");
            assert!(decode(format!("\u{feff}{text}").as_bytes()).is_err(), "{encoding} behind a mark");
        }
        assert!(decode(&utf16(&declared("utf-8"))).is_err());
        for bad in [
            "\u{feff}\u{feff}<a/>",
            "<?xml version='1.1'?><a/>",
            "<?xml encoding='utf-8' version='1.0'?><a/>",
            "<?xml encoding='utf-8'?><a/>",
            "<?xml version='1.0' encoding='utf-8' encoding='utf-7'?><a/>",
            "<?xml version='1.0'encoding='utf-8'?><a/>",
            "<?xml version='1.0' Encoding='utf-8'?><a/>",
            "<?xml version='1.0'",
        ] {
            assert!(decode(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(
            decode(b"<a>\xe4</a>").is_err() && decode(b"\xff\xfe<").is_err() && decode(b"\xff\xfe\x00\xd8").is_err()
        );
    }
}
