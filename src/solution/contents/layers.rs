//! A text as it is and in each decoded form: XML inside JSON inside XML. A search for something in a text searches each
//! of its layers, so that no spelling hides it.

mod base64;
mod data;
mod decoded;
mod escapes;
mod percents;
mod references;

use std::collections::HashSet;
use std::hash::BuildHasher;

use self::base64::base64;
use self::decoded::Decoded;
use self::escapes::{Dialect, escapes};
use self::percents::percents;
use self::references::{Entities, Marks, references};
use super::inside;

/// How often a text is decoded. Real solutions need two: JSON in the text of an XML file that an element contains.
const DEEPEST: usize = 4;

/// How many bytes are searched for each byte of a text, and how many in any case. Real flows need up to 15 for each, a
/// library that is full of regular expressions 34.
const MOST_FOR_EACH: usize = 32;
const MOST_FOR_ANY: usize = 32 << 10;

/// Passes on a text and, once each, what its layers show besides; returns whether that was all.
pub(super) fn each(text: &str, visit: &mut impl FnMut(&str)) -> bool {
    let entities = Entities::of(text);
    let left = text.len() * MOST_FOR_EACH + MOST_FOR_ANY;
    let is_all = !entities.has_unseen;
    let mut layers = Layers { entities, left, met: HashSet::new(), is_all, visit };
    layers.look(text, DEEPEST);
    layers.is_all
}

struct Layers<'a, F> {
    entities: Entities,
    /// How many bytes may still be searched.
    left: usize,
    /// The hashes of the layers that were searched, with the set's own keys: these are random, so nobody can make two
    /// layers with one hash.
    met: HashSet<u64>,
    is_all: bool,
    visit: &'a mut F,
}

