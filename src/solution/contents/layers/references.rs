//! References and marks of HTML and XML.
//!
//! Facts: XML 1.0, 2.7, 4.1 and 4.2; the HTML standard, 13.5 (numbers and some names without `;`).

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use memchr::{memchr, memmem};

use super::decoded::Decoded;

const TABLE: &str = include_str!("../../../../manifests/catalog/html_references.tsv");

/// What each name means.
static NAMED: LazyLock<HashMap<&str, String>> = LazyLock::new(|| {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
    let text = |codes: &str| {
        let codes = codes.split(' ').filter_map(|code| u32::from_str_radix(code, 16).ok());
        codes.filter_map(char::from_u32).collect()
    };
    rows.map(|(name, codes)| (name, text(codes))).collect()
});

/// How long a name may be; the longest of HTML has 32.
const LONGEST: usize = 64;

/// The entities that a document declares for itself.
#[derive(Default)]
pub(super) struct Entities {
    values: BTreeMap<String, String>,
    /// Whether it declares some that only a reader of declarations can follow.
    pub(super) has_unseen: bool,
}

impl Entities {
    /// The entities of a text.
    pub(super) fn of(text: &str) -> Self {
        const MARK: &str = "<!ENTITY";
        let mut found = Self::default();
        let mut rest = text;
        while let Some(at) = memmem::find(rest.as_bytes(), MARK.as_bytes()) {
            rest = &rest[at + MARK.len()..];
            let declared = rest.trim_start();
            if declared.starts_with('%') {
                found.has_unseen = true;
                continue;
            }
            // Without so near a blank its name is too long to be looked up: reading on would take each to the end of
            // the text.
            let Some((end, _)) = declared.char_indices().take(LONGEST + 1).find(|(_, c)| c.is_whitespace()) else {
                found.has_unseen = true;
                continue;
            };
            let (name, behind) = declared.split_at(end);
            let behind = behind.trim_start();
            let quote = behind.chars().next().filter(|c| matches!(c, '"' | '\''));
            if let Some(value) = quote.and_then(|quote| behind[1..].split(quote).next()) {
                // The first declaration counts.
                found.values.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
        found
    }

    /// What the reference at the beginning of a text means, and its length.
    fn reference<'a>(&'a self, text: &str) -> Option<(std::borrow::Cow<'a, str>, usize)> {
        let rest = text.strip_prefix('&')?;
        if let Some(number) = rest.strip_prefix('#') {
            let hex = number.strip_prefix(['x', 'X']);
            let (digits, radix) = hex.map_or((number, 10), |hex| (hex, 16));
            let length = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
            let value = u32::from_str_radix(digits.get(..length)?, radix).ok().and_then(char::from_u32)?;
            let end = text.len() - digits.len() + length;
            return Some((value.to_string().into(), end + usize::from(text[end..].starts_with(';'))));
        }
        let is_of_name = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let length: usize = rest.chars().take(LONGEST).take_while(is_of_name).map(char::len_utf8).sum();
        let name = &rest[..length];
        if rest[length..].starts_with(';') {
            let own = self.values.get(name).map(String::as_str);
            if let Some(value) = own.or_else(|| NAMED.get(&rest[..=length]).map(String::as_str)) {
                return Some((value.into(), length + 2));
            }
        }
        // `&notin` without `;` is `&not` and `in`. The longest such name has six letters.
        let ends = (2..=length.min(6)).rev().filter(|end| name.is_char_boundary(*end));
        ends.into_iter().find_map(|end| Some((NAMED.get(&name[..end])?.as_str().into(), end + 1)))
    }
}

/// What is done with comments and instructions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Marks {
    /// They stay: in an attribute or a script they hide nothing.
    Kept,
    /// They are left out, as an XML reader does.
    LeftOut,
}

/// Without references, marks of CDATA and, as asked for, comments, where they can hide something: a quote or a tag
/// hides nothing.
pub(super) fn references(text: &str, entities: &Entities, marks: Marks, most: usize) -> Option<Decoded> {
    const CDATA: &str = "<![CDATA[";
    const HIDING: [(&str, &str); 2] = [("<!--", "-->"), ("<?", "?>")];
    // Behind its declaration a document seldom has instructions.
    let behind = &text.as_bytes()[usize::from(text.starts_with("<?"))..];
    let has = |mark: &str| memmem::find(behind, mark.as_bytes()).is_some();
    let has_hiding = HIDING.iter().any(|(mark, _)| has(mark));
    let is_needed = match marks {
        Marks::Kept => memchr(b'&', text.as_bytes()).is_some() || has(CDATA),
        Marks::LeftOut => has_hiding,
    };
    if !is_needed {
        return None;
    }
    let mut out = Decoded::new(most);
    let mut rest = text;
    // The end of a mark that never ends is searched only once.
    let mut is_open = [false; 2];
    while let Some(at) = rest.find(['&', '<', ']']) {
        if out.is_cut() {
            break;
        }
        out.keep(&rest[..at]);
        rest = &rest[at..];
        if let Some((value, length)) = entities.reference(rest) {
            let next = &rest[length..];
            let is_telling = match &*value {
                "&" => next.starts_with(|c: char| c == '#' || c.is_ascii_alphabetic()),
                "<" | ">" | "\"" | "'" => rest[1..].starts_with('#'),
                _ => true,
            };
            out.put(&value, is_telling);
            rest = next;
            continue;
        }
        if let Some(inside) = rest.strip_prefix(CDATA) {
            out.put("", true);
            rest = inside;
            continue;
        }
        if let Some(behind) = rest.strip_prefix("]]>") {
            out.put("", true);
            rest = behind;
            continue;
        }
        let hiding = HIDING.iter().enumerate().find(|(_, (mark, _))| marks == Marks::LeftOut && rest.starts_with(mark));
        let end = hiding.filter(|(which, _)| !is_open[*which]).and_then(|(which, (_, end))| {
            let found = memmem::find(rest.as_bytes(), end.as_bytes());
            is_open[which] = found.is_none();
            Some(found? + end.len())
        });
        if let Some(end) = end {
            out.put("", true);
            rest = &rest[end..];
        } else {
            out.keep(&rest[..1]);
            rest = &rest[1..];
        }
    }
    out.keep(rest);
    Some(out)
}
