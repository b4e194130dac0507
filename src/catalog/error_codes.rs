//! The Dataverse error codes that change what a person must do, with that advice.
//!
//! Source: Microsoft's list of web service error codes; `0x80048d3b` is known from user reports only. `0x80095ffe` is in no
//! list: its text is that of “IP firewall in Power Platform environments”, its number is quoted with that text in public
//! repositories. That `0x80095ffc` is the refusal of app access control is an assumption; the names of both are ours.

use std::sync::LazyLock;

/// A known error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorCode {
    /// The number, as `0x8…` writes it.
    pub code: u32,
    /// Microsoft's name.
    pub name: &'static str,
    /// What to do.
    pub advice: &'static str,
}

static CODES: LazyLock<Vec<ErrorCode>> = LazyLock::new(|| {
    include_str!("../../manifests/catalog/error-codes.tsv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split('\t');
            let code = u32::from_str_radix(cells.next()?.strip_prefix("0x")?, 16).ok()?;
            Some(ErrorCode { code, name: cells.next()?, advice: cells.next()? })
        })
        .collect()
});

/// What is known about a code.
#[must_use]
pub fn error_code(code: u32) -> Option<&'static ErrorCode> {
    CODES.iter().find(|known| known.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_understood() {
        assert_eq!(CODES.len(), include_str!("../../manifests/catalog/error-codes.tsv").lines().count() - 1);
        assert_eq!(error_code(0x8004_801d).expect("known").name, "ImportMissingDependenciesError");
    }
}
