//! Texts are hidden in whatever way somebody else writes them.

use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;
use crate::secret::index::Index;

/// Where any of the texts is.
fn find(texts: &[&str], bytes: &[u8]) -> Vec<Range<usize>> {
    let mut index = Index::new();
    (0..).zip(texts).for_each(|(number, text)| index.add(number, needles(text)));
    index.find(bytes)
}

/// What is left when the text is cut out.
fn without(text: &str, from: &str) -> String {
    let places = find(&[text], from.as_bytes());
    let (mut left, mut at) = (String::new(), 0);
    for place in places {
        left += &from[at..place.start];
        left.push('*');
        at = place.end;
    }
    left + &from[at..]
}

fn is_found(text: &str, from: &str) -> bool {
    !find(&[text], from.as_bytes()).is_empty()
}

/// With characters that every encoding changes.
const TEXT: &str = "S~8Q/+=&\"<s3cr3t é>%\\'\u{1f511}";

fn json(text: &str) -> String {
    let text = serde_json::json!(text).to_string();
    text[1..text.len() - 1].to_owned()
}

/// The same with hexadecimal digits in lower case.
fn lower(text: &str) -> String {
    let mut code = 0;
    let letter = |c: char| {
        code = if c == '%' { 3 } else { code - i32::from(code > 0) };
        if code > 0 { c.to_ascii_lowercase() } else { c }
    };
    text.chars().map(letter).collect()
}

#[test]
fn every_spelling_is_found_whole() {
    let form: String = url::form_urlencoded::byte_serialize(TEXT.as_bytes()).collect();
    let path = percent_encoding::utf8_percent_encode(TEXT, percent_encoding::NON_ALPHANUMERIC).to_string();
    let xml = TEXT.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let ascii = r"S~8Q\/\u002B=\u0026\u0022\u003cs3cr3t \u00e9\u003e%\\\u0027\ud83d\udd11";
    assert!(lower(&form).starts_with("S%7e8Q%2f"), "{}", lower(&form));
    for spelt in [
        TEXT.to_owned(),
        json(TEXT),
        json(&json(TEXT)),
        json(&json(&json(TEXT))),
        form.clone(),
        lower(&form),
        json(&form),
        path.clone(),
        lower(&path),
        path.replace('%', "%25"),
        path.replace('%', "%2525"),
        path.replace("%20", "+"),
        xml.clone(),
        xml.replace('\'', "&#39;").replace("&lt;", "&#x3C;").replace('é', "&#0233;"),
        xml.replace('&', "&amp;"),
        json(TEXT).replace('"', "&quot;"),
        url::form_urlencoded::byte_serialize(json(TEXT).as_bytes()).collect(),
        url::form_urlencoded::byte_serialize(json(&json(TEXT)).as_bytes()).collect(),
        percent_encoding::utf8_percent_encode(
            &ascii.replace("\\ud83d\\udd11", "\u{1f511}"),
            percent_encoding::NON_ALPHANUMERIC,
        )
        .to_string(),
        ascii.to_owned(),
        ascii.replace('\\', "\\\\"),
        format!("{TEXT:?}").trim_matches('"').replace('é', "\\u{e9}").replace('>', "\\x3e"),
        // Markdown
        TEXT.replace('\\', "\\\\").replace('~', "\\~").replace('+', "\\+").replace('<', "&lt;"),
    ] {
        assert_eq!(without(TEXT, &format!("a{spelt}z")), "a*z", "{spelt}");
    }
    let half = "S~8Q/+=&\"<s3cr3t é>%\\";
    assert_eq!(without(TEXT, half), half);
}

#[test]
fn base64_is_found_whatever_stands_around_it() {
    for before in ["", "a", "ab", "client:"] {
        for after in ["", "z", "yz", "xyz"] {
            let form: String = url::form_urlencoded::byte_serialize(TEXT.as_bytes()).collect();
            let texts = [TEXT, &form, &json(TEXT)].map(|text| format!("{before}{text}{after}"));
            for coded in texts.iter().flat_map(|text| [STANDARD.encode(text), URL_SAFE_NO_PAD.encode(text)]) {
                let around = before.len().div_ceil(3) * 4 + after.len().div_ceil(3) * 4;
                for coded in [coded.clone(), coded.replace('+', "%2B").replace('/', "\\/")] {
                    let left = without(TEXT, &format!(" {coded} "));
                    assert!(left.contains('*') && left.len() <= around + 12, "{coded}: {left}");
                }
                let lines: Vec<&str> =
                    coded.as_bytes().chunks(10).filter_map(|line| str::from_utf8(line).ok()).collect();
                for end in ["\r\n", "\n", "\\n"] {
                    let left = without(TEXT, &lines.join(end));
                    assert!(left.contains('*') && left.len() < around + 24, "{coded}: {left}");
                }
            }
        }
    }
}

#[test]
fn no_half_of_an_escape_is_left() {
    assert_eq!(without("nabcdefgh", r#"{"a":"\nabcdefgh"}"#), r#"{"a":"*"}"#);
    assert_eq!(without("nabcdefgh", r"\\nabcdefgh"), r"\\*");
}

#[test]
fn what_overlaps_is_one_place() {
    let all = ["abcdefgh", "efghijkl"];
    assert_eq!(find(&all, b"..abcdefghijkl, efghijkl"), [2..14, 16..24]);
    assert_eq!(find(&all, b"abcdefgh, efghijkl"), [0..8, 10..18]);
}

proptest! {
    #[test]
    fn any_text_is_found_as_json_url_and_base64(text in "\\PC{8,20}", before in "[a-z]{0,3}", after in "[a-z]{0,3}") {
        let whole = [before.as_str(), &text, &after].concat();
        prop_assert!(is_found(&text, &json(&whole)));
        let url: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        prop_assert!(is_found(&text, &url));
        prop_assert!(is_found(&text, &STANDARD.encode(&whole)));
    }

    #[test]
    fn no_bytes_are_too_odd(text in "[%&\\\\u25am;#x]{8,10}", bytes in "[%&\\\\u25am;#x{}é]{0,60}") {
        let mut end = 0;
        for place in find(&[&text], bytes.as_bytes()) {
            prop_assert!(end <= place.start && place.start < place.end && place.end <= bytes.len());
            end = place.end;
        }
    }
}
