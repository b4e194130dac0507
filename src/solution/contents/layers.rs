//! A text as it is and as those see it who decode what it contains: XML inside of JSON inside of XML. Whoever looks for
//! something in a text looks in each of its layers, so that no spelling hides it.
//!
//! Facts: XML 1.0, 4.1 and 2.7; the HTML standard, 13.5 (references of punctuation, and numbers without `;`); RFC 8259,
//! 7; string literals of ECMAScript; RFC 3986, 2.1. Escapes of CSS and base64 are in `codings`.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use memchr::{memchr, memchr_iter, memmem};

use super::codings::{base64, css};

/// How often a text is decoded. Real solutions need two: JSON in the text of an XML file that an element contains.
const DEEPEST: usize = 4;

/// Shows a text and its layers, each once.
pub(super) fn each(text: &str, visit: &mut impl FnMut(&str)) {
    let mut met = HashSet::new();
    layer(text, DEEPEST, &mut met, visit);
}

fn layer(text: &str, depth: usize, met: &mut HashSet<u64>, visit: &mut impl FnMut(&str)) {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    if !met.insert(hasher.finish()) {
        return;
    }
    visit(text);
    if depth > 0 {
        for decode in [references, escapes, percents, css, base64] {
            if let Some(decoded) = decode(text) {
                layer(&decoded, depth - 1, met, visit);
            }
        }
    }
}

/// References of HTML to what addresses consist of.
const NAMED: [(&str, char); 19] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("sol", '/'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("period", '.'),
    ("commat", '@'),
    ("num", '#'),
    ("quest", '?'),
    ("percnt", '%'),
    ("lowbar", '_'),
    ("dash", '-'),
    ("lpar", '('),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("nbsp", ' '),
];

/// The character that the reference at the head of a text stands for, and its length.
fn reference(text: &str) -> Option<(char, usize)> {
    let rest = text.strip_prefix('&')?;
    if let Some(number) = rest.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let (digits, radix) = hex.map_or((number, 10), |hex| (hex, 16));
        let length = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
        let value = u32::from_str_radix(digits.get(..length)?, radix).ok().and_then(char::from_u32)?;
        let end = text.len() - digits.len() + length;
        return Some((value, end + usize::from(text[end..].starts_with(';'))));
    }
    NAMED.iter().find_map(|(name, value)| {
        rest.strip_prefix(name)?.strip_prefix(';')?;
        Some((*value, name.len() + 2))
    })
}

/// Without references, marks of CDATA and comments, where they can hide something: a quote or a tag hides nothing.
fn references(text: &str) -> Option<String> {
    const MARKS: [&str; 3] = ["<![CDATA[", "<!--", "<?"];
    let bytes = text.as_bytes();
    let is_telling = |at: usize| match reference(&text[at..]) {
        Some(('&', length)) => bytes.get(at + length).is_some_and(|byte| *byte == b'#' || byte.is_ascii_alphabetic()),
        Some(('<' | '>' | '"' | '\'', _)) => bytes.get(at + 1) == Some(&b'#'),
        found => found.is_some(),
    };
    // Behind its declaration a document seldom has instructions.
    let behind = &bytes[usize::from(text.starts_with("<?"))..];
    let has_marks = MARKS.iter().any(|mark| memmem::find(behind, mark.as_bytes()).is_some());
    if !has_marks && !memchr_iter(b'&', bytes).any(is_telling) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', ']']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let skip = |end: &str| rest.find(end).map_or(rest.len(), |found| found + end.len());
        if let Some((value, length)) = reference(rest) {
            out.push(value);
            rest = &rest[length..];
        } else if let Some(inside) = rest.strip_prefix(MARKS[0]) {
            rest = inside;
        } else if let Some(behind) = rest.strip_prefix("]]>") {
            rest = behind;
        } else if rest.starts_with(MARKS[1]) {
            rest = &rest[skip("-->")..];
        } else if rest.starts_with(MARKS[2]) {
            rest = &rest[skip("?>")..];
        } else {
            out.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    Some(out)
}

