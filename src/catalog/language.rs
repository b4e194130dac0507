//! The languages that Dataverse has, by their codes (LCID).
//!
//! Facts: `manifests/catalog/languages.tsv`, all that real packages name. That a region's variant (2057, English of the
//! United Kingdom) is a language, too, is an assumption.

use std::sync::LazyLock;

static CODES: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let lines = include_str!("../../manifests/catalog/languages.tsv").lines().skip(1);
    lines.filter_map(|line| line.split('\t').next()?.parse().ok()).collect()
});

/// Whether Dataverse has this language, or one that differs by its region only: the low ten bits of a code name the
/// language, the others the region (MS-LCID).
#[must_use]
pub fn is_language(code: u32) -> bool {
    let of = |code: u32| code & 0x3ff;
    (0x400..=0xffff).contains(&code) && CODES.iter().any(|known| of(*known) == of(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_with_its_regions() {
        for code in [1033, 2057, 3084, 1031, 10266] {
            assert!(is_language(code), "{code}");
        }
        for code in [0, 9, 127, 1024, 1078, 4_294_967_295, 66569] {
            assert!(!is_language(code), "{code}");
        }
    }
}
