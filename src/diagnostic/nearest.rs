//! Which known name a misspelt one was meant to be.

/// The known name nearest to `name`, if one is near enough to be what was meant.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let allowed = (lower.chars().count() / 3).max(1);
    let letters = count_letters(&lower);
    known
        .into_iter()
        .filter_map(|candidate| {
            let text = candidate.to_lowercase();
            // Counting rules out nearly all of some thousand names, and costs a hundredth of comparing.
            (at_least_apart(&letters, &count_letters(&text)) <= allowed)
                .then(|| (strsim::damerau_levenshtein(&lower, &text), candidate))
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, candidate)| (*distance, candidate.len()))
        .map(|(_, candidate)| candidate)
}

/// Proposals for names that are looked for among many: each is compared with all of them, so only some get one.
#[derive(Debug)]
pub struct Proposals(usize);

impl Default for Proposals {
    fn default() -> Self {
        Self(50)
    }
}

impl Proposals {
    /// Like [`nearest`]; nothing once there were enough.
    pub fn nearest<'a>(&mut self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        self.0 = self.0.checked_sub(1)?;
        nearest(name, known)
    }
}

/// How often each letter stands in a text; what is not ASCII counts as one letter.
fn count_letters(text: &str) -> [u16; 129] {
    let mut counts = [0_u16; 129];
    for letter in text.chars() {
        let count = &mut counts[(letter as usize).min(128)];
        *count = count.saturating_add(1);
    }
    counts
}

/// So many letters at least are to be put in, taken out or replaced to make one text of the other; swaps are free.
fn at_least_apart(one: &[u16; 129], other: &[u16; 129]) -> usize {
    let lacking = |a: &[u16; 129], b: &[u16; 129]| -> usize {
        a.iter().zip(b).map(|(a, b)| usize::from(a.saturating_sub(*b))).sum()
    };
    lacking(one, other).max(lacking(other, one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_knows_typos_from_other_words() {
        assert_eq!(nearest("pubisher", ["publisher", "solution"]), Some("publisher"));
        assert_eq!(nearest("settings", ["publisher", "solution"]), None);
        assert_eq!(nearest("grösze", ["weite", "grösse"]), Some("grösse"));
    }

    #[test]
    fn counting_letters_never_rules_out_what_is_near() {
        let names = ["publisher", "pubilsher", "published", "publish", "solution", "é", "", "eé", "prvReadAccount"];
        for (one, other) in names.iter().flat_map(|one| names.map(|other| (*one, other))) {
            let apart = at_least_apart(&count_letters(one), &count_letters(other));
            assert!(apart <= strsim::damerau_levenshtein(one, other), "{one} {other}");
        }
    }
}