/// Without the escapes of JSON and JavaScript.
fn escapes(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_telling = |at: usize| bytes.get(at + 1).is_some_and(|byte| matches!(byte, b'u' | b'x' | b'/' | b'0'..=b'7'));
    if !memchr_iter(b'\\', bytes).any(is_telling) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
        let hex = |from: usize, length: usize| {
            let digits = rest.get(from..from + length)?;
            let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            Some((number(digits, 16).filter(|_| is_hex)?, from + length))
        };
        let braced = || {
            let inside = rest.strip_prefix("u{")?;
            let length = inside.bytes().take(8).take_while(u8::is_ascii_hexdigit).count();
            let is_closed = inside[length..].starts_with('}');
            Some((number(&inside[..length], 16).filter(|_| is_closed)?, length + 3))
        };
        let octal = || {
            let length = rest.bytes().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
            Some((number(rest.get(..length)?, 8)?, length))
        };
        let found = match rest.bytes().next() {
            Some(b'u') => hex(1, 4).or_else(braced),
            Some(b'x') => hex(1, 2),
            Some(b'n' | b'r') => Some(('\n', 1)),
            Some(b't') => Some(('\t', 1)),
            Some(byte @ (b'/' | b'\\' | b'"' | b'\'' | b'`' | b'.' | b'-' | b':' | b'@')) => {
                Some((char::from(byte), 1))
            }
            Some(b'0'..=b'7') => octal(),
            _ => None,
        };
        match found {
            Some((value, length)) => {
                out.push(value);
                rest = &rest[length..];
            }
            None => out.push('\\'),
        }
    }
    out.push_str(rest);
    Some(out)
}

/// Without the escapes of addresses, where one address stands inside of another.
fn percents(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_telling = |at: usize| {
        let code = bytes.get(at + 1..at + 3);
        code.is_some_and(|code| [b"2f", b"3a", b"25", b"5c"].iter().any(|it| code.eq_ignore_ascii_case(*it)))
    };
    let tells = memchr_iter(b'%', bytes).any(is_telling);
    tells.then(|| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(text: &str, what: &str) -> bool {
        let mut found = false;
        each(text, &mut |layer| found |= layer.contains(what));
        found
    }

    #[test]
    fn what_a_reader_decodes_is_seen() {
        for text in [
            "https:&#47;&#x2F;a.example",
            "https:/<![CDATA[/]]>a.example",
            "https:/<!-- c -->/a.example",
            "https:/<?p?>/a.example",
            "https&colon;&sol;&sol;a&period;example",
            "https:&#47&#47a.example",
            "https:&amp;#47;&amp;#47;a.example",
            "https:&amp;amp;#47;&amp;amp;#47;a.example",
            r"https:\/\/a.example",
            r"https:\u002f\u002F\u0061.example",
            r"https:\x2f\x2fa.example",
            r"https:\u{2f}\u{2f}a.example",
            r"https:\57\57a.example",
            r#"{\"u\":\"https:\\u002f\\u002fa.example\"}"#,
            r"https:&#92;u002f&#92;u002fa.example",
            "https%3A%2F%2Fa.example",
            "https%253A%252F%252Fa.example",
            "%68ttps:%2f/a.example",
            r"\u0026#104;ttps://a.example",
            r"url(https\3a\2f\2f a.example)",
            r#"{"css":"https\\3a //a.example"}"#,
            "atob('aHR0cHM6Ly9hLmV4YW1wbGUveA==')",
            "data:text/plain;base64,aHR0cHM6Ly9hLmV4YW1wbGUveA==",
        ] {
            assert!(is_found(text, "https://a.example"), "{text}");
        }
    }

    #[test]
    fn a_text_without_hidden_layers_is_looked_at_once() {
        for text in
            ["a &amp; b &lt;c&gt; &quot;d&quot;", r"C:\Program", "100 %", "&&&", "&#;", "&#xZ;", r"\", "&#99999999;"]
        {
            let mut count = 0;
            each(text, &mut |_| count += 1);
            assert_eq!(count, 1, "{text}");
        }
    }

    #[test]
    fn layers_end() {
        let mut text = "https://a.example".to_owned();
        for _ in 0..20 {
            text = text.replace('&', "&amp;").replace('/', "&#47;").replace('%', "%25");
        }
        let mut count = 0;
        each(&text, &mut |_| count += 1);
        // Each text, and five readings of it, four times over.
        assert!(count <= 781, "{count}");
    }
}
