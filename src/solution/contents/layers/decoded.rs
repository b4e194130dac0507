//! A decoded text, and the stretches of it that can contain an address which the text did not show before.
//! Only these are searched again: the work grows with what is decoded, not with the text around it.

use memchr::{memchr3, memrchr, memrchr3};

use crate::text::is_invisible;

/// How many characters of a name or scheme stand on either side of what is decoded. A host has at most 253, and each
/// can be written as nine (`%ef%bd%85`).
const NEAR: usize = 2400;

/// A text without one kind of escapes.
pub(super) struct Decoded {
    text: String,
    /// Where something was decoded, in order.
    changes: Vec<(usize, usize)>,
    /// How long it may become.
    most: usize,
    is_cut: bool,
}

impl Decoded {
    /// For a text that may become so long.
    pub(super) fn new(most: usize) -> Self {
        Self { text: String::new(), changes: Vec::new(), most, is_cut: false }
    }

    /// Adds the text as it is.
    pub(super) fn keep(&mut self, text: &str) {
        if self.text.len() + text.len() > self.most {
            self.is_cut = true;
        } else {
            self.text.push_str(text);
        }
    }

    /// Adds what an escape means; returns whether that can show something.
    pub(super) fn put(&mut self, text: &str, is_telling: bool) {
        let start = self.text.len();
        self.keep(text);
        if is_telling {
            self.change(start);
        }
    }

    fn change(&mut self, start: usize) {
        let end = self.text.len();
        match self.changes.last_mut() {
            Some(last) if start.saturating_sub(last.1) < NEAR => last.1 = end,
            _ => self.changes.push((start, end)),
        }
    }

    /// Whether it became too long to be searched.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The stretches around what was decoded, without those that are in no text.
    pub(super) fn windows(&self) -> Vec<&str> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        let mut changes = self.changes.iter().copied().peekable();
        while let Some((start, mut end)) = changes.next() {
            let before = found.last().map_or(0, |(_, end)| *end);
            // Up to what was decoded next, which is then in the same stretch.
            while let Some((next, next_end)) = changes.peek().copied() {
                if self.forward(end, next) < next {
                    break;
                }
                end = next_end;
                changes.next();
            }
            let limit = changes.peek().map_or(self.text.len(), |(next, _)| *next);
            let end = self.forward(end, limit);
            let start = self.backward(before, start, end);
            match found.last_mut() {
                Some(last) if last.1 >= start => last.1 = end,
                _ => found.push((start, end)),
            }
        }
        found.into_iter().map(|(start, end)| &self.text[start..end]).collect()
    }

    /// Where a stretch ends that goes on from a place: behind a name, and behind the last `@` of an address that goes
    /// on.
    fn forward(&self, from: usize, limit: usize) -> usize {
        let near = self.walk(from, limit);
        let rest = &self.text.as_bytes()[near..limit];
        let authority = &rest[..memchr3(b'/', b'?', b'#', rest).unwrap_or(rest.len())];
        match memrchr(b'@', authority) {
            Some(at) => self.walk(near + at + 1, limit),
            None => near,
        }
    }

    /// Over so many characters as are near, and to the end of a name with escapes.
    fn walk(&self, from: usize, limit: usize) -> usize {
        const LONGEST: usize = 300;
        let is_escape = |text: &str| text.as_bytes().get(1..3).is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit));
        let text = &self.text[from..limit];
        let mut left = NEAR;
        for (at, c) in text.char_indices() {
            let is_free = c.is_whitespace() || c.is_control() || is_invisible(c);
            if left == 0 && !is_free {
                return from + at;
            }
            // An escape of an address can mean an invisible character.
            if c == '%' && is_escape(&text[at..]) {
                left = left.max(LONGEST);
            } else if !is_free {
                left -= 1;
            }
        }
        limit
    }

    /// Where a stretch begins that goes on to a place: before its scheme.
    fn backward(&self, limit: usize, from: usize, end: usize) -> usize {
        let walk = |from: usize| {
            let mut left = NEAR;
            for (at, c) in self.text[limit..from].char_indices().rev() {
                let is_free = c.is_whitespace() || c.is_control() || is_invisible(c);
                if left == 0 && !is_free {
                    return limit + at + c.len_utf8();
                }
                left -= usize::from(!is_free);
            }
            limit
        };
        let near = walk(from);
        if memrchr(b'@', &self.text.as_bytes()[from..end]).is_none() {
            return near;
        }
        // The text after an `@` belongs to an address that began earlier.
        match memrchr3(b'/', b'\\', b':', &self.text.as_bytes()[limit..near]) {
            Some(at) => walk(limit + at),
            None => limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(pieces: &[(&str, bool)]) -> Vec<String> {
        let mut decoded = Decoded::new(1 << 20);
        for (text, is_changed) in pieces {
            if *is_changed { decoded.put(text, true) } else { decoded.keep(text) }
        }
        decoded.windows().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn only_what_can_be_part_of_an_address_is_looked_at_again() {
        let far = "x".repeat(10_000);
        let found = windows(&[(&far, false), ("/", true), (&far, false), (":", true), (&far, false)]);
        assert_eq!(found.iter().map(String::len).collect::<Vec<_>>(), [2 * NEAR + 1, 2 * NEAR + 1]);
        assert_eq!(windows(&[("a", false), ("/", true), ("b", false), (":", true)]), ["a/b:"]);
        assert!(windows(&[("abc", false)]).is_empty());
    }

    #[test]
    fn an_address_is_looked_at_as_a_whole() {
        let far = "x".repeat(10_000);
        let blanks = " ".repeat(10_000);
        let unseen = "%C2%AD".repeat(2_000);
        for (before, change, behind) in [
            (format!("https://api.contoso.com{blanks}"), "@", "evil.example/"),
            (format!("https://api.contoso.com{far}"), "@", "evil.example/"),
            (format!("https://api.contoso.com{far}"), "!", "@evil.example/"),
            ("h".to_owned(), "t", &*format!("tps://{far}@evil.example/")),
            ("https:".to_owned(), "/", &*format!("/{blanks}evil.example/")),
            ("https:/".to_owned(), "/", &*format!("ev{unseen}il.example/")),
        ] {
            let found = windows(&[(&"y".repeat(9_000), false), (&before, false), (change, true), (behind, false)]);
            assert!(found.iter().any(|it| it.contains(&*format!("{before}{change}{behind}"))), "{change}{behind:.20}");
        }
    }
}