impl<F: FnMut(&str)> Layers<'_, F> {
    fn look(&mut self, text: &str, depth: usize) {
        let hash = self.hash(text);
        if !self.met.insert(hash) {
            return;
        }
        let Some(left) = self.left.checked_sub(text.len()) else {
            self.is_all = false;
            return;
        };
        self.left = left;
        (self.visit)(text);
        if depth == 0 && !self.is_all {
            return;
        }
        for decode in [
            |text: &str, entities: &Entities, most| references(text, entities, Marks::Kept, most),
            |text: &str, entities: &Entities, most| references(text, entities, Marks::LeftOut, most),
            |text: &str, _: &Entities, most| escapes(text, Dialect::Script, most),
            |text: &str, _: &Entities, most| escapes(text, Dialect::Sharp, most),
            |text: &str, _: &Entities, most| escapes(text, Dialect::Style, most),
            |text: &str, _: &Entities, most| percents(text, most),
        ] {
            let most = self.left.max(text.len());
            let Some(decoded) = decode(text, &self.entities, most) else { continue };
            self.is_all &= !Decoded::is_cut(&decoded);
            for window in decoded.windows() {
                self.next(window, depth);
            }
        }
        let coded = base64(text);
        self.is_all &= !coded.is_packed;
        if !coded.text.is_empty() {
            self.next(&coded.text, depth);
        }
        for file in data::files(text) {
            self.is_all &= !inside::is_packed(&file);
            for text in inside::texts(&file) {
                self.next(&text, depth);
            }
        }
    }

    fn hash(&self, text: &str) -> u64 {
        self.met.hasher().hash_one(text)
    }

    /// Searches what a layer of this depth shows; beyond the deepest ones it only checks whether there is something.
    fn next(&mut self, text: &str, depth: usize) {
        match depth.checked_sub(1) {
            Some(depth) => self.look(text, depth),
            None => self.is_all &= self.met.contains(&self.hash(text)),
        }
    }
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
            "https:&#47;&#47;a.example<!--",
            "<a title=\"<!--\" href=\"https:&#47;&#47;a.example/x\">y</a>",
            "<a title=\"<?\" href=\"https:&#47;&#47;a.example/x\">y</a>",
            "<a title=\"<!--\" href=\"https:&#47;&#47;a.example/x\" name=\"-->\">y</a>",
            "https://a&period;ex&#x61mple",
            "https://a&#46example &#47;",
            r"https:\u{0000000000002f}\u{0000000000002f}a.example",
            r"https:\u{000000000000000000000000000000002f}/a.example",
            r"https://\a.ex\ample",
            "https://a.ex\\\nample",
            "https://a.ex\\\r\nample",
            "https://a.ex\\\u{2028}ample",
            r"https:\U0000002f\x2f\U00000061.example",
            r"https:\x2f\x002f\x0061.example",
            r"https:\2f\2f a.example/x.css",
            "https:\\00002f\\2f\r\na.example",
            r"https://\61.example",
            "data:text/html;base64,aHR0cHM6Ly9hLmV4YW1wbGU=",
            "data:text/html;charset=utf-8;BASE64,aHR0c HM6Ly9hLmV4YW1wbGU",
            "data:text/html;base64,aHR0cHM6Ly9hLmV4YW1wbGU%3D",
            "data:text/html;base64,aHR0cHM6JiM0NzsvYS5leGFtcGxl",
            "data:image/svg+xml,%3Csvg href='https:%2f%2fa.example'",
            "<!DOCTYPE s [<!ENTITY e \"https://a\">]><s href=\"&e;.example\"/>",
            "<!ENTITY e 'a'><!ENTITY f '//&e;.exam'><s href='https:&f;ple'/>",
            r#"{\"u\":\"https:\\u002f\\u002fa.example\"}"#,
            r"https:&#92;u002f&#92;u002fa.example",
            "https%3A%2F%2Fa.example",
            "https%253A%252F%252Fa.example",
            "%68ttps:%2f/a.example",
            r"\u0026#104;ttps://a.example",
            r"url(https\3a\2f\2f a.example)",
            r#"{"css":"https\\3a //a.example"}"#,
            "atob('aHR0cHM6Ly9hLmV4YW1wbGUveA==')",
            // Coded twice, with the escapes of addresses, of JSON and of HTML.
            "atob(atob('YUhSMGNITTZMeTloTG1WNFlXMXdiR1V2ZUE9PQ=='))",
            "decodeURIComponent(atob('aHR0cHMlM0ElMkYlMkZhLmV4YW1wbGUlMkZ4'))",
            "JSON.parse(atob('Ilx1MDA2OHR0cHNcdTAwM2FcdTAwMmZcdTAwMmZhLmV4YW1wbGUveCI='))",
            "innerHTML = atob('PGltZyBzcmM9aHR0cHMmIzU4OyYjNDc7JiM0NzthLmV4YW1wbGUmIzQ3O3g+')",
            "open('/r/aHR0cHM6Ly9hLmV4YW1wbGUveA==')",
            "x_aHR0cHM6Ly9hLmV4YW1wbGUveA==",
            "data:text/plain;base64,aHR0cHM6Ly9hLmV4YW1wbGUveA==",
        ] {
            assert!(is_found(text, "https://a.example"), "{text}");
        }
    }

    #[test]
    fn a_text_without_hidden_layers_is_looked_at_once() {
        for text in
            ["a &amp; b &lt;c&gt; &quot;d&quot;", r"\u12", "100 %", "&&&", "&#;", "&#xZ;", r"\", "&#99999999;", "&zz;"]
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

    #[test]
    fn characters_of_two_halves_and_names_of_letters_are_decoded() {
        for text in [r"https://\ud835\udd56vil.example", "https://&eopf;vil.example"] {
            assert!(is_found(text, "https://\u{1d556}vil.example"), "{text}");
        }
        assert!(is_found("https://h&shy;i&ZeroWidthSpace;.example", "https://h\u{ad}i\u{200b}.example"));
        assert!(is_found("https://&lsqb;2001:db8::13&rsqb;/", "https://[2001:db8::13]/"));
        assert!(is_found("https://&notin.example", "https://\u{ac}in.example"));
        assert!(is_found("https://&eacutevil.example", "https://\u{e9}vil.example"));
    }

    #[test]
    fn what_is_not_looked_at_is_said() {
        let mut visit = |_: &str| {};
        assert!(each("https://a.example &#47; \\u002f", &mut visit));
        // Each level of escapes triples what there is to look at.
        let nested =
            r"&amp;amp;amp;amp;#47; \\\\\\\\u002f %252525252f \u0026amp;#47; %26amp;#47; &#37;252f &#92;u002f "
                .repeat(2000);
        assert!(!each(&nested, &mut visit));
        let bomb = format!("<!ENTITY a \"{}\">{}", "x".repeat(10_000), "&a;".repeat(100_000));
        assert!(!each(&bomb, &mut visit));
        assert!(!each("<!ENTITY % p \"&#60;!ENTITY e 'evil'>\"> %p;", &mut visit));
        assert!(!each("data:application/zip;base64,UEsDBBQAAAAIAA==", &mut visit));
        assert!(!each("f(atob('H4sIAAAAAAAAA8soKSmw0tcHAA=='))", &mut visit));
        // Deeper than anybody looks.
        let five = (0..5).fold("https://a.example/x".to_owned(), |text, _| {
            ::base64::Engine::encode(&::base64::engine::general_purpose::STANDARD, text)
        });
        assert!(!each(&five, &mut visit));
    }

    #[test]
    fn escapes_multiply_the_work_only_around_themselves() {
        let nested =
            r"&amp;amp;amp;amp;#47; \\\\\\\\u002f %252525252f \u0026amp;#47; %26amp;#47; &#37;252f &#92;u002f ";
        let text = format!("{nested}{}", "a/".repeat(500_000));
        let mut bytes = 0;
        each(&text, &mut |layer| bytes += layer.len());
        assert!(bytes < 2 * text.len(), "{bytes}");
    }
}
